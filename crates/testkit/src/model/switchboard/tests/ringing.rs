//! It rings (C-14).

use roomcall::OutcomesTo;

use super::*;

fn rings(model: &mut NumberedModel, user: &str, attempt: u64) -> Vec<String> {
    asks(model, user, &format!(r#""ringing":{{"attempt":{attempt}}}"#))
}

fn rung(attempt: u64, rung: bool) -> String {
    format!(r#"{{"ringing":{{"attempt":{attempt},"rung":{rung}}}}}"#)
}

/// C-14, P-06, Q-07: the first of a device of the callee is told to the caller; none that comes after it, or by another user,
/// or of another attempt, counts.
#[test]
fn the_first_one_is_told() {
    for (outcomes_to, told) in
        [(OutcomesTo::CallingDevice, "C-14 1 ana phone"), (OutcomesTo::AllDevices, "C-14 1 ana")]
    {
        let mut model = begun(Limits::DEFAULT, Policy { outcomes_to, ..Policy::DEFAULT });
        calls(&mut model, "ana", "standup", r#""bo""#);
        assert_eq!(rings(&mut model, "ana", 1), [rung(1, false)]);
        assert_eq!(rings(&mut model, "bo", 2), [rung(2, false)]);
        assert_eq!(model.model.revision(), 1);
        assert_eq!(rings(&mut model, "bo", 1), [rung(1, true), told.to_owned()]);
        assert_eq!(rings(&mut model, "bo", 1), [rung(1, true)]);
        assert_eq!(model.model.revision(), 2);
        // It has ended: by then nobody hears of it.
        asks(&mut model, "bo", r#""rejectCall":{"roomID":"standup"}"#);
        assert_eq!(rings(&mut model, "bo", 1), [rung(1, false)]);
        assert_eq!(model.model.revision(), 3);
    }
}

/// C-14, P-04, L-01, P-11: the backend shows nothing; what no device called is told to all devices.
#[test]
fn who_may_say_so() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    let on_behalf =
        r#""callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30,"caller":"ana"}"#;
    said(&mut model, 0, &format!(r#""by":"backend","command":{{{on_behalf}}}"#));
    let backend = said(&mut model, 0, r#""by":"backend","command":{"ringing":{"attempt":1}}"#);
    assert_eq!(backend, ["P-04"]);
    assert_eq!(rings(&mut model, "", 1), ["L-01"]);
    // T-04: at its deadline it is over.
    let late = said(
        &mut model.clone(),
        30_000,
        r#""by":{"user":"bo","device":"tv"},"command":{"ringing":{"attempt":1}}"#,
    );
    assert_eq!(late[0], rung(1, false));
    assert!(late[1..].iter().all(|effect| effect.starts_with("E-04")), "{late:?}");
    assert_eq!(rings(&mut model, "bo", 1), [rung(1, true), "C-14 1 ana".to_owned()]);
}

/// X-07: its number is passed back, whatever else the number stands for; it is neither remembered nor refused for it.
#[test]
fn a_number_is_passed_back() {
    let limits = Limits { requests_per_requester: 2, requesters: 1, ..Limits::DEFAULT };
    let mut model = begun(limits, Policy::DEFAULT);
    calls(&mut model, "ana", "standup", r#""bo""#);
    let mut numbered = |number: u64, command: &str| {
        let line = format!(
            r#"{{"at":0,"requestID":{number},"by":{{"user":"bo","device":"phone"}},{command}}}"#
        );
        let outcome = model.apply(&serde_json::from_str(&line).unwrap());
        assert_eq!((outcome.request_id, outcome.unchanged), (Some(number), None));
        (outcome.answer.unwrap().is_ok(), outcome.effects.len(), outcome.next_request_id)
    };
    let ringing = r#""command":{"ringing":{"attempt":1}}"#;
    let mark = r#""command":{"markCallsSeen":{"upTo":0}}"#;
    let asks = r#""query":{"getIncomingCalls":{}}"#;
    assert_eq!(numbered(7, ringing), (true, 1, None));
    assert_eq!(numbered(7, ringing), (true, 0, None));
    assert_eq!(numbered(9, asks), (true, 0, Some(1)));
    assert_eq!(numbered(7, mark), (true, 0, None));
    for number in [1, 7, 8, u64::MAX] {
        assert_eq!(numbered(number, ringing), (true, 0, None));
    }
    assert_eq!(numbered(9, asks), (true, 0, Some(8)));
}
