//! What the switchboard answers to the user: its calls, and its call log (Q-11, H-01 to H-05).

use roomcall::protocol::{
    CallLog, Ending, LiveCall, LogEntry, LogState, LoggedCall, MyCalls, MyEnding, NamedCall,
};

use super::{Change, Moment, OTHERS, ROOMS, World, time_left};
use crate::strategies::handset::USER;

/// The user's log after some changes.
#[derive(Default)]
struct Log {
    entries: Vec<LogEntry>,
    mark: u64,
}

impl World {
    /// The user's calls after so many changes, `page` endings at most.
    pub fn my_calls(&self, changes: usize, since: u64, page: usize, dice: &[u8]) -> MyCalls {
        let Moment { live, rung, remembered, made } = self.moment(changes);
        let listed = |call: &NamedCall| LiveCall {
            room: call.room.clone(),
            caller: call.caller.clone(),
            callee: call.callee.clone(),
            attempt: call.attempt,
            time_left: time_left(dice[usize::try_from(call.attempt).unwrap() % dice.len()]),
            extension: "hello".to_owned(),
            rung: rung.contains(&call.attempt),
        };
        let live = self.calls.iter().filter(|call| live.contains(&call.attempt));
        let (incoming, others): (Vec<_>, Vec<_>) = live.partition(|call| call.callee == USER);
        let outgoing = others.into_iter().filter(|call| call.caller == USER).map(listed).collect();
        let mine = remembered.into_iter().filter_map(|over| {
            let NamedCall { room, caller, callee, attempt, .. } = self.call(over.ended.attempt);
            let is_mine = *attempt > since && (caller == USER || callee == USER);
            is_mine.then(|| MyEnding {
                room: room.clone(),
                caller: caller.clone(),
                callee: callee.clone(),
                ended: over.ended.clone(),
                reason: over.reason,
            })
        });
        let mut endings: Vec<MyEnding> = mine.collect();
        let more = endings.len() > page;
        endings.truncate(page);
        let last = endings.last().map(|over| over.ended.attempt).filter(|_| more);
        MyCalls {
            incoming: incoming.into_iter().map(listed).collect(),
            outgoing,
            endings,
            more,
            since,
            last_attempt: last.unwrap_or(made),
            revision: self.revision(changes),
            log: (self.keeps > 0).then(|| self.log_state(changes)),
        }
    }

    fn log_state(&self, changes: usize) -> LogState {
        let log = self.call_log_after(changes);
        let last_logged = log.entries.last().map_or(0, |entry| entry.number);
        LogState { last_logged, seen: log.mark }
    }

    /// Whether a change is a revoke of F-18, which is not logged.
    fn is_unknown(&self, at: usize) -> bool {
        let recovered = |change: &Change| matches!(change, Change::Recovered);
        let until = self.log.iter().position(recovered).unwrap_or(self.log.len());
        self.recovers.is_some_and(|from| (from..until).contains(&at))
    }

    fn call_log_after(&self, changes: usize) -> Log {
        let mut log = Log::default();
        for (at, change) in self.log[..changes].iter().enumerate() {
            let (room, caller, what) = match change {
                Change::Ended { over, .. } if !self.is_unknown(at) => {
                    let call = self.call(over.ended.attempt);
                    if call.callee != USER {
                        continue;
                    }
                    (&*call.room, &*call.caller, LoggedCall::Ended(over.ended.clone()))
                }
                Change::Tried { room, caller } => {
                    let count = 1 + log.take_tries(room, caller);
                    (*room, *caller, LoggedCall::Tried { count })
                }
                Change::Marked(mark) => {
                    log.mark = *mark;
                    continue;
                }
                Change::Outdated => {
                    log = Log::default();
                    continue;
                }
                _ => continue,
            };
            let (room, caller) = (room.to_owned(), caller.to_owned());
            let number = self.revision(at + 1);
            log.entries.push(LogEntry { number, room, caller, age: 1_000, what });
            let evicted = log.entries.len().saturating_sub(self.keeps);
            log.entries.drain(..evicted);
        }
        log
    }

    /// The entries above `since` after so many changes, at most `count` (H-03).
    pub fn call_log(&self, changes: usize, since: u64, count: usize) -> CallLog {
        let LogState { last_logged, seen } = self.log_state(changes);
        let mut entries = self.call_log_after(changes).entries;
        entries.retain(|entry| entry.number > since);
        let more = entries.len() > count;
        entries.truncate(count);
        let last = entries.last().map(|entry| entry.number).filter(|_| more);
        let last_logged = last.unwrap_or(last_logged);
        let revision = self.revision(changes);
        CallLog { entries, more, since, last_logged, seen, revision }
    }

    /// The numbers of the entries that there are.
    pub fn logged(&self) -> Vec<u64> {
        self.call_log_after(self.log.len()).entries.iter().map(|entry| entry.number).collect()
    }

    /// How an attempt ended, as far as the log has it (H-05).
    pub fn logged_ending(&self, attempt: u64) -> Option<Ending> {
        let entries = self.call_log_after(self.log.len()).entries;
        entries.into_iter().find_map(|entry| match entry.what {
            LoggedCall::Ended(ended) if ended.attempt == attempt => Some(ended),
            _ => None,
        })
    }

    /// Somebody calls the user in vain (H-01).
    pub fn try_in_vain(&mut self, die: u8) {
        let (room, caller) = (ROOMS[usize::from(die) % 2], OTHERS[usize::from(die) / 2 % 3]);
        self.log.push(Change::Tried { room, caller });
    }

    /// What there is in the log becomes too old (H-02).
    pub fn outdate(&mut self) {
        self.log.push(Change::Outdated);
    }

    /// The user has seen the log up to a number (H-04). Gives the mark.
    pub fn mark_seen(&mut self, up_to: u64) -> u64 {
        let log = self.call_log_after(self.log.len());
        let newest = log.entries.iter().map(|entry| entry.number).rfind(|it| *it <= up_to);
        let Some(newest) = newest.filter(|it| *it > log.mark) else { return log.mark };
        self.log.push(Change::Marked(newest));
        newest
    }

    /// The marks that there ever were.
    pub fn marks(&self) -> Vec<u64> {
        let mark = |change: &Change| match change {
            Change::Marked(mark) => Some(*mark),
            _ => None,
        };
        self.log.iter().filter_map(mark).collect()
    }
}

impl Log {
    /// Takes out the tries of a caller into a room, and counts them.
    fn take_tries(&mut self, room: &str, caller: &str) -> u64 {
        let is_same = |entry: &LogEntry| entry.room == room && entry.caller == caller;
        let mut tries = 0;
        self.entries.retain(|entry| match entry.what {
            LoggedCall::Tried { count } if is_same(entry) => {
                tries = count;
                false
            }
            _ => true,
        });
        tries
    }
}
