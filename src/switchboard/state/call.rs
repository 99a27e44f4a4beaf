//! One call: an attempt that rings, or has ended and is kept or remembered.

use core::num::NonZeroU64;

use crate::collections::{Deadline, Linked, Links, TextId, Timed, linked};
use crate::domain::call::{CallRejectionReason, CallStatus, EndingKind, RoomCall};
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input::Actor;
use crate::domain::time::Tick;

/// A record of [`Calls`](super::Calls). Each is in one list of its room's pending list, in one list
/// of its callee, in one of its caller, and in one by time; its phase determines which ones. A live
/// one is in that of all live calls, too.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) attempt: Attempt,
    pub(crate) room: RoomId,
    pub(crate) callee: UserId,
    pub(crate) caller: UserId,
    /// The device that called, none on behalf of the caller (P-11). Its name is used while the call
    /// is in the room's list; after that nothing reads it.
    pub(crate) device: Option<DeviceId>,
    pub(super) phase: Phase,
    /// In the room's pending list, by attempt: live and kept calls.
    pub(super) in_room: Links,
    /// Of the callee, by attempt: in one list while it is live, in another after that.
    pub(super) of_callee: Links,
    /// Of the caller, likewise.
    pub(super) of_caller: Links,
    /// Live: the queue of its timeout. Ended: the room's ended calls, by the order of endings.
    pub(super) by_time: Links,
}

/// How far a call has come, and what is known of it there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    /// It rings.
    Live {
        /// In milliseconds, none for never (T-06): see [`Phase::live`].
        deadline: Option<NonZeroU64>,
        /// The queue of [`Timers`](crate::collections::Timers) that the deadline is in.
        queue: u32,
        /// The extension text (C-11).
        extension: TextId,
        /// Whether a device of the callee has said that it shows the call (C-14).
        has_rung: bool,
        /// Among all live calls, by attempt.
        in_live: Links,
    },
    /// It has ended. A call that is neither kept nor remembered is dropped.
    Ended {
        kind: EndingKind,
        /// Whether it is in the room's pending list (K-01).
        is_kept: bool,
        /// Who ended it and on which device, as long as that is remembered (E-18).
        remembered: Option<By>,
    },
}

/// Who ended a call: nobody if the clock or the backend did, no device if none acted (E-09).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct By {
    pub(crate) user: Option<UserId>,
    pub(crate) device: Option<DeviceId>,
    /// Of a rejected call, the reason that was given (E-02).
    pub(crate) reason: Option<CallRejectionReason>,
}

impl By {
    /// The backend revoked it.
    pub(crate) const BACKEND: Self = Self { user: None, device: None, reason: None };
}

/// How a live attempt ends, and what the effects of that need. It stays inside: each audience is
/// notified in its own words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    Accepted {
        device: DeviceId,
    },
    Rejected {
        device: DeviceId,
        reason: CallRejectionReason,
    },
    InOtherRoom,
    TimedOut,
    Cancelled {
        device: DeviceId,
    },
    /// The caller left the room, or everybody did; with the device that called, if one did (F-07,
    /// F-08, P-11).
    CallerLeft {
        device: Option<DeviceId>,
    },
    Revoked {
        by: Actor,
    },
    /// The callee or the caller is erased: revoked by the backend, and forgotten at once (F-20).
    Erased,
    /// The callee came into the room, on this device if it is known.
    Entered {
        device: Option<DeviceId>,
    },
}

impl Cause {
    pub(crate) const fn kind(self) -> EndingKind {
        match self {
            Self::Accepted { .. } => EndingKind::Accepted,
            Self::Rejected { .. } => EndingKind::Rejected,
            Self::InOtherRoom => EndingKind::InOtherRoom,
            Self::TimedOut => EndingKind::TimedOut,
            Self::Cancelled { .. } | Self::CallerLeft { .. } => EndingKind::Cancelled,
            Self::Revoked { .. } | Self::Erased => EndingKind::Revoked,
            Self::Entered { .. } => EndingKind::Entered,
        }
    }

    /// The device of the caller that cancelled, if one did.
    pub(crate) const fn canceller(self) -> Option<DeviceId> {
        match self {
            Self::Cancelled { device } => Some(device),
            Self::Accepted { .. }
            | Self::Rejected { .. }
            | Self::InOtherRoom
            | Self::TimedOut
            | Self::CallerLeft { .. }
            | Self::Revoked { .. }
            | Self::Erased
            | Self::Entered { .. } => None,
        }
    }

    /// Who ends a call from `caller` to `callee` (E-09).
    #[inline]
    pub(crate) const fn by(self, caller: UserId, callee: UserId) -> By {
        let (user, device) = match self {
            Self::Accepted { device } | Self::Rejected { device, .. } => {
                (Some(callee), Some(device))
            }
            Self::Entered { device } => (Some(callee), device),
            Self::InOtherRoom => (Some(callee), None),
            Self::TimedOut | Self::Revoked { by: Actor::Backend } | Self::Erased => (None, None),
            Self::Cancelled { device } => (Some(caller), Some(device)),
            Self::CallerLeft { device } => (Some(caller), device),
            Self::Revoked { by: Actor::Device { user, device } } => (Some(user), Some(device)),
        };
        let reason = if let Self::Rejected { reason, .. } = self { Some(reason) } else { None };
        By { user, device, reason }
    }
}

