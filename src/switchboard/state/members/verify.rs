//! Whether the lists and the index agree (INV-04).

use super::member::MemberList;
use super::{Members, RoomMembers, Standing, UserRooms};
use crate::collections::index;
use crate::domain::id::Id;
use crate::switchboard::state::pairs::FEW;

impl Members {
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
        let (mut of_rooms, mut presences) = (0_u32, 0_u32);
        for (members, slot) in self.by_room.iter().zip(0_u32..) {
            for list in [MemberList::Present, MemberList::Outside, MemberList::Gone] {
                let Some(len) = self.verify_list(members, list, slot) else { return false };
                of_rooms = of_rooms.saturating_add(len);
            }
            let of_room = [members.present, members.outside, members.gone].into_iter();
            for (_, member) in of_room.flat_map(|list| list.iter(&self.slab)) {
                let Some(len) = self.presences.verify(&member.presences) else { return false };
                presences = presences.saturating_add(len);
            }
        }
        (listed, of_rooms) == (self.slab.len(), self.slab.len())
            && indexed == self.many.len()
            && presences == self.presences.len()
    }

    fn is_user(&self, rooms: &UserRooms, slot: u32) -> bool {
        let members = || rooms.list.iter(&self.slab).map(|(_, member)| member);
        members().all(|member| {
            let found = self.member(member.room, member.user);
            member.user.slot() == slot
                && (member.listed != Standing::GONE || member.presences.remembers())
                && member.listed == member.standing()
                && found.is_some_and(|found| core::ptr::eq(found, member))
        }) && members().is_sorted_by_key(|member| !member.is_present())
    }

    /// The members of a list of a room, if they belong there and are counted.
    fn verify_list(&self, room: &RoomMembers, list: MemberList, slot: u32) -> Option<u32> {
        let (of, count) = match list {
            MemberList::Present => (room.present, Some(room.present_count)),
            MemberList::Outside => (room.outside, None),
            MemberList::Gone => (room.gone, Some(room.gone_count)),
        };
        let len = of.verify(&self.slab)?;
        let mut members = of.iter(&self.slab).map(|(_, member)| member);
        let belong =
            members.all(|member| member.room.slot() == slot && member.listed.list() == list);
        let is_counted = count.is_none_or(|count| count == len);
        (belong && is_counted && self.are_admins_counted(room)).then_some(len)
    }

    fn are_admins_counted(&self, room: &RoomMembers) -> bool {
        let members = room.present.iter(&self.slab).chain(room.outside.iter(&self.slab));
        members.filter(|(_, member)| member.is_admin).count() == index(room.admin_count)
    }
}
