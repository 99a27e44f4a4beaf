//! What a switchboard remembers of a room, a user, a call, and of a user in a room.

use crate::names::Named;
use crate::store::{Chain, Lanes, Links, NONE, Record};
use crate::{
    Actor, Attempt, CallRejectionReason, CallStatus, DeviceId, EndingKind, Role, RoomCall, RoomId,
    Tick, UserId,
};

use super::fences::Fences;

/// Slots and records of this alignment do not straddle two lines of a cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct CacheLine;

/// A room. It is open if its opening has a number.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    /// The number of its opening; 0 if it is not open.
    pub(super) opening: u64,
    /// The slot of the owner's name.
    pub(super) owner: u32,
    /// Live attempts.
    pub(super) live: u32,
    /// The records of its list, by attempt.
    pub(super) list: Chain,
    /// Records in it.
    pub(super) listed: u32,
    /// Calls that have ended and are kept or remembered, by the order of their endings.
    pub(super) ended: Chain,
    /// Kept records (K-03), and the one that ended first.
    pub(super) kept: u32,
    pub(super) oldest_kept: u32,
    /// Remembered endings (E-18), and the first of them.
    pub(super) remembered: u32,
    pub(super) oldest_remembered: u32,
    /// Who is present or has a role.
    pub(super) seats: Chain,
    pub(super) present: u32,
    pub(super) admins: u32,
    /// Where a page may begin to look for its first record.
    pub(super) fences: Fences,
}

impl Named for Room {
    type Line = u64;
    const NOTHING: Self = Self {
        opening: 0,
        owner: NONE,
        live: 0,
        list: Chain::EMPTY,
        listed: 0,
        ended: Chain::EMPTY,
        kept: 0,
        oldest_kept: NONE,
        remembered: 0,
        oldest_remembered: NONE,
        seats: Chain::EMPTY,
        present: 0,
        admins: 0,
        fences: Fences::EMPTY,
    };
}

impl Room {
    pub(super) const fn is_open(&self) -> bool {
        self.opening > 0
    }

    /// Forgets everything, and keeps the memory of the fences.
    pub(super) fn close(&mut self) {
        let fences = core::mem::replace(&mut self.fences, Fences::EMPTY).emptied();
        *self = Self { fences, ..Self::NOTHING };
    }
}

/// A user: what there is of calls to the user, and where the user is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    /// The live attempts, in attempt order.
    pub(super) live: Chain,
    /// Those that have ended and are kept or remembered, in attempt order.
    pub(super) ended: Chain,
    /// Both together.
    pub(super) calls: u32,
    /// The rooms that the user is present in, or has a role in; the former first.
    pub(super) seats: Chain,
    pub(super) seated: u32,
}

impl Named for User {
    type Line = CacheLine;
    const NOTHING: Self =
        Self { live: Chain::EMPTY, ended: Chain::EMPTY, calls: 0, seats: Chain::EMPTY, seated: 0 };
}

/// Of a device nothing is known but its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device;

impl Named for Device {
    type Line = u32;
    const NOTHING: Self = Self;
}

/// A user who is present in a room, or an admin of it, or both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Seat {
    /// The slot of the user's name; [`NONE`] in a free record.
    pub(super) user: u32,
    pub(super) room: u32,
    pub(super) is_present: bool,
    pub(super) is_admin: bool,
    pub(super) links: [Links; 2],
}

impl Seat {
    /// The lane of the seats of one user.
    pub(super) const OF_USER: usize = 0;
    /// The lane of the seats of one room.
    pub(super) const OF_ROOM: usize = 1;
}

impl Record for Seat {
    fn free(next: u32) -> Self {
        let links = [Links { prev: NONE, next }, Links::NONE];
        Self { user: NONE, room: NONE, is_present: false, is_admin: false, links }
    }

    fn next_free(&self) -> Option<u32> {
        (self.user == NONE).then_some(self.links[Self::OF_USER].next)
    }
}

