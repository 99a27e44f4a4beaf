//! The endings of a user's calls are listed whole, each once and in order (Q-11, E-18), of what was told before: as long as no
//! more numbers have passed since than are remembered, of the room or of the callee's log, no later call of the same room and
//! callee is listed in its place, and neither was the room dissolved nor anybody erased. What was rejected has the reason that
//! the caller was told (E-02).
//!
//! It cannot see that what may have been evicted is missing; nor, without the facts, anything that is.

use roomcall::protocol::{MyCalls, MyEnding};
use roomcall::{CallRejectionReason, EndingKind, Rule};

use super::super::attempt::{Attempt, Mark, Over, Peer};
use super::super::state::State;

impl State {
    ///
    pub(super) fn endings_are_whole(&mut self, peer: &Peer, mine: &MyCalls, asked: Option<Mark>) {
        let line = self.now.line;
        let numbers: Vec<u64> = mine.endings.iter().map(|it| it.ended.attempt).collect();
        let page = self.settings.limits.page_size.max(1) as usize;
        if !numbers.is_sorted_by(|one, next| one < next) {
            let message = format!("the endings {numbers:?} are not in order, each once");
            self.wrong(Rule::Q11, message, vec![line]);
        } else if numbers.len() > page && self.knows_rules() {
            let message = format!("{} endings at once, and at most {page}", numbers.len());
            self.wrong(Rule::Q11, message, vec![line]);
        } else if mine.more && numbers.last() != Some(&mine.last_attempt) {
            let message = "there is more, and the last attempt is not that of the last ending";
            self.wrong(Rule::Q11, message.into(), vec![line]);
        }
        mine.endings.iter().for_each(|ending| self.has_its_reason(ending));
        let Some(asked) = asked else { return };
        let rings: Vec<u64> =
            mine.incoming.iter().chain(&mine.outgoing).map(|call| call.attempt).collect();
        for number in self.known_of(&peer.user, mine.since, mine.last_attempt) {
            // What is listed as ringing is for the law of endings.
            if numbers.contains(&number) || rings.contains(&number) {
                continue;
            }
            let known = self.attempts.get(&number).and_then(|it| Some((it, it.over.as_ref()?)));
            let Some((attempt, over)) = known else { continue };
            let is_owed = if attempt.is_caller(&peer.user) {
                self.is_logged(attempt, over, mine.revision)
            } else {
                let is_replaced = |it: &MyEnding| {
                    it.callee == *peer.user && attempt.is_in(&it.room) && it.ended.attempt > number
                };
                self.is_remembered(attempt, over, mine.revision)
                    && !mine.more
                    && !mine.endings.iter().any(is_replaced)
            };
            if is_owed && self.is_before(over.first, asked) {
                let message = format!("attempt {number} is over, and is not among the endings");
                let lines = vec![over.first.line, line];
                self.wrong(Rule::Q11, message, lines);
            }
        }
    }

    /// The attempts to or by a user that are known, of some numbers.
    fn known_of(&self, user: &str, since: u64, last: u64) -> Vec<u64> {
        let Some(person) = self.people.get(user).filter(|_| since < last) else {
            return Vec::new();
        };
        let range = since + 1..=last;
        let settled = person.settled.range(range.clone());
        settled.chain(person.attempts.range(range)).copied().collect()
    }

    /// Whether the room surely remembers how an attempt ended, unless it remembers a later one to the same callee.
    fn is_remembered(&self, attempt: &Attempt, over: &Over, revision: u64) -> bool {
        // What is first heard of when it is over may have been made by the backend, in a room that was dissolved before that was
        // heard; and where lines are merged by time, what was dissolved may have ended before.
        let born = attempt.born.filter(|it| self.is_before(*it, over.first));
        let dissolved = self.dissolved.filter(|_| !(self.is_at_authority() && born.is_some()));
        let is_room_there = attempt.room.is_some()
            && !attempt.is_room_gone
            && dissolved.is_none_or(|mark| born.is_some_and(|it| self.is_before(mark, it)));
        is_room_there
            && self.has_kept(attempt, over)
            && revision.saturating_sub(attempt.revision)
                < self.settings.limits.ended_per_room.into()
    }

    /// Whether the callee's log surely has how an attempt ended.
    fn is_logged(&self, attempt: &Attempt, over: &Over, revision: u64) -> bool {
        let most = self.logged();
        attempt.callee.is_some()
            && self.has_kept(attempt, over)
            && self.is_young(attempt, over)
            && revision.saturating_sub(attempt.revision) < most
    }

    /// How many entries a log has at most.
    fn logged(&self) -> u64 {
        let limits = &self.settings.limits;
        limits.logged_per_user.min(limits.logged_calls).into()
    }

    /// Whether what was remembered then was surely not forgotten by other rules, or since somebody was erased.
    pub(super) fn has_kept(&self, attempt: &Attempt, over: &Over) -> bool {
        let is_before = |it: Option<Mark>, then: Option<Mark>| {
            it.is_none_or(|it| then.is_some_and(|then| self.is_before(it, then)))
        };
        self.settings.sees_backend
            && self.knows_rules()
            && is_before(self.rules, Some(over.first))
            && is_before(self.erased, attempt.born)
    }

    /// Whether an entry of the log is surely not too old (H-02).
    pub(super) fn is_young(&self, attempt: &Attempt, over: &Over) -> bool {
        let times = self.ended_between(attempt, over);
        let most = u64::from(self.settings.limits.logged_for).saturating_mul(1_000);
        times.is_some_and(|(earliest, _)| self.now.at.saturating_sub(earliest) < most)
    }

    /// Between which times an attempt ended, slack included, if that is known.
    pub(super) fn ended_between(&self, attempt: &Attempt, over: &Over) -> Option<(u64, u64)> {
        let slack = self.settings.slack;
        let latest = over.first.at.saturating_add(slack);
        let earliest = attempt.live.or(attempt.born)?.at.saturating_sub(slack);
        Some((earliest, latest))
    }

    /// E-02
    fn has_its_reason(&mut self, ending: &MyEnding) {
        let (number, line) = (ending.ended.attempt, self.now.line);
        let is_rejected = ending.ended.how == EndingKind::Rejected;
        if is_rejected != ending.reason.is_some() {
            let message = format!("attempt {number} has the reason {:?}", ending.reason);
            return self.wrong(Rule::Q11, message, vec![line]);
        }
        if let Some(reason) = ending.reason {
            self.is_rejected_for(number, reason);
        }
    }

    /// A reason is told for which an attempt was rejected.
    pub(in super::super) fn is_rejected_for(&mut self, number: u64, reason: CallRejectionReason) {
        let line = self.now.line;
        let over = self.attempts.get_mut(&number).and_then(|attempt| attempt.over.as_mut());
        // In another room is an ending of its own (E-03), which has this reason, too.
        let Some(over) = over.filter(|over| over.kinds == super::super::attempt::Kinds::REJECTED)
        else {
            return;
        };
        let (before, said) = *over.reason.get_or_insert((reason, line));
        if before != reason {
            let message = format!("attempt {number} was rejected for two reasons");
            self.wrong(Rule::E02, message, vec![said, line]);
        }
    }
}