impl Phase {
    /// A call that rings and is not among the live ones yet. A deadline is later than some clock, so it is
    /// never 0.
    #[inline]
    pub(super) fn live(
        deadline: Option<Tick>,
        queue: u32,
        extension: TextId,
        has_rung: bool,
    ) -> Self {
        let deadline = deadline.and_then(|at| NonZeroU64::new(at.as_millis()));
        Self::Live { deadline, queue, extension, has_rung, in_live: Links::NONE }
    }
}

impl Call {
    /// A call that is in no list yet.
    #[inline]
    pub(super) const fn unlisted(
        (attempt, room): (Attempt, RoomId),
        (callee, caller): (UserId, UserId),
        device: Option<DeviceId>,
        phase: Phase,
    ) -> Self {
        let links = Links::NONE;
        let (in_room, of_callee, of_caller, by_time) = (links, links, links, links);
        Self {
            attempt,
            room,
            callee,
            caller,
            device,
            phase,
            in_room,
            of_callee,
            of_caller,
            by_time,
        }
    }

    #[inline]
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live { .. })
    }

    /// Whether it is live and a device of the callee has said that it shows it (C-14).
    #[inline]
    pub(crate) const fn has_rung(&self) -> bool {
        matches!(self.phase, Phase::Live { has_rung: true, .. })
    }

    /// Whether it has ended and is in the room's list.
    #[inline]
    pub(crate) const fn is_kept(&self) -> bool {
        matches!(self.phase, Phase::Ended { is_kept: true, .. })
    }

    /// Whether it is in the room's list.
    #[inline]
    pub(crate) const fn is_listed(&self) -> bool {
        matches!(self.phase, Phase::Live { .. } | Phase::Ended { is_kept: true, .. })
    }

    /// How it ended and by whom, if that is remembered.
    #[inline]
    pub(crate) const fn remembered(&self) -> Option<(EndingKind, By)> {
        match self.phase {
            Phase::Ended { kind, remembered: Some(by), .. } => Some((kind, by)),
            Phase::Ended { remembered: None, .. } | Phase::Live { .. } => None,
        }
    }

    /// The reason of a rejected call, if its ending is remembered (E-02).
    pub(crate) const fn reason(&self) -> Option<CallRejectionReason> {
        match self.remembered() {
            Some((_, by)) => by.reason,
            None => None,
        }
    }

    /// How it stands in the room's list.
    pub(crate) const fn status(&self) -> CallStatus {
        match self.phase {
            Phase::Live { .. } => CallStatus::Calling,
            Phase::Ended { kind, is_kept: true, .. } => match CallStatus::Calling.after(kind) {
                Some(status) => status,
                None => CallStatus::None,
            },
            Phase::Ended { is_kept: false, .. } => CallStatus::None,
        }
    }

    /// When it times out; none of never, and of a call that has ended.
    #[inline]
    pub(crate) const fn deadline(&self) -> Option<Tick> {
        match self.phase {
            Phase::Live { deadline: Some(at), .. } => Some(Tick::stored(at.get())),
            Phase::Live { deadline: None, .. } | Phase::Ended { .. } => None,
        }
    }

    /// The extension text of a live call.
    pub(crate) const fn extension(&self) -> Option<TextId> {
        match self.phase {
            Phase::Live { extension, .. } => Some(extension),
            Phase::Ended { .. } => None,
        }
    }

    /// The queue that its deadline is in.
    pub(super) const fn queue(&self) -> Option<u32> {
        match self.phase {
            Phase::Live { deadline: Some(_), queue, .. } => Some(queue),
            Phase::Live { deadline: None, .. } | Phase::Ended { .. } => None,
        }
    }

    pub(crate) const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The call as an event reports it, with this status.
    #[inline]
    pub(crate) const fn reported(&self, status: CallStatus) -> RoomCall {
        RoomCall { caller: self.caller, callee: self.callee, status }
    }
}

/// The list of a room's live and kept calls.
#[derive(Clone, Debug)]
pub(crate) struct InRoom;

/// The lists of a callee's calls.
#[derive(Clone, Debug)]
pub(crate) struct OfCallee;

/// The lists of a caller's calls.
#[derive(Clone, Debug)]
pub(crate) struct OfCaller;

/// The queues of deadlines, and a room's ended calls by the order of endings.
#[derive(Clone, Debug)]
pub(crate) struct ByTime;

/// The list of all live calls.
#[derive(Clone, Debug)]
pub(crate) struct InLive;

impl Linked<InLive> for Call {
    #[inline(always)]
    fn links(&self) -> Links {
        match self.phase {
            Phase::Live { in_live, .. } => in_live,
            Phase::Ended { .. } => Links::NONE,
        }
    }

    #[inline(always)]
    fn links_mut(&mut self) -> Option<&mut Links> {
        match &mut self.phase {
            Phase::Live { in_live, .. } => Some(in_live),
            Phase::Ended { .. } => None,
        }
    }
}

linked! { Call { InRoom: in_room, OfCallee: of_callee, OfCaller: of_caller, ByTime: by_time } }

impl Timed<ByTime> for Call {
    #[inline]
    fn deadline(&self) -> Option<Deadline> {
        let at = self.deadline()?;
        Some(Deadline { at, attempt: self.attempt.get() })
    }
}
