//! Whether the lists and the index agree (INV-04).

use super::{Presence, RoomMembers, UserRooms};
use crate::collections::index;
use crate::domain::id::Id;
use crate::switchboard::state::pairs::FEW;

impl Presence {
    /// INV-04: the lists and the index agree, and members are counted.
    pub(crate) fn verify(&self) -> bool {
        let (mut listed, mut indexed) = (0_u32, 0_usize);
        for (rooms, slot) in self.by_user.iter().zip(0_u32..) {
            let Some(len) = rooms.list.verify(&self.slab) else { return false };
            listed = listed.saturating_add(len);
            if len > FEW {
                indexed = indexed.saturating_add(index(len));
            }
            if len != rooms.len || !self.is_user(rooms, slot) {
                return false;
            }
        }
        let mut of_rooms = 0_u32;
        for (members, slot) in self.by_room.iter().zip(0_u32..) {
            let Some(len) = members.list.verify(&self.slab) else { return false };
            of_rooms = of_rooms.saturating_add(len);
            if !self.is_room(members, slot) {
                return false;
            }
        }
        (listed, of_rooms) == (self.slab.len(), self.slab.len()) && indexed == self.many.len()
    }

    fn is_user(&self, rooms: &UserRooms, slot: u32) -> bool {
        let members = || rooms.list.iter(&self.slab).map(|(_, member)| member);
        members().all(|member| {
            let found = self.member(member.room, member.user);
            member.user.slot() == slot
                && (member.is_present || member.is_admin)
                && found.is_some_and(|found| core::ptr::eq(found, member))
        }) && members().is_sorted_by_key(|member| !member.is_present)
    }

    fn is_room(&self, room: &RoomMembers, slot: u32) -> bool {
        let members = || room.list.iter(&self.slab).map(|(_, member)| member);
        members().all(|member| member.room.slot() == slot)
            && members().filter(|member| member.is_present).count() == index(room.present)
            && members().filter(|member| member.is_admin).count() == index(room.admins)
    }
}
