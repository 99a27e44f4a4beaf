//! The screen: a function of what is known, and the difference that a step makes to it (D-07 to
//! D-10, D-26).

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::DeviceTick;
use super::call::Call;
use super::dismissal::Dismissal;
use super::effect::{Effect, Stage};
use super::pushes::Push;
use super::unanswered::CallAnswer;
use super::{Handset, Link};
use crate::protocol::{Command, Request};

/// What one step brings about.
pub(super) struct Step {
    pub(super) effects: Vec<Effect>,
    /// The calls that end in it, at most one of each attempt.
    ended: Vec<EndedCall>,
    /// The pushes, in their order (D-29).
    pub(super) pushes: Vec<Push>,
    /// The attempts that a snapshot lists as not rung (D-37).
    pub(super) unrung: BTreeSet<u64>,
}

/// A call that ends in a step. Its effect waits for the end of the step, because a greater ending
/// may follow (D-04, D-26).
struct EndedCall {
    attempt: u64,
    room: String,
    caller: String,
    why: Dismissal,
    was_silenced: bool,
    /// The stage that the host shows.
    shown: Option<Stage>,
}

impl Step {
    pub(super) const fn new() -> Self {
        Self { effects: Vec::new(), ended: Vec::new(), pushes: Vec::new(), unrung: BTreeSet::new() }
    }

    /// A known call ended.
    pub(super) fn ended(&mut self, attempt: u64, call: Call, why: Dismissal) {
        let (was_silenced, shown) = (call.is_silenced(), call.shown());
        let (room, caller) = call.into_names();
        self.ended.push(EndedCall { attempt, room, caller, why, was_silenced, shown });
    }

    /// A snapshot tells of the ending of a call that was never known (D-10).
    pub(super) fn missed(&mut self, attempt: u64, room: String, caller: String, why: Dismissal) {
        let (was_silenced, shown) = (false, None);
        self.ended.push(EndedCall { attempt, room, caller, why, was_silenced, shown });
    }

    /// There is another ending of a call that ended in this step: the greater one counts (D-04).
    pub(super) fn ended_again(&mut self, attempt: u64, why: Dismissal) {
        if let Some(ended) = self.ended.iter_mut().find(|ended| ended.attempt == attempt) {
            if ended.why < why {
                ended.why = why;
            }
        }
    }

    /// A call is known again that ended in this step; gives the stage that the host shows.
    pub(super) fn revived(&mut self, attempt: u64) -> Option<Stage> {
        let index = self.ended.iter().position(|ended| ended.attempt == attempt)?;
        self.ended.swap_remove(index).shown
    }
}

impl EndedCall {
    /// D-09, D-10
    fn effect(self) -> Option<Effect> {
        let Self { attempt, room, caller, why, was_silenced, shown } = self;
        if shown.is_some() {
            return Some(Effect::Dismiss { attempt, why });
        }
        let is_news = was_silenced || why != Dismissal::AnsweredHere;
        is_news.then_some(Effect::Learned { attempt, room, caller, why })
    }
}

impl Handset {
    /// Puts every call at its stage (D-07, D-08, D-09).
    pub(super) fn arrange_screen(&mut self) {
        self.quiet.forget_past(self.clock);
        let ringing = self.to_ring(self.quiet.is_on(self.clock));
        let is_ready = self.is_ready();
        let Self { calls, requests, room, .. } = self;
        for (attempt, call) in calls.iter_mut() {
            let is_visible = call.is_visible(is_ready, room.as_deref());
            let stage = is_visible.then(|| match requests.call_answer(attempt) {
                Some(CallAnswer::Accept) => Stage::Accepting,
                Some(CallAnswer::Reject) => Stage::Rejecting,
                None if ringing == Some(attempt) => Stage::Ringing,
                None => Stage::Waiting,
            });
            call.set_stage(stage);
        }
    }

    /// The call that rings: none while another one is accepted or the device is occupied, during
    /// quiet only one that rang before (D-07, D-30 to D-32).
    fn to_ring(&self, is_quiet: bool) -> Option<u64> {
        let is_visible = |call: &Call| call.is_visible(self.is_ready(), self.room.as_deref());
        let visible = || self.calls.iter().filter(|(_, call)| is_visible(call));
        let answer = |attempt| self.requests.call_answer(attempt);
        let is_accepting =
            visible().any(|(attempt, _)| answer(attempt) == Some(CallAnswer::Accept));
        if self.is_occupied || is_accepting {
            return None;
        }
        let may_ring =
            |call: &Call| !call.is_muted() && (!is_quiet || call.stage() == Some(Stage::Ringing));
        let mut candidates = visible().filter(|(_, call)| may_ring(call));
        candidates.find(|(attempt, _)| answer(*attempt).is_none()).map(|(attempt, _)| attempt)
    }

