//! Who is notified of what when an attempt ends: one table, worded for each audience (E-01 to E-07).
//! Every ending has a word for the callee's devices: whoever rang stops (E-17).

use super::state::{Cause, Ended};
use crate::domain::call::{CallRejectionReason, CallStatus};
use crate::domain::id::UserId;
use crate::domain::input::Actor;
use crate::domain::output::{Audience, Event, Operator};
use crate::domain::policy::OutcomesTo;

/// What the callee's devices are notified of. The device that acted learns it from its answer.
#[inline]
pub(super) const fn callee(cause: Cause, user: UserId) -> (Audience, Event) {
    match cause {
        Cause::Accepted { device } | Cause::Entered { device } => (
            Audience::OtherDevices { user, than: device },
            Event::CallHandledByOtherDevice { is_accepted: true, device: Some(device) },
        ),
        Cause::Rejected { device, .. } => (
            Audience::OtherDevices { user, than: device },
            Event::CallHandledByOtherDevice { is_accepted: false, device: Some(device) },
        ),
        Cause::InOtherRoom => (
            Audience::User(user),
            Event::CallHandledByOtherDevice { is_accepted: false, device: None },
        ),
        Cause::TimedOut => (Audience::User(user), Event::CallTimeout),
        Cause::Cancelled { .. } => (Audience::User(user), Event::CallCancelled),
        Cause::Revoked { by } => {
            (Audience::User(user), Event::CallRevokedByAdmin { operator: operator(by) })
        }
    }
}

/// What the caller is notified of; nothing of a cancel, which was its own doing.
#[inline]
pub(super) const fn caller(cause: Cause) -> Option<Event> {
    match cause {
        Cause::Accepted { .. } | Cause::Entered { .. } => Some(Event::CallAccepted),
        Cause::Rejected { reason, .. } => Some(Event::CallRejected { reason }),
        Cause::InOtherRoom => {
            Some(Event::CallRejected { reason: CallRejectionReason::InOtherRoom })
        }
        Cause::TimedOut => Some(Event::CallTimeout),
        Cause::Cancelled { .. } => None,
        Cause::Revoked { by } => Some(Event::CallRevokedByAdmin { operator: operator(by) }),
    }
}

/// Which of the caller's devices are notified of the outcome (P-06).
#[inline]
pub(super) const fn outcome_audience(outcomes_to: OutcomesTo, call: &Ended) -> Audience {
    match outcomes_to {
        OutcomesTo::CallingDevice => Audience::Device { user: call.caller, device: call.device },
        OutcomesTo::AllDevices => Audience::User(call.caller),
    }
}

/// What the room is notified of, of a call that has this status.
#[inline]
pub(super) const fn room(status: CallStatus) -> Event {
    match status {
        CallStatus::None => Event::PendingCallRemoved,
        CallStatus::Calling | CallStatus::Timeout | CallStatus::Rejected => {
            Event::PendingCallChanged
        }
    }
}

const fn operator(by: Actor) -> Operator {
    match by {
        Actor::Device { user, .. } => Operator::User(user),
        Actor::Backend => Operator::Backend,
    }
}
