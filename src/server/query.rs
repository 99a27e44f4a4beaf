//! Questions. They change nothing (Q-08): ask them after a tick at the present time.

use alloc::vec::Vec;
use core::ops::Bound;

use super::state::{Call, CallState, Room, User};
use super::{Cursor, Switchboard};
use crate::{
    Act, Actor, Attempt, CallStatus, Ended, Refusal, Role, RoomCall, RoomId, Standing, Tie, UserId,
    permits,
};

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

/// What ended meanwhile (Q-09).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndedCalls {
    /// The remembered endings, in attempt order; of too many the newest.
    pub calls: Vec<EndedCall>,
    /// The last attempt made: one up to it that does not ring is over.
    pub last_attempt: Attempt,
}

/// A call to the asking user that is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EndedCall {
    /// Into which room.
    pub room: RoomId,
    /// Who called.
    pub caller: UserId,
    /// How it ended, as the loser of a race is told (E-09).
    pub ended: Ended,
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
        self.known(by)?;
        let limit = self.limits.page_size;
        if page.count == 0 || page.count > limit {
            return Err(Refusal::BadPageSize { limit });
        }
        let cursor = match page.cursor {
            None => None,
            Some(text) => Some(Cursor::parse(text).ok_or(Refusal::BadCursor)?),
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

    /// What rings for the asking user: what a device needs after a reconnect (Q-06).
    ///
    /// # Errors
    ///
    /// In this order: a stale handle (N-01), the backend, which nobody calls (P-04).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Actor, Limits, Policy, Refusal};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (user, device) = (board.hold_user("bo")?, board.hold_device("phone")?);
    /// let incoming = board.incoming_calls(Actor::Device { user, device })?;
    /// assert!(incoming.calls.is_empty());
    /// assert_eq!(incoming.revision, 0);
    /// assert_eq!(board.incoming_calls(Actor::Backend), Err(Refusal::NotYours));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn incoming_calls(&self, by: Actor) -> Result<IncomingCalls<'_>, Refusal> {
        let user = self.receiver(by)?;
        let calls = user
            .into_iter()
            .flat_map(|user| &user.live)
            .filter_map(|&attempt| {
                let call = self.calls.get(&attempt)?;
                let PendingCall { attempt, call: told, time_left, extension } =
                    self.pending(attempt, call);
                let (room, extension) = (call.room, extension?);
                Some(IncomingCall { room, attempt, call: told, time_left, extension })
            })
            .collect();
        Ok(IncomingCalls { calls, revision: self.attempts.saturating_add(self.endings) })
    }

    /// The endings that are remembered of calls to the asking user, of attempts after `since`, at
    /// most as many as a page may have, and the last attempt made: what a device that was away
    /// shows besides what rings (Q-09). `since` may be any number.
    ///
    /// # Errors
    ///
    /// As [`incoming_calls`](Self::incoming_calls).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Actor, Attempt, Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (user, device) = (board.hold_user("bo")?, board.hold_device("phone")?);
    /// let missed = board.endings_since(Actor::Device { user, device }, Attempt::new(0))?;
    /// assert!(missed.calls.is_empty());
    /// assert_eq!(missed.last_attempt.get(), 0, "no attempt was made yet");
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn endings_since(&self, by: Actor, since: Attempt) -> Result<EndedCalls, Refusal> {
        let user = self.receiver(by)?;
        let most = usize::try_from(self.limits.page_size).unwrap_or(usize::MAX);
        let mut calls: Vec<EndedCall> = Vec::new();
        if let (Some(user), Actor::Device { user: callee, .. }) = (user, by) {
            let newest = user.ended.range((Bound::Excluded(since), Bound::Unbounded)).rev();
            calls.extend(newest.take(most).filter_map(|(_, &room)| {
                let remembered = self.rooms.get(&room)?.ended.get(&callee)?;
                Some(EndedCall { room, caller: remembered.caller, ended: remembered.ended })
            }));
        }
        calls.reverse();
        Ok(EndedCalls { calls, last_attempt: self.last_attempt() })
    }

    /// What is known of a user who asks what rings; `None` if nothing is. No room is asked about,
    /// so presence and role have no part in it (P-04).
    fn receiver(&self, by: Actor) -> Result<Option<&User>, Refusal> {
        self.known(by)?;
        let (standing, tie, user) = match by {
            Actor::Backend => (Standing::Backend, Tie::Stranger, None),
            Actor::Device { user, .. } => {
                (Standing::Outside(Role::Participant), Tie::Callee, self.users.get(&user))
            }
        };
        permits(self.policy.may_call, standing, tie, Act::Receive)?;
        Ok(user)
    }

    /// The last ending of a callee in a room, if it is remembered (E-18).
    #[cfg(feature = "serde")]
    pub(crate) fn last_ending(&self, room: RoomId, callee: UserId) -> Option<crate::Ended> {
        Some(self.rooms.get(&room)?.ended.get(&callee)?.ended)
    }

    /// Whether a room is open (F-02).
    pub fn is_open(&self, room: RoomId) -> bool {
        self.rooms.contains_key(&room)
    }

    /// Whether a user is in a room (F-04): what a host asks to resolve
    /// [`Audience::Room`](crate::Audience::Room).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Fact, Input, Limits, Policy, Role, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.hold_user("ana")?, board.hold_room("standup")?);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// assert!(board.is_open(room) && !board.is_inside(room, ana));
    /// assert_eq!(board.role(room, ana), Some(Role::Owner));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn is_inside(&self, room: RoomId, user: UserId) -> bool {
        self.rooms.get(&room).is_some_and(|room| room.present.contains(&user))
    }

    /// A user's role in a room, inside or not (F-09); `None` if the room is not open.
    pub fn role(&self, room: RoomId, user: UserId) -> Option<Role> {
        self.rooms.get(&room).map(|room| room.role(user))
    }
}
