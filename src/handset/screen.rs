//! The screen as a function of what is known (D-07, D-08, D-09, D-26).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::incoming::Ring;
use super::output::{Dismissal, Effect, Stage};
use super::requests::Said;
use super::{Handset, Step};

impl Handset {
    /// The difference between the screen before the step and after it, and the other effects of
    /// the step, in their order (D-03).
    pub(super) fn draw(&self, step: Step) -> Vec<Effect> {
        let Step { mut effects, mut why, learned, before } = step;
        for (attempt, (room, caller, was_silenced)) in learned {
            let why = why.remove(&attempt).unwrap_or(Dismissal::Gone);
            let is_news = was_silenced || why != Dismissal::AnsweredHere;
            if is_news && !self.calls.known.contains_key(&attempt) {
                effects.push(Effect::Learned { attempt, room, caller, why });
            }
        }
        let screen = &self.calls.screen;
        for attempt in before.keys().filter(|attempt| !screen.contains_key(attempt)) {
            let why = match self.calls.known.get(attempt) {
                Some(call) if call.is_silenced => Dismissal::Silenced,
                Some(_) => Dismissal::AnsweredHere,
                None => why.remove(attempt).unwrap_or(Dismissal::Gone),
            };
            effects.push(Effect::Dismiss { attempt: *attempt, why });
        }
        for (&attempt, &stage) in screen {
            match (before.get(&attempt), self.calls.known.get(&attempt)) {
                (None, Some(call)) => {
                    let time_left = call.deadline.map(|deadline| self.clock.until(deadline));
                    effects.push(Effect::Show { call: call.told(attempt), stage, time_left });
                }
                (Some(former), _) if *former != stage => {
                    effects.push(Effect::Update { attempt, stage });
                }
                (Some(_) | None, _) => {}
            }
        }
        effects.sort_by(Effect::in_order);
        effects
    }

    /// D-07
    pub(super) fn stages(&self) -> BTreeMap<u64, Stage> {
        let shown = self.calls.known.iter().filter(|(attempt, call)| self.shows(**attempt, call));
        let said = shown.map(|(attempt, _)| (*attempt, self.requests.said(*attempt)));
        let said: Vec<(u64, Option<Said>)> = said.collect();
        let mut may_ring = said.iter().all(|(_, said)| *said != Some(Said::Yes));
        let stage = |said| match said {
            Some(Said::Yes) => Stage::Accepting,
            Some(Said::No) => Stage::Rejecting,
            None if core::mem::replace(&mut may_ring, false) => Stage::Ringing,
            None => Stage::Waiting,
        };
        let (attempts, said): (Vec<u64>, Vec<Option<Said>>) = said.into_iter().unzip();
        attempts.into_iter().zip(said.into_iter().map(stage)).collect()
    }

    /// D-08, D-09
    fn shows(&self, attempt: u64, call: &Ring) -> bool {
        let is_elsewhere = self.room.as_ref() != Some(&call.room);
        let is_let = self.is_ready || self.calls.screen.contains_key(&attempt);
        !call.is_silenced && is_elsewhere && is_let
    }
}

impl Effect {
    /// D-03
    fn in_order(one: &Self, other: &Self) -> core::cmp::Ordering {
        one.place().cmp(&other.place())
    }

    /// The place of its kind, and what orders it within that.
    fn place(&self) -> (u8, u64, &str, &str) {
        match self {
            Self::Dismiss { attempt, .. } => (0, *attempt, "", ""),
            Self::Update { attempt, .. } => (1, *attempt, "", ""),
            Self::Show { call, .. } => (2, call.attempt, "", ""),
            Self::Report { call, .. } => (3, call.attempt, "", ""),
            Self::Learned { attempt, .. } => (4, *attempt, "", ""),
            Self::Join { .. } => (5, 0, "", ""),
            Self::Progress { room, callee, .. } => (6, 0, room, callee),
            Self::Listed { callee, .. } | Self::Unlisted { callee, .. } => (7, 0, callee, ""),
            Self::Answered { request_id, .. } => (8, *request_id, "", ""),
            Self::NotSent { .. } => (9, 0, "", ""),
            Self::Send { request_id, .. } => (10, *request_id, "", ""),
        }
    }
}
