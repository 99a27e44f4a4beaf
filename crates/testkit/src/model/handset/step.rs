//! Steps and moments: what changed makes the effects.
//!
//! A step is one call of `apply_all`. A moment is a part of it: what the clock brings about before
//! an input, and the input. The screen is compared over the step (D-26), the rest over a moment.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::CallStatus;
use roomcall::handset::{Dismissal, Effect, Incoming, Progress, Request, Stage};
use roomcall::protocol::Command;

use super::ModelHandset;
use super::screen::Known;

type Key = (String, String);

#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// The effects but those of the screen, as they arose.
    pub(super) effects: Vec<Effect>,
    /// The calls that pushes named, in their order, and whether they are this user's (D-29).
    pub(super) pushes: Vec<(Incoming, bool)>,
    /// The screen before the step.
    pub(super) screen: BTreeMap<u64, Stage>,
    /// The calls that were known at some time of the step.
    pub(super) known: BTreeMap<u64, Known>,
    /// The greatest ending, of those that counted in the step, of each attempt (D-04).
    pub(super) endings: BTreeMap<u64, Dismissal>,
    /// What a snapshot told of calls that were not known (D-10): room and caller.
    pub(super) missed: BTreeMap<u64, (String, String)>,
    /// What a snapshot that was applied lists as not rung (D-37).
    pub(super) silent: BTreeSet<u64>,
    /// Whether this moment applied a snapshot (D-24).
    pub(super) snapshot: bool,
    /// What stood before the moment (D-21).
    pub(super) progress: BTreeMap<Key, (Option<u64>, Progress)>,
    /// What was visible of the list before the moment (D-22).
    pub(super) visible: BTreeMap<String, (u64, String, CallStatus)>,
}

impl ModelHandset {
    pub(super) fn begin_step(&mut self) {
        self.step =
            Step { screen: self.screen.clone(), known: self.known.clone(), ..Step::default() };
    }

    pub(super) fn begin_moment(&mut self) {
        self.step.snapshot = false;
        self.step.progress = self.standing();
        self.step.visible = self.visible();
    }

    pub(super) fn end_moment(&mut self) {
        self.draw();
        self.say_progress();
        self.say_list();
        self.bound_outgoing();
        self.bound_list();
        // D-24: what the snapshot settled is forgotten; the step remembers it for D-09.
        if self.step.snapshot {
            let (mark, listed) = (self.mark, &self.listed);
            self.endings.retain(|attempt, _| *attempt > mark || listed.contains(attempt));
        }
        self.bound_endings();
        self.read_what_is_lacking();
    }

    /// What stands, and of which attempt.
    fn standing(&self) -> BTreeMap<Key, (Option<u64>, Progress)> {
        let attempt = |key: &Key, stands: &Progress| {
            let entry = self.outgoing.get(key).filter(|entry| entry.is_of_attempt());
            entry.and_then(|entry| entry.attempt).filter(|_| *stands != Progress::Asking)
        };
        self.progress()
            .into_iter()
            .map(|(key, said)| (key.clone(), (attempt(&key, &said), said)))
            .collect()
    }

    /// D-21: what stands changing, or of which attempt, makes Progress.
    fn say_progress(&mut self) {
        for (key, stands) in self.standing() {
            if self.step.progress.get(&key) != Some(&stands) {
                let ((room, callee), (attempt, progress)) = (key, stands);
                self.step.effects.push(Effect::Progress { room, callee, attempt, progress });
            }
        }
    }

    /// D-22: what is visible changing makes Listed or Unlisted.
    fn say_list(&mut self) {
        let now = self.visible();
        let before = std::mem::take(&mut self.step.visible);
        for (callee, (attempt, _, _)) in &before {
            if !now.contains_key(callee) {
                let (callee, attempt) = (callee.clone(), *attempt);
                self.step.effects.push(Effect::Unlisted { callee, attempt });
            }
        }
        for (callee, input) in now {
            if before.get(&callee) != Some(&input) {
                let (attempt, caller, status) = input;
                self.step.effects.push(Effect::Listed { callee, caller, attempt, status });
            }
        }
    }

    pub(super) fn end_step(&mut self) -> Vec<Effect> {
        let step = std::mem::take(&mut self.step);
        let mut effects = self.screen_effects(&step);
        effects.extend(learned(&step, &self.known));
        let mut shown: Vec<u64> = Vec::new();
        for effect in &effects {
            if let Effect::Show { call, .. } = effect {
                shown.push(call.attempt);
            }
        }
        effects.extend(self.say_what_rings(&step));
        effects.extend(step.effects);
        // D-29
        for (call, is_mine) in step.pushes {
            if is_mine && shown.contains(&call.attempt) {
                shown.retain(|attempt| *attempt != call.attempt);
            } else {
                let why = self.why_not_shown(call.attempt, is_mine);
                effects.push(Effect::Report { call, why });
            }
        }
        effects.sort_by_key(place);
        effects
    }

