//! Calls by the user: the state of the last one to each callee into each room (D-21).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::Handset;
use super::effect::Effect;
use super::requests::Requests;
use super::screen::Step;
use super::unanswered::Unanswered;
use crate::domain::limits::is_within;
use crate::protocol::Command;
use crate::{CallRejectionReason, CallStatus};

/// The state of a call by this user.
///
/// The order of the variants is that in which one overrides another, lowest first (D-21).
#[derive(
    Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Progress {
    /// The switchboard has not answered yet.
    Asking,
    /// The callee is in the room already.
    AlreadyInRoom,
    /// Somebody is calling the callee already.
    AlreadyInCalling,
    /// The call was refused.
    Refused {
        /// The code of the refusal.
        code: i32,
    },
    /// The callee's devices ring.
    Ringing,
    /// It is over, or no longer followed, and nobody said how.
    Unknown,
    /// Nobody answered in time.
    TimedOut,
    /// The callee rejected it, or is in another room.
    Rejected {
        /// Which of the two, once it is known.
        reason: Option<CallRejectionReason>,
    },
    /// This user withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user; `None` for the backend.
        operator: Option<String>,
    },
    /// The callee comes.
    Accepted,
}

impl Progress {
    /// What the status of a call tells its caller.
    pub(super) const fn of(status: CallStatus) -> Self {
        match status {
            CallStatus::Calling => Self::Ringing,
            CallStatus::Timeout => Self::TimedOut,
            CallStatus::Rejected => Self::Rejected { reason: None },
            CallStatus::None => Self::Unknown,
        }
    }
}

/// What is known of the last call to each callee into each room.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Outgoing {
    /// By room and callee.
    rooms: BTreeMap<String, BTreeMap<String, Call>>,
    /// Whether a call may have to go (D-21); never between two steps.
    #[serde(skip)]
    needs_pruning: bool,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Call {
    /// The last attempt that was heard of; 0 before any.
    attempt: u64,
    /// The greatest progress that was heard of it.
    progress: Option<Progress>,
    /// The result of the last tap, if that made no attempt.
    tap_result: Option<Progress>,
}

impl Call {
    fn is_ringing(&self) -> bool {
        self.progress == Some(Progress::Ringing)
    }
}

/// The state of a call to a callee: the attempt and the progress, where there is one.
type State = (Option<u64>, Option<Progress>);

impl Outgoing {
    fn get(&self, room: &str, callee: &str) -> Option<&Call> {
        self.rooms.get(room)?.get(callee)
    }

    /// The last attempt that was heard of.
    pub(super) fn attempt(&self, room: &str, callee: &str) -> Option<u64> {
        self.get(room, callee).map(|call| call.attempt).filter(|attempt| *attempt > 0)
    }

    /// The state that a person sees.
    fn state(&self, room: &str, callee: &str, requests: &Requests) -> State {
        let call = self.get(room, callee);
        let attempt = call.map(|call| call.attempt).filter(|attempt| *attempt > 0);
        if requests.is_calling(room, callee) {
            return (attempt, Some(Progress::Asking));
        }
        let progress = call.and_then(|call| call.tap_result.as_ref().or(call.progress.as_ref()));
        (attempt, progress.cloned())
    }

    /// Every change of a call goes through here.
    fn change(&mut self, room: &str, callee: &str, change: impl FnOnce(&mut Call)) {
        self.needs_pruning = true;
        match self.rooms.get_mut(room).and_then(|calls| calls.get_mut(callee)) {
            Some(call) => change(call),
            None => {
                let calls = self.rooms.entry(room.into()).or_default();
                change(calls.entry(callee.into()).or_default());
            }
        }
    }

    /// Merges what is said of an attempt: of the last one the greatest counts.
    pub(super) fn merge(&mut self, room: &str, callee: &str, attempt: u64, progress: Progress) {
        self.change(room, callee, |call| {
            if attempt > call.attempt {
                *call = Call { attempt, progress: Some(progress), tap_result: None };
            } else if attempt == call.attempt {
                call.progress = call.progress.take().max(Some(progress));
            }
        });
    }

    /// A tap had a result that is no attempt.
    pub(super) fn set_tap_result(&mut self, room: &str, callee: &str, result: Progress) {
        self.change(room, callee, |call| {
            if !call.is_ringing() {
                call.tap_result = Some(result);
            }
        });
    }

