//! Which call rings on a device, as a person expects who saw all that happened to it (D-07, D-30 to D-32).

use roomcall::handset::{Input, Stage, Tap};

use super::device::Device;
use super::simulation::World;
use super::{Checked, violation};

/// A device before a step.
#[derive(Debug)]
pub struct Before {
    /// The call that rang.
    ringing: Option<u64>,
    /// Until when it was quiet for sure, by its clock.
    quiet: Option<i128>,
    /// Whether the step has several inputs, or something was due before its input.
    pub is_several: bool,
    /// Whether time passes, and nothing else happens.
    is_tick: bool,
    /// The tap by which a person mutes or hides a call now.
    pub tapped: Option<Tap>,
}

impl Before {
    /// Before these inputs.
    pub fn of(of: &Device, inputs: &[Input], is_late: bool) -> Self {
        let is_tick = matches!(inputs, [Input::Tick]);
        let is_new = |tap: &Tap| match tap {
            Tap::Silence { attempt } => !of.state.muted.contains(attempt),
            Tap::RejectHere { attempt } => !of.state.hidden.contains(attempt),
            _ => false,
        };
        let tapped = match inputs {
            [Input::Tap(tap)] => Some(tap).filter(|tap| is_new(tap)).cloned(),
            _ => None,
        };
        Self {
            ringing: of.ringing(),
            quiet: of.state.quiet.at_least(),
            is_several: inputs.len() > 1 || is_late && !is_tick,
            is_tick,
            tapped,
        }
    }
}

impl Device {
    /// The call that rings.
    pub fn ringing(&self) -> Option<u64> {
        let mut calls = self.screen.calls.iter();
        calls.find(|(_, (_, stage))| *stage == Stage::Ringing).map(|(attempt, _)| *attempt)
    }

    /// The calls that might ring, the lowest first: nobody has answered or muted them.
    fn candidates(&self) -> impl Iterator<Item = u64> + '_ {
        let is_open = |stage: &Stage| matches!(stage, Stage::Ringing | Stage::Waiting);
        let open = self.screen.calls.iter().filter(move |(_, (_, stage))| is_open(stage));
        open.map(|(attempt, _)| *attempt).filter(|attempt| !self.state.muted.contains(attempt))
    }

    /// Whether it may be quiet on it, at a time by the clock of the world.
    pub(super) fn is_quiet(&self, now: u64) -> bool {
        let clock = i128::from(self.seen.max(self.clock(now).as_millis()));
        self.state.quiet.at_most().is_some_and(|until| until > clock)
    }

    /// Whether no call may ring, quiet or not.
    fn is_taken(&self) -> bool {
        self.state.is_occupied || self.screen.at(Stage::Accepting) > 0
    }

    /// What is wrong with the call that rings, or that none does, at a time by its clock.
    pub(super) fn check_ringing(&self, clock: i128) -> Checked {
        let (ringing, count) = (self.ringing(), self.screen.at(Stage::Ringing));
        let wrong = |name, message: &str| {
            let stages = self.screen.calls.iter();
            let stages = stages.map(|(attempt, (_, stage))| format!("{attempt} {stage:?}"));
            let stages = stages.collect::<Vec<_>>().join(", ");
            let (name_of, state) = (self.name(), &self.state);
            violation(name, format!("{name_of} at {clock}: {message}: {stages}; {state:?}"))
        };
        if self.screen.at(Stage::Accepting) > 1 {
            return wrong("one accept at a time", "it accepts more");
        }
        if count > 1 || count == 1 && self.screen.at(Stage::Accepting) > 0 {
            return wrong("one call rings, the lowest", "more than one wants the person");
        }
        if self.state.is_occupied && count > 0 {
            return wrong("an occupied device does not ring", "something else has it");
        }
        if ringing.is_some_and(|attempt| self.state.muted.contains(&attempt)) {
            return wrong("a muted call does not ring", "a person muted it");
        }
        if self.screen.calls.keys().any(|attempt| self.state.hidden.contains(attempt)) {
            return wrong("a hidden call is not shown", "a person rejected it here");
        }
        let is_quiet = self.state.quiet.at_most().is_some_and(|until| until > clock);
        let lowest = self.candidates().next().filter(|_| !self.is_taken());
        if !is_quiet && ringing != lowest {
            return wrong("one call rings, the lowest", "another one should");
        }
        Ok(())
    }

    /// D-32: what is wrong with the call that rings after a step.
    fn check_quiet(&self, before: &Before, clock: i128) -> Checked {
        let is_on = |until: Option<i128>| until.is_some_and(|until| until > clock);
        let is_quiet = is_on(self.state.quiet.at_least());
        let (rang, ringing) = (before.ringing, self.ringing());
        let wrong = |name| {
            let (name_of, state) = (self.name(), &self.state);
            violation(name, format!("{name_of} at {clock}: {rang:?}, then {ringing:?}; {state:?}"))
        };
        // What is judged as several steps may have begun to ring before quiet began.
        let was_quiet = is_on(before.quiet) || !before.is_several;
        if is_quiet && was_quiet && ringing.is_some() && ringing != rang {
            return wrong("nothing begins to ring in quiet");
        }
        let may_go_on = |rang: u64| self.candidates().any(|call| call == rang) && !self.is_taken();
        let goes_on = ringing == rang || !rang.is_some_and(may_go_on);
        if is_quiet && !before.is_several && !goes_on {
            return wrong("what rings goes on in quiet");
        }
        Ok(())
    }
}

impl World {
    /// After a step: one call rings, and it is the right one.
    pub(super) fn look_at_ringing(&mut self, device: usize, before: &Before) -> Checked {
        let of = &self.devices[device];
        let clock = i128::from(of.seen);
        of.check_ringing(clock)?;
        of.check_quiet(before, clock)?;
        let (ringing, rang) = (of.ringing(), before.ringing);
        let is_on = |until: Option<i128>| until.is_some_and(|until| until > clock);
        let is_quiet = is_on(of.state.quiet.at_least());
        let begins = is_quiet && !is_on(before.quiet);
        let is_open = of.candidates().next().is_some();
        let waits = is_quiet && ringing.is_none() && is_open && !of.is_taken();
        let waits_for_other = of.state.is_occupied && is_open;
        let has_waited = of.state.waits && rang.is_none() && ringing.is_some();
        self.devices[device].state.waits = waits;
        self.sometimes(waits, "a call waits in quiet");
        self.sometimes(waits_for_other, "a call waits while the device is occupied");
        self.sometimes(has_waited && before.is_tick, "a call that waited rings when quiet passed");
        self.sometimes(
            has_waited && !before.is_tick,
            "a call that waited rings when quiet is ended",
        );
        self.sometimes(
            begins && ringing.is_some() && ringing == rang,
            "what rings goes on in quiet",
        );
        Ok(())
    }
}
