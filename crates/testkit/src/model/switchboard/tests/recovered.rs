//! Lost state (F-18), and what is counted from its base.

use roomcall::CallerLeft;

use super::*;

/// F-18, E-06, O-01: in attempt order, whichever the room; the callee, the caller and the room.
#[test]
fn everything_that_rings_is_revoked() {
    let mut model = meeting();
    play(&mut model, CALLS);
    tell(&mut model, include_str!("revoked.txt"));
    assert_eq!((model.model.live(), model.model.next_deadline()), (0, None));
}

/// T-03, F-18: what is overdue times out, also where the fact is ignored.
#[test]
fn what_is_overdue_is_not_revoked() {
    for (floor, answer) in [(1_000_u64, "{}"), (1 << 53, r#"{"ignored":"F-18"}"#)] {
        let mut model = meeting();
        play(&mut model, CALLS);
        let outputs = include_str!("overdue.txt");
        let fact = format!(r#"{{"at":30000,"fact":{{"recovered":{{"floor":{floor}}}}}}}"#);
        let answer = format!(r#"{{"at":30000,"answer":{{"fact":{answer}}}}}"#);
        tell(&mut model, &format!("> {fact}\n{answer}\n{outputs}"));
    }
}

/// F-18: presence and sessions go with no other effect, whatever the policy; roles, kept records and remembered endings stay.
#[test]
fn nobody_is_in_a_room_and_roles_stay() {
    for caller_left in CallerLeft::ALL.iter().copied() {
        let policy = Policy { caller_left, ..Policy::DEFAULT };
        let mut model = NumberedModel::new(Limits::DEFAULT, policy);
        tell(&mut model, MEETING);
        play(&mut model, CALLS);
        play(
            &mut model,
            r#"
{"at":0,"fact":{"userLeft":{"roomID":"lounge","userID":"cy","deviceID":"phone","sessionID":"c1"}}}
{"at":0,"fact":{"recovered":{"floor":1000}}}"#,
        );
        // K-01, E-14, E-18: what is over is known. P-01, P-03, P-05: ana is not there, dee is an admin. F-13: that c1 has ended is
        // forgotten.
        tell(
            &mut model,
            r#"
> {"at":0,"by":{"user":"ana","device":"phone"},"query":{"getPendingCalls":{"roomID":"standup"}}}
{"at":0,"refused":{"code":-2101,"rule":"P-05","message":""}}
> {"at":0,"by":"backend","query":{"getPendingCalls":{"roomID":"standup"}}}
{"at":0,"answer":{"getPendingCalls":{"calls":[{"caller":"ana","callee":"cy","status":"rejected","attempt":2,"timeLeft":null}],"nextCursor":""}}}
> {"at":0,"by":{"user":"dee","device":"phone"},"command":{"revokeCall":{"roomID":"standup","userIDList":["bo","cy","eve"]}}}
{"at":0,"answer":{"revokeCall":{"bo":"alreadyRevoked","cy":"alreadyRejected","eve":"notCalling"}}}
> {"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30,"extensionInfo":""}}}
{"at":0,"refused":{"code":-2101,"rule":"P-01","message":""}}
> {"at":0,"fact":{"roleSet":{"roomID":"lounge","userID":"cy","role":"owner"}}}
{"at":0,"answer":{"fact":{"opening":1002,"ignored":"F-10"}}}
> {"at":0,"fact":{"userLeft":{"roomID":"standup","userID":"ana"}}}
{"at":0,"answer":{"fact":{"opening":1001,"ignored":"F-06"}}}
> {"at":0,"fact":{"userEntered":{"roomID":"lounge","userID":"cy","deviceID":"phone","sessionID":"c1"}}}
{"at":0,"answer":{"fact":{"opening":1002}}}
"#,
        );
    }
}

/// F-18, L-14: who has called too often still has.
#[test]
fn arrivals_stay() {
    let limits = Limits { calls_per_minute: 1, ..Limits::DEFAULT };
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    play(
        &mut model,
        r#"
{"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30}}}
{"at":1000,"fact":{"recovered":{"floor":0}}}
{"at":1000,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"phone"}}}"#,
    );
    tell(
        &mut model,
        r#"
> {"at":1000,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30,"extensionInfo":""}}}
{"at":1000,"refused":{"code":-2,"rule":"L-14","message":"","retryAfter":59000}}
"#,
    );
}

/// F-18, C-06, F-02, Q-04, Q-07, Q-09, Q-11: all numbers are those of the base until something has a number, and go on from there.
#[test]
fn numbers_go_on_from_the_base() {
    let mut model = meeting();
    play(&mut model, CALLS);
    tell(&mut model, include_str!("before.txt"));
    play(&mut model, r#"{"at":0,"fact":{"recovered":{"floor":1000}}}"#);
    tell(&mut model, include_str!("after.txt"));
}

/// The base that the fact leads to, if it is not ignored.
fn base(model: &NumberedModel, floor: u64) -> Option<u64> {
    let mut model = model.clone();
    let fact = format!(r#"{{"at":0,"fact":{{"recovered":{{"floor":{floor}}}}}}}"#);
    let outcome = model.apply(&serde_json::from_str(&fact).unwrap());
    outcome.unchanged.is_none().then_some(model.model.base)
}

/// F-18: the floor, if it is above the greater of revision and last opening; else 2^32 more than that.
#[test]
fn the_base_is_above_all_that_is_known() {
    // Two openings, and nothing else.
    let mut model = meeting();
    let leap = 4_294_967_296;
    for (floor, expected) in [(0, 2 + leap), (2, 2 + leap), (3, 3), (1_700_000, 1_700_000)] {
        assert_eq!(base(&model, floor), Some(expected), "{floor}");
    }
    // Four attempts, of which all have ended after the revoking.
    play(&mut model, CALLS);
    for (floor, expected) in [(0, 8 + leap), (7, 8 + leap), (8, 8 + leap), (9, 9)] {
        assert_eq!(base(&model, floor), Some(expected), "{floor}");
    }
    // In a life that has begun it is above its base, and above its openings.
    play(&mut model, r#"{"at":0,"fact":{"recovered":{"floor":1000}}}"#);
    for (floor, expected) in [(9, 1_002 + leap), (1_002, 1_002 + leap), (1_003, 1_003)] {
        assert_eq!(base(&model, floor), Some(expected), "{floor}");
    }
}

/// F-18: a base above 2^53 - 2^40 is none, also if the leap makes it one.
#[test]
fn a_base_that_is_too_high_changes_nothing() {
    let highest = 9_006_099_743_113_216;
    let mut model = meeting();
    play(&mut model, CALLS);
    for floor in [highest + 1, LAST_NUMBER, LAST_NUMBER + 1, u64::MAX] {
        assert_eq!(base(&model, floor), None, "{floor}");
        let mut same = model.clone();
        tell(
            &mut same,
            &format!(
                r#"
> {{"at":0,"fact":{{"recovered":{{"floor":{floor}}}}}}}
{{"at":0,"answer":{{"fact":{{"ignored":"F-18"}}}}}}
> {{"at":0,"fact":{{"userEntered":{{"roomID":"lounge","userID":"cy","deviceID":"phone","sessionID":"c1"}}}}}}
{{"at":0,"answer":{{"fact":{{"opening":2,"ignored":"F-05"}}}}}}
"#
            ),
        );
        assert_eq!((same.model.live(), same.model.revision()), (2, 6));
    }
    assert_eq!(base(&model, highest), Some(highest));
    play(&mut model, &format!(r#"{{"at":0,"fact":{{"recovered":{{"floor":{highest}}}}}}}"#));
    assert_eq!(base(&model, 0), None);
}
