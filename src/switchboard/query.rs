//! Questions. They change nothing (Q-08): ask them after a tick at the present time.

use alloc::vec::Vec;

use super::find::Open;
use super::state::{Call, Seat, User, role};
use super::{Cursor, Switchboard};
use crate::store::{Chain, Lanes as _, NONE, Walk};
use crate::{
    Action, Actor, Attempt, CallRelation, CallStatus, Ending, Membership, Refusal, Role, RoomCall,
    RoomId, UserId, permits,
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
    pub ended: Ending,
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
        Ok(PendingCalls { calls, next })
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
            Actor::Device { user, .. } if self.record(listed.at, user.0.slot()).is_some() => {
                CallRelation::Callee
            }
            Actor::Device { .. } | Actor::Backend => CallRelation::Stranger,
        };
        permits(self.policy.may_call, self.standing(listed, by), tie, Action::Read)?;
        if cursor.is_some_and(|cursor| !self.gave_out(cursor, listed)) {
            return Err(Refusal::ForeignCursor);
        }
        Ok(self.page(listed, cursor, page, each))
    }

    /// Q-04
    fn gave_out(&self, cursor: Cursor, listed: Open<'_>) -> bool {
        cursor.opening == listed.room.opening
            && cursor.after >= Attempt::new(1)
            && cursor.after <= cursor.until
            && cursor.until.get() <= self.attempts
    }

    fn page<'a>(
        &'a self,
        listed: Open<'a>,
        cursor: Option<Cursor>,
        page: Page<'_>,
        mut each: impl FnMut(PendingCall<'a>),
    ) -> Option<Cursor> {
        let until = cursor.map_or(self.last_attempt(), |cursor| cursor.until);
        let after = cursor.map_or(Attempt::new(0), |cursor| cursor.after);
        let first = listed.room.fences.before(after.get()).unwrap_or(listed.room.list.first);
        let mut walk = Walk::from(&self.calls.arena, Call::IN_ROOM, first)
            .map(|(_, call)| call)
            .skip_while(|call| call.number() <= after)
            .take_while(|call| call.number() <= until)
            .filter(|call| page.status.is_none_or(|status| call.status() == status));
        let count = usize::try_from(page.count).unwrap_or(usize::MAX);
        let mut last = None;
        for call in walk.by_ref().take(count) {
            last = Some(call.number());
            each(self.pending(call));
        }
        let opening = listed.room.opening;
        walk.next().and(last).map(|after| Cursor { opening, after, until })
    }

    fn pending(&self, call: &Call) -> PendingCall<'_> {
        let deadline = call.deadline();
        PendingCall {
            attempt: call.number(),
            call: self.parties(call).told(call.status()),
            time_left: deadline.map(|deadline| self.clock.until(deadline)),
            extension: call.is_live().then(|| self.texts.get(call.extension)),
        }
    }

    /// What rings for the asking user: what a device needs after a reconnect (Q-06).
    ///
    /// # Errors
    ///
    /// In this order: a stale handle (N-01), the backend, which nobody calls (P-04).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Actor, Limits, Policy, Refusal};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (user, device) = (board.intern_user("bo")?, board.intern_device("phone")?);
    /// let incoming = board.incoming_calls(Actor::Device { user, device })?;
    /// assert!(incoming.calls.is_empty());
    /// assert_eq!(incoming.revision, 0);
    /// assert_eq!(board.incoming_calls(Actor::Backend), Err(Refusal::NotYours));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn incoming_calls(&self, by: Actor) -> Result<IncomingCalls<'_>, Refusal> {
        let user = self.receiver(by)?;
        let live = user.live.iter(&self.calls.arena, Call::TO_CALLEE);
        let calls = live
            .filter_map(|(_, call)| {
                let PendingCall { attempt, call: told, time_left, extension } = self.pending(call);
                let (room, extension) = (self.parties(call).room, extension?);
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
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Actor, Attempt, Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (user, device) = (board.intern_user("bo")?, board.intern_device("phone")?);
    /// let missed = board.endings_since(Actor::Device { user, device }, Attempt::new(0))?;
    /// assert!(missed.calls.is_empty());
    /// assert_eq!(missed.last_attempt.get(), 0, "no attempt was made yet");
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn endings_since(&self, by: Actor, since: Attempt) -> Result<EndedCalls, Refusal> {
        let user = self.receiver(by)?;
        let most = usize::try_from(self.limits.page_size).unwrap_or(usize::MAX);
        let mut calls: Vec<EndedCall> = Vec::new();
        let mut at = user.ended.last;
        while let Some(call) = self.call(at).filter(|call| call.number() > since) {
            if calls.len() >= most {
                break;
            }
            if call.is_remembered {
                let parties = self.parties(call);
                let (room, caller) = (parties.room, parties.caller);
                calls.push(EndedCall { room, caller, ended: self.ended(call) });
            }
            at = call.links(Call::TO_CALLEE).prev;
        }
        calls.reverse();
        Ok(EndedCalls { calls, last_attempt: self.last_attempt() })
    }

    /// What is known of a user who asks what rings. No room is asked about, so presence and role
    /// have no part in it (P-04).
    fn receiver(&self, by: Actor) -> Result<&User, Refusal> {
        self.known(by)?;
        let (standing, tie, user) = match by {
            Actor::Backend => (Membership::Backend, CallRelation::Stranger, NONE),
            Actor::Device { user, .. } => {
                (Membership::Outside(Role::Participant), CallRelation::Callee, user.0.slot())
            }
        };
        permits(self.policy.may_call, standing, tie, Action::Receive)?;
        Ok(self.user(user))
    }

    /// The last ending of a callee in a room, if it is remembered (E-18).
    pub(crate) fn last_ending(&self, room: RoomId, callee: UserId) -> Option<Ending> {
        self.opened(room)?;
        self.names.users.get(callee.0)?;
        self.remembered(room.0.slot(), callee.0.slot()).map(|(_, call)| self.ended(call))
    }

    /// Whether a room is open (F-02).
    pub fn is_open(&self, room: RoomId) -> bool {
        self.opened(room).is_some()
    }

    /// Whether a user is in a room (F-04): what a host asks to resolve
    /// [`Audience::Room`](crate::Audience::Room).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Fact, Input, Limits, Policy, Role, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// assert!(board.is_open(room) && !board.is_inside(room, ana));
    /// assert_eq!(board.role(room, ana), Some(Role::Owner));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn is_inside(&self, room: RoomId, user: UserId) -> bool {
        self.opened(room).is_some()
            && self.names.users.get(user.0).is_some()
            && self.is_present(room.0.slot(), user.0.slot())
    }

    /// Everyone who is in a room, in no order that means anything (Q-10): to whom a host tells what
    /// [`Audience::Room`](crate::Audience::Room) is told, also when it has just been restored.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Fact, Input, Limits, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let phone = board.intern_device("phone")?;
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// assert_eq!(board.participants(room).count(), 0, "an owner is not inside before having entered");
    /// let entered = Fact::UserEntered { room, user: ana, device: phone };
    /// let _ = board.apply(Tick::START, Input::Fact(entered));
    /// assert!(board.participants(room).eq([ana]));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn participants(&self, room: RoomId) -> impl Iterator<Item = UserId> {
        let seats = self.opened(room).map_or(Chain::EMPTY, |open| open.room.seats);
        let seats = seats.iter(&self.seats.arena, Seat::OF_ROOM);
        let present = seats.filter(|(_, seat)| seat.is_present);
        present.map(|(_, seat)| UserId(self.names.users.handle(seat.user)))
    }

    /// A user's role in a room, inside or not (F-09); `None` if the room is not open.
    pub fn role(&self, room: RoomId, user: UserId) -> Option<Role> {
        let open = self.opened(room)?;
        let seat = self.names.users.get(user.0).and_then(|_| self.seat(open.at, user.0.slot()));
        Some(role(open.room, user.0.slot(), seat.map(|(_, seat)| seat)))
    }
}
