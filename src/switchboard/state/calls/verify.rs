//! Whether the lists, the index, the timers and the texts agree (INV-04).

use alloc::vec::Vec;

use super::{Calls, RoomCalls, UserCalls};
use crate::collections::{NONE, index};
use crate::domain::call::EndingKind;
use crate::domain::id::{Id, RoomId, UserId};
use crate::switchboard::state::call::{By, Call};
use crate::switchboard::state::pairs::FEW;

impl Calls {
    /// INV-04: the lists, the index, the timers and the texts agree, and calls are counted.
    pub(crate) fn verify(&self) -> bool {
        let live = self.iter().filter(|call| call.is_live()).count();
        let timed = self.iter().filter(|call| call.deadline().is_some()).count();
        let texts = self.iter().filter(|call| !self.extension(call).is_empty()).count();
        let timed = u32::try_from(timed).unwrap_or(u32::MAX);
        let mut attempts: Vec<u64> = self.iter().map(|call| call.attempt.get()).collect();
        attempts.sort_unstable();
        let made = self.last_attempt().get();
        live == index(self.live_count())
            && texts == self.texts.len()
            && self.timers.verify(&self.slab, timed, Call::queue)
            && attempts.is_sorted_by(|a, b| a < b)
            && attempts.first().is_none_or(|first| *first >= 1)
            && attempts.last().is_none_or(|last| *last <= made)
            // T-01, F-18: what was made in this life rings or has ended.
            && self.attempts_ended().checked_add(u64::from(self.live_count()))
                == made.checked_sub(self.base())
            // C-14: what has rung in this life rings, or has ended.
            && self.verify_rung()
            && self.all_live().next().is_none_or(|first| first.attempt.get() > self.base())
            && self.verify_live()
            && self.verify_rooms()
            && self.verify_users()
    }

    fn verify_rung(&self) -> bool {
        let live = self.all_live().filter(|call| call.has_rung()).map(|_| 1_u64).sum::<u64>();
        let over = self.attempts_rung().checked_sub(live);
        over.is_some_and(|over| over <= self.attempts_ended())
    }

    fn verify_live(&self) -> bool {
        self.all_live.verify(&self.slab) == Some(self.live_count())
            && self.all_live().all(Call::is_live)
            && self.all_live().is_sorted_by(|a, b| a.attempt < b.attempt)
    }

    fn verify_rooms(&self) -> bool {
        let mut ended = 0_u32;
        let mut listed = 0_u32;
        for (room, slot) in self.by_room.iter().zip(0_u32..) {
            let lens = (room.listed.verify(&self.slab), room.ended.verify(&self.slab));
            let (Some(list), Some(endings)) = lens else { return false };
            listed = listed.saturating_add(list);
            ended = ended.saturating_add(endings);
            if !self.is_room(room, slot) {
                return false;
            }
        }
        let count = |is: fn(&Call) -> bool| self.iter().filter(|call| is(call)).count();
        count(Call::is_listed) == index(listed) && count(|call| !call.is_live()) == index(ended)
    }

    fn is_room(&self, room: &RoomCalls, slot: u32) -> bool {
        let listed = || room.listed.iter(&self.slab).map(|(_, call)| call);
        let ended = || room.ended.iter(&self.slab);
        let oldest = |is: fn(&Call) -> bool| {
            ended().find(|(_, call)| is(call)).map_or(NONE, |(position, _)| position)
        };
        let count = |is: fn(&Call) -> bool| ended().filter(|(_, call)| is(call)).count();
        let is_remembered = |call: &Call| call.remembered().is_some();
        listed().all(|call| call.is_listed() && call.room.slot() == slot)
            && listed().is_sorted_by(|a, b| a.attempt < b.attempt)
            && ended().all(|(_, call)| !call.is_live() && call.room.slot() == slot)
            && listed().filter(|call| call.is_live()).count() == index(room.live)
            && count(Call::is_kept) == index(room.kept)
            && count(is_remembered) == index(room.remembered)
            && oldest(Call::is_kept) == room.oldest_kept
            && oldest(is_remembered) == room.oldest_remembered
    }

