//! What is not for this device changes nothing, and neither does a look at the clock.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Handset, Input, ReportReason, Request, Settings,
};
use roomcall::protocol::{Event, NamedCall};
use roomcall::{CallRejectionReason, CallStatus};

use super::{Seen, play, with_settings};
use roomcall_testkit::strategies::handset::{USER, handset_journal};
use roomcall_testkit::strategies::journal::settings;

/// A notice that is about nobody here (D-01), or of no list that is looked at (D-22).
fn strange() -> impl Strategy<Value = Event> {
    let user = || select(&[USER, "ana", "cy"][..]);
    let status = select(&CallStatus::ALL[..]);
    let about = (select(&["blue", "red"][..]), user(), user(), 1..8_u64, status, 0..11_u8);
    about.prop_map(|(room, one, other, attempt, status, kind)| {
        let call = |caller: &str, callee: &str| NamedCall {
            room: room.to_owned(),
            caller: caller.to_owned(),
            callee: callee.to_owned(),
            status,
            attempt,
        };
        // The one who must not be the user is somebody else.
        let stranger = |name: &str| if name == USER { "dee" } else { name }.to_owned();
        let nobody = call(&stranger(one), &stranger(other));
        let (to_other, by_other) = (call(one, &stranger(other)), call(&stranger(one), other));
        let reason = CallRejectionReason::InOtherRoom;
        match kind {
            0 | 1 => {
                let (extension, time_left) = (String::new(), Some(30_000));
                Event::CallReceived { call: to_other, extension, time_left }
            }
            2 => Event::CallCancelled(nobody),
            3 => Event::CallAccepted(by_other),
            4 => Event::CallRejected { call: by_other, reason },
            5 => Event::CallTimeout(nobody),
            6 => Event::CallRevokedByAdmin { call: nobody, operator: Some("ana".to_owned()) },
            7 => Event::CallRinging(by_other),
            8 => Event::CallNotJoined(call(one, other)),
            9 => Event::PendingCallChanged(NamedCall {
                room: "green".to_owned(),
                ..call(one, other)
            }),
            _ => Event::PendingCallRemoved(NamedCall {
                room: "green".to_owned(),
                ..call(one, other)
            }),
        }
    })
}

/// What a tick comes to instead.
fn tick(handset: &Handset, at: DeviceTick) -> (Handset, Vec<Effect>) {
    let mut ticked = handset.clone();
    let effects = ticked.apply(at, Input::Tick);
    (ticked, effects)
}

/// What steps that follow one another show, taken together (D-26).
#[derive(Debug, PartialEq)]
struct Together {
    /// What is gone from the screen, with the ending, where one is known.
    dismissed: BTreeMap<u64, Option<Dismissal>>,
    /// What was learned of other calls.
    learned: BTreeSet<(u64, Dismissal)>,
    /// All else but the screen.
    others: Vec<String>,
}

/// With `duplicate`, whether and how often a request is sent again plays no part.
fn together(before: &Handset, after: &Handset, effects: &[Effect], duplicate: bool) -> Together {
    let shown: BTreeSet<u64> = before.screen().map(|(attempt, _)| attempt).collect();
    let shows: BTreeSet<u64> = after.screen().map(|(attempt, _)| attempt).collect();
    let mut together =
        Together { dismissed: BTreeMap::new(), learned: BTreeSet::new(), others: Vec::new() };
    for effect in effects {
        match effect {
            Effect::Show { .. } | Effect::Update { .. } => {}
            // As a Show is, where the call was taken off and put back in between (D-29).
            Effect::Report { why: ReportReason::Shown, .. } => {}
            Effect::Dismiss { attempt, why } if shown.contains(attempt) => {
                together.dismissed.insert(*attempt, Some(why.clone()));
            }
            Effect::Dismiss { .. } => {}
            // A call that the clock has just taken off the screen.
            Effect::Learned { attempt, why, .. } if shown.contains(attempt) => {
                together.dismissed.insert(*attempt, Some(why.clone()));
            }
            Effect::Learned { attempt, why, .. } => {
                together.learned.insert((*attempt, why.clone()));
            }
            // A call that is given up (D-20) was perhaps sent again before.
            Effect::Send { request: Request::Command(_), .. } if duplicate => {}
            _ => together.others.push(format!("{effect:?}")),
        }
    }
    together.dismissed.retain(|attempt, _| !shows.contains(attempt));
    together.others.sort();
    if duplicate {
        together.others.dedup();
    }
    together
}

/// Silenced by a tick, then signed out, hidden or answered here: nothing says so any more.
fn forgive(one: &mut Together, ticked: &Together) {
    for (attempt, why) in &mut one.dismissed {
        let silenced = ticked.dismissed.get(attempt) == Some(&Some(Dismissal::Silenced));
        let here = [Dismissal::SignedOut, Dismissal::Hidden, Dismissal::AnsweredHere];
        if silenced && why.as_ref().is_some_and(|why| here.contains(why)) {
            *why = Some(Dismissal::Silenced);
        }
    }
}

