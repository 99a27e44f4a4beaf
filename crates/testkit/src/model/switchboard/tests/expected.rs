//! Who accepted is expected (E-20, E-21).

use roomcall::ActiveCalls;

use super::*;

const GRACE: Policy =
    Policy { join_grace: 5, active_calls: ActiveCalls::PerRoom, ..Policy::DEFAULT };

/// A meeting in which bo has accepted a call by ana at 0, and is expected until 5000.
fn accepted(limits: Limits, policy: Policy) -> NumberedModel {
    let mut model = begun(limits, policy);
    calls(&mut model, "ana", "standup", r#""bo""#);
    let said = asks(&mut model, "bo", r#""acceptCall":{"roomID":"standup"}"#);
    assert_eq!(said[0], r#"{"acceptCall":{"attempt":1}}"#);
    model
}

fn ticks(model: &mut NumberedModel, at: u64) -> Vec<String> {
    let line = format!(r#"{{"at":{at},"tick":{{}}}}"#);
    let effects = model.apply(&serde_json::from_str(&line).unwrap()).effects;
    effects.iter().map(|it| format!("{} {}", it.because.id(), it.event.name())).collect()
}

const NOT_JOINED: [&str; 2] = ["E-21 onCallNotJoined", "E-21 onCallNotJoined"];

fn called(user: &str, result: &str) -> String {
    format!(r#"{{"callUserToRoom":{{"{user}":"{result}"}}}}"#)
}

/// E-21, Q-07, P-06: at the deadline caller and room hear of it, and nothing is counted; then bo may be called again.
#[test]
fn who_does_not_come_is_told_of() {
    let mut model = accepted(Limits::DEFAULT, GRACE);
    assert_eq!((model.model.live(), model.model.next_deadline()), (0, Some(5000)));
    let revision = model.model.revision();
    assert!(ticks(&mut model, 4999).is_empty());
    tell(&mut model, include_str!("not_joined.txt"));
    assert_eq!((model.model.revision(), model.model.next_deadline()), (revision, None));
    assert_eq!(calls(&mut model, "ana", "standup", r#""bo""#)[0], called("bo", "success"));
}

/// E-20, H-01: whoever calls bo into that room, whatever `activeCalls` is, comes too late, and for no other room; who made the
/// call that was accepted leaves no try.
#[test]
fn who_is_expected_is_called_already() {
    for active_calls in [ActiveCalls::PerRoom, ActiveCalls::PerUser] {
        let mut model = accepted(Limits::DEFAULT, Policy { active_calls, ..GRACE });
        let cy = r#""fact":{"userEntered":{"roomID":"standup","userID":"cy","deviceID":"phone"}}"#;
        said(&mut model, 0, cy);
        let before = model.model.revision();
        let again = calls(&mut model, "ana", "standup", r#""bo""#);
        assert_eq!(
            (again, model.model.revision()),
            (vec![called("bo", "alreadyInCalling")], before)
        );
        let other = calls(&mut model, "cy", "standup", r#""bo""#);
        assert_eq!(
            (other, model.model.revision()),
            (vec![called("bo", "alreadyInCalling")], before + 1)
        );
        assert_eq!(calls(&mut model, "cy", "lounge", r#""bo""#)[0], called("bo", "success"));
        assert_eq!(model.model.live(), 1);
    }
}

/// E-20: what ends it without a word, and what does not end it.
#[test]
fn what_ends_it() {
    let ends = [
        r#""fact":{"userEntered":{"roomID":"standup","userID":"bo"}}"#,
        r#""fact":{"presenceListed":{"roomID":"standup","present":[{"userID":"ana"},{"userID":"bo"}]}}"#,
        r#""fact":{"userRemoved":{"roomID":"standup","userID":"bo"}}"#,
        r#""fact":{"roomDissolved":{"roomID":"standup"}}"#,
        r#""fact":{"recovered":{"floor":0}}"#,
    ];
    for end in ends {
        let mut model = accepted(Limits::DEFAULT, GRACE);
        let said = said(&mut model, 1, end);
        assert!(said.len() == 1 && !said[0].contains("ignored"), "{said:?}");
        assert_eq!(model.model.next_deadline(), None, "{end}");
        assert!(ticks(&mut model, 5000).is_empty(), "{end}");
    }
    let others = [
        r#""fact":{"userEntered":{"roomID":"lounge","userID":"bo"}}"#,
        r#""fact":{"userLeft":{"roomID":"standup","userID":"bo"}}"#,
        r#""fact":{"userLeft":{"roomID":"standup","userID":"ana"}}"#,
        r#""fact":{"userRemoved":{"roomID":"standup","userID":"ana"}}"#,
        r#""fact":{"roomDissolved":{"roomID":"lounge"}}"#,
        r#""fact":{"rulesChanged":{"policy":{"joinGrace":0}}}"#,
        r#""by":{"user":"ana","device":"phone"},"command":{"cancelCall":{"roomID":"standup","userIDList":["bo"]}}"#,
        r#""by":"backend","command":{"revokeCall":{"roomID":"standup","userIDList":["bo"]}}"#,
        r#""by":"backend","command":{"revokeUserCalls":{"userID":"bo","which":"both"}}"#,
        r#""by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"standup"}}"#,
        r#""by":{"user":"bo","device":"tv"},"command":{"rejectCall":{"roomID":"standup"}}"#,
    ];
    for other in others {
        let mut model = accepted(Limits::DEFAULT, GRACE);
        let said = said(&mut model, 1, other);
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(ticks(&mut model, 5000), NOT_JOINED, "{other}");
    }
}

/// F-16: an expectation is something to end; afterwards there is nothing.
#[test]
fn who_is_removed_twice_is_gone() {
    let mut model = accepted(Limits::DEFAULT, GRACE);
    let removed = r#""fact":{"userRemoved":{"roomID":"standup","userID":"bo"}}"#;
    assert_eq!(said(&mut model, 0, removed), [r#"{"fact":{"opening":1}}"#]);
    assert_eq!(said(&mut model, 0, removed), [r#"{"fact":{"opening":1,"ignored":"F-16"}}"#]);
}

/// L-07, L-08: it counts as a live attempt until it ends.
#[test]
fn it_counts() {
    for (limits, full, elsewhere) in [
        (Limits { live_calls_per_room: 1, ..Limits::DEFAULT }, "L-07", None),
        (Limits { live_calls: 1, ..Limits::DEFAULT }, "L-08", Some("L-08")),
    ] {
        let mut model = accepted(limits, GRACE);
        assert_eq!(calls(&mut model, "ana", "standup", r#""gus""#), [full]);
        let other = calls(&mut model, "cy", "lounge", r#""gus""#);
        assert_eq!(other.first().map(String::as_str).filter(|it| it.starts_with('L')), elsewhere);
        enters(&mut model, "bo", "standup");
        assert!(!calls(&mut model, "ana", "standup", r#""eve""#)[0].starts_with("L-07"));
    }
}

/// T-03: by deadline, then by attempt, whatever it is that is due.
#[test]
fn deadlines_of_both_kinds_are_in_order() {
    let mut model = begun(Limits::DEFAULT, GRACE);
    let call = |user: &str, timeout: u32| {
        format!(
            r#""by":{{"user":"ana","device":"phone"}},"command":{{"callUserToRoom":{{"roomID":"standup","userIDList":["{user}"],"timeout":{timeout}}}}}"#
        )
    };
    for (user, timeout) in [("eve", 5), ("bo", 9), ("gus", 5), ("hal", 4)] {
        said(&mut model, 0, &call(user, timeout));
    }
    asks(&mut model, "bo", r#""acceptCall":{"roomID":"standup"}"#);
    let line = serde_json::from_str(r#"{"at":9000,"tick":{}}"#).unwrap();
    let effects = model.apply(&line).effects;
    let mut attempts: Vec<u64> = effects.iter().map(|it| it.event.attempt()).collect();
    attempts.dedup();
    assert_eq!(attempts, [4, 1, 2, 3]);
}

/// F-19, T-05: what was accepted keeps its deadline; what is accepted from then on has the new one, or none.
#[test]
fn another_grace_is_for_what_comes() {
    let mut model = accepted(Limits::DEFAULT, GRACE);
    assert_eq!(changed(&mut model, r#""policy":{"joinGrace":2}"#), [DONE]);
    assert_eq!(changed(&mut model, r#""policy":{"joinGrace":2}"#), [IGNORED]);
    assert_eq!(model.model.next_deadline(), Some(5000));
    calls(&mut model, "ana", "standup", r#""gus","eve""#);
    asks(&mut model, "gus", r#""acceptCall":{"roomID":"standup"}"#);
    assert_eq!(model.model.next_deadline(), Some(2000));
    changed(&mut model, r#""policy":{"joinGrace":0}"#);
    asks(&mut model, "eve", r#""acceptCall":{"roomID":"standup"}"#);
    assert_eq!(ticks(&mut model, 2000), NOT_JOINED);
    assert_eq!(ticks(&mut model, 5000), NOT_JOINED);
    assert_eq!(model.model.next_deadline(), None);
}