    /// When quiet ends, if a call begins to ring then (D-32). Without quiet that is now: a restart
    /// has forgotten that the device was occupied (D-31).
    pub(super) fn quiet_ends_at(&self) -> Option<DeviceTick> {
        let ringing = self.to_ring(false).and_then(|attempt| self.calls.get(attempt))?;
        let begins = ringing.stage() != Some(Stage::Ringing);
        begins.then(|| self.quiet.ends_at().unwrap_or(self.clock))
    }

    /// What draws the screen anew for a host that lost it, as after
    /// [`restore`](Self::restore) (D-25): a [`Show`](Effect::Show) of each call on the screen, at
    /// its stage and with the time that is left now, and a [`Progress`](Effect::Progress) of each
    /// call by the user. It changes nothing.
    ///
    /// ```
    /// use roomcall::handset::{DeviceTick, Effect, Handset, Input, Progress, Settings, Tap};
    ///
    /// let mut phone = Handset::new("ana", "phone", Settings::DEFAULT);
    /// let (room, users, extension) = ("standup".into(), vec!["bo".into()], String::new());
    /// let tap = Tap::Call { room, users, timeout: 30, extension };
    /// let effects = phone.apply(DeviceTick::START, Input::Tap(tap));
    /// assert!(matches!(effects[..], [Effect::Progress { progress: Progress::Asking, .. }]));
    /// assert_eq!(phone.restart(Some(0)).redraw(), effects);
    /// ```
    pub fn redraw(&self) -> Vec<Effect> {
        let show =
            |(attempt, call): (u64, &Call)| Some(call.show(attempt, call.stage()?, self.clock));
        let progress = |(room, callee): (&String, &String)| {
            let (attempt, progress) = self.outgoing.state(room, callee, &self.requests);
            let (room, callee, progress) = (room.clone(), callee.clone(), progress?);
            Some(Effect::Progress { room, callee, attempt, progress })
        };
        let shows = self.calls.iter().filter_map(show);
        shows.chain(self.outgoing.keys().filter_map(progress)).collect()
    }

    /// The effects of a step, in their order (D-03): what it made different on the screen, what is said of
    /// it (D-37), and the others.
    pub(super) fn diff(&mut self, step: Step) -> Vec<Effect> {
        let Step { mut effects, ended, pushes, unrung } = step;
        effects.extend(ended.into_iter().filter_map(EndedCall::effect));
        let (clock, is_up) = (self.clock, self.link == Link::Up);
        for (attempt, call) in self.calls.iter_mut() {
            let is_told = call.shown().is_none() || unrung.contains(&attempt);
            if is_up && is_told && call.is_unanswered() && !call.has_rung() {
                let request = Request::Command(Command::Ringing { attempt });
                effects.push(Effect::Send { request_id: None, request });
            }
            match (call.shown(), call.stage()) {
                (None, Some(stage)) => effects.push(call.show(attempt, stage, clock)),
                (Some(_), None) => {
                    let why = call.why_off_the_screen().unwrap_or(Dismissal::AnsweredHere);
                    effects.push(Effect::Dismiss { attempt, why });
                }
                (Some(shown), Some(stage)) if shown != stage => {
                    effects.push(Effect::Update { attempt, stage });
                }
                (Some(_), Some(_)) | (None, None) => {}
            }
            call.set_shown(call.stage());
        }
        self.answer_pushes(pushes, &mut effects);
        effects.sort_by(|one, other| one.order().cmp(&other.order()));
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceTick;
    use super::{Dismissal, Effect, Stage, Step};
    use crate::CallStatus;
    use crate::handset::call::Call;
    use crate::protocol::NamedCall;

    fn call(shown: Option<Stage>) -> Call {
        let call = NamedCall {
            room: "standup".into(),
            caller: "ana".into(),
            callee: "bo".into(),
            status: CallStatus::Calling,
            attempt: 1,
        };
        let mut call = Call::new(call, String::new(), None, DeviceTick::START, 0);
        call.set_shown(shown);
        call
    }

    fn effect(step: Step) -> Option<Effect> {
        step.ended.into_iter().next().and_then(super::EndedCall::effect)
    }

    #[test]
    fn the_greater_ending_counts() {
        let mut step = Step::new();
        step.ended(1, call(Some(Stage::Ringing)), Dismissal::Cancelled);
        step.ended_again(1, Dismissal::Gone);
        step.ended_again(1, Dismissal::AnsweredHere);
        step.ended_again(2, Dismissal::Gone);
        let why = Dismissal::AnsweredHere;
        assert_eq!(effect(step), Some(Effect::Dismiss { attempt: 1, why }));
    }

    #[test]
    fn an_answer_of_this_device_is_no_news() {
        let mut step = Step::new();
        step.ended(1, call(None), Dismissal::AnsweredHere);
        assert_eq!(effect(step), None);
    }

    #[test]
    fn a_call_that_is_known_again_did_not_end() {
        let mut step = Step::new();
        step.ended(1, call(Some(Stage::Waiting)), Dismissal::Gone);
        assert_eq!(step.revived(1), Some(Stage::Waiting));
        assert_eq!(step.revived(1), None);
        assert_eq!(effect(step), None);
    }
}
