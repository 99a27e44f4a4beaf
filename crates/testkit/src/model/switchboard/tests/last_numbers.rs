//! Where numbers end (L-16).

use roomcall::Rule;

use super::*;

/// A meeting, two calls of which are live, whose numbers end `left` revisions after all of its attempts have rung and ended.
fn last_numbers(left: u64) -> NumberedModel {
    let limits = Limits { live_calls_per_room: 4, ..Limits::DEFAULT };
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    play(&mut model, CALLS);
    // Four attempts were made.
    model.model.base = LAST_NUMBER - 12 - left;
    model
}

/// L-16: each success is made, rings and ends, and so does all that was made; before L-07.
#[test]
fn the_last_attempts() {
    let ask = |model: &mut NumberedModel, users: &str| {
        let line = format!(
            r#"{{"at":0,"by":{{"user":"ana","device":"phone"}},"command":{{"callUserToRoom":{{"roomID":"standup","userIDList":[{users}],"timeout":30}}}}}}"#
        );
        let outcome = model.apply(&serde_json::from_str(&line).unwrap());
        outcome.answer.unwrap().err().map(|refused| (refused.code, refused.rule.id().to_owned()))
    };
    let (none, full) = (Some((-2, "L-16".to_owned())), Some((-2, "L-07".to_owned())));
    let four = r#""f","g","h","i""#;
    for (left, users, expected) in [
        (2, r#""gus""#, &none),
        (3, r#""gus""#, &None),
        // Of two callees only one is a success.
        (3, r#""gus","ana""#, &None),
        (5, r#""gus","hal""#, &none),
        (6, r#""gus","hal""#, &None),
        (11, four, &none),
        (12, four, &full),
        // Without a success nothing is used up.
        (0, r#""ana","bo""#, &None),
    ] {
        let mut model = last_numbers(left);
        assert_eq!(&ask(&mut model, users), expected, "{left} {users}");
        assert!(model.model.revision() <= LAST_NUMBER);
    }
    // The last of all: then there is no other. Of the five two ended before they rang.
    let mut model = last_numbers(3);
    assert_eq!(ask(&mut model, r#""gus""#), None);
    assert_eq!(ask(&mut model, r#""hal""#), none);
    let last = model.model.last_attempt();
    for (user, attempt) in [("bo", 4), ("eve", 3), ("gus", last)] {
        asks(&mut model, user, &format!(r#""ringing":{{"attempt":{attempt}}}"#));
    }
    play(&mut model, r#"{"at":60000,"tick":{}}"#);
    assert_eq!((model.model.live(), model.model.revision()), (0, LAST_NUMBER - 2));
}

/// L-16, Q-07: a refused try that would be logged needs a number, and so does a mark that would move.
#[test]
fn the_last_numbers_of_a_log() {
    let ask = |model: &mut NumberedModel, line: &str| {
        let outcome = model.apply(&serde_json::from_str(line).unwrap());
        outcome.answer.unwrap().err().map(|refused| refused.rule)
    };
    let call = |user: &str, room: &str, users: &str| {
        format!(
            r#"{{"at":0,"by":{{"user":"{user}","device":"phone"}},"command":{{"callUserToRoom":{{"roomID":"{room}","userIDList":[{users}],"timeout":30}}}}}}"#
        )
    };
    // Two are live: ana's call of bo and cy's of eve.
    for (left, user, room, users, expected) in [
        (0, "cy", "lounge", r#""bo""#, Some(Rule::L16)),
        (1, "cy", "lounge", r#""bo""#, None),
        // A try and an attempt.
        (3, "cy", "lounge", r#""bo","gus""#, Some(Rule::L16)),
        (4, "cy", "lounge", r#""bo","gus""#, None),
        // Who called leaves none.
        (0, "ana", "standup", r#""bo""#, None),
        (0, "ana", "standup", r#""bo","eve""#, Some(Rule::L16)),
    ] {
        let mut model = last_numbers(left);
        assert_eq!(ask(&mut model, &call(user, room, users)), expected, "{left} {user} {users}");
        assert!(model.model.revision() <= LAST_NUMBER);
    }
    let mark = |up_to: u64| {
        format!(
            r#"{{"at":0,"by":{{"user":"bo","device":"phone"}},"command":{{"markCallsSeen":{{"upTo":{up_to}}}}}}}"#
        )
    };
    for (left, up_to, expected) in
        [(0, u64::MAX, Some(Rule::L16)), (0, 0, None), (1, u64::MAX, None)]
    {
        let mut model = last_numbers(left);
        assert_eq!(ask(&mut model, &mark(up_to)), expected, "{left} {up_to}");
        assert!(model.model.revision() <= LAST_NUMBER);
    }
}

/// L-16: the last opening; F-03 and L-09 are judged first.
#[test]
fn the_last_opening() {
    let open = |left: u64, rooms: u32, room: &str, answer: &str| {
        let limits = Limits { rooms, ..Limits::DEFAULT };
        let mut model = NumberedModel::new(limits, Policy::DEFAULT);
        tell(&mut model, MEETING);
        model.model.opened = LAST_NUMBER - left;
        tell(
            &mut model,
            &format!(
                r#"
> {{"at":0,"fact":{{"roomOpened":{{"roomID":"{room}","owner":"gus"}}}}}}
{{"at":0,"answer":{{"fact":{answer}}}}}
"#
            ),
        );
    };
    open(1, 9, "attic", r#"{"opening":9007199254740991}"#);
    open(0, 9, "attic", r#"{"ignored":"L-16"}"#);
    open(0, 9, "standup", r#"{"opening":1,"ignored":"F-03"}"#);
    open(0, 2, "attic", r#"{"ignored":"L-09","limit":{"name":"rooms","value":2}}"#);
}
