//! Who is notified of what when an attempt ends: one table, worded for each audience (E-01 to E-07).
//! Every ending has a word for the callee's devices: whoever rang stops (E-17).

use super::state::Cause;
use crate::domain::call::{CallRejectionReason, CallStatus};
use crate::domain::id::{DeviceId, UserId};
use crate::domain::input::Actor;
use crate::domain::output::{Audience, Event, Operator};
use crate::domain::policy::OutcomesTo;

/// What the callee's devices are notified of. The device that acted learns it from its answer.
#[inline]
pub(super) const fn callee(cause: Cause, user: UserId) -> (Audience, Event) {
    match cause {
        Cause::Accepted { device } | Cause::Entered { device: Some(device) } => (
            Audience::OtherDevices { user, than: device },
            Event::CallHandledByOtherDevice { is_accepted: true, device: Some(device) },
        ),
        Cause::Entered { device: None } => (
            Audience::User(user),
            Event::CallHandledByOtherDevice { is_accepted: true, device: None },
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
        Cause::Cancelled { .. } | Cause::CallerLeft { .. } => {
            (Audience::User(user), Event::CallCancelled)
        }
        Cause::Revoked { by } => {
            (Audience::User(user), Event::CallRevokedByAdmin { operator: operator(by) })
        }
        Cause::Erased => {
            (Audience::User(user), Event::CallRevokedByAdmin { operator: Operator::Backend })
        }
    }
}

/// What the caller is notified of.
#[inline]
pub(super) const fn caller(cause: Cause) -> Event {
    match cause {
        Cause::Accepted { .. } | Cause::Entered { .. } => Event::CallAccepted,
        Cause::Rejected { reason, .. } => Event::CallRejected { reason },
        Cause::InOtherRoom => Event::CallRejected { reason: CallRejectionReason::InOtherRoom },
        Cause::TimedOut => Event::CallTimeout,
        Cause::Cancelled { .. } | Cause::CallerLeft { .. } => Event::CallCancelled,
        Cause::Revoked { by } => Event::CallRevokedByAdmin { operator: operator(by) },
        Cause::Erased => Event::CallRevokedByAdmin { operator: Operator::Backend },
    }
}

/// Which of the caller's devices are notified of what becomes of the call that one of them made (P-06), or
/// none (P-11). The one that cancelled learns it from its answer (E-05).
#[inline]
pub(super) fn outcome_audience(
    outcomes_to: OutcomesTo,
    (user, device): (UserId, Option<DeviceId>),
    acted: Option<DeviceId>,
) -> Option<Audience> {
    // P-11: of a call that no device made, all are notified.
    let calling = device.filter(|_| outcomes_to == OutcomesTo::CallingDevice);
    match (calling, acted) {
        (Some(device), Some(acted)) if acted == device => None,
        (Some(device), _) => Some(Audience::Device { user, device }),
        (None, None) => Some(Audience::User(user)),
        (None, Some(than)) => Some(Audience::OtherDevices { user, than }),
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
