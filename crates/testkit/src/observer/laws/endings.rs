//! An attempt ends once, in one way, by one who decides (T-01, E-01 to E-07): each message leaves some of all endings, and
//! together they leave one. What is over does not ring (T-01). An effect tells of the ending of its rule. Who revoked it is told
//! until that user is erased, and then no more (F-20).
//!
//! It cannot see an ending of which nobody is told.

use roomcall::{EndingKind, Rule};

use super::super::attempt::{Kinds, Mark, Over};
use super::super::claims::{Claim, How, Says};
use super::super::state::{Due, State};

impl State {
    /// What is claimed of an attempt was so at `asked`, or later, if that is known. Whether it is to be judged.
    pub(in super::super) fn claim(&mut self, claim: &Claim<'_>, asked: Option<Mark>) -> bool {
        if !self.identify(claim) {
            return false;
        }
        match &claim.says {
            Says::Nothing => {}
            Says::Rings(left) => self.rings(claim.attempt, *left, asked),
            Says::Over(how) => self.is_over(claim.attempt, how),
        }
        true
    }

    fn rings(&mut self, number: u64, left: Option<Option<u64>>, asked: Option<Mark>) {
        let (now, revision) = (self.now, self.told_revision());
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        attempt.live = Some(now);
        attempt.revision = attempt.revision.max(revision);
        let over = attempt.over.as_ref().map(|over| over.first);
        if let Some((over, asked)) = over.zip(asked) {
            if self.is_before(over, asked) {
                let message = format!("attempt {number} rings after it was over");
                self.wrong(Rule::T01, message, vec![over.line, now.line]);
            }
        }
        if let Some(left) = left {
            self.ends_at(number, left);
        }
    }

    /// An attempt is over.
    pub(in super::super) fn is_over(&mut self, number: u64, how: &How<'_>) {
        let now = self.now;
        let operator = how.operator.map(|by| by.and_then(|by| self.name(by)));
        let device = how.device.and_then(|device| self.name(device));
        let may_be_late = self.may_name_erased;
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        let is_new = attempt.over.is_none();
        let is_settled = attempt.is_settled;
        let over = attempt.over.get_or_insert(Over {
            kinds: Kinds::ALL,
            line: now.line,
            first: now,
            device: None,
            operator: None,
            is_operator_erased: false,
            joined: None,
            reason: None,
        });
        let mut wrong = Vec::new();
        let kinds = over.kinds.and(how.kinds);
        if kinds.is_empty() {
            wrong.push((Rule::T01, "ended twice, differently", over.line));
        } else if kinds != over.kinds {
            (over.kinds, over.line) = (kinds, now.line);
        }
        if let Some(device) = device {
            match &over.joined {
                Some((joined, line)) if how.has_joined && *joined != device => {
                    wrong.push((Rule::E01, "was accepted on two devices", *line));
                }
                None if how.has_joined => over.joined = Some((device.clone(), now.line)),
                _ => {}
            }
            match &over.device {
                Some((decided, line)) if *decided != device && wrong.is_empty() => {
                    wrong.push((Rule::T01, "was decided on two devices", *line));
                }
                None => over.device = Some((device, now.line)),
                Some(_) => {}
            }
        }
        if let Some(operator) = operator {
            wrong.extend(over.is_revoked_by(operator, now.line, may_be_late));
        }
        if is_new && !is_settled {
            self.owe(now.at, number, Due::Over);
        }
        for (rule, what, line) in wrong {
            self.wrong(rule, format!("attempt {number} {what}"), vec![line, now.line]);
        }
        if how.kinds == Kinds::of(&[EndingKind::TimedOut]) {
            self.timed_out(number);
        }
    }
}

impl Over {
    /// Who revoked it is told. What `may_be_late` was on its way when a user was erased, and need not agree with what came after.
    fn is_revoked_by(
        &mut self,
        operator: Option<Box<str>>,
        now: u64,
        may_be_late: bool,
    ) -> Option<(Rule, &'static str, u64)> {
        match &self.operator {
            Some(_) if self.is_operator_erased && operator.is_none() => None,
            Some((by, _)) if may_be_late && by.is_none() != operator.is_none() => None,
            Some((by, line)) if *by != operator => Some((Rule::T01, "was revoked by two", *line)),
            Some((_, line)) if self.is_operator_erased && !may_be_late => {
                Some((Rule::F20, "was revoked by a user who is erased, and is named", *line))
            }
            Some(_) => None,
            None => {
                self.operator = Some((operator, now));
                None
            }
        }
    }
}
