//! Effects of the switchboard, by kind.

use roomcall::{Audience, Event, Outcome};

use crate::count::{Counts, Kind};

/// Counts the effects of an outcome; a refusal counts as an unexpected effect.
#[inline]
pub(super) fn outcome(outcome: &Outcome, counts: &mut Counts) {
    if outcome.answer.is_err() {
        counts.one(Kind::Other);
    }
    for effect in &outcome.effects {
        counts.one(kind(&effect.event, &effect.to));
    }
}

#[inline]
const fn kind(event: &Event, to: &Audience) -> Kind {
    match event {
        Event::CallReceived { .. } => Kind::Ring,
        Event::CallCancelled => Kind::Cancelled,
        Event::CallRevokedByAdmin { .. }
        | Event::CallsSeen { .. }
        | Event::CallRinging
        | Event::CallNotJoined => Kind::Other,
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
