//! One entry of a call log, and the names in it.

use crate::collections::{Links, linked};
use crate::domain::call::EndingKind;
use crate::domain::id::{Attempt, RoomId, UserId};
use crate::domain::time::Tick;
use crate::switchboard::state::call::By;
use crate::switchboard::state::names::Names;

/// Somebody called a user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    /// Whose log it is in: who was called.
    pub(crate) user: UserId,
    pub(crate) caller: UserId,
    pub(crate) room: RoomId,
    /// When that was over, or was tried last.
    pub(crate) at: Tick,
    pub(crate) what: What,
    pub(super) of_user: Links,
    pub(super) of_caller: Links,
    pub(super) in_all: Links,
    /// No attempt of the caller's entries up to this one is above it.
    pub(super) highest: Attempt,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// It rang, and ended.
    Ended { attempt: Attempt, kind: EndingKind, by: By },
    /// It was refused, so often.
    Tried { count: u64 },
}

impl Entry {
    /// An entry that is in no list yet.
    #[inline]
    pub(crate) const fn new(
        number: u64,
        (room, user, caller): (RoomId, UserId, UserId),
        at: Tick,
        what: What,
    ) -> Self {
        let (of_user, of_caller, in_all) = (Links::NONE, Links::NONE, Links::NONE);
        let highest = Attempt::new(0);
        Self { number, user, caller, room, at, what, of_user, of_caller, in_all, highest }
    }

    /// The attempt that it is of, if there was one.
    #[inline]
    pub(crate) const fn attempt(&self) -> Option<Attempt> {
        match self.what {
            What::Ended { attempt, .. } => Some(attempt),
            What::Tried { .. } => None,
        }
    }

    /// Who ended it, where that is neither of the two whom it names anyway.
    #[inline]
    pub(crate) fn operator(&self) -> Option<UserId> {
        let What::Ended { by, .. } = self.what else { return None };
        by.user.filter(|user| *user != self.user && *user != self.caller)
    }

    /// How it ended and by whom.
    #[inline]
    pub(crate) const fn ended(&self) -> Option<(EndingKind, By)> {
        match self.what {
            What::Ended { kind, by, .. } => Some((kind, by)),
            What::Tried { .. } => None,
        }
    }

    /// Says that another one ended it.
    pub(super) const fn set_operator(&mut self, other: By) {
        if let What::Ended { by, .. } = &mut self.what {
            *by = other;
        }
    }

    #[inline]
    pub(super) fn retain(&self, names: &mut Names) {
        names.rooms.retain(self.room);
        names.users.retain(self.user);
        names.users.retain(self.caller);
        if let Some(operator) = self.operator() {
            names.users.retain(operator);
        }
        if let Some(device) = self.ended().and_then(|(_, by)| by.device) {
            names.devices.retain(device);
        }
    }

    #[inline]
    pub(super) fn release(&self, names: &mut Names) {
        names.rooms.release(self.room);
        names.users.release(self.user);
        names.users.release(self.caller);
        if let Some(operator) = self.operator() {
            names.users.release(operator);
        }
        if let Some(device) = self.ended().and_then(|(_, by)| by.device) {
            names.devices.release(device);
        }
    }
}

/// The list of a user's log.
#[derive(Clone, Debug)]
pub(crate) struct OfUser;

/// The list of what is logged of the calls by a user.
#[derive(Clone, Debug)]
pub(crate) struct OfCaller;

/// The list of all entries.
#[derive(Clone, Debug)]
pub(crate) struct InAll;

linked! { Entry { OfUser: of_user, OfCaller: of_caller, InAll: in_all } }
