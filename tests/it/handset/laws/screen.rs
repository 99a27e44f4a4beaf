//! What the screen never shows, and in which order it is told.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use roomcall::EndingKind;
use roomcall::handset::{Dismissal, Effect, Input, Request, Stage, Tap};
use roomcall::protocol::{Answer, Command, Ending, Event, Reply};

use super::quiet::DeviceState;
use super::{Seen, play, singly};
use roomcall_testkit::strategies::handset::{DEVICE, Journal, USER, handset_journal};
use roomcall_testkit::strategies::journal::settings;

/// The attempts whose end this device was told of, or that it says are over. What a journal tells is
/// consistent: nothing that is over is live again.
#[derive(Default)]
struct Ends(BTreeSet<u64>);

impl Ends {
    fn hear(&mut self, input: &Input) {
        let ended = match input {
            Input::Notice(notice) | Input::Push { event: notice, .. } => match notice {
                Event::CallCancelled(call)
                | Event::CallTimeout(call)
                | Event::CallRevokedByAdmin { call, .. } => {
                    (call.callee == USER).then_some(call.attempt)
                }
                Event::CallHandledByOtherDevice { attempt, .. } => Some(*attempt),
                _ => None,
            },
            // Whatever became of the request (D-17).
            Input::Reply(Reply { answer, .. }) => match answer {
                Ok(Answer::AcceptCall { attempt } | Answer::RejectCall { attempt }) => {
                    Some(*attempt)
                }
                Ok(_) => None,
                Err(refused) => refused.ended.as_ref().map(|ended| ended.attempt),
            },
            _ => None,
        };
        self.0.extend(ended);
    }

    /// What the handset itself says is over.
    fn follow(&mut self, seen: &Seen) {
        for effect in seen.effects {
            match effect {
                Effect::Dismiss { why: Dismissal::Silenced | Dismissal::Hidden, .. } => {}
                // It may be in the room of that call only (D-08).
                Effect::Dismiss { why: Dismissal::AnsweredHere, .. } => {}
                Effect::Dismiss { attempt, .. } | Effect::Learned { attempt, .. } => {
                    self.0.insert(*attempt);
                }
                _ => {}
            }
        }
    }
}

/// D-06, D-14
fn nobody_rings(journal: &Journal) -> Result<(), TestCaseError> {
    let mut ends = Ends::default();
    let look = |seen: Seen| {
        seen.inputs.iter().for_each(|input| ends.hear(input));
        for (attempt, stage) in seen.after.screen() {
            let is_told = ends.0.contains(&attempt);
            prop_assert!(!is_told, "{} is {:?} after {:#?}", attempt, stage, seen.inputs);
        }
        ends.follow(&seen);
        Ok(())
    };
    play(journal, look).map(drop)
}

/// D-07
fn one_call(state: &mut DeviceState, seen: &Seen) -> Result<(), TestCaseError> {
    state.follow(seen);
    let screen: BTreeMap<u64, Stage> = seen.after.screen().collect();
    let at = |stage: Stage| -> Vec<u64> {
        screen.iter().filter(|(_, at)| **at == stage).map(|(attempt, _)| *attempt).collect()
    };
    let (ringing, waiting) = (at(Stage::Ringing), at(Stage::Waiting));
    prop_assert!(ringing.len() <= 1, "{:?}", screen);
    prop_assert!(ringing.is_empty() || at(Stage::Accepting).is_empty(), "{:?}", screen);
    let lowest = waiting.iter().find(|attempt| !state.muted.contains(attempt));
    // A restart changes nothing on the screen.
    if let Some(lowest) = lowest.filter(|_| !state.may_be_quiet() && !seen.inputs.is_empty()) {
        let before = ringing.first().is_some_and(|ringing| ringing < lowest);
        prop_assert!(before || !at(Stage::Accepting).is_empty(), "{:?}", screen);
    }
    Ok(())
}

/// D-09: the effects alone tell what is on the screen.
fn draw(shown: &mut BTreeMap<u64, Stage>, seen: &Seen) -> Result<(), TestCaseError> {
    for effect in seen.effects {
        match effect {
            Effect::Show { call, stage, .. } => {
                let was = shown.insert(call.attempt, *stage);
                prop_assert_eq!(was, None, "shown twice: {:?}", effect);
            }
            Effect::Update { attempt, stage } => {
                let was = shown.insert(*attempt, *stage);
                prop_assert!(was.is_some_and(|was| was != *stage), "{:?}: {:?}", was, effect);
            }
            Effect::Dismiss { attempt, .. } => {
                prop_assert!(shown.remove(attempt).is_some(), "was not there: {:?}", effect);
            }
            _ => {}
        }
    }
    prop_assert_eq!(&*shown, &seen.after.screen().collect::<BTreeMap<_, _>>());
    Ok(())
}

