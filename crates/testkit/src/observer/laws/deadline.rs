//! An attempt rings as long as it was said, no shorter and no longer (T-03 to T-06, T-10, E-04): it is not timed out before
//! its deadline, nothing else ends it after, what is said of its deadline does not change, and somebody who is connected and
//! heard it ring is told when it has passed.
//!
//! It cannot see the deadline of an attempt of which nobody was told how long it rings, nor what is within the slack.

use std::sync::Arc;

use roomcall::Rule;

use super::super::attempt::{Kinds, Mark, Peer};
use super::super::state::{Due, State};

impl State {
    /// It rings for so long yet; `None` for ever.
    pub(super) fn ends_at(&mut self, number: u64, left: Option<u64>) {
        let (now, slack) = (self.now, self.settings.slack);
        let until = left.map(|left| now.at.saturating_add(left));
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        let before = attempt.deadline;
        let is_same = |(before, _): (Option<u64>, u64)| match (before, until) {
            (Some(one), Some(other)) => one.abs_diff(other) <= slack,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if let Some(said) = before.filter(|said| !is_same(*said)) {
            let message = format!("attempt {number} ends at {until:?}, and at {:?} before", said.0);
            return self.wrong(Rule::T05, message, vec![said.1, now.line]);
        }
        if before.is_some_and(|(before, _)| before <= until) {
            return;
        }
        attempt.deadline = Some((until, now.line));
        if attempt.is_settled {
            return;
        }
        if let Some((Some(before), _)) = before {
            self.owes_no_more(before, number, Due::Deadline);
        }
        if let Some(until) = until {
            self.owe(until, number, Due::Deadline);
        }
    }

    /// It is told that it timed out.
    pub(super) fn timed_out(&mut self, number: u64) {
        let now = self.now;
        let deadline = self.attempts.get(&number).and_then(|attempt| attempt.deadline);
        let Some((deadline, line)) = deadline else { return };
        let is_early =
            deadline.is_none_or(|until| now.at.saturating_add(self.settings.slack) < until);
        if is_early {
            let rule = if deadline.is_none() { Rule::T06 } else { Rule::T05 };
            let message = format!("attempt {number} is timed out before its deadline");
            self.wrong(rule, message, vec![line, now.line]);
        }
    }

    /// An event tells that it ended now, or within the slack.
    pub(in super::super) fn ends_now(&mut self, number: u64, kinds: Kinds) {
        if !kinds.has(roomcall::EndingKind::TimedOut) {
            self.not_after_deadline(number, self.now, "ends in another way than by its deadline");
        }
    }

    /// A device is answered for the first time that it accepted or rejected it.
    pub(in super::super) fn answered_in_time(&mut self, number: u64, peer: &Arc<Peer>) {
        let is_clear = self.requesters.peek(peer).is_some_and(|by| !by.is_unclear);
        let Some(attempt) = self.attempts.get(&number).filter(|_| is_clear) else { return };
        let first = attempt.answered.iter().find(|(by, _)| by == peer).map(|(_, mark)| *mark);
        if let Some(first) = first {
            self.not_after_deadline(number, first, "is answered after its deadline");
        }
    }

    fn not_after_deadline(&mut self, number: u64, mark: Mark, what: &str) {
        let deadline = self.attempts.get(&number).and_then(|attempt| attempt.deadline);
        let Some((Some(deadline), line)) = deadline else { return };
        if mark.at > deadline.saturating_add(self.settings.slack) {
            let message = format!("attempt {number} {what} at {deadline}");
            self.wrong(Rule::T04, message, vec![line, mark.line, self.now.line]);
        }
    }

    /// Its deadline has passed, and the slack.
    pub(in super::super) fn must_have_ended(&mut self, number: u64) {
        let Some(attempt) = self.attempts.get(&number).filter(|it| it.over.is_none()) else {
            return;
        };
        if !self.is_ordered() {
            return;
        }
        let deaf = attempt.told.iter().find_map(|(connection, told)| {
            let of = self.connections.get(connection)?;
            let is_owed = of.is_open && !of.is_stale && told.stop.is_none();
            told.ring.filter(|_| is_owed && attempt.is_callee(&of.peer.user))
        });
        if let Some(ring) = deaf {
            let deadline = attempt.deadline.map(|(_, line)| line);
            let message = format!("attempt {number} rings on after its deadline");
            self.wrong(Rule::E04, message, deadline.into_iter().chain([ring]).collect());
        }
    }
}
