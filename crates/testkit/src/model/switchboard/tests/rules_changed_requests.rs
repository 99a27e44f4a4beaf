//! Other rules (F-19): what is remembered of requests (X-04, X-05).

use super::*;

const JUDGED: &str = "E-10";
const PASSED: &str = "X-04";
const AGAIN: &str = "again";

/// A meeting with so many requesters, and so many requests of each.
fn remembering(requesters: u32, requests_per_requester: u32) -> NumberedModel {
    let limits = Limits { requesters, requests_per_requester, ..Limits::DEFAULT };
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    model
}

/// What becomes of a request that comes to nothing.
fn ask(model: &mut NumberedModel, user: &str, request_id: u64) -> &'static str {
    let line = format!(
        r#"{{"at":0,"requestID":{request_id},"by":{{"user":"{user}","device":"phone"}},"command":{{"acceptCall":{{"roomID":"standup"}}}}}}"#
    );
    let outcome = model.apply(&serde_json::from_str(&line).unwrap());
    match outcome.answer.as_ref().unwrap().as_ref().unwrap_err().rule.id() {
        "E-10" if outcome.is_repeated() => AGAIN,
        "E-10" => JUDGED,
        "X-04" => PASSED,
        other => panic!("{other}"),
    }
}

fn asks(model: &mut NumberedModel, asked: &[(&str, u64, &str)]) {
    for (user, request_id, expected) in asked {
        assert_eq!(ask(model, user, *request_id), *expected, "{user} {request_id}");
    }
}

fn next(model: &mut NumberedModel, user: &str) -> Option<u64> {
    let line = format!(
        r#"{{"at":0,"requestID":1,"by":{{"user":"{user}","device":"phone"}},"query":{{"getIncomingCalls":{{}}}}}}"#
    );
    model.apply(&serde_json::from_str(&line).unwrap()).next_request_id
}

fn changed(model: &mut NumberedModel, limits: &str) {
    let line = format!(r#"{{"at":0,"fact":{{"rulesChanged":{{"limits":{{{limits}}}}}}}}}"#);
    let outcome = model.apply(&serde_json::from_str(&line).unwrap());
    assert_eq!((outcome.unchanged, outcome.effects.len()), (None, 0), "{limits}");
}

/// X-04: what was evicted has passed for its requester, and so has what is below it; what is above has not.
#[test]
fn a_number_that_was_evicted_has_passed() {
    let mut model = remembering(9, 4);
    asks(&mut model, &[("bo", 2, JUDGED), ("bo", 5, JUDGED), ("dee", 5, JUDGED)]);
    changed(&mut model, r#""requestsPerRequester":2"#);
    asks(&mut model, &[("bo", 5, AGAIN), ("bo", 2, PASSED)]);
    changed(&mut model, r#""requestsPerRequester":9"#);
    asks(&mut model, &[("bo", 2, PASSED), ("bo", 3, PASSED), ("bo", 4, JUDGED), ("bo", 5, AGAIN)]);
    // Of dee none was evicted, and the same numbers have passed.
    asks(&mut model, &[("dee", 3, PASSED), ("dee", 4, JUDGED), ("dee", 5, AGAIN)]);
    assert_eq!(next(&mut model, "bo"), Some(6));
    // F-18: that, too, is forgotten.
    play(&mut model, r#"{"at":0,"fact":{"recovered":{"floor":0}}}"#);
    asks(&mut model, &[("bo", 2, JUDGED)]);
}

/// X-02: what had passed before does not come back with a greater window.
#[test]
fn a_greater_window_lets_nothing_come_back() {
    let mut model = remembering(4, 3);
    asks(&mut model, &[("bo", 1, JUDGED), ("bo", 2, JUDGED), ("bo", 7, JUDGED)]);
    changed(&mut model, r#""requestsPerRequester":9"#);
    asks(&mut model, &[("bo", 1, PASSED), ("bo", 4, PASSED), ("bo", 5, JUDGED), ("bo", 7, AGAIN)]);
}

/// X-05: without memory no number is refused; with memory again those that were remembered have passed, for everybody.
#[test]
fn without_memory_all_is_forgotten() {
    for limit in ["requestsPerRequester", "requesters"] {
        let mut model = remembering(9, 4);
        asks(&mut model, &[("bo", 5, JUDGED), ("dee", 3, JUDGED), ("dee", 3, AGAIN)]);
        changed(&mut model, &format!(r#""{limit}":0"#));
        let judged =
            [("bo", 5, JUDGED), ("bo", 5, JUDGED), ("dee", 1, JUDGED), ("dee", u64::MAX, JUDGED)];
        asks(&mut model, &judged);
        assert_eq!(next(&mut model, "bo"), Some(6), "{limit}");
        changed(&mut model, &format!(r#""{limit}":4"#));
        asks(&mut model, &[("bo", 5, PASSED), ("dee", 5, PASSED), ("gus", 5, PASSED)]);
        // 2^32 above the greatest that was evicted.
        asks(
            &mut model,
            &[("bo", 6, JUDGED), ("dee", 4_294_967_301, PASSED), ("dee", 4_294_967_300, JUDGED)],
        );
    }
}

/// X-05: who asked longest ago is evicted, whole; a repetition is no asking.
#[test]
fn requesters_are_forgotten() {
    let mut model = remembering(9, 4);
    asks(
        &mut model,
        &[("bo", 7, JUDGED), ("dee", 3, JUDGED), ("gus", 2, JUDGED), ("bo", 7, AGAIN)],
    );
    changed(&mut model, r#""requesters":2"#);
    asks(&mut model, &[("dee", 3, AGAIN), ("gus", 2, AGAIN), ("bo", 7, PASSED)]);
    changed(&mut model, r#""requesters":9"#);
    // Those who stayed began before anybody was evicted.
    asks(
        &mut model,
        &[("bo", 7, PASSED), ("bo", 8, JUDGED), ("dee", 4, JUDGED), ("gus", 1, JUDGED)],
    );
}
