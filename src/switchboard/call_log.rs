//! The call logs (H-01 to H-05): when something is logged, what is asked, and marks.

use alloc::vec::Vec;

use super::plan::{Change, Plan};
use super::respond::ending_of;
use super::state::{Cause, Ended, Entry, State, What};
use super::{Switchboard, cursor};
use crate::domain::call::{CallStatus, Ending, RoomCall};
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input::Actor;
use crate::domain::output::{Answer, Audience, Effect, Event, LogState};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;

/// The entries of a user's call log after one of them (H-03).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallLog {
    /// The entries, by their numbers.
    pub entries: Vec<LogEntry>,
    /// Whether there are further entries, above `last_logged`.
    pub more: bool,
    /// The number after which it was asked.
    pub since: u64,
    /// The number of the newest entry of the log, 0 if it is empty, or, if there are more, that of the
    /// last one given.
    pub last_logged: u64,
    /// Up to which entry the user has seen them (H-04).
    pub seen: u64,
    /// Which of two such answers is the newer (Q-07).
    pub revision: u64,
}

/// An entry of a user's call log: somebody called (H-01).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LogEntry {
    /// Its number: later entries have higher ones, and no two the same.
    pub number: u64,
    /// Into which room the call was.
    pub room: RoomId,
    /// Who called.
    pub caller: UserId,
    /// How many milliseconds ago it was over, or was tried last.
    pub age: u64,
    /// What became of it.
    pub what: LoggedCall,
}

/// What became of a call that is logged (H-01).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LoggedCall {
    /// It rang, and ended like this; the device only if it is one of the user (P-08).
    Ended(Ending),
    /// It was refused, since the user was being called already.
    Tried {
        /// How often.
        count: u64,
    },
}

impl Switchboard {
    /// The entries of the asking user's call log above `since` that are not too old, at most `count`
    /// of them, the lowest (H-03). A device asks since the last one that it knows. It takes time for
    /// each entry above `since`.
    ///
    /// # Errors
    ///
    /// In this order: a stale handle (N-01), a bad `count` (Q-05), the backend, which nobody calls
    /// (P-04).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Actor, Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (user, device) = (board.intern_user("bo")?, board.intern_device("phone")?);
    /// let log = board.call_log(Actor::Device { user, device }, 0, 20)?;
    /// assert!(log.entries.is_empty() && log.last_logged == 0);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn call_log(&self, by: Actor, since: u64, count: u32) -> Result<CallLog, Refusal> {
        if self.state.knows(by) {
            self.state.call_log(by, since, count)
        } else {
            Err(Refusal::StaleHandle)
        }
    }
}

/// What is logged.
impl State {
    /// An attempt has ended (H-01). What lost state ends is not logged: how it went on in what was
    /// lost is not known (F-18). Nor is what a user had who is erased (F-20).
    #[inline]
    pub(super) fn log_ended(&mut self, ended: &Ended, cause: Cause, because: Rule) {
        let Self { log, names, limits, clock, calls, .. } = self;
        if because == Rule::F18 || cause == Cause::Erased {
            return;
        }
        let &Ended { attempt, room, callee, caller, deadline, .. } = ended;
        let timed_out_at = deadline.filter(|_| cause == Cause::TimedOut);
        let at = timed_out_at.unwrap_or(*clock);
        let what = What::Ended { attempt, kind: cause.kind(), by: cause.by(caller, callee) };
        log.add(names, limits, Entry::new(calls.revision(), (room, callee, caller), at, what));
    }

    /// A call was refused for a callee who is being called already (H-01).
    #[cold]
    #[inline(never)]
    pub(super) fn log_try(&mut self, room: RoomId, callee: UserId, caller: UserId) {
        let Self { log, names, limits, clock, calls, .. } = self;
        let (number, what) = (calls.note(), What::Tried { count: 1 });
        log.add_try(names, limits, Entry::new(number, (room, callee, caller), *clock, what));
    }