    /// There was another tap.
    pub(super) fn clear_tap_result(&mut self, room: &str, callee: &str) {
        self.change(room, callee, |call| call.tap_result = None);
    }

    /// Of the calls into a room that ring, those of these attempts are over, and nobody said how.
    pub(super) fn lose(&mut self, room: &str, is_lost: impl Fn(u64) -> bool) {
        let calls = self.rooms.get_mut(room).into_iter().flat_map(BTreeMap::values_mut);
        for call in calls.filter(|call| call.is_ringing() && is_lost(call.attempt)) {
            call.progress = Some(Progress::Unknown);
            self.needs_pruning = true;
        }
    }

    /// The callees of a room whose calls ring.
    pub(super) fn ringing(&self, room: &str) -> impl Iterator<Item = &String> {
        let calls = self.rooms.get(room).into_iter().flatten();
        calls.filter(|(_, call)| call.is_ringing()).map(|(callee, _)| callee)
    }

    /// Forgets the calls that ring into these rooms, and gives their rooms, callees and attempts:
    /// outside a room only the outcome of its calls is heard.
    fn forget_ringing(&mut self, is_left: impl Fn(&str) -> bool) -> Vec<(String, String, u64)> {
        let mut forgotten = Vec::new();
        for (room, calls) in self.rooms.iter_mut().filter(|(room, _)| is_left(room)) {
            for (callee, call) in calls.iter_mut().filter(|(_, call)| call.is_ringing()) {
                forgotten.push((room.clone(), callee.clone(), call.attempt));
                *call = Call::default();
                self.needs_pruning = true;
            }
        }
        forgotten
    }

    /// A request that kept calls of which nothing is known is answered or abandoned.
    pub(super) const fn on_request_removed(&mut self) {
        self.needs_pruning = true;
    }

    /// Forgets calls of which nothing is known, and finished ones beyond the limit, the lowest
    /// attempt first (D-21).
    pub(super) fn prune(&mut self, requests: &Requests, limit: u32) {
        if !core::mem::take(&mut self.needs_pruning) {
            return;
        }
        self.rooms.retain(|room, calls| {
            calls.retain(|callee, call| {
                let is_known = call.progress.is_some() || call.tap_result.is_some();
                is_known || requests.is_calling(room, callee)
            });
            !calls.is_empty()
        });
        let mut len = self.rooms.values().map(BTreeMap::len).fold(0_usize, usize::saturating_add);
        while !is_within(len, limit) {
            let Some((room, callee)) = self.first_finished(requests) else {
                return;
            };
            if let Some(calls) = self.rooms.get_mut(&room) {
                calls.remove(&callee);
                if calls.is_empty() {
                    self.rooms.remove(&room);
                }
            }
            len = len.saturating_sub(1);
        }
    }

    fn first_finished(&self, requests: &Requests) -> Option<(String, String)> {
        let calls = self
            .rooms
            .iter()
            .flat_map(|(room, calls)| calls.iter().map(move |(callee, call)| (call, room, callee)));
        let is_finished = |(call, room, callee): &(&Call, &String, &String)| {
            !call.is_ringing() && !requests.is_calling(room, callee)
        };
        let first = calls.filter(is_finished).min_by_key(|(call, room, callee)| {
            let (attempt, room, callee) = (call.attempt, *room, *callee);
            (attempt, room, callee)
        });
        first.map(|(_, room, callee)| (room.clone(), callee.clone()))
    }
}

/// The states of calls into a room before a change, by callee.
pub(super) struct Before {
    room: String,
    states: Vec<(String, State)>,
}

