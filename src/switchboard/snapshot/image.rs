//! Records as words, and words as records: both directions of each side by side. Nothing here is
//! believed that is read: who reads checks positions, lists and counts (`read`, `check`).

use alloc::vec::Vec;

use crate::EndingKind;
use crate::store::{Chain, Links, NONE, Record as _};
use crate::switchboard::fences::Fences;
use crate::switchboard::state::{Call, Phase, Room, Seat, User};

pub(super) type CallImage = [u32; 15];
pub(super) type SeatImage = [u32; 7];
pub(super) type UserImage = [u32; 6];
pub(super) type RoomImage = [u32; 9];

/// A number as two words.
pub(super) fn halves(number: u64) -> [u32; 2] {
    let low = u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
    [low, u32::try_from(number >> 32).unwrap_or_default()]
}

/// Two words as a number.
pub(super) fn joined([low, high]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

impl Call {
    #[inline]
    pub(super) fn image(&self) -> CallImage {
        if let Some(next) = self.next_free() {
            let mut free = [NONE; 15];
            (free[0], free[1], free[14]) = (next, 0, FREE);
            return free;
        }
        let [a, b] = halves(self.attempt);
        let [c, d] = halves(self.when_or_who());
        let [room, callee, order] = self.all_links();
        let (p, q) = if self.is_live() { (NONE, NONE) } else { (order.prev, order.next) };
        [
            a,
            b,
            c,
            d,
            self.room,
            self.callee,
            self.caller,
            self.device,
            room.prev,
            room.next,
            callee.prev,
            callee.next,
            p,
            q,
            self.kind(),
        ]
    }

    /// Phase, ending and marks as one word.
    fn kind(&self) -> u32 {
        let phase = match self.phase {
            Phase::Free => FREE,
            Phase::Live => LIVE,
            Phase::Kept => KEPT,
            Phase::Gone => GONE,
        };
        let how = u32::from(crate::switchboard::hash::how_number(self.how));
        let marks = u32::from(self.is_remembered) << 1 | u32::from(self.is_fence);
        how << 4 | marks << 2 | phase
    }

    #[inline]
    pub(super) fn of(image: CallImage) -> Option<Self> {
        let [
            a,
            b,
            c,
            d,
            room,
            callee,
            caller,
            device,
            room_prev,
            room_next,
            callee_prev,
            callee_next,
            p,
            q,
            kind,
        ] = image;
        let phase = match kind & 3 {
            FREE => return (image == Self::free(a).image()).then(|| Self::free(a)),
            LIVE => Phase::Live,
            KEPT => Phase::Kept,
            _ => Phase::Gone,
        };
        let how = *EndingKind::ALL.get(usize::try_from(kind >> 4).ok()?)?;
        let links = [
            Links { prev: room_prev, next: room_next },
            Links { prev: callee_prev, next: callee_next },
            Links { prev: p, next: q },
        ];
        let call = Self::ringing(
            crate::Attempt::new(joined([a, b])),
            None,
            (room, callee),
            (caller, device),
            0,
        );
        let (is_remembered, is_fence) = (kind & 8 > 0, kind & 4 > 0);
        let mut call = call.stored(joined([c, d]), links);
        (call.phase, call.how) = (phase, how);
        (call.is_remembered, call.is_fence) = (is_remembered, is_fence);
        // What has one image has one reading: the links of a deadline are in none.
        let is_canonical = !call.is_live() || (p, q) == (NONE, NONE);
        debug_assert!(!is_canonical || call.image() == image, "all else is in the image");
        (is_canonical && call.is_sensible()).then_some(call)
    }

    /// Whether an ending is told of where there is one, and only there.
    const fn is_sensible(&self) -> bool {
        match self.phase {
            Phase::Free => true,
            Phase::Live => !self.is_remembered && matches!(self.how, EndingKind::Accepted),
            Phase::Kept => {
                matches!(
                    self.how,
                    EndingKind::Rejected | EndingKind::InOtherRoom | EndingKind::TimedOut
                ) && (self.is_remembered || self.when_or_who() == u64::MAX)
            }
            Phase::Gone => self.is_remembered && !self.is_fence,
        }
    }
}

const FREE: u32 = 0;
const LIVE: u32 = 1;
const KEPT: u32 = 2;
const GONE: u32 = 3;

impl Seat {
    pub(super) fn image(&self) -> SeatImage {
        let [user, room] = self.links;
        let marks = u32::from(self.is_present) << 1 | u32::from(self.is_admin);
        [self.user, self.room, user.prev, user.next, room.prev, room.next, marks]
    }

    pub(super) fn of(image: SeatImage) -> Option<Self> {
        let [user, room, user_prev, user_next, room_prev, room_next, marks] = image;
        let of_user = Links { prev: user_prev, next: user_next };
        let links = [of_user, Links { prev: room_prev, next: room_next }];
        let (is_present, is_admin) = (marks & 2 > 0, marks & 1 > 0);
        let seat = Self { user, room, is_present, is_admin, links };
        let is_canonical = seat.next_free().is_none_or(|next| Self::free(next) == seat);
        (seat.image() == image && is_canonical).then_some(seat)
    }
}

impl User {
    pub(super) const fn image(&self) -> UserImage {
        let Self { live, ended, seats, .. } = self;
        [live.first, live.last, ended.first, ended.last, seats.first, seats.last]
    }

    /// Without counts.
    pub(super) const fn of(image: UserImage) -> Self {
        let [a, b, c, d, e, f] = image;
        let (live, ended) = (Chain { first: a, last: b }, Chain { first: c, last: d });
        Self { live, ended, calls: 0, seats: Chain { first: e, last: f }, seated: 0 }
    }
}

impl Room {
    pub(super) fn image(&self) -> RoomImage {
        let ([a, b], Self { owner, list, ended, seats, .. }) = (halves(self.opening), self);
        [a, b, *owner, list.first, list.last, ended.first, ended.last, seats.first, seats.last]
    }

    /// Without counts.
    pub(super) fn of(image: RoomImage) -> Self {
        let [a, b, owner, c, d, e, f, g, h] = image;
        Self {
            opening: joined([a, b]),
            owner,
            list: Chain { first: c, last: d },
            ended: Chain { first: e, last: f },
            seats: Chain { first: g, last: h },
            fences: Fences::restored(Vec::new()),
            ..<Self as crate::names::Named>::NOTHING
        }
    }
}
