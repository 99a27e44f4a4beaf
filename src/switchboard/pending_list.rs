//! A room's pending list (Q-01 to Q-05): who reads it, and page by page.

use alloc::vec::Vec;

use super::state::{Call, Room, State};
use super::{Cursor, LiveCursor, Switchboard, cursor};
use crate::domain::call::{CallStatus, RoomCall};
use crate::domain::id::{Attempt, RoomId, UserId};
use crate::domain::input::Actor;
use crate::domain::output::Scope;
use crate::domain::policy::{Action, CallRelation, permits};
use crate::domain::refusal::Refusal;

/// Which page of a pending list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Page<'a> {
    /// The text of [`PendingCalls::next`] of the page before; `None` for the first page.
    pub cursor: Option<&'a str>,
    /// The most calls in the page.
    pub count: u32,
    /// Only calls of this status; `None` means all.
    pub status: Option<CallStatus>,
}

/// A page of a room's pending list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PendingCalls<'a> {
    /// The records, in attempt order.
    pub calls: Vec<PendingCall<'a>>,
    /// Where the next page begins; `None` if this was the last.
    pub next: Option<Cursor>,
    /// Of whom the records are, if not of everybody.
    pub scope: Option<Scope>,
}

/// A record of a pending list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PendingCall<'a> {
    /// The attempt.
    pub attempt: Attempt,
    /// The call.
    pub call: RoomCall,
    /// Milliseconds until the deadline; `None` for never and for kept records.
    pub time_left: Option<u64>,
    /// The extension text of a live record, for the backend only (P-09).
    pub extension: Option<&'a str>,
}

/// Who reads a pending list.
#[derive(Clone, Copy)]
enum Reader {
    Backend,
    Inside,
    /// Somebody who is not in the room: the records of calls to that user (Q-01).
    Callee(UserId),
}

impl Reader {
    fn may_see(self, call: &Call) -> bool {
        match self {
            Self::Backend | Self::Inside => true,
            Self::Callee(user) => call.callee == user,
        }
    }

    /// P-09
    fn extension<'a>(self, state: &'a State, call: &Call) -> Option<&'a str> {
        match self {
            Self::Backend if call.is_live() => Some(state.calls.extension(call)),
            Self::Backend | Self::Inside | Self::Callee(_) => None,
        }
    }
}

impl Switchboard {
    /// A page of a room's pending list (seed: `getPendingCalls`; Q-01 to Q-05). It takes time for each
    /// record of the list up to the last of the page: the list is read from its beginning.
    ///
    /// # Errors
    ///
    /// In this order: a stale handle (N-01), the page size (Q-05), a text that is no cursor
    /// (Q-03), no such room (R-02), not allowed to read (P-05), a foreign cursor (Q-04).
    ///
    /// ```
    /// use roomcall::switchboard::{Page, Switchboard};
    /// use roomcall::{Actor, Fact, Input, Limits, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// let page = Page { cursor: None, count: 20, status: None };
    /// let list = board.pending_calls(Actor::Backend, room, page)?;
    /// assert!(list.calls.is_empty() && list.next.is_none());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn pending_calls(
        &self,
        by: Actor,
        room: RoomId,
        page: Page<'_>,
    ) -> Result<PendingCalls<'_>, Refusal> {
        let mut calls = Vec::new();
        let next = self.each_pending_call(by, room, page, |call| calls.push(call))?;
        Ok(PendingCalls { calls, next, scope: self.state.scope(by, room) })
    }

    /// As [`pending_calls`](Self::pending_calls), with the calls of the page one by one to `each`;
    /// it allocates nothing, and gives where the next page begins.
    ///
    /// # Errors
    ///
    /// As [`pending_calls`](Self::pending_calls); then no call was given.
    ///
    /// ```
    /// use roomcall::switchboard::{Page, Switchboard};
    /// use roomcall::{Actor, Fact, Input, Limits, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// let page = Page { cursor: None, count: 20, status: None };
    /// let mut listed = 0;
    /// let next = board.each_pending_call(Actor::Backend, room, page, |_| listed += 1)?;
    /// assert!(listed == 0 && next.is_none());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn each_pending_call<'a>(
        &'a self,
        by: Actor,
        room: RoomId,
        page: Page<'_>,
        each: impl FnMut(PendingCall<'a>),
    ) -> Result<Option<Cursor>, Refusal> {
        if self.state.knows(by) {
            self.state.each_pending_call(by, room, page, each)
        } else {
            Err(Refusal::StaleHandle)
        }
    }
}

impl State {
    /// Of somebody of whom nothing is known the handles may stand for no name.
    pub(super) fn each_pending_call<'a>(
        &'a self,
        by: Actor,
        room: RoomId,
        page: Page<'_>,
        each: impl FnMut(PendingCall<'a>),
    ) -> Result<Option<Cursor>, Refusal> {
        let cursor = cursor::read(&self.limits, page.count, page.cursor, Cursor::parse)?;
        let listed = self.open_room(room)?;
        let relation = match by {
            Actor::Device { user, .. } if self.calls.listed(room, user).is_some() => {
                CallRelation::Callee
            }
            Actor::Device { .. } | Actor::Backend => CallRelation::Stranger,
        };
        permits(self.policy.may_call, self.membership(listed, by), relation, Action::Read)?;
        if cursor.is_some_and(|cursor| !self.gave_out(cursor, listed)) {
            return Err(Refusal::ForeignCursor);
        }
        Ok(self.page(listed, cursor, page, self.reader(by, room), each))
    }

    fn reader(&self, by: Actor, room: RoomId) -> Reader {
        match by {
            Actor::Backend => Reader::Backend,
            Actor::Device { user, .. } if self.members.is_present(room, user) => Reader::Inside,
            Actor::Device { user, .. } => Reader::Callee(user),
        }
    }

    /// Of whom an actor is given the records of a room, if not of everybody (Q-01).
    pub(super) fn scope(&self, by: Actor, room: RoomId) -> Option<Scope> {
        matches!(self.reader(by, room), Reader::Callee(_)).then_some(Scope::Own)
    }

    /// Q-04
    fn gave_out(&self, cursor: Cursor, listed: &Room) -> bool {
        cursor.opening == listed.opening && cursor.attempts.is_up_to(self.calls.last_attempt())
    }

    /// Q-01, Q-02
    fn page<'a>(
        &'a self,
        listed: &Room,
        cursor: Option<Cursor>,
        page: Page<'_>,
        reader: Reader,
        mut each: impl FnMut(PendingCall<'a>),
    ) -> Option<Cursor> {
        let first = LiveCursor::first(self.calls.last_attempt());
        let attempts = cursor.map_or(first, |cursor| cursor.attempts);
        let calls = self
            .calls
            .list_of(listed.id)
            .map(|(_, call)| call)
            .filter(|call| reader.may_see(call))
            .filter(|call| page.status.is_none_or(|status| call.status() == status));
        let next = attempts.page(calls, page.count, |call| {
            each(PendingCall {
                attempt: call.attempt,
                call: call.reported(call.status()),
                time_left: self.time_left(call),
                extension: reader.extension(self, call),
            });
        });
        next.map(|attempts| Cursor { opening: listed.opening, attempts })
    }
}
