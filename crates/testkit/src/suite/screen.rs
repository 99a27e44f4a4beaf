//! What a person sees on a device: the calls on its screen, by the effects that drew them.

use std::collections::BTreeMap;

use roomcall::Rule;
use roomcall::handset::{Effect, Stage};
use roomcall::protocol::LiveCall;

use super::stage::{Played, expect};

/// A call on the screen.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Shown {
    room: String,
    caller: String,
    stage: Stage,
}

/// The calls on a screen, by attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Screen(BTreeMap<u64, Shown>);

impl Screen {
    /// Draws what an effect says, if it is about the screen: each Show has one Dismiss before the next one (D-09).
    pub(super) fn draw(&mut self, device: &str, effect: &Effect) -> Played {
        match effect {
            Effect::Show { call, stage, .. } => {
                let (room, caller) = (call.room.clone(), call.caller.clone());
                let before = self.0.insert(call.attempt, Shown { room, caller, stage: *stage });
                let what =
                    format!("{device} shows attempt {}, which is on its screen", call.attempt);
                expect(before.is_none(), Rule::D09, what)
            }
            Effect::Update { attempt, stage } => {
                let shown = self.0.get_mut(attempt);
                let what =
                    format!("{device} updates attempt {attempt}, which is not on its screen");
                expect(shown.is_some(), Rule::D09, what)?;
                shown.into_iter().for_each(|shown| shown.stage = *stage);
                Ok(())
            }
            Effect::Dismiss { attempt, .. } => {
                let before = self.0.remove(attempt);
                let what =
                    format!("{device} dismisses attempt {attempt}, which is not on its screen");
                expect(before.is_some(), Rule::D09, what)
            }
            _ => Ok(()),
        }
    }

    /// Its process was killed.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The lowest attempt.
    pub(super) fn first(&self) -> Option<u64> {
        self.0.keys().next().copied()
    }

    /// The room of a call.
    pub(super) fn room(&self, attempt: u64) -> Option<&str> {
        self.0.get(&attempt).map(|shown| &shown.room[..])
    }

    /// Whether a call may be answered (D-11): if not, a tap is ignored.
    pub(super) fn may_answer(&self, attempt: u64, accepts: bool) -> bool {
        let is_open = |stage| matches!(stage, Stage::Ringing | Stage::Waiting);
        self.0.get(&attempt).is_some_and(|shown| is_open(shown.stage))
            && !(accepts && self.0.values().any(|shown| shown.stage == Stage::Accepting))
    }

    /// How many calls are on it.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The attempts that ring.
    pub(super) fn ringing(&self) -> impl Iterator<Item = u64> {
        let rings = self.0.iter().filter(|(_, shown)| shown.stage == Stage::Ringing);
        rings.map(|(attempt, _)| *attempt)
    }

    /// Whether a call is being accepted.
    pub(super) fn is_accepting(&self) -> bool {
        self.0.values().any(|shown| shown.stage == Stage::Accepting)
    }

    /// At rest it shows what rings, with the host's room and caller (D-28), but for so many calls, and for those that may be
    /// missing.
    pub(super) fn agrees(
        &self,
        device: &str,
        rings: &[&LiveCall],
        spare: usize,
        may_miss: impl Fn(&LiveCall) -> bool,
    ) -> Played {
        let told: BTreeMap<_, _> =
            rings.iter().map(|it| (it.attempt, (&it.room[..], &it.caller[..]))).collect();
        let shown: BTreeMap<_, _> =
            self.0.iter().map(|(of, it)| (*of, (&it.room[..], &it.caller[..]))).collect();
        let what =
            format!("at rest {device} shows {shown:?}, and the host says that {told:?} rings");
        let missing = rings.iter().filter(|it| !shown.contains_key(&it.attempt) && !may_miss(it));
        let is_right = shown.iter().all(|(attempt, shown)| told.get(attempt) == Some(shown));
        expect(is_right && missing.count() <= spare, Rule::D28, what)
    }

    /// Long after the last answer the first call rings that may, and all others wait (D-07).
    pub(super) fn rings_one(&self, device: &str, may_ring: impl Fn(u64) -> bool) -> Played {
        let first = self.0.keys().copied().find(|attempt| may_ring(*attempt));
        let expected = |attempt: &u64| {
            if Some(*attempt) == first { Stage::Ringing } else { Stage::Waiting }
        };
        let is_so = self.0.iter().all(|(attempt, shown)| shown.stage == expected(attempt));
        let stages: Vec<_> = self.0.iter().map(|(of, shown)| (of, shown.stage)).collect();
        let what = format!("at rest {device} has the stages {stages:?}, and {first:?} may ring");
        expect(is_so, Rule::D07, what)
    }
}
