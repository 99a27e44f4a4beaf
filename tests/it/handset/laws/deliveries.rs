//! The order and number of deliveries do not matter (D-04).

use std::collections::BTreeMap;

use roomcall::EndingKind;
use roomcall::handset::{DeviceTick, Effect, Handset, Input};

use roomcall_testkit::strategies::handset::history::{
    FIRST_OF_SECOND_LIFE, Happening, Messages, Tapped, messages,
};

fn ended(attempt: u64, how: EndingKind, device: Option<&'static str>) -> Happening {
    Happening::Ending { attempt, how, device }
}

/// How an attempt may end, as the one device or the other sees it.
const ENDINGS: [(EndingKind, Option<&str>); 11] = [
    (EndingKind::Accepted, Some("phone")),
    (EndingKind::Accepted, Some("tablet")),
    (EndingKind::Rejected, Some("phone")),
    (EndingKind::Rejected, Some("tablet")),
    (EndingKind::InOtherRoom, None),
    (EndingKind::TimedOut, None),
    (EndingKind::Cancelled, Some("mac")),
    (EndingKind::Revoked, None),
    (EndingKind::Revoked, Some("mac")),
    (EndingKind::Entered, Some("phone")),
    (EndingKind::Entered, Some("tablet")),
];

/// Two attempts: the first ends in each way, the second in another or not at all, before the
/// first or after it.
fn histories() -> Vec<Vec<Happening>> {
    let called = |room, time_left| Happening::Called { room, time_left };
    let mut histories = Vec::new();
    for (number, (how, device)) in ENDINGS.into_iter().enumerate() {
        let (other, on) = ENDINGS[(number + 4) % ENDINGS.len()];
        let first = ended(1, how, device);
        // One after another into one room: the first ending gives way to the second (E-18).
        histories.push(vec![
            called("blue", Some(30_000)),
            first.clone(),
            called("blue", None),
            ended(2, other, on),
            Happening::Forgotten { attempt: 1 },
        ]);
        // Both at once, into two rooms; the second rings on.
        histories.push(vec![
            called("blue", Some(30_000)),
            called("red", Some(30_000)),
            first.clone(),
        ]);
        // What is logged is seen on another device, and then there is more.
        histories.push(vec![
            called("blue", Some(30_000)),
            first.clone(),
            Happening::Seen,
            called("red", None),
        ]);
        // It rings on some device, which a snapshot says; so does the next one, which rings on.
        histories.push(vec![
            called("blue", Some(30_000)),
            Happening::Rung { attempt: 1 },
            first.clone(),
            called("red", None),
            Happening::Rung { attempt: 2 },
        ]);
        // Both at once; the second ends first. Others are called, too.
        histories.push(vec![
            called("blue", None),
            Happening::Elsewhere,
            called("red", Some(30_000)),
            ended(3, other, on),
            first,
        ]);
    }
    histories
}

/// All orders of all collections of up to so many messages, each of which may be there again.
/// What any order of a collection comes to was compared when it was one shorter, so one way to it
/// is enough for what is longer.
fn merge_all(told: &Messages, most: usize) {
    let Messages { handset, messages } = told;
    let mut level: BTreeMap<Vec<usize>, Handset> = BTreeMap::from([(Vec::new(), handset.clone())]);
    for _ in 0..most {
        let mut next: BTreeMap<Vec<usize>, (Handset, usize)> = BTreeMap::new();
        for (heard, handset) in &level {
            for (number, message) in messages.iter().enumerate() {
                let mut after = handset.clone();
                let _ = after.apply(DeviceTick::START, message.clone());
                twice(&after, message);
                let mut all = heard.clone();
                all.insert(all.partition_point(|other| *other <= number), number);
                let Some((other, last)) = next.get(&all) else {
                    next.insert(all, (after, number));
                    continue;
                };
                let named: Vec<&Input> = all.iter().map(|number| &messages[*number]).collect();
                assert!(
                    *other == after,
                    "of {named:#?}\nlast {:#?}: {other:#?}\nlast {message:#?}: {after:#?}",
                    messages[*last]
                );
            }
        }
        level = next.into_iter().map(|(heard, (handset, _))| (heard, handset)).collect();
    }
}

/// What was just heard changes nothing when it is heard again.
fn twice(handset: &Handset, message: &Input) {
    let mut duplicate = handset.clone();
    let effects = duplicate.apply(DeviceTick::START, message.clone());
    let reports = |effect: &Effect| matches!(effect, Effect::Report { .. });
    assert!(effects.iter().all(reports), "{message:?} again: {effects:?}");
    assert!(*handset == duplicate, "{message:#?} again: {handset:#?}\n{duplicate:#?}");
}

/// The switchboard loses its state (F-18): once the first call has ended in each way, that it did may be lost, or all of it
/// may, or nothing. Then a call rings in its second life.
fn second_lives() -> Vec<Vec<Happening>> {
    let called = |room| Happening::Called { room, time_left: None };
    let mut histories = Vec::new();
    for (how, device) in ENDINGS {
        for kept in 0..=3 {
            histories.push(vec![
                called("blue"),
                ended(1, how, device),
                called("red"),
                Happening::Lost { kept },
                called("blue"),
            ]);
        }
        // One that rings is lost, and one ends in the second life.
        histories.push(vec![
            called("blue"),
            Happening::Lost { kept: 0 },
            called("red"),
            ended(FIRST_OF_SECOND_LIFE, how, device),
        ]);
    }
    histories
}

// D-04, D-14, D-24
#[test]
fn deliveries_commute() {
    let (mut histories_seen, mut messages_seen) = (0, 0);
    for history in histories() {
        // From the start, and with the first call known; up to so many messages.
        for (ready, tapped, most) in [
            (0, Tapped::Nothing, 5),
            (1, Tapped::Nothing, 4),
            (1, Tapped::Accept, 5),
            (1, Tapped::Reject, 4),
        ] {
            let told = messages(&history, ready, tapped, false);
            merge_all(&told, most);
            histories_seen += 1;
            messages_seen += told.messages.len();
        }
    }
    assert!(messages_seen >= 6 * histories_seen, "{messages_seen} in {histories_seen}");
}

// D-04, D-24, F-18
#[test]
fn deliveries_of_two_lives_commute() {
    for history in second_lives() {
        for (ready, tapped) in [(0, Tapped::Nothing), (1, Tapped::Accept), (1, Tapped::Reject)] {
            merge_all(&messages(&history, ready, tapped, false), 4);
        }
    }
}

// D-04, D-24, D-25
#[test]
fn deliveries_to_who_was_killed_commute() {
    for history in histories().into_iter().chain(second_lives()) {
        for (ready, tapped) in [(0, Tapped::Nothing), (1, Tapped::Accept), (2, Tapped::Nothing)] {
            merge_all(&messages(&history, ready, tapped, true), 4);
        }
    }
}
