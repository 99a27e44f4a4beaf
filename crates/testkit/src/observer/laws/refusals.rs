//! A refusal is one that its request may get: its rule is one of those that refuse such a request of a device, it has the
//! code of that rule, an ending if and only if the rule may tell one, and that of the attempt that was named (E-09 to E-11, H-05).
//!
//! It cannot see whether it is deserved.

use roomcall::Rule;
use roomcall::protocol::Refused;

use super::super::state::State;
use super::retries::{Asked, Kind};

impl State {
    /// A request is refused.
    pub(in super::super) fn has_its_code(&mut self, refused: &Refused) {
        let Refused { rule, code, .. } = *refused;
        let problem = match self::code(rule) {
            None => format!("{rule} refuses no request"),
            Some(right) if right != code => format!("a refusal by {rule} has the code {code}"),
            Some(_) => return self.has_its_ending(refused),
        };
        self.wrong(Rule::R01, problem, vec![self.now.line]);
    }

    fn has_its_ending(&mut self, refused: &Refused) {
        let rule = refused.rule;
        let has_ending = refused.ended.is_some();
        let may_have_one = matches!(rule, Rule::E09 | Rule::E10 | Rule::R02);
        if rule == Rule::E09 && !has_ending {
            self.wrong(Rule::E09, "who is too late is not told why".into(), vec![self.now.line]);
        } else if has_ending && !may_have_one {
            let message = format!("a refusal by {rule} has an ending");
            self.wrong(rule, message, vec![self.now.line]);
        }
    }

    /// The same, of what a device asked.
    pub(in super::super) fn may_be_refused(&mut self, refused: &Refused, asked: Option<&Asked>) {
        self.has_its_code(refused);
        let Some(asked) = asked else { return };
        let lines = vec![asked.last.line, self.now.line];
        if code(refused.rule).is_some() && !may_refuse(refused.rule, asked.kind) {
            let message = format!("{:?} is refused by {}", asked.kind, refused.rule);
            return self.wrong(Rule::R01, message, lines);
        }
        let ended = refused.ended.as_ref().map(|ended| ended.attempt);
        if let Some((named, told)) = asked.attempt.zip(ended).filter(|(named, told)| named != told)
        {
            let message = format!("an answer to attempt {named} is told how {told} ended");
            self.wrong(Rule::E11, message, lines);
        }
    }
}

/// The code of a refusal by a rule; `None` if the rule refuses no request.
const fn code(rule: Rule) -> Option<i32> {
    Some(match rule {
        Rule::L07 | Rule::L08 | Rule::L14 | Rule::L15 | Rule::L16 => -2,
        Rule::X03
        | Rule::X04
        | Rule::L01
        | Rule::L02
        | Rule::L03
        | Rule::L04
        | Rule::L05
        | Rule::L06
        | Rule::N01
        | Rule::Q03
        | Rule::Q04
        | Rule::Q05
        | Rule::J02
        | Rule::J03 => -1001,
        Rule::P01 | Rule::P05 => -2101,
        Rule::P02 | Rule::P03 => -2301,
        Rule::P04 | Rule::P10 => -2310,
        Rule::E09 | Rule::E10 => -2311,
        Rule::R02 => 100_004,
        // A name that the host cannot intern any more.
        Rule::L12 => -2,
        _ => return None,
    })
}

/// Whether a rule may refuse what a device asks.
const fn may_refuse(rule: Rule, kind: Kind) -> bool {
    let is_remembered = matches!(
        kind,
        Kind::Call | Kind::Cancel | Kind::Revoke | Kind::Accept | Kind::Reject | Kind::Mark
    );
    let names_users = matches!(kind, Kind::Call | Kind::Cancel | Kind::Revoke);
    match rule {
        Rule::X03 | Rule::X04 => is_remembered || matches!(kind, Kind::Other),
        Rule::L02 | Rule::L03 => names_users,
        Rule::L04
        | Rule::L05
        | Rule::L06
        | Rule::L07
        | Rule::L08
        | Rule::L14
        | Rule::P01
        | Rule::P02 => matches!(kind, Kind::Call),
        Rule::L16 => matches!(kind, Kind::Call | Kind::Mark),
        Rule::P03 => matches!(kind, Kind::Revoke),
        Rule::P10 => matches!(kind, Kind::Call | Kind::Other),
        Rule::E09 | Rule::E10 => matches!(kind, Kind::Accept | Kind::Reject),
        Rule::R02 => names_users || matches!(kind, Kind::Accept | Kind::Reject | Kind::List),
        Rule::P05 => matches!(kind, Kind::List),
        Rule::Q03 | Rule::Q04 => matches!(kind, Kind::List | Kind::Other),
        Rule::Q05 => matches!(kind, Kind::List | Kind::Log | Kind::Other),
        // What only a backend is refused.
        Rule::P04 => false,
        _ => true,
    }
}
