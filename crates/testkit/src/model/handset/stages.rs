//! Which calls are on the screen, and which of them rings (D-07 to D-09, D-30 to D-32).

use std::collections::BTreeMap;

use roomcall::handset::Stage;

use super::{ModelHandset, Time};

impl ModelHandset {
    /// The screen as it is now.
    pub(super) fn draw(&mut self) {
        self.screen = self.stages(self.is_quiet());
    }

    /// D-07, D-08, D-09
    fn stages(&self, is_quiet: bool) -> BTreeMap<u64, Stage> {
        let mut stages = BTreeMap::new();
        for (attempt, call) in &self.known {
            let is_here = self.room.as_ref() == Some(&call.room);
            let may_show = self.is_ready || call.is_provisional;
            if !call.is_silenced && !call.is_hidden && !is_here && may_show {
                let stage = if self.is_accepting(*attempt) {
                    Stage::Accepting
                } else if self.is_rejecting(*attempt) {
                    Stage::Rejecting
                } else {
                    Stage::Waiting
                };
                stages.insert(*attempt, stage);
            }
        }
        if let Some(attempt) = self.which_rings(&stages, is_quiet) {
            stages.insert(attempt, Stage::Ringing);
        }
        stages
    }

    /// D-07: of those that wait.
    fn which_rings(&self, stages: &BTreeMap<u64, Stage>, is_quiet: bool) -> Option<u64> {
        let is_accepting = stages.values().any(|stage| *stage == Stage::Accepting);
        // D-31
        if is_accepting || self.is_occupied {
            return None;
        }
        for (attempt, stage) in stages {
            // D-30
            let may_ring = *stage == Stage::Waiting && !self.known[attempt].is_muted;
            // D-32: none becomes ringing, and what rings goes on.
            let rings = self.screen.get(attempt) == Some(&Stage::Ringing);
            if may_ring && (!is_quiet || rings) {
                return Some(*attempt);
            }
        }
        None
    }

    /// D-32: until when the Join makes quiet.
    fn join_quiet_until(&self) -> Option<Time> {
        self.joined.map(|at| at + Time::from(self.settings.join_quiet))
    }

    /// D-32: until when another device's answer makes quiet.
    fn settled_at(&self) -> Option<Time> {
        self.answered_elsewhere.map(|at| at + Time::from(self.settings.settle))
    }

    fn quiet_until(&self) -> Option<Time> {
        self.join_quiet_until().into_iter().chain(self.settled_at()).max()
    }

    fn is_quiet(&self) -> bool {
        self.quiet_until().is_some_and(|until| self.clock < until)
    }

    /// D-32: when quiet ends, if that makes a call ring.
    pub(super) fn end_of_quiet(&self) -> Option<Time> {
        let is_new = |attempt: &u64| self.screen.get(attempt) != Some(&Stage::Ringing);
        let rings = |(attempt, stage): (&u64, &Stage)| *stage == Stage::Ringing && is_new(attempt);
        self.quiet_until().filter(|_| self.stages(false).iter().any(rings))
    }

    /// D-31: a restart forgets that the device was occupied.
    pub(super) fn is_to_redraw(&self) -> bool {
        self.stages(self.is_quiet()) != self.screen
    }

    /// D-02: what has passed does not come back with a greater length (D-34).
    pub(super) fn end_quiet_if_due(&mut self) {
        if self.join_quiet_until().is_some_and(|until| until <= self.clock) {
            self.joined = None;
        }
        if self.settled_at().is_some_and(|until| until <= self.clock) {
            self.answered_elsewhere = None;
        }
    }

    /// D-30: whatever its stage.
    pub(super) fn tap_silence(&mut self, attempt: u64) {
        if self.screen.contains_key(&attempt) {
            if let Some(call) = self.known.get_mut(&attempt) {
                call.is_muted = true;
            }
        }
    }

    /// D-30
    pub(super) fn tap_reject_here(&mut self, attempt: u64) {
        if self.can_be_answered(attempt) {
            if let Some(call) = self.known.get_mut(&attempt) {
                call.is_hidden = true;
            }
        }
    }
}
