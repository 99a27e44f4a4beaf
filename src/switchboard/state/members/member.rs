//! What a user is in a room, and the lists of that by user and by room.

use super::presences::MemberPresences;
use crate::collections::{Links, List, Slab, linked};
use crate::domain::id::{Id, RoomId, UserId};
use crate::domain::time::Tick;
use crate::switchboard::state::pairs::Pair;

/// A user who is in a room, or an admin of it, or both, or of whom sessions are remembered there.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(super) room: RoomId,
    pub(super) presences: MemberPresences,
    pub(crate) is_admin: bool,
    /// What it was when it joined its lists, which depend on that.
    pub(super) listed: Standing,
    /// When it joined the list of those of whom only sessions are remembered, if it is there (F-13).
    pub(super) gone_at: Tick,
    pub(super) of_user: Links,
    pub(super) of_room: Links,
}

/// What a user is in a room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Standing {
    pub(super) is_present: bool,
    pub(super) is_admin: bool,
}

impl Standing {
    /// Neither in the room nor an admin of it.
    pub(super) const GONE: Self = Self { is_present: false, is_admin: false };

    /// The list of a room that such a member is in.
    #[inline]
    pub(super) const fn list(self) -> MemberList {
        match self {
            Self { is_present: true, .. } => MemberList::Present,
            Self { is_present: false, is_admin: true } => MemberList::Outside,
            Self { is_present: false, is_admin: false } => MemberList::Gone,
        }
    }
}

/// The lists of a room's members.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum MemberList {
    Present,
    Outside,
    Gone,
}

impl Member {
    /// Whether the user is in the room (F-04).
    #[inline]
    pub(crate) const fn is_present(&self) -> bool {
        self.presences.is_present()
    }

    /// Whether sessions of the user that ended are remembered (F-13).
    #[inline]
    pub(crate) const fn remembers(&self) -> bool {
        self.presences.remembers()
    }

    /// When the user became somebody of whom only sessions are remembered, if that is so (F-13).
    pub(crate) fn gone_at(&self) -> Option<Tick> {
        (self.listed == Standing::GONE).then_some(self.gone_at)
    }

    pub(super) const fn standing(&self) -> Standing {
        Standing { is_present: self.is_present(), is_admin: self.is_admin }
    }
}

/// The list of one user's members.
#[derive(Debug)]
pub(super) struct OfUser;

/// The list of one room's members.
#[derive(Debug)]
pub(super) struct OfRoom;

linked! { Member { OfUser: of_user, OfRoom: of_room } }

impl Pair for Member {
    #[inline]
    fn pair(&self) -> (u32, u32) {
        (self.user.slot(), self.room.slot())
    }
}

/// The rooms of one user, those that the user is in first.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserRooms {
    pub(super) list: List<OfUser>,
    pub(super) len: u32,
}

/// The members of one room, each in one list.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoomMembers {
    /// Those who are in it.
    pub(super) present: List<OfRoom>,
    /// The admins who are not in it.
    pub(super) outside: List<OfRoom>,
    /// Those of whom only sessions are remembered, by when they became so (F-13).
    pub(super) gone: List<OfRoom>,
    pub(super) present_count: u32,
    pub(super) admin_count: u32,
    pub(super) gone_count: u32,
}

impl UserRooms {
    pub(super) const NONE: Self = Self { list: List::EMPTY, len: 0 };

    /// Adds a member to the list: one who is present to its beginning.
    #[inline]
    pub(super) fn join(
        &mut self,
        slab: &mut Slab<Member>,
        position: u32,
        is_present: bool,
    ) -> Links {
        if is_present {
            self.list.join_front(slab, position)
        } else {
            self.list.join_back(slab, position)
        }
    }
}

impl RoomMembers {
    pub(super) const NONE: Self = Self {
        present: List::EMPTY,
        outside: List::EMPTY,
        gone: List::EMPTY,
        present_count: 0,
        admin_count: 0,
        gone_count: 0,
    };

    /// The list that a member is in.
    #[inline]
    pub(super) const fn list_of(&mut self, member: Standing) -> &mut List<OfRoom> {
        match member.list() {
            MemberList::Present => &mut self.present,
            MemberList::Outside => &mut self.outside,
            MemberList::Gone => &mut self.gone,
        }
    }

    /// Counts a member.
    #[inline]
    pub(super) fn count(&mut self, member: Standing) {
        let Standing { is_present, is_admin } = member;
        self.present_count = self.present_count.saturating_add(u32::from(is_present));
        self.admin_count = self.admin_count.saturating_add(u32::from(is_admin));
        self.gone_count = self.gone_count.saturating_add(u32::from(member == Standing::GONE));
    }

    /// Counts a member no more.
    #[inline]
    pub(super) fn discount(&mut self, member: Standing) {
        let Standing { is_present, is_admin } = member;
        self.present_count = self.present_count.saturating_sub(u32::from(is_present));
        self.admin_count = self.admin_count.saturating_sub(u32::from(is_admin));
        self.gone_count = self.gone_count.saturating_sub(u32::from(member == Standing::GONE));
    }
}
