//! What this device knows of its user's call log (D-35, D-36).

use super::Handset;
use super::effect::Effect;
use super::screen::Step;
use crate::LogState;
use crate::protocol::{CallLog, LogEntry, Query};

/// How far the log was read, and up to where it was seen.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Log {
    /// The number up to which it was read.
    read: u64,
    /// The newest number when this device first heard of the log: up to it nothing is news.
    history: Option<u64>,
    /// The greatest mark that the switchboard told.
    seen: u64,
    /// Whether there may be entries that were not read and not requested yet.
    #[serde(skip)]
    lacks: bool,
}

impl Log {
    /// A snapshot says how far the log goes.
    fn hear_of(&mut self, last_logged: u64) {
        self.history.get_or_insert(last_logged);
        self.lacks |= last_logged > self.read;
    }

    /// A notice says that a call to this user was missed.
    pub(super) const fn add_missed(&mut self) {
        self.lacks |= self.history.is_some();
    }

    /// Reads an entry; `false` if it was read before.
    const fn read(&mut self, number: u64) -> bool {
        let is_new = number > self.read;
        if is_new {
            self.read = number;
        }
        is_new
    }

    /// Whether an entry is more than an addition to the list.
    fn is_news(&self, entry: &LogEntry) -> bool {
        let is_history = self.history.is_none_or(|history| entry.number <= history);
        entry.is_missed() && !is_history && entry.number > self.seen
    }

    /// Up to which entry the user has seen them.
    pub(super) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Forgets what was to be requested (D-25).
    pub(super) const fn restart(&mut self) {
        self.lacks = false;
    }
}

impl Handset {
    /// A snapshot that is applied says how far the log goes, if anything is logged.
    pub(super) fn on_log_state(&mut self, log: Option<LogState>, step: &mut Step) {
        if let Some(LogState { last_logged, seen }) = log {
            self.log.hear_of(last_logged);
            self.on_seen(seen, step);
        }
    }

    /// The mark of the log, by whatever message (D-36).
    pub(super) fn on_seen(&mut self, up_to: u64, step: &mut Step) {
        if up_to > self.log.seen {
            self.log.seen = up_to;
            step.effects.push(Effect::Seen { up_to });
        }
    }

    /// Entries of the log came (D-35).
    pub(super) fn on_log(&mut self, log: CallLog, step: &mut Step) {
        let CallLog { entries, more, last_logged, seen, .. } = log;
        self.on_seen(seen, step);
        for entry in entries {
            if self.log.read(entry.number) {
                let is_news = self.log.is_news(&entry);
                step.effects.push(Effect::Logged { entry, is_news });
            }
        }
        self.log.read = self.log.read.max(last_logged);
        self.log.lacks |= more;
    }

    /// Requests the entries that are lacking, if they can be requested now.
    pub(super) fn request_log(&mut self, step: &mut Step) {
        let gate = self.gate();
        if self.log.lacks && gate.link == super::Link::Up && !self.requests.awaits_log() {
            self.log.lacks = false;
            let query = Query::GetCallLog { since: self.log.read, count: self.settings.page };
            self.requests.add_query(query, gate, &mut step.effects);
        }
    }
}