    fn verify_users(&self) -> bool {
        let (mut all, mut made, mut indexed) = (0_u32, 0_u32, 0_usize);
        for (callee, slot) in self.by_user.iter().zip(0_u32..) {
            let lens = (callee.live.verify(&self.slab), callee.ended.verify(&self.slab));
            let (Some(live), Some(ended)) = lens else { return false };
            let len = live.saturating_add(ended);
            all = all.saturating_add(len);
            if len > FEW {
                indexed = indexed.saturating_add(index(len));
            }
            let by = (callee.by.live.verify(&self.slab), callee.by.ended.verify(&self.slab));
            let (Some(live), Some(ended)) = by else { return false };
            made = made.saturating_add(live).saturating_add(ended);
            if len != callee.len || !self.is_callee(callee, slot) || !self.is_caller(callee, slot) {
                return false;
            }
        }
        all == self.slab.len() && made == self.slab.len() && indexed == self.many.len()
    }

    fn is_callee(&self, callee: &UserCalls, slot: u32) -> bool {
        let live = || callee.live.iter(&self.slab).map(|(_, call)| call);
        let ended = || callee.ended.iter(&self.slab).map(|(_, call)| call);
        live().all(|call| call.is_live() && call.callee.slot() == slot)
            && ended().all(|call| !call.is_live() && call.callee.slot() == slot)
            && live().is_sorted_by(|a, b| a.attempt < b.attempt)
            && ended().is_sorted_by(|a, b| a.attempt < b.attempt)
            && live().chain(ended()).all(|call| self.is_found(call))
    }

    fn is_caller(&self, caller: &UserCalls, slot: u32) -> bool {
        let live = || caller.by.live.iter(&self.slab).map(|(_, call)| call);
        let ended = || caller.by.ended.iter(&self.slab).map(|(_, call)| call);
        live().all(|call| call.is_live() && call.caller.slot() == slot)
            && ended().all(|call| !call.is_live() && call.caller.slot() == slot)
            && live().is_sorted_by(|a, b| a.attempt < b.attempt)
            && ended().is_sorted_by(|a, b| a.attempt < b.attempt)
    }

    /// Whether a call is what is found for its room and callee, and its ending can be remembered.
    fn is_found(&self, call: &Call) -> bool {
        let is_it = |found: Option<(u32, &Call)>| {
            found.is_some_and(|(_, found)| core::ptr::eq(found, call))
        };
        let Call { room, callee, .. } = *call;
        (!call.is_listed() || is_it(self.listed(room, callee)))
            && (!call.is_live() || is_it(self.live(room, callee)))
            && match call.remembered() {
                None => call.is_listed(),
                Some((kind, by)) => {
                    is_it(self.remembered(room, callee))
                        && is_ending((call.callee, call.caller), kind, by)
                }
            }
    }

    /// The most live calls that one user has (INV-01).
    pub(crate) fn most_live_of_a_user(&self) -> usize {
        let lens = self.by_user.iter().map(|callee| callee.live.iter(&self.slab).count());
        lens.max().unwrap_or_default()
    }

    /// The room of each call.
    pub(crate) fn rooms(&self) -> impl Iterator<Item = RoomId> {
        self.iter().map(|call| call.room)
    }
}

/// Whether an ending of a call to and by these users is one that can be remembered (E-09).
pub(crate) fn is_ending(
    (callee, caller): (UserId, UserId),
    kind: EndingKind,
    By { user, device, reason }: By,
) -> bool {
    if reason.is_some() != (kind == EndingKind::Rejected) {
        return false;
    }
    let is_by = |who: UserId| user == Some(who);
    match kind {
        EndingKind::Accepted | EndingKind::Rejected => is_by(callee) && device.is_some(),
        // No device, where it is not known on which one the callee came into the room (E-07).
        EndingKind::Entered => is_by(callee),
        EndingKind::InOtherRoom => is_by(callee) && device.is_none(),
        EndingKind::TimedOut => user.is_none() && device.is_none(),
        // No device, where the caller of a call left that no device made (P-11).
        EndingKind::Cancelled => is_by(caller),
        EndingKind::Revoked => user.is_some() == device.is_some(),
    }
}
