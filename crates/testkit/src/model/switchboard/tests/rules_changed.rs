//! Other rules (F-19): what is evicted, what ends, and what stays.

use roomcall::{ActiveCalls, InOtherRoom, Role};

use super::*;

const LIBERAL: Policy = Policy {
    active_calls: ActiveCalls::PerRoom,
    in_other_room: InOtherRoom::Ring,
    ..Policy::DEFAULT
};

fn rejects(model: &mut NumberedModel, user: &str, room: &str) {
    let said = asks(model, user, &format!(r#""rejectCall":{{"roomID":"{room}"}}"#));
    assert!(said[0].contains("rejectCall"), "{said:?}");
}

/// F-19, K-03: kept records go first, room by room, those that ended first; then one ends, which evicts.
#[test]
fn kept_records_go_before_anything_ends() {
    for (kept, expected) in [
        (
            1,
            &[
                "K-03 2 room standup",
                "E-03 1 fay",
                "E-03 1 ana phone",
                "E-03 1 room standup",
                "K-03 3 room standup",
            ][..],
        ),
        (
            0,
            &[
                "K-03 2 room standup",
                "K-03 3 room standup",
                "K-03 4 room lounge",
                "E-03 1 fay",
                "E-03 1 ana phone",
                "E-03 1 room standup",
                "K-03 1 room standup",
            ][..],
        ),
    ] {
        let mut model = begun(Limits::DEFAULT, LIBERAL);
        calls(&mut model, "ana", "standup", r#""fay","bo","eve""#);
        calls(&mut model, "cy", "lounge", r#""gus""#);
        rejects(&mut model, "gus", "lounge");
        rejects(&mut model, "bo", "standup");
        rejects(&mut model, "eve", "standup");
        assert_eq!(enters(&mut model, "fay", "attic"), [r#"{"fact":{"opening":3}}"#]);
        let change =
            format!(r#""policy":{{"inOtherRoom":"reject"}},"limits":{{"keptPerRoom":{kept}}}"#);
        let said = changed(&mut model, &change);
        assert_eq!(said[0], DONE);
        assert_eq!(said[1..], *expected);
        assert_eq!(model.model.live(), 0);
    }
}

/// F-19, E-03: in attempt order, whichever the room. Who is in no other room rings on.
#[test]
fn in_another_room_in_attempt_order() {
    let mut model = begun(Limits::DEFAULT, LIBERAL);
    calls(&mut model, "cy", "lounge", r#""bo","hal""#);
    calls(&mut model, "ana", "standup", r#""bo""#);
    enters(&mut model, "bo", "attic");
    let endings = [
        "E-03 1 bo",
        "E-03 1 cy phone",
        "E-03 1 room lounge",
        "E-03 3 bo",
        "E-03 3 ana phone",
        "E-03 3 room standup",
    ];
    let said = changed(&mut model, r#""policy":{"inOtherRoom":"reject","activeCalls":"perUser"}"#);
    assert_eq!(said[1..], endings);
    assert_eq!(model.model.live(), 1);
}

/// F-19, E-06: the lowest of each user stays, after what is in another room; the new policy holds for the endings, too.
#[test]
fn the_lowest_attempt_of_each_user_stays() {
    let mut model = begun(Limits::DEFAULT, LIBERAL);
    calls(&mut model, "ana", "standup", r#""gus""#);
    calls(&mut model, "cy", "lounge", r#""gus","hal","bo""#);
    calls(&mut model, "ana", "standup", r#""hal""#);
    enters(&mut model, "bo", "attic");
    let mut both = model.clone();
    tell(&mut model, include_str!("single.txt"));
    assert_eq!((model.model.live(), model.model.revision()), (3, 7));
    let said = changed(
        &mut both,
        r#""policy":{"activeCalls":"perUser","inOtherRoom":"reject","outcomesTo":"allDevices"}"#,
    );
    let endings = [
        "E-03 4 bo",
        "E-03 4 cy",
        "E-03 4 room lounge",
        "F-19 2 gus",
        "F-19 2 cy",
        "F-19 2 room lounge",
        "F-19 5 hal",
        "F-19 5 ana",
        "F-19 5 room standup",
    ];
    assert_eq!(said[1..], endings);
}

/// F-19: what is live, present, open or an admin stays as it is where there may be less, and cannot become more.
#[test]
fn smaller_limits_end_nothing() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    calls(&mut model, "ana", "standup", r#""bo","eve""#);
    let limits = r#""liveCallsPerRoom":1,"participantsPerRoom":0,"rooms":1,"adminsPerRoom":0,"timeoutMax":30"#;
    assert_eq!(changed(&mut model, &format!(r#""limits":{{{limits}}}"#)), [DONE]);
    assert_eq!((model.model.live(), model.model.next_deadline()), (2, Some(30_000)));
    assert_eq!(model.model.membership("standup", "ana"), Some((true, Role::Owner)));
    assert_eq!(model.model.membership("standup", "dee"), Some((false, Role::Admin)));
    assert_eq!(calls(&mut model, "ana", "standup", r#""gus""#), ["L-07"]);
    let full = |limit: &str, value: u32, rule: &str, opening: &str| {
        format!(
            r#"{{"fact":{{{opening}"ignored":"{rule}","limit":{{"name":"{limit}","value":{value}}}}}}}"#
        )
    };
    let said_of =
        |model: &mut NumberedModel, fact: &str| said(model, 0, &format!(r#""fact":{{{fact}}}"#));
    assert_eq!(
        enters(&mut model, "gus", "standup"),
        [full("participantsPerRoom", 0, "L-10", r#""opening":1,"#)]
    );
    let opened = said_of(&mut model, r#""roomOpened":{"roomID":"cellar","owner":"gus"}"#);
    assert_eq!(opened, [full("rooms", 1, "L-09", "")]);
    let admin =
        said_of(&mut model, r#""roleSet":{"roomID":"standup","userID":"gus","role":"admin"}"#);
    assert_eq!(admin, [full("adminsPerRoom", 0, "L-11", r#""opening":1,"#)]);
    // They are not only counted with what comes: one call less is still one too many.
    rejects(&mut model, "bo", "standup");
    assert_eq!(calls(&mut model, "ana", "standup", r#""gus""#), ["L-07"]);
    assert_eq!(changed(&mut model, r#""limits":{"liveCallsPerRoom":2,"liveCalls":1}"#), [DONE]);
    assert_eq!(calls(&mut model, "ana", "standup", r#""gus""#), ["L-08"]);
    assert_eq!(changed(&mut model, r#""limits":{"liveCalls":2}"#), [DONE]);
    assert_eq!(calls(&mut model, "ana", "standup", r#""gus""#).len(), 3);
}

/// F-19: ignored as a whole, with all that it would have evicted.
#[test]
fn a_change_that_is_ignored_changes_nothing() {
    let mut model = begun(Limits { page_size: 50, ..Limits::DEFAULT }, LIBERAL);
    calls(&mut model, "ana", "standup", r#""bo""#);
    rejects(&mut model, "bo", "standup");
    for change in [
        "",
        r#""policy":{},"limits":{}"#,
        r#""policy":{"inOtherRoom":"ring"},"limits":{"keptPerRoom":200}"#,
        r#""limits":{"keptPerRoom":0,"idBytes":63}"#,
        r#""limits":{"keptPerRoom":0,"extensionBytes":2047}"#,
        r#""policy":{"inOtherRoom":"reject"},"limits":{"pageSize":49,"idBytes":80}"#,
    ] {
        assert_eq!(changed(&mut model, change), [IGNORED], "{change}");
        let (limits, policy) = model.model.rules();
        assert_eq!(
            (limits.kept_per_room, limits.id_bytes, *policy),
            (200, 64, LIBERAL),
            "{change}"
        );
    }
    // What is due at its time has ended before (T-03).
    calls(&mut model, "ana", "standup", r#""eve""#);
    let late = said(&mut model, 30_000, r#""fact":{"rulesChanged":{}}"#);
    assert_eq!(late, [IGNORED, "E-04 2 eve", "E-04 2 ana phone", "E-04 2 room standup"]);
    // Greater ones, and the same ones with them, are no reason.
    let greater = r#""limits":{"idBytes":65,"extensionBytes":2048,"pageSize":51}"#;
    assert_eq!(changed(&mut model, greater), [DONE]);
    assert_eq!(model.model.rules().0.page_size, 51);
}

/// F-19, E-18: the oldest endings are forgotten, and nobody hears of it.
#[test]
fn endings_are_forgotten() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    calls(&mut model, "ana", "standup", r#""bo","eve""#);
    for user in ["eve", "bo"] {
        asks(&mut model, user, r#""acceptCall":{"roomID":"standup"}"#);
    }
    assert_eq!(changed(&mut model, r#""limits":{"endedPerRoom":1}"#), [DONE]);
    let cancels = r#""cancelCall":{"roomID":"standup","userIDList":["bo","eve"]}"#;
    let results = r#"{"cancelCall":{"bo":"alreadyAccepted","eve":"notCalling"}}"#;
    assert_eq!(asks(&mut model, "ana", cancels), [results]);
}

/// F-19, F-13: of those who are gone for longest the sessions are forgotten.
#[test]
fn sessions_are_forgotten() {
    let mut model = begun(Limits::DEFAULT, Policy::DEFAULT);
    let fact = |model: &mut NumberedModel, at: u64, kind: &str, user: &str| {
        let fact = format!(
            r#""fact":{{"{kind}":{{"roomID":"attic","userID":"{user}","sessionID":"s"}}}}"#
        );
        said(model, at, &fact)
    };
    for (at, user) in [(0, "bo"), (1, "eve"), (2, "gus")] {
        assert_eq!(fact(&mut model, at, "userLeft", user), [r#"{"fact":{"opening":3}}"#]);
    }
    assert_eq!(changed(&mut model, r#""limits":{"participantsPerRoom":2}"#), [DONE]);
    for user in ["eve", "gus"] {
        let said = fact(&mut model, 2, "userEntered", user);
        assert_eq!(said, [r#"{"fact":{"opening":3,"ignored":"F-13"}}"#], "{user}");
    }
    assert_eq!(fact(&mut model, 2, "userEntered", "bo"), [r#"{"fact":{"opening":3}}"#]);
}

/// F-19, L-14: arrivals beyond the users, and all of them where none are kept; the others count at the new rate.
#[test]
fn arrivals_are_forgotten() {
    let limits = Limits { calls_per_minute: 1, ..Limits::DEFAULT };
    for (changes, second) in [
        (&[r#""ratedUsers":1"#, r#""ratedUsers":9"#][..], ""),
        (&[r#""callsPerMinute":0"#, r#""callsPerMinute":1"#][..], ""),
        (&[r#""callsPerMinute":60"#][..], "L-14"),
        (&[r#""ratedUsers":2"#][..], "L-14"),
    ] {
        let mut model = begun(limits, Policy::DEFAULT);
        calls(&mut model, "ana", "standup", r#""bo""#);
        calls(&mut model, "cy", "lounge", r#""eve""#);
        for change in changes {
            assert_eq!(changed(&mut model, &format!(r#""limits":{{{change}}}"#)), [DONE]);
        }
        let again = calls(&mut model, "ana", "standup", r#""gus""#);
        assert_eq!(again == ["L-14"], second == "L-14", "{changes:?} {again:?}");
    }
}