/// D-29: the first push of an attempt has its Show, if there is one, and each other a Report.
fn answered(seen: &Seen) -> Result<(), TestCaseError> {
    let (mut pushes, mut late, mut reports) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut shows = BTreeSet::new();
    for input in seen.inputs {
        let (rings, event) = match input {
            Input::Push { event, .. } => (&mut pushes, event),
            Input::Notice(event) => (&mut late, event),
            _ => continue,
        };
        if matches!(event, Event::CallReceived { .. }) {
            *rings.entry(event.attempt()).or_insert(0) += 1;
        }
    }
    for effect in seen.effects {
        match effect {
            Effect::Show { call, .. } => drop(shows.insert(call.attempt)),
            Effect::Report { call, .. } => *reports.entry(call.attempt).or_insert(0) += 1,
            _ => {}
        }
    }
    for (attempt, pushes) in &pushes {
        // A ring that is no push may be reported, too (D-06).
        let late = late.get(attempt).copied().unwrap_or_default();
        let reports = reports.get(attempt).copied().unwrap_or_default();
        let owed: i32 = pushes - i32::from(shows.contains(attempt));
        prop_assert!((owed..=owed + late).contains(&reports), "{}: {:?}", attempt, seen.effects);
    }
    Ok(())
}

/// D-03: the place of an effect.
fn place(effect: &Effect) -> (u8, u64, String) {
    let by = |kind, number: u64| (kind, number, String::new());
    match effect {
        Effect::Dismiss { attempt, .. } => by(1, *attempt),
        Effect::Update { attempt, .. } => by(2, *attempt),
        Effect::Show { call, .. } => by(3, call.attempt),
        Effect::Report { call, .. } => by(4, call.attempt),
        Effect::Learned { attempt, .. } => by(5, *attempt),
        Effect::Join { .. } => by(6, 0),
        // No name has a line break.
        Effect::Progress { room, callee, .. } => (7, 0, format!("{room}\n{callee}")),
        Effect::Listed { callee, .. } | Effect::Unlisted { callee, .. } => (8, 0, callee.clone()),
        Effect::Logged { entry, .. } => by(9, entry.number),
        Effect::Seen { up_to } => by(10, *up_to),
        Effect::Answered { request_id, .. } => by(11, *request_id),
        Effect::NotSent { .. } => by(12, 0),
        Effect::Send { request_id: Some(request_id), .. } => by(13, *request_id),
        Effect::Send { request: Request::Command(Command::Ringing { attempt }), .. } => {
            by(14, *attempt)
        }
        _ => panic!("a variant that this test does not know"),
    }
}

/// Accepts of this device.
#[derive(Default)]
struct Accepts {
    /// The rooms of calls that were shown.
    rooms: BTreeMap<u64, String>,
    /// The attempts of accepts that were sent, by number.
    sent: BTreeMap<u64, u64>,
    /// The number of the last accept of an attempt, once it was sent.
    last: BTreeMap<u64, u64>,
    /// The attempts that were accepted and not joined.
    tapped: BTreeSet<u64>,
}

impl Accepts {
    /// The attempts that an input says were accepted on this device.
    fn won(&self, input: &Input) -> Vec<u64> {
        let is_here = |device: &Option<String>| device.as_deref() == Some(DEVICE);
        let is_mine = |ended: &Ending| ended.how == EndingKind::Accepted && is_here(&ended.device);
        match input {
            Input::Notice(event) | Input::Push { event, .. } => {
                let Event::CallHandledByOtherDevice { is_accepted, attempt, device, .. } = event
                else {
                    return Vec::new();
                };
                let is_mine = *is_accepted && is_here(device);
                is_mine.then_some(*attempt).into_iter().collect()
            }
            Input::Reply(Reply { request_id, answer, .. }) => match answer {
                Ok(Answer::GetMyCalls(mine)) => {
                    let ended = mine.endings.iter().map(|over| &over.ended);
                    ended.filter(|ended| is_mine(ended)).map(|ended| ended.attempt).collect()
                }
                // Of whatever request (D-17).
                Ok(Answer::AcceptCall { attempt }) => {
                    self.sent.get(request_id).copied().into_iter().chain([*attempt]).collect()
                }
                Ok(_) => Vec::new(),
                Err(refused) => {
                    let ended = refused.ended.iter().filter(|ended| is_mine(ended));
                    let asked = self.sent.get(request_id).copied().into_iter();
                    ended.flat_map(|ended| asked.clone().chain([ended.attempt])).collect()
                }
            },
            _ => Vec::new(),
        }
    }

