//! The calls to and by one user (Q-11): what a device asks for when it comes back.

use alloc::vec::Vec;

use super::Switchboard;
use super::query::LiveCall;
use super::respond::{ending, ending_of};
use super::state::{Call, Entry, State};
use crate::domain::call::{CallRejectionReason, Ending};
use crate::domain::id::{Attempt, RoomId, UserId};
use crate::domain::input::Actor;
use crate::domain::output::LogState;
use crate::domain::refusal::Refusal;

/// The live calls to and by a user, and what ended after an attempt: all there is to say of the user's
/// attempts above `since` and up to `last_attempt` (Q-11).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MyCalls<'a> {
    /// The live attempts to the user, in attempt order.
    pub incoming: Vec<LiveCall<'a>>,
    /// The live attempts by the user, in attempt order.
    pub outgoing: Vec<LiveCall<'a>>,
    /// The endings of attempts above `since` that are remembered, or logged of calls by the user, in
    /// attempt order; of too many the oldest.
    pub endings: Vec<MyEnding>,
    /// Whether there are further endings, of attempts above `last_attempt`.
    pub more: bool,
    /// The attempt after which it was asked.
    pub since: Attempt,
    /// The last attempt made, or, if there are more endings, that of the last one given.
    pub last_attempt: Attempt,
    /// Which of two such answers is the newer (Q-07).
    pub revision: u64,
    /// How far the user's call log goes; `None` where nothing is logged (H-02).
    pub log: Option<LogState>,
}

/// A call to or by the asking user that is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MyEnding {
    /// Into which room.
    pub room: RoomId,
    /// Who called.
    pub caller: UserId,
    /// Who was called.
    pub callee: UserId,
    /// How it ended, as for a request that came too late (E-09).
    pub ended: Ending,
    /// If it was rejected, the reason that was given (E-02).
    pub reason: Option<CallRejectionReason>,
}

impl Switchboard {
    /// The calls to and by the asking user: what rings, and what ended of the attempts after `since`,
    /// at most a page of it (Q-11). A device that was away asks since the last attempt that it heard
    /// of, and again since [`MyCalls::last_attempt`] as long as there are [`more`](MyCalls::more). It
    /// takes time for each live call and each remembered ending after `since` of the user.
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
    /// let mine = board.my_calls(Actor::Device { user, device }, Attempt::new(0))?;
    /// assert!(mine.incoming.is_empty() && mine.outgoing.is_empty() && mine.endings.is_empty());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn my_calls(&self, by: Actor, since: Attempt) -> Result<MyCalls<'_>, Refusal> {
        let user = self.receiver(by)?;
        Ok(self.state.my_calls(user, since))
    }
}

impl State {
    pub(super) fn my_calls(&self, user: UserId, since: Attempt) -> MyCalls<'_> {
        let outgoing = self.calls.live_by(user).map(|call| self.live_call(call));
        let most = usize::try_from(self.limits.page_size).unwrap_or(usize::MAX).max(1);
        let mut ended = self.my_endings(user, since, most.saturating_add(1));
        let endings: Vec<MyEnding> = ended.by_ref().take(most).collect();
        let more = ended.next().is_some();
        let last_given = endings.last().map(|last| last.ended.attempt);
        MyCalls {
            incoming: self.incoming_calls(user).collect(),
            outgoing: outgoing.collect(),
            endings,
            more,
            since,
            last_attempt: last_given.filter(|_| more).unwrap_or(self.calls.last_attempt()),
            revision: self.calls.revision(),
            log: self.log_state(user),
        }
    }

    /// The remembered endings of calls to and by a user, and the logged ones of calls by the user, of
    /// attempts above `since`, by attempt; so many of them at least, if there are.
    fn my_endings(
        &self,
        user: UserId,
        since: Attempt,
        most: usize,
    ) -> impl Iterator<Item = MyEnding> + use<'_> {
        let to = self.calls.ended_to(user, since).filter_map(move |call| my_ending(call, user));
        let by = self.calls.ended_by(user, since).filter_map(move |call| my_ending(call, user));
        let logged = self.log.by(user, since, (self.clock, &self.limits), most);
        let logged = logged.filter_map(move |entry| my_logged_ending(entry, user));
        merge(to, merge(by, logged))
    }
}

/// Two lists by attempt as one, each attempt once.
fn merge(
    one: impl Iterator<Item = MyEnding>,
    other: impl Iterator<Item = MyEnding>,
) -> impl Iterator<Item = MyEnding> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    core::iter::from_fn(move || {
        let attempt = |it: Option<&MyEnding>| it.map(|it| it.ended.attempt);
        match (attempt(one.peek()), attempt(other.peek())) {
            (Some(first), Some(second)) if second < first => other.next(),
            (Some(first), second) => {
                if second == Some(first) {
                    other.next();
                }
                one.next()
            }
            (None, _) => other.next(),
        }
    })
}

/// How a call ended, for `user`.
fn my_ending(call: &Call, user: UserId) -> Option<MyEnding> {
    let &Call { room, caller, callee, .. } = call;
    let reason = call.reason();
    Some(MyEnding { room, caller, callee, ended: ending(call, user)?, reason })
}

/// How a call by `user` ended, by the log of its callee.
fn my_logged_ending(entry: &Entry, user: UserId) -> Option<MyEnding> {
    let &Entry { room, caller, user: callee, .. } = entry;
    let (kind, by) = entry.ended()?;
    let ended = ending_of(entry.attempt()?, (kind, by), user);
    Some(MyEnding { room, caller, callee, ended, reason: by.reason })
}
