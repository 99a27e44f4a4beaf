//! How attempts end, who is told, and what is left of them (rules E, K).

use roomcall::protocol::{Audience, Event};
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Rule};

use super::{Call, Kept, Lost, Model, fits};

/// An ending and whoever brought it about.
#[derive(Clone, Debug)]
pub(super) enum End {
    Accepted {
        device: String,
    },
    Rejected {
        device: String,
        reason: CallRejectionReason,
    },
    InOtherRoom,
    TimedOut,
    /// By its caller on this device (E-05).
    Cancelled {
        device: String,
    },
    /// By its caller, who left, or by the room, which is empty (F-07, F-08).
    CallerLeft,
    Revoked {
        operator: Option<(String, String)>,
    },
    /// On this device, if it is known (E-07).
    Entered {
        device: Option<String>,
    },
}

impl End {
    fn how(&self) -> EndingKind {
        match self {
            Self::Accepted { .. } => EndingKind::Accepted,
            Self::Rejected { .. } => EndingKind::Rejected,
            Self::InOtherRoom => EndingKind::InOtherRoom,
            Self::TimedOut => EndingKind::TimedOut,
            Self::Cancelled { .. } | Self::CallerLeft => EndingKind::Cancelled,
            Self::Revoked { .. } => EndingKind::Revoked,
            Self::Entered { .. } => EndingKind::Entered,
        }
    }

    /// K-01: what the record says from now on; `None` means that it is gone.
    fn status(&self) -> CallStatus {
        match self {
            Self::TimedOut => CallStatus::Timeout,
            Self::Rejected { .. } | Self::InOtherRoom => CallStatus::Rejected,
            Self::Accepted { .. }
            | Self::Cancelled { .. }
            | Self::CallerLeft
            | Self::Revoked { .. }
            | Self::Entered { .. } => CallStatus::None,
        }
    }

    /// E-09: the user and the device of the ending.
    fn who(&self, call: &Call) -> (Option<String>, Option<String>) {
        match self {
            Self::Accepted { device } | Self::Rejected { device, .. } => {
                (Some(call.callee.clone()), Some(device.clone()))
            }
            Self::Entered { device } => (Some(call.callee.clone()), device.clone()),
            Self::InOtherRoom => (Some(call.callee.clone()), None),
            Self::Cancelled { device } => (Some(call.caller.clone()), Some(device.clone())),
            // The device that called, if one did (P-11).
            Self::CallerLeft => (Some(call.caller.clone()), call.device.clone()),
            Self::Revoked { operator: Some((user, device)) } => {
                (Some(user.clone()), Some(device.clone()))
            }
            Self::Revoked { operator: None } | Self::TimedOut => (None, None),
        }
    }

    /// The ending of an attempt, as it is remembered and logged (E-18, H-01).
    pub(super) fn of(&self, call: &Call) -> Lost {
        let (user, device) = self.who(call);
        Lost {
            attempt: call.attempt,
            caller: call.caller.clone(),
            callee: call.callee.clone(),
            how: self.how(),
            user,
            device,
            reason: self.reason(),
        }
    }

    /// E-02: the reason of a reject is remembered with it.
    fn reason(&self) -> Option<CallRejectionReason> {
        match self {
            Self::Rejected { reason, .. } => Some(*reason),
            Self::Accepted { .. }
            | Self::InOtherRoom
            | Self::TimedOut
            | Self::Cancelled { .. }
            | Self::CallerLeft
            | Self::Revoked { .. }
            | Self::Entered { .. } => None,
        }
    }
}

impl Model {
    /// Ends a live attempt: everybody is told, then the books are kept.
    pub(super) fn end(&mut self, attempt: u64, end: &End, because: Rule) {
        let Some(place) = self.live.iter().position(|call| call.attempt == attempt) else {
            return;
        };
        let call = self.live.remove(place);
        // O-01: callee, caller, room.
        self.tell_parties(&call, end, because);
        self.notify_room(&call, end.status(), because);
        self.settle(call, end);
    }

    /// What callee and caller are told of an ending.
    pub(super) fn tell_parties(&mut self, call: &Call, end: &End, because: Rule) {
        let named = call.named(end.status());
        let all = Audience::User(call.callee.clone());
        let but = |than: &String| Audience::OtherDevices {
            user: call.callee.clone(),
            than: than.clone(),
        };
        let handled = |is_accepted, device: Option<&String>| Event::CallHandledByOtherDevice {
            room: call.room.clone(),
            is_accepted,
            attempt: call.attempt,
            device: device.cloned(),
        };
        let (to, callee, caller) = match end {
            // E-01
            End::Accepted { device } => {
                (but(device), handled(true, Some(device)), Event::CallAccepted(named))
            }
            // E-07: all of them where the entering one is unknown.
            End::Entered { device } => {
                let to = device.as_ref().map_or(all, but);
                (to, handled(true, device.as_ref()), Event::CallAccepted(named))
            }
            // E-02
            End::Rejected { device, reason } => {
                let rejected = Event::CallRejected { call: named, reason: *reason };
                (but(device), handled(false, Some(device)), rejected)
            }
            // E-03
            End::InOtherRoom => {
                let reason = CallRejectionReason::InOtherRoom;
                (all, handled(false, None), Event::CallRejected { call: named, reason })
            }
            // E-04
            End::TimedOut => {
                let timeout = Event::CallTimeout(named);
                (all, timeout.clone(), timeout)
            }
            // E-05, F-07, F-08
            End::Cancelled { .. } | End::CallerLeft => {
                let cancelled = Event::CallCancelled(named);
                (all, cancelled.clone(), cancelled)
            }
            // E-06: the operator's device is nobody's business.
            End::Revoked { operator } => {
                let operator = operator.as_ref().map(|(user, _)| user.clone());
                let revoked = Event::CallRevokedByAdmin { call: named, operator };
                (all, revoked.clone(), revoked)
            }
        };
        self.notify(to, callee, because);
        match end {
            // E-05: the device that cancelled is told by its answer alone.
            End::Cancelled { device } => {
                self.notify_caller_but(device, call, caller, because);
            }
            _ => self.notify_caller(call, caller, because),
        }
    }

    /// Counts, logs, remembers and keeps what has just ended.
    pub(super) fn settle(&mut self, call: Call, end: &End) {
        self.ended = self.ended.saturating_add(1);
        let lost = end.of(&call);
        self.log_ending(&call.room, &lost);
        let limits = self.limits;
        let Some(room) = self.room_mut(&call.room) else {
            return;
        };
        // E-18: one a callee, and the newest of the room.
        room.endings.retain(|ending| ending.callee != call.callee);
        room.endings.push(lost);
        if !fits(room.endings.len(), limits.ended_per_room) {
            room.endings.remove(0);
        }
        // K-01
        let status = end.status();
        if status == CallStatus::None {
            return;
        }
        room.kept.push(Kept { call, status });
        // K-03
        if !fits(room.kept.len(), limits.kept_per_room) {
            let evicted = room.kept.remove(0);
            self.notify_room(&evicted.call, CallStatus::None, Rule::K03);
        }
    }
}