impl Lanes for Seat {
    fn links(&self, lane: usize) -> Links {
        self.links.get(lane).copied().unwrap_or(Links::NONE)
    }

    fn links_mut(&mut self, lane: usize) -> Option<&mut Links> {
        self.links.get_mut(lane)
    }
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Phase {
    /// There is no call in this record.
    Free,
    /// It rings.
    Live,
    /// It has ended, and is in the room's list (K-01).
    Kept,
    /// It has ended, and is not in the list.
    Gone,
}

/// An attempt that rings, or has ended and is kept or remembered. Names are slots of the directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(align(64))]
pub(crate) struct Call {
    pub(super) attempt: u64,
    /// While it is live the deadline, [`NEVER`](Self::NEVER) if there is none; after that who ended
    /// it and on which device, as [`by`](Self::by) reads them.
    when_or_who: u64,
    pub(super) room: u32,
    pub(super) callee: u32,
    pub(super) caller: u32,
    /// The device that called; [`NONE`] once nobody asks for it.
    pub(super) device: u32,
    links: [Links; 3],
    /// The number of the extension text while it is live (C-11).
    pub(super) extension: u32,
    pub(super) phase: Phase,
    /// How it ended; of no meaning while it is live.
    pub(super) how: EndingKind,
    /// Whether its ending is remembered (E-18).
    pub(super) is_remembered: bool,
    /// Whether it is among the room's fences.
    pub(super) is_fence: bool,
}

impl Call {
    /// The lane of the room's list, of live and kept records.
    pub(super) const IN_ROOM: usize = 0;
    /// The lane of the calls to one user: of the live ones, or of those that have ended.
    pub(super) const TO_CALLEE: usize = 1;
    /// The lane of the deadlines while it is live, of the room's endings after that.
    pub(super) const IN_ORDER: usize = 2;
    /// The deadline of an attempt that has none (T-06).
    const NEVER: u64 = u64::MAX;

    /// A live attempt.
    #[inline]
    pub(super) fn ringing(
        attempt: Attempt,
        deadline: Option<Tick>,
        (room, callee): (u32, u32),
        (caller, device): (u32, u32),
        extension: u32,
    ) -> Self {
        Self {
            attempt: attempt.get(),
            when_or_who: deadline.map_or(Self::NEVER, Tick::as_millis),
            room,
            callee,
            caller,
            device,
            links: [Links::NONE; 3],
            extension,
            phase: Phase::Live,
            how: EndingKind::Accepted,
            is_remembered: false,
            is_fence: false,
        }
    }

    #[inline]
    pub(super) const fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live)
    }

    /// Whether it is in the room's list.
    #[inline]
    pub(super) const fn is_listed(&self) -> bool {
        matches!(self.phase, Phase::Live | Phase::Kept)
    }

    pub(super) const fn number(&self) -> Attempt {
        Attempt::new(self.attempt)
    }

    pub(super) const fn status(&self) -> CallStatus {
        match self.phase {
            Phase::Live => CallStatus::Calling,
            Phase::Free | Phase::Gone => CallStatus::None,
            Phase::Kept => match CallStatus::Calling.after(self.how) {
                Some(status) => status,
                None => CallStatus::None,
            },
        }
    }

    /// The deadline of a live attempt.
    #[inline]
    pub(super) fn deadline(&self) -> Option<Tick> {
        (self.is_live() && self.when_or_who != Self::NEVER).then(|| Tick::stored(self.when_or_who))
    }

    /// Who ended it, and on which device, by the slots of their names ([`NONE`] where nobody).
    #[inline]
    pub(super) fn by(&self) -> (u32, u32) {
        let low = self.when_or_who & u64::from(u32::MAX);
        let part = |half: u64| u32::try_from(half).unwrap_or(NONE);
        (part(self.when_or_who >> 32), part(low))
    }

    /// It has ended, which is remembered: what is stored of that besides its place in lists.
    #[inline]
    pub(super) fn ended(&mut self, how: EndingKind, (user, device): (u32, u32)) {
        (self.phase, self.is_remembered) = (Phase::Gone, true);
        self.device = NONE;
        self.how = how;
        self.extension = 0;
        self.when_or_who = u64::from(user) << 32 | u64::from(device);
    }

    /// Nobody asks any more who ended it.
    #[inline]
    pub(super) fn forgotten(&mut self) {
        self.is_remembered = false;
        self.when_or_who = u64::MAX;
    }

    /// The field that is read in two ways, as a snapshot has it.
    pub(super) const fn when_or_who(&self) -> u64 {
        self.when_or_who
    }

    pub(super) const fn all_links(&self) -> [Links; 3] {
        self.links
    }

    /// A record of a snapshot.
    pub(super) const fn stored(self, when_or_who: u64, links: [Links; 3]) -> Self {
        Self { when_or_who, links, ..self }
    }
}