    /// D-09
    fn screen_effects(&self, step: &Step) -> Vec<Effect> {
        let attempts: BTreeSet<u64> =
            step.screen.keys().chain(self.screen.keys()).copied().collect();
        let mut effects = Vec::new();
        for attempt in attempts {
            match (step.screen.get(&attempt), self.screen.get(&attempt)) {
                (Some(_), None) => {
                    effects.push(Effect::Dismiss { attempt, why: self.why(step, attempt) });
                }
                (Some(before), Some(stage)) if before != stage => {
                    effects.push(Effect::Update { attempt, stage: *stage });
                }
                (None, Some(stage)) => effects.push(self.show(attempt, *stage)),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        effects
    }

    /// D-09: with the time until its deadline.
    fn show(&self, attempt: u64, stage: Stage) -> Effect {
        let known = &self.known[&attempt];
        let left = known.deadline.map(|at| (at - self.clock).max(0));
        let time_left = left.map(|left| u64::try_from(left).unwrap_or(u64::MAX));
        Effect::Show { call: known.incoming(attempt), stage, time_left }
    }

    /// D-25: what draws the screen anew.
    pub fn redraw(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (attempt, stage) in &self.screen {
            effects.push(self.show(*attempt, *stage));
        }
        for ((room, callee), (attempt, progress)) in self.standing() {
            effects.push(Effect::Progress { room, callee, attempt, progress });
        }
        effects
    }

    /// D-09: with its ending, or hidden, or silenced, or answered here, the first that is so.
    pub(super) fn why(&self, step: &Step, attempt: u64) -> Dismissal {
        match self.known.get(&attempt) {
            None => step.endings[&attempt].clone(),
            Some(known) if known.is_hidden => Dismissal::Hidden,
            Some(known) if known.is_silenced => Dismissal::Silenced,
            Some(_) => Dismissal::AnsweredHere,
        }
    }
}

/// D-10
pub(super) fn learned(step: &Step, known: &BTreeMap<u64, Known>) -> Vec<Effect> {
    let mut learned = BTreeMap::new();
    for (attempt, (room, caller)) in &step.missed {
        let why = &step.endings[attempt];
        if !matches!(why, Dismissal::AnsweredHere | Dismissal::RejectedHere) {
            learned.insert(*attempt, (room, caller, why));
        }
    }
    for (attempt, call) in &step.known {
        let is_over = !known.contains_key(attempt);
        if is_over && !step.screen.contains_key(attempt) {
            let why = &step.endings[attempt];
            if call.is_silenced || *why != Dismissal::AnsweredHere {
                learned.insert(*attempt, (&call.room, &call.caller, why));
            }
        }
    }
    let effect = |(attempt, (room, caller, why)): (u64, (&String, &String, &Dismissal))| {
        let (room, caller, why) = (room.clone(), caller.clone(), why.clone());
        Effect::Learned { attempt, room, caller, why }
    };
    learned.into_iter().map(effect).collect()
}

/// D-03: the place of an effect; those of one place stay as they arose.
fn place(effect: &Effect) -> (u8, u64, String, String) {
    let none = String::new;
    match effect {
        Effect::Dismiss { attempt, .. } => (0, *attempt, none(), none()),
        Effect::Update { attempt, .. } => (1, *attempt, none(), none()),
        Effect::Show { call, .. } => (2, call.attempt, none(), none()),
        Effect::Report { call, .. } => (3, call.attempt, none(), none()),
        Effect::Learned { attempt, .. } => (4, *attempt, none(), none()),
        Effect::Join { .. } => (5, 0, none(), none()),
        Effect::Progress { room, callee, .. } => (6, 0, room.clone(), callee.clone()),
        Effect::Listed { callee, .. } | Effect::Unlisted { callee, .. } => {
            (7, 0, callee.clone(), none())
        }
        Effect::Logged { entry, .. } => (8, entry.number, none(), none()),
        Effect::Seen { up_to } => (9, *up_to, none(), none()),
        Effect::Answered { request_id, .. } => (10, *request_id, none(), none()),
        Effect::NotSent { .. } => (11, 0, none(), none()),
        Effect::Send { request_id: Some(request_id), .. } => (12, *request_id, none(), none()),
        Effect::Send {
            request_id: None,
            request: Request::Command(Command::Ringing { attempt }),
        } => (13, *attempt, none(), none()),
        _ => panic!("a variant that this test does not know"),
    }
}
