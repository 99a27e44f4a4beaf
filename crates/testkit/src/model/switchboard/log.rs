//! The call log (rules H): one plain list of what was logged for anybody.

use roomcall::Rule;
use roomcall::protocol::{
    Actor, Answer, Audience, CallLog, Ending, Event, LogEntry, LogState, LoggedCall, Refused,
};

use super::{LAST_NUMBER, Lost, Model, fits, refuse};

/// The call logs of all users.
///
/// Nothing shows whether entries that are too old were evicted (H-02), so they go at once: all that are here are to be given.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// In the order of their numbers, because the newest is always added at the end.
    entries: Vec<Entry>,
    /// Users and their marks; that of anybody else is 0 (H-04).
    marks: Vec<(String, u64)>,
    /// Refused tries logged in this life.
    pub(super) tries: u64,
    /// Marks moved in this life.
    pub(super) moves: u64,
}

/// An entry of the log of a callee (H-01).
#[derive(Clone, Debug)]
struct Entry {
    number: u64,
    time: u64,
    callee: String,
    caller: String,
    room: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Ended(Lost),
    /// So many refused tries.
    Tried(u64),
}

impl Log {
    /// F-18: the log stays; what is counted begins anew.
    pub(super) fn of_new_life(self) -> Self {
        Self { tries: 0, moves: 0, ..self }
    }

    /// The entries of a user, by their numbers.
    fn of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.callee == user)
    }

    fn last_of(&self, user: &str) -> Option<u64> {
        self.of(user).map(|entry| entry.number).max()
    }

    /// H-04
    fn mark(&self, user: &str) -> u64 {
        self.marks.iter().find(|(who, _)| who == user).map_or(0, |(_, mark)| *mark)
    }

    /// F-20
    pub(super) fn forget(&mut self, user: &str) {
        self.entries.retain(|entry| entry.callee != user && entry.caller != user);
        for entry in &mut self.entries {
            if let What::Ended(ending) = &mut entry.what {
                ending.forget(user);
            }
        }
        self.marks.retain(|(who, _)| who != user);
    }

    /// The place of the refused tries of a caller into a room.
    fn place_of_tries(&self, room: &str, caller: &str, callee: &str) -> Option<usize> {
        self.entries.iter().position(|entry| {
            matches!(entry.what, What::Tried(_))
                && (&*entry.room, &*entry.caller, &*entry.callee) == (room, caller, callee)
        })
    }
}

impl Model {
    /// Moves the clock, and forgets what is too old then (H-02).
    pub(super) fn set_clock(&mut self, clock: u64) {
        self.clock = clock;
        self.evict_logged();
    }

    /// H-02: what is too old, and what is beyond the limits, of each user and then of all.
    pub(super) fn evict_logged(&mut self) {
        let (limits, clock) = (self.limits, self.clock);
        let longest = u64::from(limits.logged_for) * 1000;
        let Log { entries, marks, .. } = &mut self.log;
        entries.retain(|entry| clock - entry.time <= longest);
        let mut users: Vec<String> = entries.iter().map(|entry| entry.callee.clone()).collect();
        users.dedup();
        for user in users {
            while !fits(
                entries.iter().filter(|entry| entry.callee == user).count(),
                limits.logged_per_user,
            ) {
                let lowest = entries.iter().position(|entry| entry.callee == user);
                lowest.map(|lowest| entries.remove(lowest));
            }
        }
        while !fits(entries.len(), limits.logged_calls) {
            entries.remove(0);
        }
        // H-04: of whom nothing is left, the mark is 0 again.
        marks.retain(|(user, _)| entries.iter().any(|entry| entry.callee == *user));
    }

    /// H-02: with 0 of either nothing is.
    fn is_logging(&self) -> bool {
        self.limits.logged_per_user > 0 && self.limits.logged_calls > 0
    }

    /// H-01: after it was counted.
    pub(super) fn log_ending(&mut self, room: &str, lost: &Lost) {
        let (caller, callee) = (&lost.caller, &lost.callee);
        self.log_entry(room, caller, callee, What::Ended(lost.clone()));
    }

    /// H-01: whether a callee who is being called already has it logged that another one tried.
    pub(super) fn logs_try(&self, room: &str, caller: &str, callee: &str) -> bool {
        self.is_logging() && self.called_already(room, callee).all(|call| call.caller != caller)
    }

