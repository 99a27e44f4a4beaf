//! Accepting and rejecting (E-01, E-02, E-08 to E-11, H-05), and how a call ended for who asks.

use super::decide::party;
use super::plan::{Change, Plan};
use super::state::{By, Call, Cause, State};
use crate::domain::call::{CallRejectionReason, Ending, EndingKind};
use crate::domain::id::{Attempt, RoomId, UserId};
use crate::domain::input::Actor;
use crate::domain::output::{Answer, Duplicate};
use crate::domain::policy::{Action, CallRelation, permits};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;

/// What a device answers to a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Response {
    Accept,
    Reject(CallRejectionReason),
}

impl Response {
    const fn ends_as(self) -> EndingKind {
        match self {
            Self::Accept => EndingKind::Accepted,
            Self::Reject(_) => EndingKind::Rejected,
        }
    }

    const fn answer(self, attempt: Attempt, duplicate: Duplicate) -> Answer {
        match self {
            Self::Accept => Answer::Accepted { attempt, duplicate },
            Self::Reject(_) => Answer::Rejected { attempt, duplicate },
        }
    }
}

impl State {
    /// E-01, E-02, E-08, E-09, E-10, E-11
    #[inline]
    pub(super) fn respond(
        &self,
        by: Actor,
        room: RoomId,
        named: Option<Attempt>,
        response: Response,
        plan: &mut Plan,
    ) -> Result<Answer, Refusal> {
        if self.rooms.get(room).is_none() {
            return Err(self.late_refusal(by, room, named, |ended| Refusal::NoSuchRoom { ended }));
        }
        permits(self.policy.may_call, party(by), CallRelation::Callee, Action::Answer)?;
        let Actor::Device { user, device } = by else {
            return Err(Refusal::NotYours);
        };
        // E-11
        let is_meant = |attempt| named.is_none_or(|named| named == attempt);
        if let Some((position, call)) = self.calls.live(room, user) {
            let attempt = call.attempt;
            if is_meant(attempt) {
                let (cause, because) = match response {
                    Response::Accept => (Cause::Accepted { device }, Rule::E01),
                    Response::Reject(reason) => (Cause::Rejected { device, reason }, Rule::E02),
                };
                plan.changes.push(Change::End { position, attempt, cause, because });
                return Ok(response.answer(attempt, Duplicate::No));
            }
        }
        let remembered = self.calls.remembered(room, user);
        let ending =
            remembered.and_then(|(_, call)| ending(call, user)).filter(|it| is_meant(it.attempt));
        let Some(ended) = ending else {
            return Err(self.late_refusal(by, room, named, |ended| Refusal::NoSuchCall { ended }));
        };
        if ended.how == response.ends_as() && ended.device == Some(device) {
            return Ok(response.answer(ended.attempt, Duplicate::Yes));
        }
        // E-09
        Err(Refusal::AlreadyHandled { ended })
    }

    /// H-05: the refusal of an answer to a call of which the room knows nothing.
    #[cold]
    fn late_refusal(
        &self,
        by: Actor,
        room: RoomId,
        named: Option<Attempt>,
        refusal: impl FnOnce(Option<Ending>) -> Refusal,
    ) -> Refusal {
        refusal(match by {
            Actor::Device { user, .. } => self.logged_ending(room, user, named),
            Actor::Backend => None,
        })
    }
}

/// How a call ended, as `asking` may know it (E-09, P-08); `None` if that is not remembered.
pub(super) fn ending(call: &Call, asking: UserId) -> Option<Ending> {
    Some(ending_of(call.attempt, call.remembered()?, asking))
}

/// How an attempt ended, as `asking` may know it (E-09, P-08).
pub(super) fn ending_of(
    attempt: Attempt,
    (how, By { user, device, .. }): (EndingKind, By),
    asking: UserId,
) -> Ending {
    Ending { how, attempt, user, device: device.filter(|_| user == Some(asking)) }
}
