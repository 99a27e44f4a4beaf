//! An attempt is one call: of one caller to one callee into one room, with one text (C-06, C-11). Attempts are numbered
//! upward, in whatever life (C-06, F-18).
//!
//! It cannot see that a number was left out.

use std::hash::{DefaultHasher, Hash, Hasher};

use roomcall::Rule;

use super::super::attempt::Said;
use super::super::claims::Claim;
use super::super::state::State;

/// A number that stands for a value.
pub(in super::super) fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl State {
    /// Whose the attempt is. Whether it is to be judged.
    pub(in super::super) fn identify(&mut self, claim: &Claim<'_>) -> bool {
        let now = self.now;
        let number = claim.attempt;
        if number == 0 || self.attempt(number).is_none() {
            return false;
        }
        let known =
            [claim.room, claim.caller, claim.callee].map(|it| it.and_then(|it| self.name(it)));
        let Some(attempt) = self.attempts.get_mut(&number) else { return false };
        let [room, caller, callee] = known;
        let mut others = Vec::new();
        for (what, said, name) in [
            ("room", &mut attempt.room, room),
            ("caller", &mut attempt.caller, caller),
            ("callee", &mut attempt.callee, callee),
        ] {
            others.extend(other(what, said, name, now.line));
        }
        let of_text = claim.extension.map(digest);
        let text = other("text", &mut attempt.extension, of_text, now.line);
        let names: Vec<_> = [&attempt.caller, &attempt.callee]
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let is_settled = attempt.is_settled;
        for name in names {
            let person = self.people.entry(name).or_default();
            let of = if is_settled { &mut person.settled } else { &mut person.attempts };
            of.insert(number);
        }
        for (what, line) in others {
            let message = format!("attempt {number} has another {what}");
            self.wrong(claim.of, message, vec![line, now.line]);
        }
        if let Some((_, line)) = text {
            let message = format!("attempt {number} has another extension text");
            self.wrong(Rule::C11, message, vec![line, now.line]);
        }
        self.is_told_of(number);
        true
    }

    /// A number was told.
    fn is_told_of(&mut self, number: u64) {
        if self.highest.is_none_or(|(highest, _)| highest < number) {
            self.highest = Some((number, self.now));
        }
    }

    /// An attempt is made now, or was within the slack: its number is above all before.
    pub(in super::super) fn is_numbered_upward(&mut self, number: u64) {
        if self.attempts.contains_key(&number) || number == 0 {
            return;
        }
        let Some((highest, mark)) = self.highest else { return };
        let is_of_lost_life = number <= self.lost;
        if number > highest
            || !self.is_at_authority()
            || number <= self.forgotten && !is_of_lost_life
        {
            return;
        }
        let rule = if is_of_lost_life { Rule::F18 } else { Rule::C06 };
        let message = format!("attempt {number} is made after {highest}");
        self.wrong(rule, message, vec![mark.line, self.now.line]);
    }
}

/// Where another was said, if one was; else it is said now.
fn other<T: PartialEq>(
    what: &'static str,
    said: &mut Said<T>,
    now: Option<T>,
    line: u64,
) -> Option<(&'static str, u64)> {
    let now = now?;
    match said {
        Some((said, line)) => (*said != now).then_some((what, *line)),
        None => {
            *said = Some((now, line));
            None
        }
    }
}
