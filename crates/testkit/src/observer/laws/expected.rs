//! Who accepts is expected in the room, and if nobody comes, the caller is told so, once (E-20, E-21): not where the policy has no
//! such time, not before it has passed, not after who accepted has come, was removed or erased, or the room was dissolved; and
//! where none of that was stated, at the authority, each connection that is told outcomes (P-06) is told when the time and the slack
//! have passed.
//!
//! A caller who is in the room is told as both. It cannot see, without the facts, whether somebody came; nor who else is in the room.

use roomcall::protocol::{Audience, Fact, NamedCall};
use roomcall::{CallStatus, OutcomesTo, Rule};

use super::super::attempt::{Attempt, Expected, Mark};
use super::super::state::{Due, State};

impl Expected {
    /// When it is over by itself, at the latest.
    pub(in super::super) const fn until(&self) -> u64 {
        self.since.at.saturating_add(self.grace)
    }

    /// It is over by a fact, unless that is ignored.
    fn ends(&mut self, now: Mark, is_certain: bool) {
        self.over.get_or_insert(now);
        if is_certain {
            self.surely_over.get_or_insert(now);
        }
    }
}

impl State {
    /// An attempt is accepted now, or was within the slack.
    pub(in super::super) fn is_expected(&mut self, number: u64) {
        let grace = u64::from(self.settings.policy.join_grace).saturating_mul(1_000);
        let since = self.now;
        let is_due = self.knows_rules() && grace > 0;
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        if is_due && attempt.expected.is_none() {
            let expected = Expected { since, grace, over: None, surely_over: None };
            attempt.expected = Some(expected);
            self.owe(expected.until(), number, Due::Joined);
        }
    }

    /// A fact by which a user is not expected any more: in a room, or at all, and then as a caller neither.
    pub(in super::super) fn need_not_come(&mut self, user: &str, fact: &Fact) {
        let (now, is_certain) = (self.now, self.counts(fact));
        let Some(person) = self.people.get(user) else { return };
        for number in person.attempts.iter().chain(&person.settled) {
            let Some(attempt) = self.attempts.get_mut(number) else { continue };
            let is_there = |room: &String| attempt.is_callee(user) && attempt.is_in(room);
            if fact.room().is_none_or(is_there) {
                attempt.expected.iter_mut().for_each(|it| it.ends(now, is_certain));
            }
        }
    }

    /// A room is dissolved (F-11).
    pub(in super::super) fn dissolves(&mut self, room: &str, fact: &Fact) {
        let (now, is_certain) = (self.now, self.counts(fact));
        self.dissolved = Some(now);
        for attempt in self.attempts.values_mut().filter(|it| it.room.is_none() || it.is_in(room)) {
            attempt.is_room_gone = true;
            attempt.expected.iter_mut().for_each(|it| it.ends(now, is_certain));
        }
    }

    /// Whether a fact is surely not ignored where somebody is expected (L-01, L-10, F-13, F-14).
    fn counts(&self, fact: &Fact) -> bool {
        match fact {
            Fact::UserEntered { device, session: None, opening: None, .. } => {
                let most = self.settings.limits.participants_per_room as usize;
                let has_place = self.visits.as_ref().is_some_and(|visits| visits.len() < most);
                let is_id = |id: &String| !id.is_empty() && self.name(id).is_some();
                has_place && device.as_ref().is_none_or(is_id)
            }
            Fact::UserRemoved { opening: None, .. }
            | Fact::RoomDissolved { opening: None, .. }
            | Fact::UserErased { .. } => true,
            _ => false,
        }
    }