    /// H-01: a callee was being called already.
    pub(super) fn log_try(&mut self, room: &str, caller: &str, callee: &str) {
        if !self.logs_try(room, caller, callee) {
            return;
        }
        self.log.tries += 1;
        let before = self.log.place_of_tries(room, caller, callee);
        let before = before.map(|place| self.log.entries.remove(place).what);
        let count = match before {
            Some(What::Tried(count)) => count + 1,
            Some(What::Ended(_)) | None => 1,
        };
        self.log_entry(room, caller, callee, What::Tried(count));
    }

    fn log_entry(&mut self, room: &str, caller: &str, callee: &str, what: What) {
        self.log.entries.push(Entry {
            number: self.revision(),
            time: self.clock,
            callee: callee.to_owned(),
            caller: caller.to_owned(),
            room: room.to_owned(),
            what,
        });
        self.evict_logged();
    }

    /// H-03
    pub(super) fn call_log(&self, by: &Actor, since: u64, count: u32) -> Result<Answer, Refused> {
        self.check_actor(by)?;
        self.check_page_size(count)?;
        let user = self.asking(by)?;
        let mut entries: Vec<&Entry> =
            self.log.of(user).filter(|entry| entry.number > since).collect();
        let mut more = false;
        while !fits(entries.len(), count) {
            entries.pop();
            more = true;
        }
        let last_logged = match entries.last() {
            Some(last) if more => last.number,
            Some(_) | None => self.log.last_of(user).unwrap_or(0),
        };
        Ok(Answer::GetCallLog(CallLog {
            entries: entries.into_iter().map(|entry| entry.told_to(user, self.clock)).collect(),
            more,
            since,
            last_logged,
            seen: self.log.mark(user),
            revision: self.revision(),
        }))
    }

    /// H-04
    pub(super) fn mark_seen(&mut self, by: &Actor, up_to: u64) -> Result<Answer, Refused> {
        self.check_actor(by)?;
        // P-04
        let Actor::Device { user, device } = by else {
            return Err(refuse(-2310, Rule::P04));
        };
        let mark = self.log.mark(user);
        let numbers = self.log.of(user).map(|entry| entry.number);
        let newest = numbers.filter(|number| *number <= up_to).max();
        let Some(newest) = newest.filter(|newest| *newest > mark) else {
            return Ok(Answer::MarkCallsSeen { seen: mark });
        };
        // L-16
        if self.revision_to_come(0) + 1 > LAST_NUMBER {
            return Err(refuse(-2, Rule::L16));
        }
        self.log.marks.retain(|(who, _)| who != user);
        self.log.marks.push((user.clone(), newest));
        self.log.moves += 1;
        let others = Audience::OtherDevices { user: user.clone(), than: device.clone() };
        self.notify(others, Event::CallsSeen { up_to: newest }, Rule::H04);
        Ok(Answer::MarkCallsSeen { seen: newest })
    }

    /// H-05: what the log of a user has of the attempt into a room that is named, or else of the newest one.
    pub(super) fn logged_ending(
        &self,
        user: &str,
        room: &str,
        named: Option<u64>,
    ) -> Option<Ending> {
        let here = self.log.of(user).filter(|entry| entry.room == room);
        let endings = here.filter_map(Entry::ending);
        let meant = endings.filter(|ending| named.is_none_or(|named| named == ending.attempt));
        meant.last().map(|ending| ending.told_to(user))
    }

    /// the endings that are logged of the attempts by a user, each with its room.
    pub(super) fn logged_by(&self, user: &str) -> impl Iterator<Item = (&str, &Lost)> {
        let theirs = self.log.entries.iter().filter(move |entry| entry.caller == user);
        theirs.filter_map(|entry| Some((&*entry.room, entry.ending()?)))
    }

    /// nothing where nothing is logged.
    pub(super) fn log_state(&self, user: &str) -> Option<LogState> {
        let last_logged = self.log.last_of(user).unwrap_or(0);
        self.is_logging().then(|| LogState { last_logged, seen: self.log.mark(user) })
    }
}

impl Entry {
    fn ending(&self) -> Option<&Lost> {
        match &self.what {
            What::Ended(lost) => Some(lost),
            What::Tried(_) => None,
        }
    }

    /// As a device of its user is told of it (H-03, P-08).
    fn told_to(&self, user: &str, clock: u64) -> LogEntry {
        LogEntry {
            number: self.number,
            room: self.room.clone(),
            caller: self.caller.clone(),
            age: clock - self.time,
            what: match &self.what {
                What::Ended(lost) => LoggedCall::Ended(lost.told_to(user)),
                What::Tried(count) => LoggedCall::Tried { count: *count },
            },
        }
    }
}
