//! Effects of the switchboard, by kind.

use roomcall::protocol;
use roomcall::{Audience, Event, Outcome};

use crate::count::{Counts, Kind};

/// Counts the effects of a step; a refusal counts as what does not belong here.
#[inline]
pub fn step(step: &Outcome, counts: &mut Counts) {
    if step.answer.is_err() {
        counts.one(Kind::Other);
    }
    for effect in &step.effects {
        counts.one(kind(&effect.event, &effect.to));
    }
}

#[inline]
const fn kind(event: &Event, to: &Audience) -> Kind {
    match event {
        Event::CallReceived { .. } => Kind::Ring,
        Event::CallCancelled => Kind::Cancelled,
        Event::CallRevokedByAdmin { .. } => Kind::Other,
        Event::CallTimeout => match to {
            Audience::User(_) => Kind::TimeoutCallee,
            Audience::Device { .. } => Kind::TimeoutCaller,
            Audience::OtherDevices { .. } | Audience::Room(_) => Kind::Other,
        },
        Event::CallAccepted => Kind::Accepted,
        Event::CallRejected { .. } => Kind::Rejected,
        Event::CallHandledByOtherDevice { .. } => Kind::Handled,
        Event::PendingCallChanged => Kind::Changed,
        Event::PendingCallRemoved => Kind::Removed,
    }
}

/// Counts the effects of a turn by name.
pub fn turn(turn: &protocol::Outcome, counts: &mut Counts) {
    if turn.answer.as_ref().is_some_and(Result::is_err) {
        counts.one(Kind::Other);
    }
    for effect in &turn.effects {
        counts.one(kind_by_name(&effect.event, &effect.to));
    }
}

const fn kind_by_name(event: &protocol::Event, to: &protocol::Audience) -> Kind {
    match event {
        protocol::Event::CallReceived { .. } => Kind::Ring,
        protocol::Event::CallCancelled { .. } => Kind::Cancelled,
        protocol::Event::CallRevokedByAdmin { .. } => Kind::Other,
        protocol::Event::CallTimeout { .. } => match to {
            protocol::Audience::User { .. } => Kind::TimeoutCallee,
            protocol::Audience::Device { .. } => Kind::TimeoutCaller,
            protocol::Audience::OtherDevices { .. } | protocol::Audience::Room { .. } => {
                Kind::Other
            }
        },
        protocol::Event::CallAccepted { .. } => Kind::Accepted,
        protocol::Event::CallRejected { .. } => Kind::Rejected,
        protocol::Event::CallHandledByOtherDevice { .. } => Kind::Handled,
        protocol::Event::PendingCallChanged { .. } => Kind::Changed,
        protocol::Event::PendingCallRemoved { .. } => Kind::Removed,
        _ => Kind::Other,
    }
}