    /// Whether a try of a caller that is refused, since the callee is being called already, is logged.
    #[cold]
    #[inline(never)]
    pub(super) fn logs_try(&self, room: RoomId, callee: UserId, caller: UserId) -> bool {
        let mut counted = self.counted_calls(room, callee);
        let expected = self.expected.find(room, callee);
        super::state::is_logging(&self.limits)
            && !counted.any(|call| call.caller == caller)
            && expected.is_none_or(|accepted| accepted.caller != caller)
    }
}

/// What is asked.
impl State {
    pub(super) fn call_log(&self, by: Actor, since: u64, count: u32) -> Result<CallLog, Refusal> {
        cursor::check_count(&self.limits, count)?;
        let user = self.receiver(by)?;
        let mut entries = self.log.since(user, since, self.clock, self.limits);
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let given: Vec<LogEntry> =
            entries.by_ref().take(most).map(|entry| self.log_entry(entry, user)).collect();
        let more = entries.next().is_some();
        let LogState { last_logged, seen } = self.log_state(user).unwrap_or_default();
        let last_given = given.last().map(|entry| entry.number).filter(|_| more);
        Ok(CallLog {
            entries: given,
            more,
            since,
            last_logged: last_given.unwrap_or(last_logged),
            seen,
            revision: self.calls.revision(),
        })
    }

    /// How far the log of a user goes; `None` where nothing is logged (Q-11).
    pub(super) fn log_state(&self, user: UserId) -> Option<LogState> {
        self.log.state(user, self.clock, &self.limits)
    }

    fn log_entry(&self, entry: &Entry, asking: UserId) -> LogEntry {
        let Entry { number, room, caller, at, what, .. } = *entry;
        let what = match what {
            What::Ended { attempt, kind, by } => {
                LoggedCall::Ended(ending_of(attempt, (kind, by), asking))
            }
            What::Tried { count } => LoggedCall::Tried { count },
        };
        LogEntry { number, room, caller, age: at.until(self.clock), what }
    }

    /// What the log says to a late answer of a user (H-05).
    #[cold]
    #[inline(never)]
    pub(super) fn logged_ending(
        &self,
        room: RoomId,
        user: UserId,
        attempt: Option<Attempt>,
    ) -> Option<Ending> {
        let entry = self.log.meant((room, user), attempt, self.clock, &self.limits)?;
        Some(ending_of(entry.attempt()?, entry.ended()?, user))
    }
}

/// Marks (H-04).
impl State {
    #[cold]
    #[inline(never)]
    pub(super) fn mark_seen(
        &self,
        by: Actor,
        up_to: u64,
        plan: &mut Plan,
    ) -> Result<Answer, Refusal> {
        let user = self.receiver(by)?;
        let seen = self.log_state(user).map_or(0, |log| log.seen);
        let Actor::Device { device, .. } = by else { return Err(Refusal::NotYours) };
        let Some(entry) = self.log.to_mark(user, up_to, self.clock, &self.limits) else {
            return Ok(Answer::CallsSeen { seen });
        };
        if !self.calls.has_numbers(0, 1) {
            return Err(Refusal::NoNumbersLeft);
        }
        let number = entry.number;
        plan.changes.push(Change::MarkSeen { user, device, number });
        Ok(Answer::CallsSeen { seen: number })
    }

    /// The mark moves, and the user's other devices are notified.
    #[cold]
    #[inline(never)]
    pub(super) fn commit_mark(
        &mut self,
        (user, device): (UserId, DeviceId),
        number: u64,
        effects: &mut Vec<Effect>,
    ) {
        let Some(entry) = self.log.to_mark(user, number, self.clock, &self.limits) else { return };
        effects.push(Effect {
            to: Audience::OtherDevices { user, than: device },
            room: entry.room,
            attempt: entry.attempt().unwrap_or(Attempt::new(0)),
            call: RoomCall { caller: entry.caller, callee: user, status: CallStatus::None },
            event: Event::CallsSeen { up_to: number },
            because: Rule::H04,
        });
        self.log.set_mark(user, number);
        let _ = self.calls.note();
        // N-03: the effect names the device, which nothing in the state may refer to.
        self.names.devices.retain(device);
        self.names.devices.release(device);
    }
}
