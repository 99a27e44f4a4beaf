//! What a device is told besides messages, as an observer sees it: its person's taps (D-30), what else has the
//! device (D-31), quiet (D-32), signing out (D-33), other settings (D-34). And what its screen may show then.

use roomcall::handset::{Dismissal, Effect, Handset, Input, ReportReason, Request, Stage, Tap};
use roomcall::protocol::Command;

use super::super::pushes::Came;
use super::history::Seen;

/// What one device was told.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Beside {
    /// The attempts that are muted and hidden, a bit each.
    muted: u8,
    hidden: u8,
    is_occupied: bool,
    is_signed_out: bool,
    /// When it last was to join a room, unless that is over, in seconds.
    joins: Option<u8>,
    /// When a call on its screen was last answered elsewhere.
    settles: Option<u8>,
    /// The same of a call that was not on its screen, and so may not have been known.
    may_settle: Option<u8>,
}

/// One step of a device.
pub struct Step<'a> {
    pub before: &'a Handset,
    pub after: &'a Handset,
    pub inputs: &'a [Input],
    pub restarts: bool,
    pub effects: &'a [Effect],
    /// The time of everybody, in seconds.
    pub clock: u8,
}

fn stage(of: &Handset, attempt: u64) -> Option<Stage> {
    of.screen().find(|(on, _)| *on == attempt).map(|(_, stage)| stage)
}

fn rings(of: &Handset, attempt: u64) -> bool {
    stage(of, attempt) == Some(Stage::Ringing)
}

fn bit(attempt: u64) -> u8 {
    1 << (attempt - 1)
}

/// Whether a request is about an attempt.
fn is_about(request: &Request, is_it: impl Fn(u64) -> bool) -> bool {
    match request {
        Request::Command(
            Command::AcceptCall { attempt: Some(attempt), .. }
            | Command::RejectCall { attempt: Some(attempt), .. }
            | Command::Ringing { attempt },
        ) => is_it(*attempt),
        _ => false,
    }
}

impl Beside {
    pub fn is_muted(self, attempt: u64) -> bool {
        self.muted & bit(attempt) != 0
    }

    pub fn is_hidden(self, attempt: u64) -> bool {
        self.hidden & bit(attempt) != 0
    }

    /// A step of the device.
    pub fn follow(&mut self, step: &Step<'_>, seen: &mut Seen) {
        if self.is_signed_out && Came::of(step.inputs).are_silent(step.effects).is_err() {
            seen.breaks("who signed out hears nothing");
        }
        self.is_occupied &= !step.restarts;
        step.inputs.iter().for_each(|input| self.hear(input, step, seen));
        self.learn(step, seen);
        if self.is_signed_out {
            if step.after.screen().next().is_some() || step.after.next_deadline().is_some() {
                seen.breaks("nothing is shown or due after signing out");
            }
            return;
        }
        self.judge(step, seen);
        if self.is_quiet() {
            self.judge_quiet(step, seen);
        }
    }

    fn hear(&mut self, input: &Input, step: &Step<'_>, seen: &mut Seen) {
        match input {
            Input::Tap(Tap::Silence { attempt }) => {
                let is_on_screen = stage(step.before, *attempt).is_some();
                self.tap(step, is_on_screen, seen);
                if is_on_screen {
                    self.muted |= bit(*attempt);
                    seen.situations.insert("is muted");
                }
            }
            Input::Tap(Tap::RejectHere { attempt }) => {
                let stage = stage(step.before, *attempt);
                let may_hide = matches!(stage, Some(Stage::Ringing | Stage::Waiting));
                self.tap(step, may_hide, seen);
                if may_hide {
                    self.hidden |= bit(*attempt);
                }
            }
            Input::Occupied(is_occupied) if !self.is_signed_out => self.is_occupied = *is_occupied,
            Input::InRoom(Some(room)) if step.before.room() != Some(room) => self.joins = None,
            Input::JoinFailed if self.joins.is_some() => {
                self.joins = None;
                seen.situations.insert("a device could not join");
            }
            Input::SignedOut => *self = Self { is_signed_out: true, ..Self::default() },
            _ => {}
        }
    }

