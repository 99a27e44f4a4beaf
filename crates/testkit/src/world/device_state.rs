//! What a device's person and host did to it: what is muted, hidden and occupied, who is signed in, and until when it is quiet
//! (D-30 to D-33). The world knows this from what it did and saw, not from the handset.

use std::collections::BTreeSet;

use roomcall::handset::{Dismissal, Effect, Input, Settings, Stage, Tap};

use roomcall::protocol::Command;

use super::screen::Screen;

/// What a device's person and host did to it.
#[derive(Clone, Debug, Default)]
pub struct DeviceState {
    /// The calls that do not ring on it any more (D-30).
    pub muted: BTreeSet<u64>,
    /// The calls that a person rejected on it alone (D-30).
    pub hidden: BTreeSet<u64>,
    /// The hidden calls of which it said that they are over.
    pub learned: BTreeSet<u64>,
    /// Whether something else has it (D-31).
    pub is_occupied: bool,
    /// Whether its user signed out (D-33).
    pub is_signed_out: bool,
    /// Whether its user signed in again, as another device.
    pub is_replaced: bool,
    /// The taps that answer a call, or mark what was seen.
    taps: Vec<Tap>,
    /// Until when no call begins to ring (D-32).
    pub quiet: Quiet,
    /// Whether a call waits for the end of quiet.
    pub(super) waits: bool,
    /// The room that its handset was told last.
    room: Option<String>,
    /// The calls that were on its screen.
    shown: BTreeSet<u64>,
}

/// Until when no call begins to ring, by the device's clock (D-32).
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet {
    /// After its own answer.
    join: Option<i128>,
    /// After an answer elsewhere, at least.
    settle: Option<i128>,
    /// The same at most: what was never shown, or ended in a step of several inputs, need not have been known when it was
    /// answered elsewhere.
    settle_at_most: Option<i128>,
}

impl Quiet {
    /// Until when it surely lasts.
    pub fn at_least(&self) -> Option<i128> {
        self.join.max(self.settle)
    }

    /// Until when it may last.
    pub fn at_most(&self) -> Option<i128> {
        self.join.max(self.settle_at_most)
    }

    fn all(&mut self) -> impl Iterator<Item = &mut i128> {
        [&mut self.join, &mut self.settle, &mut self.settle_at_most].into_iter().flatten()
    }

    /// The clock goes back by this.
    fn shift(&mut self, by: i128) {
        self.all().for_each(|until| *until -= by);
    }

    /// D-34: what has not passed has another length.
    fn resize(&mut self, old: &Settings, new: &Settings, clock: i128) {
        let longer = |old: u64, new: u64| i128::from(new) - i128::from(old);
        let (join, settle) =
            (longer(old.join_quiet, new.join_quiet), longer(old.settle, new.settle));
        let Self { join: own, settle: least, settle_at_most: most } = self;
        for (until, longer) in [(own, join), (least, settle), (most, settle)] {
            *until = until.filter(|at| *at > clock).map(|at| at + longer);
        }
    }
}

impl DeviceState {
    /// An input reaches the handset, whose screen is this, at a time by its clock.
    pub(super) fn hears(&mut self, input: &Input, screen: &Screen, old: &Settings, clock: i128) {
        match input {
            Input::Tap(Tap::Silence { attempt }) if screen.calls.contains_key(attempt) => {
                self.muted.insert(*attempt);
            }
            Input::Tap(Tap::RejectHere { attempt }) => {
                let stage = screen.calls.get(attempt).map(|(_, stage)| *stage);
                if matches!(stage, Some(Stage::Ringing | Stage::Waiting)) {
                    self.hidden.insert(*attempt);
                }
            }
            Input::Tap(tap @ (Tap::Accept { .. } | Tap::Reject { .. } | Tap::MarkSeen { .. })) => {
                self.taps.push(tap.clone());
            }
            Input::InRoom(room) => {
                if room.is_some() && self.room != *room {
                    self.quiet.join = None;
                }
                self.room.clone_from(room);
            }
            Input::JoinFailed => self.quiet.join = None,
            Input::Occupied(is_occupied) => self.is_occupied = *is_occupied,
            Input::Settings(new) => self.quiet.resize(old, new, clock),
            Input::SignedOut => self.is_signed_out = true,
            _ => {}
        }
    }

    /// The handset says something, after one input or several, the first of which may be time that passed.
    pub(super) fn says(
        &mut self,
        effect: &Effect,
        (is_several, tapped): (bool, Option<&Tap>),
        settings: &Settings,
        clock: i128,
    ) {
        match effect {
            Effect::Show { call, .. } => {
                self.shown.insert(call.attempt);
            }
            // Its deadline came before the tap, which is ignored then.
            Effect::Dismiss { attempt: over, why: Dismissal::Silenced } => match tapped {
                Some(Tap::Silence { attempt }) if attempt == over => {
                    self.muted.remove(attempt);
                }
                Some(Tap::RejectHere { attempt }) if attempt == over => {
                    self.hidden.remove(attempt);
                }
                _ => {}
            },
            Effect::Join { .. } => {
                let until = clock + i128::from(settings.join_quiet);
                self.quiet.join = self.quiet.join.max(Some(until));
            }
            Effect::Dismiss { attempt, why: Dismissal::AnsweredElsewhere { .. } }
            | Effect::Learned { attempt, why: Dismissal::AnsweredElsewhere { .. }, .. } => {
                let until = Some(clock + i128::from(settings.settle));
                if !is_several && self.shown.contains(attempt) {
                    self.quiet.settle = self.quiet.settle.max(until);
                }
                self.quiet.settle_at_most = self.quiet.settle_at_most.max(until);
            }
            _ => {}
        }
    }

    /// Whether somebody tapped for what a command asks: nothing else answers a call (D-11, D-30).
    pub(super) fn is_tapped(&self, command: &Command) -> bool {
        let tap = match command {
            Command::AcceptCall { attempt: Some(attempt), .. } => Tap::Accept { attempt: *attempt },
            Command::RejectCall { attempt: Some(attempt), reason, .. } => {
                Tap::Reject { attempt: *attempt, reason: *reason }
            }
            Command::MarkCallsSeen { up_to } => Tap::MarkSeen { up_to: *up_to },
            // That it rings has no number (D-37).
            Command::AcceptCall { attempt: None, .. }
            | Command::RejectCall { attempt: None, .. }
            | Command::Ringing { .. } => {
                return false;
            }
            Command::CallUserToRoom { .. }
            | Command::CancelCall { .. }
            | Command::RevokeCall { .. }
            | Command::RevokeUserCalls { .. } => return true,
        };
        self.taps.contains(&tap)
    }

    /// The clock goes back by this (D-02).
    pub(super) fn shift(&mut self, by: i128) {
        self.quiet.shift(by);
    }

    /// D-25: what has the device then is stated anew.
    pub(super) fn restart(&mut self) {
        self.is_occupied = false;
        self.room = None;
    }
}
