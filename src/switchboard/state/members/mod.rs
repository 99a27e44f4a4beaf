//! Who is in a room, or an admin of it, or was in it.

mod member;
mod presences;
mod verify;

use alloc::vec::Vec;

use super::calls::grow;
use super::names::{Capacity, Names};
use super::pairs::{FEW, PairIndex};
use crate::collections::{List, NONE, Slab, index};
use crate::domain::id::{Id, RoomId, UserId};
use crate::domain::session::Session;
use crate::domain::time::Tick;
use crate::registry::HashKey;
use member::{OfUser, RoomMembers, Standing, UserRooms};
use presences::{MemberPresences, Presences};

pub(crate) use member::Member;
pub(crate) use presences::Presence;

/// Members by user and by room (INV-04). Each uses the name of its user.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    slab: Slab<Member>,
    presences: Presences,
    by_user: Vec<UserRooms>,
    by_room: Vec<RoomMembers>,
    /// The members of users with more than [`FEW`].
    many: PairIndex,
}

impl Members {
    pub(crate) fn with_capacity(key: HashKey, capacity: &Capacity) -> Self {
        Self {
            slab: Slab::new(),
            presences: Presences::new(),
            by_user: Vec::with_capacity(index(capacity.users)),
            by_room: Vec::with_capacity(index(capacity.rooms)),
            many: PairIndex::new(key),
        }
    }

    /// Whether there are positions for one more member and its presence.
    pub(crate) const fn fits_one(&self) -> bool {
        self.slab.fits(1) && self.presences.fits_one()
    }

    #[inline]
    fn of_user(&self, user: UserId) -> &UserRooms {
        self.by_user.get(index(user.slot())).unwrap_or(&UserRooms::NONE)
    }

    #[inline]
    fn of_room(&self, room: RoomId) -> &RoomMembers {
        self.by_room.get(index(room.slot())).unwrap_or(&RoomMembers::NONE)
    }

    /// What a user is in a room, if anything, and its position.
    #[inline(always)]
    pub(crate) fn find(&self, room: RoomId, user: UserId) -> Option<(u32, &Member)> {
        let rooms = self.of_user(user);
        if rooms.len > FEW {
            return self.find_many(room, user);
        }
        // Most users are in no room, and most others in one.
        rooms.list.iter(&self.slab).find(|(_, member)| member.room == room)
    }

    #[cold]
    fn find_many(&self, room: RoomId, user: UserId) -> Option<(u32, &Member)> {
        let position = self.many.find(&self.slab, (user.slot(), room.slot()), |_| true)?;
        Some((position, self.slab.get(position)?))
    }

    /// What a user is in a room, if anything.
    #[inline]
    pub(crate) fn member(&self, room: RoomId, user: UserId) -> Option<&Member> {
        self.find(room, user).map(|(_, member)| member)
    }

    /// Whether a user is in a room.
    #[inline]
    pub(crate) fn is_present(&self, room: RoomId, user: UserId) -> bool {
        self.member(room, user).is_some_and(Member::is_present)
    }

    /// Whether a user is in another room.
    #[inline]
    pub(crate) fn is_elsewhere(&self, room: RoomId, user: UserId) -> bool {
        // The rooms that the user is in come first.
        let mut rooms = self.of_user(user).list.iter(&self.slab).take(2);
        rooms.any(|(_, member)| member.is_present() && member.room != room)
    }

    /// What a user is in rooms, in no order that means anything.
    pub(crate) fn members_of(&self, user: UserId) -> impl Iterator<Item = (RoomId, &Member)> {
        self.of_user(user).list.iter(&self.slab).map(|(_, member)| (member.room, member))
    }

    /// Users in a room.
    pub(crate) fn present(&self, room: RoomId) -> u32 {
        self.of_room(room).present_count
    }

    /// Admins of a room.
    pub(crate) fn admins(&self, room: RoomId) -> u32 {
        self.of_room(room).admin_count
    }

    /// Everybody who is in a room, with positions, in no order that means anything.
    pub(crate) fn present_members(&self, room: RoomId) -> impl Iterator<Item = (u32, &Member)> {
        self.of_room(room).present.iter(&self.slab)
    }

    /// The admins of a room who are not in it, in no order that means anything.
    pub(crate) fn outside_admins(&self, room: RoomId) -> impl Iterator<Item = &Member> {
        self.of_room(room).outside.iter(&self.slab).map(|(_, member)| member)
    }

    /// Those of whom only sessions are remembered, by when they became so (F-13).
    pub(crate) fn gone(&self, room: RoomId) -> impl Iterator<Item = &Member> {
        self.of_room(room).gone.iter(&self.slab).map(|(_, member)| member)
    }

    /// How many these are.
    pub(crate) fn gone_count(&self, room: RoomId) -> u32 {
        self.of_room(room).gone_count
    }