    /// D-30: the switchboard is told nothing, and a call that is not there is not tapped.
    fn tap(self, step: &Step<'_>, counts: bool, seen: &mut Seen) {
        let is_told =
            |effect: &Effect| matches!(effect, Effect::Send { request: Request::Command(_), .. });
        if step.effects.iter().any(is_told) {
            seen.breaks("what a person wants on one device stays there");
        }
        if !counts && step.before != step.after {
            seen.breaks("a tap on what is not on the screen does nothing");
        }
    }

    /// What its effects tell.
    fn learn(&mut self, step: &Step<'_>, seen: &mut Seen) {
        let is_elsewhere = |why: &Dismissal| matches!(why, Dismissal::AnsweredElsewhere { .. });
        for effect in step.effects {
            match effect {
                Effect::Join { .. } => self.joins = Some(step.clock),
                Effect::Dismiss { why, .. } if is_elsewhere(why) => self.settles = Some(step.clock),
                Effect::Learned { why, .. } if is_elsewhere(why) => {
                    self.may_settle = Some(step.clock);
                }
                Effect::Report { why: ReportReason::SignedOut, .. } => {
                    seen.situations.insert("a push finds nobody signed in");
                }
                Effect::Report { why: ReportReason::Hidden, .. } => {
                    seen.situations.insert("a push is of a hidden call");
                }
                Effect::Send { request, .. } if is_about(request, |it| self.is_hidden(it)) => {
                    seen.breaks("a hidden call is not told of");
                }
                _ => {}
            }
        }
        let settings = step.after.settings();
        let passes = |since: u8, length: u64| {
            u64::from(step.clock) * 1_000 >= u64::from(since) * 1_000 + length
        };
        self.joins = self.joins.filter(|since| !passes(*since, settings.join_quiet));
        self.settles = self.settles.filter(|since| !passes(*since, settings.settle));
        self.may_settle = self.may_settle.filter(|since| !passes(*since, settings.settle));
    }

    /// Whether it is quiet for certain (D-32).
    fn is_quiet(self) -> bool {
        self.joins.or(self.settles).is_some()
    }

    /// What holds on the screen in and out of quiet (D-07, D-30, D-31).
    fn judge(self, step: &Step<'_>, seen: &mut Seen) {
        let mut is_accepting = false;
        let mut to_ring = None;
        for (attempt, stage) in step.after.screen() {
            is_accepting |= stage == Stage::Accepting;
            if self.is_hidden(attempt) {
                seen.breaks("a hidden call does not come back");
            }
            if stage == Stage::Ringing && self.is_muted(attempt) {
                seen.breaks("a muted call does not ring");
            }
            if stage == Stage::Ringing && self.is_occupied {
                seen.breaks("an occupied device does not ring");
            }
            if matches!(stage, Stage::Ringing | Stage::Waiting) && !self.is_muted(attempt) {
                to_ring = to_ring.or(Some(attempt));
            }
        }
        let Some(attempt) = to_ring.filter(|_| !is_accepting) else { return };
        let may_be_quiet = self.is_quiet() || self.may_settle.is_some();
        if self.is_occupied {
            seen.situations.insert("a call waits while the device is occupied");
        } else if !may_be_quiet && !rings(step.after, attempt) {
            seen.breaks("no call waits for nothing");
        }
        let was_waiting = stage(step.before, attempt) == Some(Stage::Waiting);
        if was_waiting && rings(step.after, attempt) {
            seen.situations.insert("a call that waited rings");
        }
    }

    /// D-32: no call begins to ring, and one that rings goes on.
    fn judge_quiet(self, step: &Step<'_>, seen: &mut Seen) {
        let is_accepting = step.after.screen().any(|(_, stage)| stage == Stage::Accepting);
        for (attempt, stage) in step.after.screen() {
            let rang = rings(step.before, attempt);
            if stage == Stage::Ringing && !rang {
                seen.breaks("in quiet no call begins to ring");
            }
            let may_ring = !is_accepting && !self.is_occupied && !self.is_muted(attempt);
            if stage == Stage::Waiting && rang && may_ring {
                seen.breaks("in quiet a call that rings goes on");
            }
            if stage == Stage::Waiting && may_ring {
                seen.situations.insert("a call waits in quiet");
            }
            if stage == Stage::Ringing {
                seen.situations.insert("a call rings on in quiet");
            }
        }
    }
}
