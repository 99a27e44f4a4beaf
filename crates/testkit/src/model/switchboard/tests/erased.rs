//! Erased (F-20).

use roomcall::{CallerLeft, Role};

use super::*;

const ERASED: &str = r#"{"fact":{}}"#;

fn erase(model: &mut NumberedModel, at: u64, user: &str) -> Vec<String> {
    said(model, at, &format!(r#""fact":{{"userErased":{{"userID":"{user}"}}}}"#))
}

fn log_of(model: &mut NumberedModel, at: u64, user: &str) -> String {
    let query = r#""query":{"getCallLog":{}}"#;
    said(model, at, &format!(r#""by":{{"user":"{user}","device":"tv"}},{query}"#)).remove(0)
}

/// F-08, O-01: records that go, calls of the erased, and what the empty room cancels, in attempt order.
#[test]
fn what_the_erased_leave_ends_in_attempt_order() {
    let policy = Policy { caller_left: CallerLeft::CancelIfRoomEmpty, ..Policy::DEFAULT };
    let mut model = begun(Limits::DEFAULT, policy);
    calls(&mut model, "ana", "standup", r#""bo","eve""#);
    enters(&mut model, "gus", "standup");
    calls(&mut model, "gus", "standup", r#""hal""#);
    calls(&mut model, "cy", "lounge", r#""ana""#);
    asks(&mut model, "ana", r#""rejectCall":{"roomID":"lounge"}"#);
    calls(&mut model, "ana", "standup", r#""kim""#);
    asks(&mut model, "bo", r#""rejectCall":{"roomID":"standup"}"#);
    said(&mut model, 0, r#""fact":{"userLeft":{"roomID":"standup","userID":"gus"}}"#);
    assert_eq!((model.model.live(), model.model.revision()), (3, 7));
    let effects = [
        ERASED,
        "F-20 1 room standup",
        "F-20 2 eve",
        "F-20 2 ana phone",
        "F-20 2 room standup",
        "F-08 3 hal",
        "F-08 3 gus phone",
        "F-08 3 room standup",
        "F-20 4 room lounge",
        "F-20 5 kim",
        "F-20 5 ana phone",
        "F-20 5 room standup",
    ];
    assert_eq!(erase(&mut model, 0, "ana"), effects);
    // Q-07: all three are counted, but only what was cancelled is logged.
    assert_eq!((model.model.live(), model.model.revision()), (0, 10));
    assert!(log_of(&mut model, 0, "eve").contains(r#""entries":[]"#));
    assert!(log_of(&mut model, 0, "hal").contains(r#""number":9"#));
    let said = asks(&mut model, "eve", r#""acceptCall":{"roomID":"standup"}"#);
    assert_eq!(said, ["E-10"]);
    assert_eq!(model.model.membership("standup", "ana"), Some((false, Role::Participant)));
    assert_eq!(erase(&mut model, 0, "ana"), [ERASED]);
    assert_eq!(erase(&mut model, 0, "nobody"), [ERASED]);
}

/// E-09, H-03, X-02: who revoked calls of others is not said any more, not in refusals that are repeated either.
#[test]
fn the_operator_is_forgotten() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    calls(&mut model, "ana", "standup", r#""bo""#);
    asks(&mut model, "dee", r#""revokeCall":{"roomID":"standup","userIDList":["bo"]}"#);
    let accepts = r#"{"at":0,"requestID":1,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"standup"}}}"#;
    let refusal = |model: &mut NumberedModel, line: &str| {
        let refused = model.apply(&serde_json::from_str(line).unwrap()).answer.unwrap();
        serde_json::to_string(&refused.unwrap_err().ended).unwrap()
    };
    let by_dee = r#"{"how":"revoked","attempt":1,"user":"dee"}"#;
    let by_nobody = r#"{"how":"revoked","attempt":1}"#;
    assert_eq!(refusal(&mut model, accepts), by_dee);
    assert!(log_of(&mut model, 0, "bo").contains("dee"));
    assert_eq!(erase(&mut model, 0, "dee"), [ERASED]);
    assert_eq!(refusal(&mut model, accepts), by_nobody);
    assert_eq!(refusal(&mut model, &accepts.replace(r#""requestID":1,"#, "")), by_nobody);
    let log = log_of(&mut model, 0, "bo");
    assert!(log.contains(r#""how":"revoked""#) && !log.contains("dee"), "{log}");
    assert_eq!(erase(&mut model, 0, "dee"), [ERASED]);
}

/// X-04, X-06, F-17: a requester is forgotten, and its numbers have passed for all who come then.
#[test]
fn requesters_are_forgotten() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    let asks = |model: &mut NumberedModel, user: &str, number: u64| {
        let by = format!(r#""requestID":{number},"by":{{"user":"{user}","device":"phone"}}"#);
        said(model, 0, &format!(r#"{by},"command":{{"acceptCall":{{"roomID":"standup"}}}}"#))
    };
    assert_eq!(asks(&mut model, "gus", 7), ["E-10"]);
    assert_eq!(asks(&mut model, "bo", 3), ["E-10"]);
    assert_eq!(erase(&mut model, 0, "gus"), [ERASED]);
    assert_eq!(erase(&mut model, 0, "gus"), [ERASED]);
    assert_eq!(asks(&mut model, "gus", 7), ["X-04"]);
    assert_eq!(asks(&mut model, "gus", 8), ["E-10"]);
    assert_eq!(asks(&mut model, "bo", 4), ["E-10"]);
}

/// F-13, E-20: presences, roles, sessions and expectations are gone.
#[test]
fn what_the_erased_had_is_gone() {
    let policy = Policy { join_grace: 5, ..Policy::DEFAULT };
    for user in ["ana", "bo", "cy", "dee", "zoe"] {
        let mut model = begun(Limits::DEFAULT, policy);
        calls(&mut model, "ana", "standup", r#""bo""#);
        asks(&mut model, "bo", r#""acceptCall":{"roomID":"standup"}"#);
        let left = r#""fact":{"userLeft":{"roomID":"lounge","userID":"cy","sessionID":"c1"}}"#;
        said(&mut model, 0, left);
        said(
            &mut model,
            0,
            r#""fact":{"roleSet":{"roomID":"lounge","userID":"zoe","role":"owner"}}"#,
        );
        assert_eq!(erase(&mut model, 0, user), [ERASED], "{user}");
        assert_eq!(erase(&mut model, 0, user), [ERASED], "{user}");
        let is_expected = model.model.next_deadline().is_some();
        assert_eq!(is_expected, user != "ana" && user != "bo", "{user}");
        // F-13: only of the erased a session is not remembered any more.
        let again = r#""fact":{"userEntered":{"roomID":"lounge","userID":"cy","sessionID":"c1"}}"#;
        let is_over = said(&mut model, 0, again)[0].contains("F-13");
        assert_eq!(is_over, user != "cy");
    }
}

/// H-04: marks of others stay as long as they have an entry.
#[test]
fn marks_of_others_stay() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    calls(&mut model, "ana", "standup", r#""bo""#);
    asks(&mut model, "bo", r#""acceptCall":{"roomID":"standup"}"#);
    calls(&mut model, "cy", "lounge", r#""bo""#);
    asks(&mut model, "bo", r#""acceptCall":{"roomID":"lounge"}"#);
    asks(&mut model, "bo", r#""markCallsSeen":{"upTo":9}"#);
    erase(&mut model, 0, "cy");
    let log = log_of(&mut model, 0, "bo");
    assert!(log.contains(r#""lastLogged":2"#) && log.contains(r#""seen":4"#), "{log}");
    erase(&mut model, 0, "ana");
    let log = log_of(&mut model, 0, "bo");
    assert!(log.contains(r#""lastLogged":0"#) && log.contains(r#""seen":0"#), "{log}");
}