    fn follow(&mut self, seen: &Seen) {
        for input in seen.inputs {
            if let Input::Tap(Tap::Accept { attempt }) = input {
                let was = seen.before.screen().find(|(of, _)| of == attempt);
                if was.is_some_and(|(_, stage)| stage != Stage::Accepting) {
                    self.last.remove(attempt);
                }
            }
        }
        for effect in seen.effects {
            match effect {
                Effect::Show { call, .. } => {
                    self.rooms.insert(call.attempt, call.room.clone());
                }
                Effect::Send {
                    request_id: Some(request_id),
                    request: Request::Command(Command::AcceptCall { attempt: Some(attempt), .. }),
                } => {
                    self.sent.insert(*request_id, *attempt);
                    self.last.insert(*attempt, *request_id);
                }
                _ => {}
            }
        }
        let accepting = seen.after.screen().filter(|(_, stage)| *stage == Stage::Accepting);
        self.tapped.extend(accepting.map(|(attempt, _)| attempt));
    }
}

/// D-12: who joins was told that its accept stands, and whoever is told so joins.
fn who_joins(accepts: &mut Accepts, seen: &Seen) -> Result<(), TestCaseError> {
    let mut won: BTreeSet<u64> = seen.inputs.iter().flat_map(|input| accepts.won(input)).collect();
    won.retain(|attempt| accepts.tapped.contains(attempt));
    let room = |attempt: &u64| accepts.rooms[attempt].as_str();
    let mut may_join: Vec<&str> = won.iter().map(room).collect();
    for effect in seen.effects {
        if let Effect::Join { room } = effect {
            let place = may_join.iter().position(|other| other == room);
            prop_assert!(place.is_some(), "joins {} by {:#?}", room, seen.inputs);
            may_join.remove(place.unwrap());
            prop_assert_ne!(seen.after.room(), Some(&**room));
        }
    }
    // A reply to the accept that the screen shows must count.
    let stages: BTreeMap<u64, Stage> = seen.before.screen().collect();
    if let [Input::Reply(Reply { request_id, answer: Ok(Answer::AcceptCall { .. }), .. })] =
        seen.inputs
    {
        let attempt = accepts.sent.get(request_id).copied().unwrap_or_default();
        let is_last = accepts.last.get(&attempt) == Some(request_id);
        if is_last && stages.get(&attempt) == Some(&Stage::Accepting) {
            let room = room(&attempt).to_owned();
            let joins = Effect::Join { room };
            prop_assert!(seen.effects.contains(&joins), "{:?}: {:?}", seen.inputs, seen.effects);
        }
    }
    let joined = seen.effects.iter().any(|effect| matches!(effect, Effect::Join { .. }));
    accepts.tapped.retain(|attempt| !(joined && won.contains(attempt)));
    accepts.follow(seen);
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    // D-06, D-14
    #[test]
    fn nobody_rings_after_the_end(journal in handset_journal()) {
        nobody_rings(&journal)?;
    }

    #[test]
    fn one_call_at_a_time(journal in handset_journal()) {
        let mut state = DeviceState::default();
        play(&singly(&journal), |seen| one_call(&mut state, &seen))?;
    }

    // D-29
    #[test]
    fn each_push_is_answered(journal in handset_journal()) {
        play(&journal, |seen| answered(&seen))?;
    }

    #[test]
    fn every_ring_ends_once(journal in handset_journal()) {
        let mut shown = BTreeMap::new();
        play(&journal, |seen| draw(&mut shown, &seen))?;
    }

    #[test]
    fn handset_effects_come_in_order(journal in handset_journal()) {
        play(&journal, |seen| {
            let places: Vec<_> = seen.effects.iter().map(place).collect();
            prop_assert!(places.is_sorted(), "{:#?}", seen.effects);
            // Of one call, and of one request, there is one effect of a kind at most.
            let unique = |place: &&(u8, u64, String)| [1, 2, 3, 5, 9, 10, 14].contains(&place.0);
            let screen: Vec<_> = places.iter().filter(unique).collect();
            prop_assert!(screen.windows(2).all(|two| two[0] < two[1]), "{:#?}", seen.effects);
            Ok(())
        })?;
    }

    #[test]
    fn the_loser_does_not_join(journal in handset_journal()) {
        let mut accepts = Accepts::default();
        play(&singly(&journal), |seen| who_joins(&mut accepts, &seen))?;
    }
}