/// D-02
fn subdivide(seen: &Seen, parts: &[u64]) -> Result<(), TestCaseError> {
    let (from, at) = (seen.before.clock().as_millis(), seen.at.as_millis());
    let mut times: Vec<u64> =
        parts.iter().map(|part| from + part * at.saturating_sub(from) / 1_000).collect();
    times.sort_unstable();
    // Before anything is due there is nothing to see.
    let due = seen.before.next_deadline().map_or(u64::MAX, DeviceTick::as_millis);
    let mut early = seen.before.clone();
    for time in times.iter().filter(|time| **time < due) {
        prop_assert_eq!(early.apply(DeviceTick::from_millis(*time), Input::Tick), Vec::new());
    }
    prop_assert_eq!(early.apply_all(seen.at, seen.inputs.to_vec()), seen.effects);
    prop_assert!(early == *seen.after, "{:#?}\n{:#?}", early, seen.after);
    // A tick at the very time of the inputs is the beginning of their step.
    let (mut late, mut effects) = tick(seen.before, seen.at);
    effects.extend(late.apply_all(seen.at, seen.inputs.to_vec()));
    prop_assert!(late == *seen.after, "{:#?}\n{:#?}", late, seen.after);
    let mut at_once = together(seen.before, seen.after, seen.effects, false);
    let in_two = together(seen.before, seen.after, &effects, false);
    forgive(&mut at_once, &in_two);
    prop_assert_eq!(in_two, at_once);
    // Ticks anywhere: requests are sent again more often, and that is all.
    let (once, effects) = tick(seen.before, seen.at);
    let (mut often, mut all) = (seen.before.clone(), Vec::new());
    for time in times {
        all.extend(often.apply(DeviceTick::from_millis(time), Input::Tick));
    }
    all.extend(often.apply(seen.at, Input::Tick));
    prop_assert!(once.screen().eq(often.screen()));
    let at_once = together(seen.before, &once, &effects, true);
    prop_assert_eq!(together(seen.before, &often, &all, true), at_once);
    Ok(())
}

/// D-02: what the inputs come to at the time of the last step is what they come to earlier, and
/// all that comes after is as much earlier.
fn set_back(seen: &Seen, by: u64) -> Result<(), TestCaseError> {
    let (mut held, mut set) = (seen.before.clone(), seen.before.clone());
    let effects = held.apply_all(held.clock(), seen.inputs.to_vec());
    let earlier = |at: DeviceTick| DeviceTick::from_millis(at.as_millis() - by);
    prop_assert_eq!(&set.apply_all(earlier(set.clock()), seen.inputs.to_vec()), &effects);
    // Each time that the timers are due, until they only repeat.
    for _ in 0..5 {
        prop_assert_eq!(set.clock(), earlier(held.clock()));
        let Some(due) = held.next_deadline() else {
            prop_assert_eq!(set.next_deadline(), None);
            break;
        };
        prop_assert!(due >= held.clock(), "{:?} is past {:?}", due, held.clock());
        if due == DeviceTick::LAST {
            break; // It may be due after the end of time (T-09), which no clock reaches.
        }
        prop_assert_eq!(set.next_deadline(), Some(earlier(due)));
        prop_assert_eq!(set.apply(earlier(due), Input::Tick), held.apply(due, Input::Tick));
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn strangers_notices_change_nothing(
        journal in handset_journal(),
        notices in prop::collection::vec(strange(), 1..6),
    ) {
        play(&journal, |seen| {
            let (ticked, waiting) = tick(seen.before, seen.at);
            for notice in &notices {
                let mut after = seen.before.clone();
                let effects = after.apply(seen.at, Input::Notice(notice.clone()));
                prop_assert_eq!(&effects, &waiting, "{:?}", notice);
                prop_assert!(after == ticked, "{:#?}", notice);
            }
            Ok(())
        })?;
    }

    #[test]
    fn handset_ticks_subdivide(
        journal in handset_journal(),
        parts in prop::collection::vec(0..=1_000_u64, 1..4),
    ) {
        let journal = with_settings(journal, |settings| Settings { outgoing: 100, ..settings });
        play(&journal, |seen| {
            // A restart has no time.
            if seen.inputs.is_empty() { Ok(()) } else { subdivide(&seen, &parts) }
        })?;
    }

    #[test]
    fn a_clock_that_is_set_back_moves_all(journal in handset_journal(), by in 1_000..100_000_u64) {
        play(&journal, |seen| {
            let clock = seen.before.clock().as_millis();
            if seen.inputs.is_empty() || clock < by {
                return Ok(());
            }
            set_back(&seen, by)
        })?;
    }
}
