//! What a device does not let ring: muted and hidden calls, while it is occupied, after an answer,
//! and nothing at all once its user signed out (D-30 to D-33).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use roomcall::handset::{
    Dismissal, Effect, Handset, Input, NotSentReason, ReportReason, Stage, Tap,
};

use super::{Seen, play, singly};
use roomcall_testkit::strategies::handset::{Journal, Move, handset_journal};
use roomcall_testkit::strategies::journal::settings;

/// What a journal of single inputs tells of a device.
#[derive(Default)]
pub(super) struct DeviceState {
    pub(super) muted: BTreeSet<u64>,
    hidden: BTreeSet<u64>,
    is_occupied: bool,
    /// How long it lives, whatever its clock was set to.
    age: u128,
    /// When quiet began that has not ended: of a join, and of an answer elsewhere.
    join: Option<u128>,
    settle: Option<u128>,
    /// As `settle`, if the call of an ending that was learned was known.
    settle_perhaps: Option<u128>,
}

impl DeviceState {
    pub(super) fn follow(&mut self, seen: &Seen) {
        let by_clock = seen.after.clock().as_millis().checked_sub(seen.before.clock().as_millis());
        let is_restart = seen.inputs.is_empty();
        let passed = if is_restart { seen.dead } else { by_clock.unwrap_or_default() };
        self.age += u128::from(passed);
        self.is_occupied &= !is_restart;
        let screen: BTreeMap<u64, Stage> = seen.before.screen().collect();
        for input in seen.inputs {
            match input {
                Input::Occupied(is_occupied) => self.is_occupied = *is_occupied,
                Input::JoinFailed => self.join = None,
                Input::InRoom(Some(_)) if seen.before.room() != seen.after.room() => {
                    self.join = None;
                }
                Input::Tap(Tap::Silence { attempt }) if screen.contains_key(attempt) => {
                    self.muted.insert(*attempt);
                }
                Input::Tap(Tap::RejectHere { attempt }) => {
                    let stage = screen.get(attempt);
                    let hides = matches!(stage, Some(Stage::Ringing | Stage::Waiting));
                    self.hidden.extend(hides.then_some(*attempt));
                }
                _ => {}
            }
        }
        for effect in seen.effects {
            match effect {
                Effect::Join { .. } => self.join = Some(self.age),
                Effect::Dismiss { why: Dismissal::AnsweredElsewhere { .. }, .. } => {
                    (self.settle, self.settle_perhaps) = (Some(self.age), Some(self.age));
                }
                Effect::Learned { why: Dismissal::AnsweredElsewhere { .. }, .. } => {
                    self.settle_perhaps = Some(self.age);
                }
                _ => {}
            }
        }
        // What has ended does not begin again when the settings change (D-34).
        let is_on = |age: u128, from: &u128, length: u64| from + u128::from(length) > age;
        let (join, settle) = (seen.after.settings().join_quiet, seen.after.settings().settle);
        self.join = self.join.filter(|from| is_on(self.age, from, join));
        self.settle = self.settle.filter(|from| is_on(self.age, from, settle));
        self.settle_perhaps = self.settle_perhaps.filter(|from| is_on(self.age, from, settle));
    }

    /// D-32
    fn is_quiet(&self) -> bool {
        self.join.is_some() || self.settle.is_some()
    }

    /// How many milliseconds of quiet are left, if that is known.
    fn left(&self, handset: &Handset) -> Option<u128> {
        let settings = handset.settings();
        let join = self.join.map(|from| from + u128::from(settings.join_quiet));
        let settle = self.settle.map(|from| from + u128::from(settings.settle));
        let is_known = self.settle == self.settle_perhaps;
        join.max(settle).filter(|_| is_known).map(|at| at - self.age)
    }

    /// Whether a call would begin to ring if it were not quiet.
    fn would_ring(&self, handset: &Handset) -> bool {
        let screen: BTreeMap<u64, Stage> = handset.screen().collect();
        let is_accepting = screen.values().any(|stage| *stage == Stage::Accepting);
        let first = screen.iter().find(|(attempt, stage)| {
            let is_unanswered = matches!(stage, Stage::Ringing | Stage::Waiting);
            is_unanswered && !self.muted.contains(attempt)
        });
        let waits = first.is_some_and(|(_, stage)| *stage == Stage::Waiting);
        waits && !is_accepting && !self.is_occupied
    }

