//! A call log (H-01 to H-03) has each call to its user once, as it ended, and how long ago; by their numbers, which are above
//! what was asked for and not above the revision; and it is whole, of what was told before, as far as nothing can have been
//! evicted, which a log is not that has fewer entries than the limit.
//!
//! It cannot see which refused tries are missing; nor, without the facts, anything that is.

use std::collections::BTreeSet;

use roomcall::Rule;
use roomcall::protocol::{CallLog, LoggedCall};

use super::super::attempt::{Mark, Peer};
use super::super::state::State;

impl State {
    /// H-03
    pub(super) fn log_is_right(&mut self, peer: &Peer, log: &CallLog, asked: Option<Mark>) {
        let line = self.now.line;
        if let Some(problem) = malformed(log) {
            return self.wrong(Rule::H03, problem.into(), vec![line]);
        }
        let mut listed = BTreeSet::new();
        for entry in &log.entries {
            let LoggedCall::Ended(ending) = &entry.what else { continue };
            if !listed.insert(ending.attempt) {
                let message = format!("attempt {} is in the log twice", ending.attempt);
                return self.wrong(Rule::H01, message, vec![line]);
            }
            self.has_its_age(ending.attempt, entry.age);
        }
        let is_whole = log.entries.len() < self.settings.limits.logged_per_user as usize;
        let most = self.settings.limits.logged_calls.into();
        let Some(asked) = asked.filter(|_| is_whole && !log.more) else { return };
        let Some(person) = self.people.get(&peer.user) else { return };
        let known: Vec<u64> = person.settled.iter().chain(&person.attempts).copied().collect();
        for number in known.into_iter().filter(|number| !listed.contains(number)) {
            let Some(attempt) = self.attempts.get(&number) else { continue };
            let Some(over) = attempt.over.as_ref().filter(|_| attempt.is_callee(&peer.user)) else {
                continue;
            };
            // Its number is above the revision that was told while it rang.
            let is_asked = log.since <= attempt.revision;
            let may_be_evicted = log.revision.saturating_sub(attempt.revision) >= most;
            let is_owed = is_asked && !may_be_evicted && self.has_kept(attempt, over);
            if is_owed && self.is_young(attempt, over) && self.is_before(over.first, asked) {
                let message = format!("attempt {number} is over, and is not in the log");
                self.wrong(Rule::H01, message, vec![over.first.line, line]);
            }
        }
    }

    /// When it ended, by its age.
    fn has_its_age(&mut self, number: u64, age: u64) {
        let (now, slack) = (self.now, self.settings.slack);
        let Some(attempt) = self.attempts.get(&number) else { return };
        let Some(over) = &attempt.over else { return };
        let Some((earliest, latest)) = self.ended_between(attempt, over) else { return };
        let ended = now.at.saturating_sub(age);
        if ended.saturating_add(slack) < earliest || latest < ended.saturating_sub(slack) {
            let message =
                format!("attempt {number} ended between {earliest} and {latest}, and is {age} old");
            let lines = vec![over.first.line, now.line];
            self.wrong(Rule::H03, message, lines);
        }
    }
}

/// What is wrong with the numbers of a log.
fn malformed(log: &CallLog) -> Option<&'static str> {
    let numbers: Vec<u64> = log.entries.iter().map(|entry| entry.number).collect();
    let last = numbers.last();
    if !numbers.is_sorted_by(|one, next| one < next) {
        return Some("the entries are not in the order of their numbers, each once");
    }
    if numbers.first().is_some_and(|first| *first <= log.since) {
        return Some("an entry is not above what was asked for");
    }
    if last.is_some_and(|last| *last > log.revision) {
        return Some("the number of an entry is above the revision");
    }
    let is_end = match last {
        Some(last) => *last == log.last_logged,
        None => !log.more && log.last_logged <= log.since,
    };
    (!is_end).then_some("the last entry is not the last one that is logged")
}