impl Record for Call {
    fn free(next: u32) -> Self {
        let mut call = Self::ringing(Attempt::new(0), None, (NONE, NONE), (NONE, NONE), 0);
        call.phase = Phase::Free;
        call.links[Self::IN_ROOM].next = next;
        call
    }

    #[inline]
    fn next_free(&self) -> Option<u32> {
        matches!(self.phase, Phase::Free).then_some(self.links[Self::IN_ROOM].next)
    }
}

impl Lanes for Call {
    #[inline]
    fn links(&self, lane: usize) -> Links {
        self.links.get(lane).copied().unwrap_or(Links::NONE)
    }

    #[inline]
    fn links_mut(&mut self, lane: usize) -> Option<&mut Links> {
        self.links.get_mut(lane)
    }
}

/// A call in handles, as it is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parties {
    pub(super) attempt: Attempt,
    pub(super) room: RoomId,
    pub(super) callee: UserId,
    pub(super) caller: UserId,
    /// The device that called.
    pub(super) device: DeviceId,
}

impl Parties {
    /// The call as an event tells of it.
    pub(super) const fn told(&self, status: CallStatus) -> RoomCall {
        RoomCall { caller: self.caller, callee: self.callee, status }
    }
}

/// How a live attempt ends. It stays inside: each audience is told in its own words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    Accepted { device: DeviceId },
    Rejected { device: DeviceId, reason: CallRejectionReason },
    InOtherRoom,
    TimedOut,
    Cancelled { device: DeviceId },
    Revoked { by: Actor },
    Entered { device: DeviceId },
}

impl Cause {
    pub(super) const fn how(self) -> EndingKind {
        match self {
            Self::Accepted { .. } => EndingKind::Accepted,
            Self::Rejected { .. } => EndingKind::Rejected,
            Self::InOtherRoom => EndingKind::InOtherRoom,
            Self::TimedOut => EndingKind::TimedOut,
            Self::Cancelled { .. } => EndingKind::Cancelled,
            Self::Revoked { .. } => EndingKind::Revoked,
            Self::Entered { .. } => EndingKind::Entered,
        }
    }

    /// Who ended it and on which device, as the loser of a race is told (E-09), by the slots of
    /// their names.
    #[inline]
    pub(super) const fn by(self, call: &Call) -> (u32, u32) {
        match self {
            Self::Accepted { device }
            | Self::Rejected { device, .. }
            | Self::Entered { device } => (call.callee, device.0.slot()),
            Self::InOtherRoom => (call.callee, NONE),
            Self::TimedOut | Self::Revoked { by: Actor::Backend } => (NONE, NONE),
            Self::Cancelled { device } => (call.caller, device.0.slot()),
            Self::Revoked { by: Actor::Device { user, device } } => {
                (user.0.slot(), device.0.slot())
            }
        }
    }
}

/// A user's role by what is known of user and room (F-09).
pub(super) const fn role(room: &Room, user: u32, seat: Option<&Seat>) -> Role {
    if room.owner == user {
        Role::Owner
    } else if let Some(Seat { is_admin: true, .. }) = seat {
        Role::Admin
    } else {
        Role::Participant
    }
}
