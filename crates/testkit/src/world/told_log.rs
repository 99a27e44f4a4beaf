//! What a device told of its user's call log since it was installed, as its host keeps it for a person to look at, and what
//! the world knows of why each entry was news or was not (D-35, D-36).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::Effect;
use roomcall::protocol::{LogEntry, LogState, LoggedCall};

use super::{Checked, violation};

/// What a device told of its user's log, and what it was told.
#[derive(Clone, Debug, Default)]
pub struct ToldLog {
    /// The entries, and whether each was news.
    pub entries: BTreeMap<u64, (LogEntry, bool)>,
    /// The greatest mark that it told.
    pub seen: u64,
    /// Up to which number it may have read.
    pub read: u64,
    /// The marks that somebody tapped on it.
    pub tapped: BTreeSet<u64>,
    /// The attempts of which it heard that they ended, and not before that they ring.
    pub overtaken: BTreeSet<u64>,
    history: History,
    /// What the present step told.
    step: Vec<(LogEntry, bool)>,
}

/// What the first snapshot with a log that was applied said is its newest entry: one of these, if it is not sure which
/// snapshot that was.
#[derive(Clone, Debug, Default)]
struct History {
    perhaps: BTreeSet<u64>,
    is_known: bool,
    /// The snapshots of the present step, and whether each is surely applied.
    came: Vec<(Option<LogState>, bool)>,
}

/// A device before a step.
#[derive(Clone, Copy, Debug)]
pub struct BeforeLog {
    seen: u64,
    was_ready: bool,
}

impl ToldLog {
    /// Before a step.
    pub const fn before(&self, is_ready: bool) -> BeforeLog {
        BeforeLog { seen: self.seen, was_ready: is_ready }
    }

    /// A snapshot comes, which is surely applied or is perhaps not.
    pub fn snapshot_comes(&mut self, log: Option<LogState>, is_applied: bool) {
        self.history.came.push((log, is_applied));
    }

    /// The least and the greatest number that may be the end of what is history.
    pub fn history(&self) -> Option<(u64, u64)> {
        let perhaps = &self.history.perhaps;
        perhaps.first().copied().zip(perhaps.last().copied())
    }

    /// It says something.
    pub fn tells(&mut self, effect: &Effect) -> Checked {
        match effect {
            Effect::Logged { entry, is_news } => {
                let number = entry.number;
                if self.entries.last_key_value().is_some_and(|(last, _)| number <= *last) {
                    let message = format!("{effect:?} after {:?}", self.entries.keys());
                    return violation("each entry is told once", message);
                }
                self.entries.insert(number, (entry.clone(), *is_news));
                self.step.push((entry.clone(), *is_news));
            }
            Effect::Seen { up_to } => {
                if *up_to <= self.seen {
                    let message = format!("{effect:?} after {}", self.seen);
                    return violation("what was seen only rises", message);
                }
                self.seen = *up_to;
            }
            _ => {}
        }
        Ok(())
    }

    /// After a step: what it told. What is news is above what was seen, and above history.
    pub fn after(
        &mut self,
        before: BeforeLog,
        is_ready: bool,
        is_several: bool,
    ) -> Result<Vec<(LogEntry, bool)>, super::Violation> {
        self.history.settle(before.was_ready, is_ready);
        let told = std::mem::take(&mut self.step);
        let Some((least, greatest)) = self.history() else {
            if told.is_empty() {
                return Ok(told);
            }
            return violation("a log is read when there is one", format!("{told:?}"));
        };
        // Of several inputs any may have told what was seen.
        let seen_before = if is_several { before.seen } else { self.seen };
        for (entry, is_news) in &told {
            let is_above = |seen: u64, history: u64| entry.number > seen && entry.number > history;
            let may_be = entry.is_missed() && is_above(seen_before, least);
            let must_be = entry.is_missed() && is_above(self.seen, greatest);
            if *is_news && !may_be || !is_news && must_be {
                let message = format!(
                    "{entry:?} is news: {is_news}; history up to {least} to {greatest}, seen up to {}",
                    self.seen
                );
                return violation("what was missed is news once", message);
            }
        }
        Ok(told)
    }

    /// Whether an entry is surely above what is history here.
    pub fn is_after_history(&self, entry: &LogEntry) -> bool {
        self.history().is_some_and(|(_, greatest)| entry.number > greatest)
    }
}

impl History {
    /// Which snapshot was the first that was applied.
    fn settle(&mut self, was_ready: bool, is_ready: bool) {
        let came = std::mem::take(&mut self.came);
        // What does not make it ready was not applied.
        if self.is_known || !is_ready {
            return;
        }
        let logs = came.iter().filter_map(|(log, _)| *log).map(|log| log.last_logged);
        self.perhaps.extend(logs);
        let is_sure = matches!(came[..], [(Some(_), is_applied)] if is_applied || !was_ready);
        self.is_known = is_sure;
    }
}

/// Whether two entries say the same, but for how long ago it was.
pub fn is_same(one: &LogEntry, other: &LogEntry) -> bool {
    let said = |entry: &LogEntry| LogEntry { age: 0, ..entry.clone() };
    said(one) == said(other)
}

/// The attempt that an entry is of.
pub const fn attempt(entry: &LogEntry) -> Option<u64> {
    match &entry.what {
        LoggedCall::Ended(ended) => Some(ended.attempt),
        LoggedCall::Tried { .. } => None,
    }
}