    /// All members of a room, in whatever list.
    pub(crate) fn all_members(&self, room: RoomId) -> impl Iterator<Item = &Member> {
        let present = self.present_members(room).map(|(_, member)| member);
        present.chain(self.outside_admins(room)).chain(self.gone(room))
    }

    /// The presences of a member, in the order in which they began.
    pub(crate) fn presences(&self, member: &Member) -> impl Iterator<Item = Presence> {
        self.presences.present(&member.presences)
    }

    /// The sessions of a member that ended and are remembered, in the order in which they did (F-13).
    pub(crate) fn ended_sessions(&self, member: &Member) -> impl Iterator<Item = Session> {
        self.presences.ended(&member.presences)
    }

    /// Whether a session of a member has ended and is remembered (F-13).
    pub(crate) fn has_ended(&self, member: &Member, session: Option<Session>) -> bool {
        self.ended_sessions(member).any(|ended| Some(ended) == session)
    }

    /// Whether entering changes a member who is in the room (F-05, F-15).
    pub(crate) fn is_changed_by(&self, member: &Member, presence: Presence) -> bool {
        let mut others = self.presences(member);
        let is_new = !others.any(|other| presence.matches(other));
        is_new
            || self.presences(member).any(|other| presence.replaces(other))
            || self.has_ended(member, presence.session)
    }

    /// A user enters a room: the member at this position, if there is one (F-05). The session has
    /// not ended (F-15).
    #[inline]
    pub(crate) fn enter(
        &mut self,
        names: &mut Names,
        (room, user): (RoomId, UserId),
        member: Option<u32>,
        presence: Presence,
        at: Tick,
    ) {
        let Some(position) = member else {
            let mut presences = MemberPresences::NONE;
            self.presences.add(names, &mut presences, presence);
            self.insert(names, (room, user), presences, at);
            return;
        };
        let Some(member) = self.slab.get_mut(position) else { return };
        let of = &mut member.presences;
        if let Some(session) = presence.session {
            self.presences.forget(of, session);
        }
        self.presences.end_where(names, of, |other| presence.replaces(other));
        if !self.presences.present(of).any(|other| presence.matches(other)) {
            self.presences.begin(names, of, presence);
        }
        self.settle(names, position, at);
    }

    /// Ends the presences of a member of which `ends` holds (F-06).
    pub(crate) fn end(
        &mut self,
        names: &mut Names,
        position: u32,
        ends: impl Fn(Presence) -> bool,
        at: Tick,
    ) {
        let Some(member) = self.slab.get_mut(position) else { return };
        self.presences.end_where(names, &mut member.presences, ends);
        self.settle(names, position, at);
    }

    /// Remembers that a session of a user ended (F-13).
    pub(crate) fn remember(
        &mut self,
        names: &mut Names,
        (room, user): (RoomId, UserId),
        session: Session,
        at: Tick,
    ) {
        let member = self.find(room, user).map(|(position, _)| position);
        let none = MemberPresences::NONE;
        let position = member.unwrap_or_else(|| self.insert(names, (room, user), none, at));
        let Some(member) = self.slab.get_mut(position) else { return };
        self.presences.remember(&mut member.presences, session);
        self.settle(names, position, at);
    }

    /// If there are more than so many of whom only sessions are remembered, forgets those who became so
    /// first, all of the same point of time (F-13).
    pub(crate) fn evict(&mut self, names: &mut Names, room: RoomId, most: u32) {
        while self.gone_count(room) > most {
            let first = |all: &Self| {
                let position = all.of_room(room).gone.first();
                all.slab.get(position).map(|member| (position, member.gone_at))
            };
            let earliest = first(self).map(|(_, at)| at);
            while let Some((position, _)) = first(self).filter(|(_, at)| Some(*at) == earliest) {
                self.remove(names, position);
            }
        }
    }

    /// A user is an admin of a room, or is none (F-09).
    pub(crate) fn set_admin(
        &mut self,
        names: &mut Names,
        room: RoomId,
        user: UserId,
        is_admin: bool,
        at: Tick,
    ) {
        let position = match self.find(room, user) {
            Some((position, _)) => position,
            None if is_admin => self.insert(names, (room, user), MemberPresences::NONE, at),
            None => return,
        };
        let Some(member) = self.slab.get_mut(position) else { return };
        member.is_admin = is_admin;
        self.settle(names, position, at);
    }

    /// A member of a snapshot; those who are gone come in the order in which they became so, at `at`.
    pub(crate) fn restore(
        &mut self,
        names: &mut Names,
        (room, user): (RoomId, UserId),
        is_admin: bool,
        (presences, ended): (&[Presence], &[Session]),
        at: Tick,
    ) {
        let position = self.insert(names, (room, user), MemberPresences::NONE, at);
        let Some(member) = self.slab.get_mut(position) else { return };
        member.is_admin = is_admin;
        let of = &mut member.presences;
        presences.iter().for_each(|it| self.presences.add(names, of, *it));
        ended.iter().for_each(|session| self.presences.remember(of, *session));
        self.settle(names, position, at);
    }

