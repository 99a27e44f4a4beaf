//! Numbered requests: what is forgotten with lost state (F-18), and how far they leap (X-04).

use super::*;

/// F-18, X-02 to X-06: all numbers are fresh again, also those that were evicted with a requester.
#[test]
fn requests_are_forgotten() {
    let limits = Limits { requesters: 1, ..Limits::DEFAULT };
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    let asks = |next: u64| {
        format!(
            r#"
> {{"at":0,"requestID":1,"by":{{"user":"gus","device":"phone"}},"query":{{"getIncomingCalls":{{"since":null}}}}}}
{{"at":0,"requestID":1,"answer":{{"getIncomingCalls":{{"calls":[],"revision":{}}}}},"nextRequestID":{next}}}
"#,
            if next == 1 { 1_000 } else { 0 }
        )
    };
    let revokes = |user: &str, request_id: u64, answer: &str| {
        format!(
            r#"
> {{"at":0,"requestID":{request_id},"by":{{"user":"{user}","device":"phone"}},"command":{{"revokeCall":{{"roomID":"standup","userIDList":["bo"]}}}}}}
{{"at":0,"requestID":{request_id},{answer}}}
"#
        )
    };
    let answered = r#""answer":{"revokeCall":{"bo":"notCalling"}}"#;
    let repeated = r#""answer":{"revokeCall":{"bo":"notCalling"}},"repeated":true"#;
    let passed = r#""refused":{"code":-1001,"rule":"X-04","message":""}"#;
    tell(&mut model, &revokes("ana", 5, answered));
    tell(&mut model, &revokes("ana", 5, repeated));
    // Another requester evicts this one.
    tell(&mut model, &revokes("dee", 3, answered));
    tell(&mut model, &revokes("ana", 5, passed));
    tell(&mut model, &revokes("dee", 3, repeated));
    tell(&mut model, &asks(6));
    // One that is ignored forgets nothing.
    play(&mut model, &format!(r#"{{"at":0,"fact":{{"recovered":{{"floor":{}}}}}}}"#, u64::MAX));
    tell(&mut model, &revokes("dee", 3, repeated));
    play(&mut model, r#"{"at":0,"fact":{"recovered":{"floor":1000}}}"#);
    tell(&mut model, &asks(1));
    tell(&mut model, &revokes("ana", 1, answered));
    tell(&mut model, &revokes("ana", 1, repeated));
    tell(&mut model, &revokes("dee", 3, answered));
}

/// X-04: 2^32 above the greatest that was evicted when its memory began, whatever the requester has used since, and 2^53 - 1.
#[test]
fn numbers_leap_no_further_than_that() {
    let limits = Limits { requesters: 1, requests_per_requester: 3, ..Limits::DEFAULT };
    let ask = |model: &mut NumberedModel, user: &str, request_id: u64| {
        let line = format!(
            r#"{{"at":0,"requestID":{request_id},"by":{{"user":"{user}","device":"phone"}},"command":{{"acceptCall":{{"roomID":"standup"}}}}}}"#
        );
        let outcome = model.apply(&serde_json::from_str(&line).unwrap());
        let refused = outcome.answer.unwrap().unwrap_err();
        refused.rule.id().to_owned()
    };
    let (leap, judged, passed) = (4_294_967_296_u64, "E-10", "X-04");
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    for (user, request_id, expected) in [
        ("bo", leap, passed),
        ("bo", 7, judged),
        ("bo", leap + 6, passed),
        ("bo", leap - 1, judged),
        ("bo", leap, passed),
        // Nobody had been evicted when dee's memory began.
        ("dee", leap, passed),
        ("dee", 1, judged),
        // From then on it is the greatest of bo's.
        ("bo", leap - 1, passed),
        ("bo", leap, judged),
        ("bo", 2 * leap - 1, passed),
        ("bo", 2 * leap - 2, judged),
        ("dee", 2 * leap - 1, passed),
        ("dee", 2 * leap - 2, judged),
        ("bo", 3 * leap - 2, passed),
        ("bo", 3 * leap - 3, judged),
        ("bo", u64::MAX, passed),
    ] {
        assert_eq!(ask(&mut model, user, request_id), expected, "{user} {request_id}");
    }
    // Without memory no number is refused.
    let limits = Limits { requesters: 0, ..limits };
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    assert_eq!(ask(&mut model, "bo", u64::MAX), judged);
}
