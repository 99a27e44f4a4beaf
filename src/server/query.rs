//! Questions. They change nothing (Q-08): ask them after a tick at the present time.

use alloc::vec::Vec;
use core::ops::Bound;

use super::state::{Call, CallState, Room};
use super::{Cursor, Switchboard};
use crate::{Act, Actor, Attempt, CallStatus, Refusal, RoomCall, RoomId, Tie, UserId, permits};

/// Which page of a pending list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Page<'a> {
    /// The text of [`PendingCalls::next`] of the page before; empty for the first page.
    pub cursor: &'a str,
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
    /// The extension text; `None` for kept records.
    pub extension: Option<&'a str>,
}

/// What rings for a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IncomingCalls<'a> {
    /// The live attempts, in attempt order.
    pub calls: Vec<IncomingCall<'a>>,
    /// Which of two such answers is the newer (Q-07).
    pub revision: u64,
}

/// A live attempt, for its callee.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IncomingCall<'a> {
    /// Into which room.
    pub room: RoomId,
    /// The attempt.
    pub attempt: Attempt,
    /// The call.
    pub call: RoomCall,
    /// Milliseconds until the deadline; `None` for never.
    pub time_left: Option<u64>,
    /// The extension text.
    pub extension: &'a str,
}

impl Switchboard {
    /// A page of a room's pending list (seed: `getPendingCalls`; Q-01 to Q-05).
    ///
    /// # Errors
    ///
    /// In this order: a stale handle (N-01), the page size (Q-05), a text that is no cursor
    /// (Q-03), no such room (R-02), not allowed to read (P-05), a foreign cursor (Q-04).
    ///
    /// ```
    /// use roomcall::server::{Page, Switchboard};
    /// use roomcall::{Actor, Fact, Input, Limits, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.hold_user("ana")?, board.hold_room("standup")?);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// let page = Page { cursor: "", count: 20, status: None };
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
        self.known(by)?;
        let limit = self.limits.page_size;
        if page.count == 0 || page.count > limit {
            return Err(Refusal::BadPageSize { limit });
        }
        let cursor = match page.cursor {
            "" => None,
            text => Some(Cursor::parse(text).ok_or(Refusal::BadCursor)?),
        };
        let listed = self.room(room)?;
        let tie = match by {
            Actor::Device { user, .. } if listed.records.contains_key(&user) => Tie::Callee,
            Actor::Device { .. } | Actor::Backend => Tie::Stranger,
        };
        permits(self.policy.may_call, Self::standing(listed, by), tie, Act::Read)?;
        if cursor.is_some_and(|cursor| !self.gave_out(cursor, listed)) {
            return Err(Refusal::ForeignCursor);
        }
        Ok(self.page(listed, cursor, page))
    }

    /// Q-04
    fn gave_out(&self, cursor: Cursor, room: &Room) -> bool {
        cursor.opening == room.opening
            && cursor.after >= Attempt::new(1)
            && cursor.after <= cursor.until
            && cursor.until.get() <= self.attempts
    }

    fn page(&self, room: &Room, cursor: Option<Cursor>, page: Page<'_>) -> PendingCalls<'_> {
        let until = cursor.map_or(Attempt::new(self.attempts), |cursor| cursor.until);
        let after = cursor.map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor.after));
        let mut walk = room
            .list
            .range((after, Bound::Included(until)))
            .filter_map(|attempt| Some((*attempt, self.calls.get(attempt)?)))
            .filter(|(_, call)| page.status.is_none_or(|status| call.status() == status));
        let count = usize::try_from(page.count).unwrap_or(usize::MAX);
        let calls: Vec<_> =
            walk.by_ref().take(count).map(|(attempt, call)| self.pending(attempt, call)).collect();
        let next = walk.next().and(calls.last()).map(|last| Cursor {
            opening: room.opening,
            after: last.attempt,
            until,
        });
        PendingCalls { calls, next }
    }

    fn pending<'a>(&self, attempt: Attempt, call: &'a Call) -> PendingCall<'a> {
        let (time_left, extension) = match &call.state {
            CallState::Live { deadline, extension } => {
                (deadline.map(|deadline| self.clock.until(deadline)), Some(&**extension))
            }
            CallState::Kept { .. } => (None, None),
        };
        PendingCall { attempt, call: call.told(call.status()), time_left, extension }
    }

    /// What rings for a user: what a device needs after a reconnect (Q-06).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let bo = board.hold_user("bo")?;
    /// let incoming = board.incoming_calls(bo);
    /// assert!(incoming.calls.is_empty());
    /// assert_eq!(incoming.revision, 0);
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn incoming_calls(&self, user: UserId) -> IncomingCalls<'_> {
        let live = self.users.get(&user).map(|user| &user.live);
        let calls = live
            .into_iter()
            .flatten()
            .filter_map(|&attempt| {
                let call = self.calls.get(&attempt)?;
                let PendingCall { attempt, call: told, time_left, extension } =
                    self.pending(attempt, call);
                let (room, extension) = (call.room, extension?);
                Some(IncomingCall { room, attempt, call: told, time_left, extension })
            })
            .collect();
        IncomingCalls { calls, revision: self.attempts.saturating_add(self.endings) }
    }
}
