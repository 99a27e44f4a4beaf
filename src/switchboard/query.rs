//! Queries. They change nothing (Q-08): ask them after a tick at the present time.

use alloc::vec::Vec;

use super::Switchboard;
use super::decide::party;
use super::respond::ending;
use super::state::{Call, Member, State};
use crate::domain::call::{Ending, RoomCall};
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input::{Actor, Role};
use crate::domain::policy::{Action, CallRelation, permits};
use crate::domain::refusal::Refusal;

/// What rings for a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IncomingCalls<'a> {
    /// The live attempts, in attempt order.
    pub calls: Vec<LiveCall<'a>>,
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
    /// How it ended, as for a request that came too late (E-09).
    pub ended: Ending,
}

/// A live attempt, for its callee, its caller or the backend.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LiveCall<'a> {
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
    /// Whether a device of the callee has said that it shows the call (C-14).
    pub rung: bool,
}

impl Switchboard {
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
        let receiver = self.receiver(by)?;
        Ok(IncomingCalls {
            calls: self.state.incoming_calls(receiver).collect(),
            revision: self.state.calls.revision(),
        })
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
        let receiver = self.receiver(by)?;
        let calls = self.state.endings_since(receiver, since);
        Ok(EndedCalls { calls, last_attempt: self.state.calls.last_attempt() })
    }

    pub(super) fn receiver(&self, by: Actor) -> Result<UserId, Refusal> {
        if self.state.knows(by) { self.state.receiver(by) } else { Err(Refusal::StaleHandle) }
    }

    /// Whether a room is open (F-02).
    pub fn is_open(&self, room: RoomId) -> bool {
        self.state.rooms.get(room).is_some()
    }

    /// The number of the present opening of a room (F-02), which a fact about it may name (F-14); `None`
    /// if it is not open.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Fact, Input, Limits, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// assert_eq!(board.opening(room), None);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// assert_eq!(board.opening(room), Some(1));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn opening(&self, room: RoomId) -> Option<u64> {
        self.state.rooms.get(room).map(|room| room.opening)
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
        let member = self.state.rooms.get(room).and_then(|_| self.state.members.member(room, user));
        member.is_some_and(|member| member.is_present() && member.user == user)
    }

    /// Everyone who is in a room, in no particular order (Q-10): who is notified of what
    /// [`Audience::Room`](crate::Audience::Room) addresses, also right after a restore.
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
    /// let entered = Fact::user_entered(room, ana, phone);
    /// let _ = board.apply(Tick::START, Input::Fact(entered));
    /// assert!(board.participants(room).eq([ana]));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn participants(&self, room: RoomId) -> impl Iterator<Item = UserId> {
        let open = self.state.rooms.get(room).map(|_| self.state.members.present_members(room));
        open.into_iter().flatten().map(|(_, member)| member.user)
    }

    /// The rooms that a user is in on a device, or on any if there is none, in no particular order (F-04): what
    /// a host asks to state that a device which is gone for good has left them (F-06).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Fact, Input, Limits, Policy, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let (phone, laptop) = (board.intern_device("phone")?, board.intern_device("laptop")?);
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: ana }));
    /// let _ = board.apply(Tick::START, Input::Fact(Fact::user_entered(room, ana, phone)));
    /// assert!(board.rooms_of(ana, Some(phone)).eq([room]) && board.rooms_of(ana, None).eq([room]));
    /// assert_eq!(board.rooms_of(ana, Some(laptop)).count(), 0);
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn rooms_of(&self, user: UserId, device: Option<DeviceId>) -> impl Iterator<Item = RoomId> {
        let members = &self.state.members;
        let known = self.state.names.users.contains(user).then(|| members.members_of(user));
        let is_on = move |member: &Member| {
            members.presences(member).any(|it| device.is_none() || it.device == device)
        };
        known.into_iter().flatten().filter(move |(_, it)| is_on(it)).map(|(room, _)| room)
    }

    /// A user's role in a room, inside or not (F-09); `None` if the room is not open.
    pub fn role(&self, room: RoomId, user: UserId) -> Option<Role> {
        let room = self.state.rooms.get(room)?;
        let is_known = self.state.names.users.contains(user);
        Some(if is_known { self.state.role(room, user) } else { Role::Participant })
    }
}

impl State {
    pub(super) fn time_left(&self, call: &Call) -> Option<u64> {
        call.deadline().map(|deadline| self.clock.until(deadline))
    }

    /// What rings for a user (Q-06).
    pub(super) fn incoming_calls(&self, receiver: UserId) -> impl Iterator<Item = LiveCall<'_>> {
        self.calls.live_of(receiver).map(|(_, call)| self.live_call(call))
    }

    pub(super) fn live_call(&self, call: &Call) -> LiveCall<'_> {
        LiveCall {
            room: call.room,
            attempt: call.attempt,
            call: call.reported(call.status()),
            time_left: self.time_left(call),
            extension: self.calls.extension(call),
            rung: call.has_rung(),
        }
    }

    /// The newest remembered endings of calls to a user, at most a page of them (Q-09).
    pub(super) fn endings_since(&self, receiver: UserId, since: Attempt) -> Vec<EndedCall> {
        let most = usize::try_from(self.limits.page_size).unwrap_or(usize::MAX);
        let ended = self.calls.ended_of(receiver).take_while(|call| call.attempt > since);
        let remembered = ended.filter_map(|call| {
            let (room, caller) = (call.room, call.caller);
            Some(EndedCall { room, caller, ended: ending(call, receiver)? })
        });
        let mut newest: Vec<EndedCall> = remembered.take(most).collect();
        newest.reverse();
        newest
    }

    /// The user who asks what rings. No room is asked about, so presence and role have no part in it
    /// (P-04).
    pub(super) fn receiver(&self, by: Actor) -> Result<UserId, Refusal> {
        permits(self.policy.may_call, party(by), CallRelation::Callee, Action::Receive)?;
        match by {
            Actor::Device { user, .. } => Ok(user),
            Actor::Backend => Err(Refusal::NotYours),
        }
    }
}