    /// A connection is told that nobody came.
    pub(in super::super) fn has_not_joined(
        &mut self,
        connection: u64,
        call: &NamedCall,
        to: &Audience,
    ) {
        let (now, number) = (self.now, call.attempt);
        let is_ordered = self.is_ordered();
        let has_grace = self.settings.policy.join_grace > 0 || self.rules.is_some();
        let (early, late) = match self.attempts.get(&number) {
            Some(attempt) => (self.is_early(attempt), self.has_come(attempt)),
            None => return,
        };
        let told = self.told(number, connection);
        let nth = usize::from(matches!(to, Audience::Room(_)));
        let before = told.and_then(|told| told.not_joined[nth].replace(now.line));
        let problem = if !has_grace && self.knows_rules() {
            Some(("nobody waits for who accepts", None))
        } else if call.status != CallStatus::None {
            Some(("it is over, and has a status", None))
        } else if let Some(before) = before.filter(|_| is_ordered) {
            Some(("it is told twice", Some(before)))
        } else if let Some(since) = early {
            Some(("it is told before the grace has passed", Some(since.line)))
        } else {
            late.map(|came| ("whoever accepted came, or need not come", Some(came.line)))
        };
        if let Some((problem, line)) = problem {
            let message = format!("attempt {number} is not joined, and {problem}");
            self.wrong(Rule::E21, message, line.into_iter().chain([now.line]).collect());
        }
    }

    /// The line before which it was not accepted, if the grace since then has not passed.
    fn is_early(&self, attempt: &Attempt) -> Option<Mark> {
        let grace = attempt.expected?.grace;
        let since = first_answer(attempt)?;
        let is_early = self.now.at.saturating_add(self.settings.slack) < since.at + grace;
        is_early.then_some(since)
    }

    /// The line by which nobody was expected any more, before this one.
    fn has_come(&self, attempt: &Attempt) -> Option<Mark> {
        let over = attempt.expected?.surely_over?;
        self.is_before(over, self.now).then_some(over)
    }

    /// The time to come has passed, and the slack.
    pub(in super::super) fn callers_learn_of_nobody(&mut self, number: u64) {
        let Some(attempt) = self.attempts.get(&number) else { return };
        let untold = self.untold_of_nobody(attempt);
        let since = attempt.expected.map(|expected| expected.since.line);
        for connection in untold {
            let opened = self.connections.get(&connection).map(|of| of.opened.line);
            let message = format!(
                "connection {connection} called {number}, and is not told that nobody came"
            );
            self.wrong(Rule::E21, message, since.into_iter().chain(opened).collect());
        }
    }

    fn untold_of_nobody(&self, attempt: &Attempt) -> Vec<u64> {
        let known = attempt.expected.zip(attempt.caller.as_ref());
        let Some((expected, (caller, _))) = known else { return Vec::new() };
        // Elsewhere what was accepted may be told after it was stated that somebody came.
        let is_certain = self.is_at_authority()
            && self.settings.sees_backend
            && self.knows_rules()
            && self.rules.is_none_or(|rules| self.is_before(rules, expected.since));
        if !is_certain || expected.over.is_some() || attempt.is_crowded {
            return Vec::new();
        }
        let to_all = self.settings.policy.outcomes_to == OutcomesTo::AllDevices;
        let calling = attempt.calling.as_ref().map(|(calling, _)| calling);
        // It is told when the grace has passed since the first answer, or later: whoever was connected by then is told.
        let first = first_answer(attempt).map_or(expected.since.at, |mark| mark.at);
        let told_at = first.saturating_add(expected.grace).saturating_sub(self.settings.slack);
        let mut untold = self.open_since(caller, self.now);
        untold.retain(|connection| {
            let of = &self.connections[connection];
            let is_owed = of.opened.at < told_at && (to_all || calling == Some(&of.peer));
            let told = attempt.told.get(connection);
            is_owed && told.is_none_or(|told| told.not_joined[0].is_none())
        });
        untold
    }
}

/// The line before which it was not accepted.
fn first_answer(attempt: &Attempt) -> Option<Mark> {
    let first = attempt.answered.iter().map(|(_, mark)| *mark).min_by_key(|mark| mark.at);
    first.or(attempt.live).or(attempt.born)
}
