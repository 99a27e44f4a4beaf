//! Effects of the switchboard, by kind.

use roomcall::named;
use roomcall::{Audience, Event, Step};

use crate::count::{Counts, Kind};

/// Counts the effects of a step; a refusal counts as what does not belong here.
#[inline]
pub fn step(step: &Step, counts: &mut Counts) {
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
pub fn turn(turn: &named::Turn, counts: &mut Counts) {
    if turn.answer.as_ref().is_some_and(Result::is_err) {
        counts.one(Kind::Other);
    }
    for effect in &turn.effects {
        counts.one(kind_by_name(&effect.event, &effect.to));
    }
}

const fn kind_by_name(event: &named::Event, to: &named::To) -> Kind {
    match event {
        named::Event::CallReceived { .. } => Kind::Ring,
        named::Event::CallCancelled { .. } => Kind::Cancelled,
        named::Event::CallRevokedByAdmin { .. } => Kind::Other,
        named::Event::CallTimeout { .. } => match to {
            named::To::User { .. } => Kind::TimeoutCallee,
            named::To::Device { .. } => Kind::TimeoutCaller,
            named::To::OtherDevices { .. } | named::To::Room { .. } => Kind::Other,
        },
        named::Event::CallAccepted { .. } => Kind::Accepted,
        named::Event::CallRejected { .. } => Kind::Rejected,
        named::Event::CallHandledByOtherDevice { .. } => Kind::Handled,
        named::Event::PendingCallChanged { .. } => Kind::Changed,
        named::Event::PendingCallRemoved { .. } => Kind::Removed,
    }
}
