//! A call log, with each text made into another.

use crate::protocol::{CallLog, LogEntry, LoggedCall};

impl<S> CallLog<S> {
    /// The log with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> CallLog<T> {
        let Self { entries, more, since, last_logged, seen, revision } = self;
        let entries = entries.into_iter().map(|entry| entry.map(text)).collect();
        CallLog { entries, more, since, last_logged, seen, revision }
    }
}

impl<S> LogEntry<S> {
    /// The entry with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> LogEntry<T> {
        let Self { number, room, caller, age, what } = self;
        let what = match what {
            LoggedCall::Ended(ending) => LoggedCall::Ended(ending.map(text)),
            LoggedCall::Tried { count } => LoggedCall::Tried { count },
        };
        LogEntry { number, room: text(room), caller: text(caller), age, what }
    }
}