    /// Whether something but the other calls may keep a call from ringing.
    pub(super) fn may_be_quiet(&self) -> bool {
        self.is_occupied || self.is_quiet() || self.settle_perhaps.is_some()
    }
}

fn ringing(handset: &Handset) -> Option<u64> {
    handset.screen().find(|(_, stage)| *stage == Stage::Ringing).map(|(attempt, _)| attempt)
}

/// D-30, D-31
fn muted(journal: &Journal) -> Result<(), TestCaseError> {
    let mut state = DeviceState::default();
    play(&singly(journal), |seen| {
        state.follow(&seen);
        for (attempt, stage) in seen.after.screen() {
            prop_assert!(!state.hidden.contains(&attempt), "{} is hidden", attempt);
            let may_ring = !state.muted.contains(&attempt) && !state.is_occupied;
            prop_assert!(may_ring || stage != Stage::Ringing, "{} rings", attempt);
        }
        Ok(())
    })
    .map(drop)
}

/// D-32
fn quiet(journal: &Journal) -> Result<(), TestCaseError> {
    let mut state = DeviceState::default();
    play(&singly(journal), |seen| {
        state.follow(&seen);
        let ringing = [seen.before, seen.after].map(ringing);
        let begins = ringing[1].is_some() && ringing[0] != ringing[1];
        prop_assert!(!state.is_quiet() || !begins, "{:?} rings: {:#?}", ringing[1], seen.inputs);
        // The host is told when a call begins to ring.
        if let Some(left) = state.left(seen.after).filter(|_| state.would_ring(seen.after)) {
            let due = seen.after.next_deadline().map(|at| {
                u128::from(seen.after.clock().as_millis()) + left >= at.as_millis().into()
            });
            prop_assert_eq!(due, Some(true), "{} ms left", left);
        }
        Ok(())
    })
    .map(drop)
}

/// What signing out leaves on the screen, and says.
fn sign_out(seen: &Seen) -> Result<(), TestCaseError> {
    let dismissed = seen.effects.iter().filter_map(|effect| match effect {
        Effect::Dismiss { attempt, why: Dismissal::SignedOut } => Some(*attempt),
        _ => None,
    });
    prop_assert!(dismissed.eq(seen.before.screen().map(|(attempt, _)| attempt)));
    let is_told = |effect: &Effect| {
        matches!(
            effect,
            Effect::Dismiss { .. } | Effect::NotSent { why: NotSentReason::SignedOut, .. }
        )
    };
    prop_assert!(seen.effects.iter().all(is_told), "{:#?}", seen.effects);
    Ok(())
}

/// D-33
fn silent(journal: &Journal) -> Result<(), TestCaseError> {
    play(&singly(journal), |seen| {
        let was_signed_out = seen.before.is_signed_out();
        if !was_signed_out && seen.after.is_signed_out() {
            return sign_out(&seen);
        }
        prop_assert!(!was_signed_out || seen.after.is_signed_out());
        if was_signed_out {
            let is_report = |effect: &Effect| {
                matches!(effect, Effect::Report { why: ReportReason::SignedOut, .. })
            };
            prop_assert!(seen.effects.iter().all(is_report), "{:#?}", seen.effects);
            prop_assert_eq!(seen.after.next_deadline(), None);
            prop_assert_eq!(seen.after.redraw(), Vec::new());
            let restored = Handset::restore(&seen.after.save(), None);
            prop_assert_eq!(restored, Ok(seen.after.clone().restart(None)));
        }
        Ok(())
    })
    .map(drop)
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn muted_calls_do_not_ring(journal in handset_journal()) {
        muted(&journal)?;
    }

    #[test]
    fn quiet_is_kept(journal in handset_journal()) {
        quiet(&journal)?;
    }

    #[test]
    fn signed_out_is_silent(journal in handset_journal(), at in any::<Index>()) {
        let mut moves = journal.moves.clone();
        let now = moves.iter().map(|play| if let Move::Apply { at, .. } = play { *at } else { 0 });
        let now: Vec<u64> = now.collect();
        let place = at.index(moves.len());
        let sign_out = Move::Apply { at: now[place], inputs: vec![Input::SignedOut] };
        moves.insert(place + 1, sign_out);
        silent(&Journal { moves, ..journal })?;
    }
}
