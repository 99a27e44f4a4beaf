//! The user's call log: what the device lacks of it, what it tells, and what was seen (D-35, D-36).

use roomcall::handset::{Effect, Request};
use roomcall::protocol::{Answer, CallLog, Command, LogState, Query};

use super::{ModelHandset, Purpose};

/// What a device knows of its user's log.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Up to which number it has read it.
    read: u64,
    /// Whether there are entries that it has not asked for.
    lacks: bool,
    /// The `lastLogged` of the first snapshot with one that was applied: what is not above it is
    /// history.
    history: Option<u64>,
    /// The greatest mark that it was told (D-36).
    seen: u64,
}

impl ModelHandset {
    /// D-35: a snapshot was applied.
    pub(super) fn snapshot_logs(&mut self, state: Option<LogState>) {
        let Some(LogState { last_logged, seen }) = state else { return };
        self.log.history.get_or_insert(last_logged);
        self.log.lacks |= last_logged > self.log.read;
        self.heard_of_seen(seen);
    }

    /// D-35: a notice says that a call to this user was missed. Without a log there is nothing to lack.
    pub(super) fn may_have_missed(&mut self) {
        self.log.lacks |= self.log.history.is_some();
    }

    /// D-35: after an input.
    pub(super) fn read_what_is_lacking(&mut self) {
        let is_reading = self.unanswered.iter().any(|request| request.purpose == Purpose::Log);
        if self.log.lacks && self.is_up && !is_reading {
            self.log.lacks = false;
            let query = Query::GetCallLog { since: self.log.read, count: self.settings.page };
            self.request(Request::Query(query), Purpose::Log);
        }
    }

    /// D-35: the answer to the request for the log.
    pub(super) fn log_was_read(&mut self, log: CallLog) {
        let seen = self.log.seen.max(log.seen);
        let history = self.log.history.unwrap_or(0);
        for entry in log.entries {
            if entry.number > self.log.read {
                self.log.read = entry.number;
                let is_news = entry.is_missed() && entry.number > seen && entry.number > history;
                self.step.effects.push(Effect::Logged { entry, is_news });
            }
        }
        self.log.read = self.log.read.max(log.last_logged);
        self.log.lacks |= log.more;
        self.heard_of_seen(log.seen);
    }

    /// D-36: of all that was told the greatest counts.
    pub(super) fn heard_of_seen(&mut self, up_to: u64) {
        if up_to > self.log.seen {
            self.log.seen = up_to;
            self.step.effects.push(Effect::Seen { up_to });
        }
    }

    /// D-36
    pub(super) fn tap_seen(&mut self, up_to: u64) {
        if up_to > self.log.seen {
            self.command(Command::MarkCallsSeen { up_to }, Purpose::Mark);
        }
    }

    /// D-36: the answer to a mark.
    pub(super) fn mark_answered(&mut self, answer: Option<&Answer>) {
        if let Some(Answer::MarkCallsSeen { seen }) = answer {
            self.heard_of_seen(*seen);
        }
    }

    /// D-25: nobody waits for a reply any more, and the next snapshot says whether something is lacking.
    pub(super) fn restart_log(&mut self) {
        self.log.lacks = false;
        self.unanswered.retain(|request| request.purpose != Purpose::Log);
    }
}
