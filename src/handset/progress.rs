//! The state of a call by the user: what is said of it, and how a change is reported (D-21).

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::Handset;
use super::effect::Effect;
use super::outgoing::State;
use super::screen::Step;
use super::unanswered::Unanswered;
use crate::protocol::{Command, MyEnding, NamedCall, Withdrawn};
use crate::{CallRejectionReason, EndingKind};

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
    /// Somebody is calling the callee already, or the callee has accepted and is on the way.
    AlreadyInCalling,
    /// The call was refused.
    Refused {
        /// The code of the refusal.
        code: i32,
    },
    /// The call was never sent, and will not be: nobody was called (D-15, D-20).
    NotSent,
    /// The callee is called, and no device has said that it rings (C-14).
    Calling,
    /// A device of the callee rings.
    Ringing,
    /// It was sent and abandoned, or it is over and the switchboard does not remember how it ended.
    Unknown,
    /// Nobody answered in time.
    TimedOut,
    /// The callee rejected it, is busy, or is in another room.
    Rejected {
        /// Which of them, once it is known.
        reason: Option<CallRejectionReason>,
    },
    /// This user withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user, once it is known; `None` for the backend, too.
        operator: Option<String>,
    },
    /// The callee comes.
    Accepted,
}

impl Progress {
    /// What an ending in a snapshot tells of the call.
    pub(super) fn ended(ending: MyEnding) -> Self {
        match ending.ended.how {
            EndingKind::Accepted | EndingKind::Entered => Self::Accepted,
            EndingKind::Rejected => Self::Rejected { reason: ending.reason },
            EndingKind::InOtherRoom => {
                Self::Rejected { reason: Some(CallRejectionReason::InOtherRoom) }
            }
            EndingKind::TimedOut => Self::TimedOut,
            EndingKind::Cancelled => Self::Cancelled,
            EndingKind::Revoked => Self::Revoked { operator: ending.ended.user },
        }
    }

    /// What the result of a cancel tells of the call.
    pub(super) const fn withdrawn(result: Withdrawn) -> Option<Self> {
        Some(match result {
            Withdrawn::Cancelled | Withdrawn::Already(EndingKind::Cancelled) => Self::Cancelled,
            Withdrawn::Revoked | Withdrawn::Already(EndingKind::Revoked) => {
                Self::Revoked { operator: None }
            }
            Withdrawn::NotCalling => Self::Unknown,
            Withdrawn::NotYours => return None,
            Withdrawn::Already(EndingKind::Accepted | EndingKind::Entered) => Self::Accepted,
            // One word says both (E-14).
            Withdrawn::Already(EndingKind::Rejected | EndingKind::InOtherRoom) => {
                Self::Rejected { reason: None }
            }
            Withdrawn::Already(EndingKind::TimedOut) => Self::TimedOut,
        })
    }

    /// Whether the result of a cancel lacks the reason of a reject or the operator of a revoke, or how
    /// the call ended at all, which the callee's log may have.
    pub(super) const fn lacks_detail(result: Withdrawn) -> bool {
        matches!(
            result,
            Withdrawn::NotCalling
                | Withdrawn::Already(
                    EndingKind::Rejected | EndingKind::InOtherRoom | EndingKind::Revoked
                )
        )
    }

    /// Whether it is a reject without a reason, a revoke without an operator, or an unknown ending.
    #[cfg(feature = "json")]
    pub(super) const fn has_no_detail(&self) -> bool {
        matches!(
            self,
            Self::Rejected { reason: None } | Self::Revoked { operator: None } | Self::Unknown
        )
    }
}

/// The states of calls before a change, by room and callee.
pub(super) struct Before(BTreeMap<(String, String), State>);

impl Handset {
    /// The states of the calls to these users into this room, before a change.
    pub(super) fn progress_before<'a>(
        &self,
        room: &'a String,
        users: impl IntoIterator<Item = &'a String>,
    ) -> Before {
        self.progress_of(users.into_iter().map(|user| (room, user)))
    }

    /// The states of the calls into these rooms to these users, before a change.
    pub(super) fn progress_of<'a>(
        &self,
        calls: impl Iterator<Item = (&'a String, &'a String)>,
    ) -> Before {
        let state = |room, callee| self.outgoing.state(room, callee, &self.requests);
        Before(calls.map(|(room, to)| ((room.clone(), to.clone()), state(room, to))).collect())
    }

    /// As [`progress_before`](Self::progress_before), while a call to them was unanswered.
    pub(super) fn progress_asking(&self, room: &String, users: &[String]) -> Before {
        let mut before = self.progress_before(room, users);
        before.0.values_mut().for_each(|state| *state = (None, Some(Progress::Asking)));
        before
    }

    /// Reports what the change made different.
    pub(super) fn report_progress(&self, before: Before, step: &mut Step) {
        for ((room, callee), state) in before.0 {
            self.report_call(room, callee, &state, step);
        }
    }

    /// As [`report_progress`](Self::report_progress), of one call.
    pub(super) fn report_call(
        &self,
        room: String,
        callee: String,
        before: &State,
        step: &mut Step,
    ) {
        let now = self.outgoing.state(&room, &callee, &self.requests);
        if let (true, (attempt, Some(progress))) = (now != *before, now) {
            step.effects.push(Effect::Progress { room, callee, attempt, progress });
        }
    }

    /// An attempt by this user is live: calling or ringing. Says whether a snapshot has to say if it is
    /// over already, since one that was applied may have told of that too early (D-21).
    #[must_use]
    pub(super) fn on_live(
        &mut self,
        room: &str,
        callee: &str,
        attempt: u64,
        progress: Progress,
    ) -> bool {
        let was_live = self.outgoing.live_to(room, callee) == Some(attempt);
        self.outgoing.merge(room, callee, attempt, progress);
        let is_live = self.outgoing.live_to(room, callee) == Some(attempt);
        is_live && !was_live && self.calls.is_settled(attempt)
    }

    /// The caller is notified that it rings (C-14).
    pub(super) fn on_ringing(&mut self, call: NamedCall, step: &mut Step) {
        let NamedCall { room, caller, callee, attempt, .. } = call;
        if caller != self.user {
            return;
        }
        let before = self.outgoing.state(&room, &callee, &self.requests);
        if self.on_live(&room, &callee, attempt, Progress::Ringing) {
            self.request_snapshot(step);
        }
        self.report_call(room, callee, &before, step);
    }

    /// The caller is notified of an outcome.
    pub(super) fn on_outcome(
        &mut self,
        room: String,
        callee: String,
        attempt: u64,
        progress: Progress,
        step: &mut Step,
    ) {
        let before = self.outgoing.state(&room, &callee, &self.requests);
        self.outgoing.end(&room, &callee, attempt, progress);
        self.report_call(room, callee, &before, step);
    }

    /// A call command expired (D-20).
    pub(super) fn on_call_abandoned(&mut self, unanswered: &Unanswered, step: &mut Step) {
        let Some(Command::CallUserToRoom { room, users, .. }) = unanswered.as_command() else {
            return;
        };
        let before = self.progress_asking(room, users);
        self.outgoing.abandon(room, users, &unanswered.abandoned());
        self.report_progress(before, step);
    }
}
