//! What a host shows of what its handset says.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::CallStatus;
use roomcall::handset::{Dismissal, Effect, Incoming, Progress, Stage};

use super::{Checked, violation};

/// An entry of the room's list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The attempt.
    pub attempt: u64,
    /// Who called.
    pub caller: String,
    /// How it stands.
    pub status: CallStatus,
}

/// What a person sees.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// The calls on the screen, by attempt.
    pub calls: BTreeMap<u64, (Incoming, Stage)>,
    /// The list of the room, by callee.
    pub list: BTreeMap<String, Entry>,
    /// How calls by this user stand, by room and callee.
    pub progress: BTreeMap<(String, String), (Option<u64>, Progress)>,
    /// Calls that this device's clock silenced.
    pub silenced: BTreeSet<u64>,
}

impl Screen {
    /// The nth call on the screen, if there is any.
    pub fn nth(&self, call: usize) -> Option<u64> {
        let count = self.calls.len().max(1);
        self.calls.keys().nth(call % count).copied()
    }

    /// How many calls are at a stage.
    pub fn at(&self, stage: Stage) -> usize {
        self.calls.values().filter(|(_, at)| *at == stage).count()
    }

    /// Shows an effect: D-09.
    pub fn show(&mut self, effect: &Effect) -> Checked {
        match effect {
            Effect::Show { call, stage, .. } => {
                if self.calls.insert(call.attempt, (call.clone(), *stage)).is_some() {
                    let message = format!("attempt {} is shown twice", call.attempt);
                    return violation("show and dismiss alternate", message);
                }
            }
            Effect::Update { attempt, stage } => match self.calls.get_mut(attempt) {
                Some((_, at)) => *at = *stage,
                None => {
                    let message = format!("attempt {attempt} is updated and not on the screen");
                    return violation("show and dismiss alternate", message);
                }
            },
            Effect::Dismiss { attempt, why } => {
                if self.calls.remove(attempt).is_none() {
                    let message = format!("attempt {attempt} is dismissed and not on the screen");
                    return violation("show and dismiss alternate", message);
                }
                if *why == Dismissal::Silenced {
                    self.silenced.insert(*attempt);
                }
            }
            Effect::Progress { room, callee, attempt, progress } => {
                let of = (room.clone(), callee.clone());
                self.progress.insert(of, (*attempt, progress.clone()));
            }
            Effect::Listed { .. } | Effect::Unlisted { .. } => return self.list(effect),
            Effect::Report { .. }
            | Effect::Learned { .. }
            | Effect::Join { .. }
            | Effect::Logged { .. }
            | Effect::Seen { .. }
            | Effect::Answered { .. }
            | Effect::NotSent { .. }
            | Effect::Send { .. } => {}
            _ => panic!("a variant that this test does not know"),
        }
        Ok(())
    }

    /// D-22
    fn list(&mut self, effect: &Effect) -> Checked {
        match effect {
            Effect::Listed { callee, caller, attempt, status } => {
                let (attempt, caller, status) = (*attempt, caller.clone(), *status);
                let entry = Entry { attempt, caller, status };
                if self.list.get(callee) == Some(&entry) {
                    let message = format!("{callee} is listed as before: {entry:?}");
                    return violation("the list's effects are changes", message);
                }
                self.list.insert(callee.clone(), entry);
            }
            Effect::Unlisted { callee, .. } if self.list.remove(callee).is_none() => {
                let message = format!("{callee} is taken off the list and was not on it");
                return violation("the list's effects are changes", message);
            }
            _ => {}
        }
        Ok(())
    }
}