    /// Forgets all presences and sessions in all rooms (F-18); roles stay.
    pub(crate) fn clear_presence(&mut self, names: &mut Names, at: Tick) {
        let all: Vec<u32> = self.slab.iter().map(|(position, _)| position).collect();
        for position in all {
            let Some(member) = self.slab.get_mut(position) else { continue };
            self.presences.clear(names, &mut member.presences);
            self.settle(names, position, at);
        }
    }

    /// Removes all presences, sessions and roles of the room (F-11).
    pub(crate) fn clear(&mut self, names: &mut Names, room: RoomId) {
        let lists = |it: &RoomMembers| [it.present.first(), it.outside.first(), it.gone.first()];
        while let Some(first) = lists(self.of_room(room)).into_iter().find(|it| *it != NONE) {
            self.remove(names, first);
        }
    }

    /// Removes all presences, sessions and roles of the user (F-20).
    pub(crate) fn erase(&mut self, names: &mut Names, user: UserId) {
        loop {
            let first = self.of_user(user).list.first();
            if first == NONE {
                break;
            }
            self.remove(names, first);
        }
    }

    /// A member who has changed: moves it to the lists where it belongs, or removes it if nothing is
    /// left of it.
    #[inline]
    fn settle(&mut self, names: &mut Names, position: u32, at: Tick) {
        let Some(member) = self.slab.get_mut(position) else { return };
        let (standing, listed) = (member.standing(), member.listed);
        let (room, user) = (index(member.room.slot()), index(member.user.slot()));
        if standing == Standing::GONE && !member.presences.remembers() {
            return self.remove(names, position);
        }
        if standing == listed {
            return;
        }
        (member.listed, member.gone_at) = (standing, at);
        if let Some(members) = self.by_room.get_mut(room) {
            if standing.list() != listed.list() {
                members.list_of(listed).remove(&mut self.slab, position);
                members.list_of(standing).push_back(&mut self.slab, position);
            }
            members.discount(listed);
            members.count(standing);
        }
        if let Some(rooms) =
            self.by_user.get_mut(user).filter(|_| standing.is_present != listed.is_present)
        {
            rooms.list.remove(&mut self.slab, position);
            let links = rooms.join(&mut self.slab, position, standing.is_present);
            List::<OfUser>::store(&mut self.slab, position, links);
        }
    }

    /// A member for a user who is none of the room, with these presences. Of one who has none, the caller sees
    /// to it that it [settles](Self::settle).
    #[inline]
    fn insert(
        &mut self,
        names: &mut Names,
        (room, user): (RoomId, UserId),
        presences: MemberPresences,
        at: Tick,
    ) -> u32 {
        names.users.retain(user);
        let position = self.slab.next_position();
        let (room_slot, user_slot) = (index(room.slot()), index(user.slot()));
        grow(&mut self.by_room, room_slot, RoomMembers::NONE);
        grow(&mut self.by_user, user_slot, UserRooms::NONE);
        let Some(members) = self.by_room.get_mut(room_slot) else { return position };
        let Some(rooms) = self.by_user.get_mut(user_slot) else { return position };
        let listed = Standing { is_present: presences.is_present(), is_admin: false };
        let of_room = members.list_of(listed).join_back(&mut self.slab, position);
        members.count(listed);
        let of_user = rooms.join(&mut self.slab, position, listed.is_present);
        rooms.len = rooms.len.saturating_add(1);
        let (is_admin, gone_at) = (false, at);
        let member = Member { user, room, presences, is_admin, listed, gone_at, of_user, of_room };
        self.slab.insert(member);
        if rooms.len > FEW {
            let lists = (rooms.list, List::EMPTY);
            self.many.joined(&self.slab, position, rooms.len, lists);
        }
        position
    }

    #[inline]
    fn remove(&mut self, names: &mut Names, position: u32) {
        let Some(member) = self.slab.get_mut(position) else { return };
        self.presences.clear(names, &mut member.presences);
        let &mut Member { user, room, listed, of_user, of_room, .. } = member;
        if let Some(members) = self.by_room.get_mut(index(room.slot())) {
            members.list_of(listed).leave(&mut self.slab, of_room);
            members.discount(listed);
        }
        if let Some(rooms) = self.by_user.get_mut(index(user.slot())) {
            if rooms.len > FEW {
                let lists = (rooms.list, List::EMPTY);
                self.many.leaves(&self.slab, position, rooms.len, lists);
            }
            rooms.list.leave(&mut self.slab, of_user);
            rooms.len = rooms.len.saturating_sub(1);
        }
        self.slab.remove(position);
        names.users.release(user);
    }
}
