//! What a device says of the calls that it shows (D-37).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use roomcall::handset::{Effect, Input, Link, Request, Settings, Stage};
use roomcall::protocol::{Answer, Command, MyCalls, Reply};

use super::{Seen, play, singly, with_settings};
use roomcall_testkit::strategies::handset::handset_journal;
use roomcall_testkit::strategies::journal::settings;

/// What was heard so far.
#[derive(Default)]
struct Heard {
    is_up: bool,
    /// What an applied snapshot listed as rung.
    rung: BTreeSet<u64>,
}

fn snapshot(input: &Input) -> Option<&MyCalls> {
    match input {
        Input::Reply(Reply { answer: Ok(Answer::GetMyCalls(calls)), .. }) => Some(calls),
        _ => None,
    }
}

/// The attempts of which it is said that they ring here.
fn said(effects: &[Effect]) -> Vec<u64> {
    let said = effects.iter().filter_map(|effect| match effect {
        Effect::Send {
            request_id: None,
            request: Request::Command(Command::Ringing { attempt }),
        } => Some(*attempt),
        _ => None,
    });
    said.collect()
}

fn shown(effects: &[Effect]) -> impl Iterator<Item = u64> + '_ {
    effects.iter().filter_map(|effect| match effect {
        Effect::Show { call, .. } => Some(call.attempt),
        _ => None,
    })
}

impl Heard {
    fn link(&mut self, seen: &Seen) {
        if seen.inputs.is_empty() {
            self.is_up = false;
        }
        for input in seen.inputs {
            match input {
                Input::Link(link) => self.is_up = *link == Link::Up,
                Input::SignedOut => self.is_up = false,
                _ => {}
            }
        }
    }

    /// The one input of a step, at whose time all that was due has happened: exactly what is to be said is said.
    fn one(&mut self, seen: &Seen) -> Result<(), TestCaseError> {
        self.link(seen);
        let screen: BTreeMap<u64, Stage> = seen.after.screen().collect();
        let mut owed: BTreeSet<u64> = shown(seen.effects).collect();
        // One that is not applied changes nothing at all.
        let applied = seen.inputs.first().and_then(snapshot);
        if let Some(calls) = applied.filter(|_| *seen.before != *seen.after) {
            let rung = calls.incoming.iter().filter(|call| call.rung);
            self.rung.extend(rung.map(|call| call.attempt));
            let silent = calls.incoming.iter().filter(|call| !call.rung);
            owed.extend(silent.map(|call| call.attempt));
        }
        let is_at_rest =
            |attempt: &u64| matches!(screen.get(attempt), Some(Stage::Ringing | Stage::Waiting));
        owed.retain(|attempt| self.is_up && is_at_rest(attempt) && !self.rung.contains(attempt));
        let owed: Vec<u64> = owed.into_iter().collect();
        prop_assert_eq!(said(seen.effects), owed, "{:?}: {:#?}", seen.inputs, seen.effects);
        Ok(())
    }

    /// Several inputs together, whatever each of them comes to.
    fn several(&mut self, seen: &Seen) -> Result<(), TestCaseError> {
        let was_up = self.is_up;
        self.link(seen);
        let comes_up = seen.inputs.iter().any(|input| matches!(input, Input::Link(Link::Up)));
        let rung = seen.inputs.iter().filter_map(snapshot).flat_map(|calls| &calls.incoming);
        self.rung.extend(rung.filter(|call| call.rung).map(|call| call.attempt));
        let said = said(seen.effects);
        prop_assert!(said.is_empty() || was_up || comes_up, "{:?} without a link", said);
        prop_assert!(said.windows(2).all(|two| two[0] < two[1]), "{:?}", said);
        let screen: BTreeMap<u64, Stage> = seen.after.screen().collect();
        for attempt in &said {
            let is_at_rest = matches!(screen.get(attempt), Some(Stage::Ringing | Stage::Waiting));
            prop_assert!(self.is_up && is_at_rest, "{} is said: {:#?}", attempt, seen.effects);
        }
        for attempt in shown(seen.effects) {
            let is_at_rest = matches!(screen.get(&attempt), Some(Stage::Ringing | Stage::Waiting));
            if self.is_up && is_at_rest && !self.rung.contains(&attempt) {
                prop_assert!(said.contains(&attempt), "{}: {:#?}", attempt, seen.effects);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn what_is_shown_is_said(journal in handset_journal()) {
        // What there is no room for (D-19) is not known, and with it not whether it has rung.
        let journal = with_settings(journal, |settings| Settings { calls: 100, ..settings });
        let mut heard = Heard::default();
        play(&singly(&journal), |seen| heard.one(&seen))?;
        let mut heard = Heard::default();
        play(&journal, |seen| heard.several(&seen))?;
    }
}