impl Handset {
    /// The states of the calls to these users into this room, before a change.
    pub(super) fn progress_before<'a>(
        &self,
        room: &str,
        users: impl IntoIterator<Item = &'a String>,
    ) -> Before {
        let mut users: Vec<&String> = users.into_iter().collect();
        users.sort();
        users.dedup();
        let state = |user: &String| self.outgoing.state(room, user, &self.requests);
        let states = users.into_iter().map(|user| (user.clone(), state(user))).collect();
        Before { room: room.into(), states }
    }

    /// As [`progress_before`](Self::progress_before), while a call to them was unanswered.
    pub(super) fn progress_asking(&self, room: &str, users: &[String]) -> Before {
        let mut before = self.progress_before(room, users);
        for (_, (_, progress)) in &mut before.states {
            *progress = Some(Progress::Asking);
        }
        before
    }

    /// Reports what the change made different.
    pub(super) fn report_progress(&self, before: Before, step: &mut Step) {
        let Before { room, states } = before;
        for (callee, state) in states {
            let now = self.outgoing.state(&room, &callee, &self.requests);
            if let (true, (attempt, Some(progress))) = (now != state, now) {
                let room = room.clone();
                step.effects.push(Effect::Progress { room, callee, attempt, progress });
            }
        }
    }

    /// There is news of an attempt by this user.
    pub(super) fn on_progress(
        &mut self,
        room: String,
        callee: String,
        attempt: u64,
        progress: Progress,
        step: &mut Step,
    ) {
        let before = self.outgoing.state(&room, &callee, &self.requests);
        self.outgoing.merge(&room, &callee, attempt, progress);
        let now = self.outgoing.state(&room, &callee, &self.requests);
        if let (true, (attempt, Some(progress))) = (now != before, now) {
            step.effects.push(Effect::Progress { room, callee, attempt, progress });
        }
    }

    /// A call command was abandoned: too many are unanswered (D-15), or it expired (D-20).
    pub(super) fn on_call_abandoned(&mut self, unanswered: &Unanswered, step: &mut Step) {
        let Some(Command::CallUserToRoom { room, users, .. }) = unanswered.as_command() else {
            return;
        };
        let before = self.progress_asking(room, users);
        for user in users {
            self.outgoing.set_tap_result(room, user, Progress::Unknown);
        }
        self.report_progress(before, step);
    }

    /// This device is not in these rooms any more: what rings there is not followed (D-21).
    pub(super) fn leave_rooms(&mut self, is_left: impl Fn(&str) -> bool, step: &mut Step) {
        for (room, callee, attempt) in self.outgoing.forget_ringing(is_left) {
            let (attempt, progress) = if self.requests.is_calling(&room, &callee) {
                (None, Progress::Asking)
            } else {
                (Some(attempt), Progress::Unknown)
            };
            step.effects.push(Effect::Progress { room, callee, attempt, progress });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outgoing, Progress, Requests};

    fn progress(outgoing: &Outgoing) -> Option<Progress> {
        outgoing.state("r", "ana", &Requests::new()).1
    }

    #[test]
    fn the_greatest_of_the_last_attempt_counts() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("r", "ana", 2, Progress::TimedOut);
        outgoing.merge("r", "ana", 2, Progress::Ringing);
        outgoing.merge("r", "ana", 1, Progress::Accepted);
        assert_eq!(progress(&outgoing), Some(Progress::TimedOut));
        outgoing.merge("r", "ana", 3, Progress::Ringing);
        assert_eq!(progress(&outgoing), Some(Progress::Ringing));
    }

    #[test]
    fn a_tap_without_an_attempt_changes_nothing_of_one_that_rings() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("r", "ana", 1, Progress::Ringing);
        outgoing.set_tap_result("r", "ana", Progress::AlreadyInCalling);
        assert_eq!(progress(&outgoing), Some(Progress::Ringing));
        outgoing.merge("r", "ana", 1, Progress::TimedOut);
        outgoing.set_tap_result("r", "ana", Progress::AlreadyInRoom);
        assert_eq!(progress(&outgoing), Some(Progress::AlreadyInRoom));
        outgoing.clear_tap_result("r", "ana");
        assert_eq!(progress(&outgoing), Some(Progress::TimedOut));
    }

    #[test]
    fn finished_calls_go_first() {
        let mut outgoing = Outgoing::default();
        outgoing.merge("r", "ana", 1, Progress::Ringing);
        outgoing.merge("r", "bo", 3, Progress::Accepted);
        outgoing.merge("s", "bo", 2, Progress::TimedOut);
        outgoing.prune(&Requests::new(), 2);
        let attempts = [("r", "ana"), ("r", "bo"), ("s", "bo")];
        let attempts = attempts.map(|(room, callee)| outgoing.attempt(room, callee));
        assert_eq!(attempts, [Some(1), Some(3), None]);
        outgoing.merge("r", "bo", 4, Progress::Ringing);
        outgoing.prune(&Requests::new(), 0);
        assert_eq!(outgoing.ringing("r").count(), 2, "what rings stays");
    }
}
