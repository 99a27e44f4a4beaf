//! Who is told what when an attempt ends: one table, worded for each audience (E-01 to E-07).
//! Every ending has a word for the callee's devices: whoever rang stops (E-17).

use super::state::{Ending, Parties};
use crate::{
    Actor, Audience, CallRejectionReason, CallStatus, Event, Operator, OutcomesTo, RoomCall,
};

/// What the callee's devices are told. The device that acted hears it from the answer.
pub(super) const fn callee(ending: Ending, call: &Parties) -> (Audience, Event) {
    let user = call.callee;
    match ending {
        Ending::Accepted { device } | Ending::Entered { device } => (
            Audience::OtherDevices { user, than: device },
            Event::CallHandledByOtherDevice { is_accepted: true, device: Some(device) },
        ),
        Ending::Rejected { device, .. } => (
            Audience::OtherDevices { user, than: device },
            Event::CallHandledByOtherDevice { is_accepted: false, device: Some(device) },
        ),
        Ending::InOtherRoom => (
            Audience::User(user),
            Event::CallHandledByOtherDevice { is_accepted: false, device: None },
        ),
        Ending::TimedOut => (Audience::User(user), Event::CallTimeout),
        Ending::Cancelled { .. } => (Audience::User(user), Event::CallCancelled),
        Ending::Revoked { by } => {
            (Audience::User(user), Event::CallRevokedByAdmin { operator: operator(by) })
        }
    }
}

/// What the caller is told; nothing of a cancel, which was its own doing.
pub(super) const fn caller(ending: Ending) -> Option<Event> {
    match ending {
        Ending::Accepted { .. } | Ending::Entered { .. } => Some(Event::CallAccepted),
        Ending::Rejected { reason, .. } => Some(Event::CallRejected { reason }),
        Ending::InOtherRoom => {
            Some(Event::CallRejected { reason: CallRejectionReason::InOtherRoom })
        }
        Ending::TimedOut => Some(Event::CallTimeout),
        Ending::Cancelled { .. } => None,
        Ending::Revoked { by } => Some(Event::CallRevokedByAdmin { operator: operator(by) }),
    }
}

/// Which of the caller's devices hear the outcome (P-06).
pub(super) const fn outcome_audience(outcomes_to: OutcomesTo, call: &Parties) -> Audience {
    match outcomes_to {
        OutcomesTo::CallingDevice => Audience::Device { user: call.caller, device: call.device },
        OutcomesTo::AllDevices => Audience::User(call.caller),
    }
}

/// What the room is told of a call that has this status.
pub(super) const fn room(call: RoomCall) -> Event {
    match call.status {
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
