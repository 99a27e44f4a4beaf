//! What the host of one device keeps: the handset, and what it has put before the person.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Effect, Handset, Incoming, Input, Progress, Settings, Stage};
use roomcall::{CallStatus, Tick};

/// An entry of the list on the screen: attempt, caller, status.
pub(crate) type Entry = (u64, String, CallStatus);

pub(crate) struct Device {
    pub(crate) user: &'static str,
    pub(crate) name: &'static str,
    pub(crate) handset: Handset,
    pub(crate) is_alive: bool,
    /// How many reasons there are for having no connection.
    pub(crate) cuts: u32,
    /// When its clock began, and at what.
    born: u64,
    ahead: u64,
    /// What the effects have drawn; the handset's own account is compared with it at the end.
    pub(crate) screen: BTreeMap<u64, (Incoming, Stage)>,
    pub(crate) list: BTreeMap<String, Entry>,
    /// Calls by the user of this device, by room and callee.
    pub(crate) calls: BTreeMap<(String, String), (Option<u64>, Progress)>,
    sent: BTreeSet<u64>,
}

impl Device {
    pub(crate) fn new(user: &'static str, name: &'static str, ahead: u64, refresh: u64) -> Self {
        let settings = Settings { refresh: Some(refresh), ..Settings::DEFAULT };
        Self {
            user,
            name,
            handset: Handset::new(user, name, settings),
            is_alive: true,
            cuts: 0,
            born: 0,
            ahead,
            screen: BTreeMap::new(),
            list: BTreeMap::new(),
            calls: BTreeMap::new(),
            sent: BTreeSet::new(),
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.is_alive && self.cuts == 0
    }

    /// What happens at this time by the world's clock.
    pub(crate) fn apply(&mut self, now: u64, input: Input) -> Vec<Effect> {
        if matches!(input, Input::InRoom(_)) {
            // Another room has another list.
            self.list.clear();
        }
        let at = now.saturating_sub(self.born).saturating_add(self.ahead);
        self.handset.apply(Tick::from_millis(at), input)
    }

    /// When it must be called at the latest, by the world's clock.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let at = self.handset.next_deadline().filter(|_| self.is_alive)?.as_millis();
        Some(at.saturating_sub(self.ahead).saturating_add(self.born))
    }

    /// Started again, from the state that was saved before the last effects.
    pub(crate) fn restart(&mut self, now: u64) {
        self.handset = self.handset.clone().restart();
        (self.born, self.ahead, self.is_alive) = (now, 0, true);
        self.list.clear();
    }

    /// Draws what an effect says.
    pub(crate) fn draw(&mut self, effect: &Effect) {
        match effect {
            Effect::Dismiss { attempt, .. } => drop(self.screen.remove(attempt)),
            Effect::Update { attempt, stage } => {
                if let Some((_, now)) = self.screen.get_mut(attempt) {
                    *now = *stage;
                }
            }
            Effect::Show { call, stage, .. } => {
                self.screen.insert(call.attempt, (call.clone(), *stage));
            }
            Effect::Progress { room, callee, attempt, progress } => {
                let key = (room.clone(), callee.clone());
                self.calls.insert(key, (*attempt, progress.clone()));
            }
            Effect::Listed { callee, caller, attempt, status } => {
                self.list.insert(callee.clone(), (*attempt, caller.clone(), *status));
            }
            Effect::Unlisted { callee, .. } => drop(self.list.remove(callee)),
            Effect::Report { .. }
            | Effect::Learned { .. }
            | Effect::Join { .. }
            | Effect::Answered { .. }
            | Effect::NotSent { .. }
            | Effect::Send { .. } => {}
            _ => {}
        }
    }

    /// Whether a request is sent for the first time.
    pub(crate) fn is_first(&mut self, request_id: u64) -> bool {
        self.sent.insert(request_id)
    }

    /// A call into a room that the person could answer, newer than `floor`.
    pub(crate) fn answerable(&self, room: &str, floor: u64) -> Option<u64> {
        let open = |stage: &Stage| matches!(stage, Stage::Ringing | Stage::Waiting);
        let mut calls = self.screen.iter();
        let found = calls
            .find(|(attempt, (call, stage))| **attempt > floor && call.room == room && open(stage));
        found.map(|(attempt, _)| *attempt)
    }
}
