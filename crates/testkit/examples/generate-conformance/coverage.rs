//! What cases are to show, and what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use roomcall::Rule;
use roomcall_testkit::conformance::case::Role;

use crate::demand::Demand;

/// Something that a case shows.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    /// The kind of it.
    pub(crate) group: &'static str,
    /// What makes the id of a case that is there for it.
    pub(crate) id: String,
    /// The title of that case.
    pub(crate) title: String,
}

/// Several.
pub(crate) type Keys = BTreeSet<Key>;

/// A key.
pub(crate) fn key(group: &'static str, id: String, title: String) -> Key {
    Key { group, id, title }
}

/// That a rule is shown.
pub(crate) fn rule_key(rule: Rule) -> Key {
    key("rules", rule.to_string(), rule.title().to_owned())
}

/// What the cases of a role show so far.
pub(crate) struct Coverage {
    role: Role,
    seen: Keys,
    /// The rules that the titles of scenarios name besides.
    named: BTreeSet<Rule>,
}

impl Coverage {
    /// Nothing.
    pub(crate) const fn new(role: Role) -> Self {
        Self { role, seen: BTreeSet::new(), named: BTreeSet::new() }
    }

    /// Whether it is shown.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.seen.contains(key)
    }

    /// A case shows these.
    pub(crate) fn add(&mut self, keys: impl IntoIterator<Item = Key>) {
        self.seen.extend(keys);
    }

    /// A case says in its title that it shows these.
    pub(crate) fn name(&mut self, rules: &[Rule]) {
        self.named.extend(rules);
    }

    fn shown(&self, group: &str) -> BTreeSet<String> {
        self.seen.iter().filter(|key| key.group == group).map(|key| key.id.clone()).collect()
    }

    fn rules(&self) -> BTreeSet<String> {
        let named = self.named.iter().map(Rule::to_string);
        self.shown("rules").into_iter().chain(named).collect()
    }

    /// What no case shows although nothing excuses it, and what is excused and shown, in sentences.
    pub(crate) fn problems(&self) -> Vec<String> {
        let (seen, mut problems) = (self.rules(), Vec::new());
        for rule in Rule::ALL {
            match (seen.contains(rule.id()), excuse(self.role, *rule)) {
                (false, None) => problems.push(format!("no case and no reason: rules: {rule}")),
                (true, Some(why)) => {
                    problems.push(format!("a case, although {why}: rules: {rule}"))
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
        let demands = Demand::of(self.role);
        problems.extend(demands.iter().flat_map(|demand| demand.problems(|it| self.shown(it))));
        problems
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for key in self.seen.iter().filter(|key| key.group != "rules") {
            *groups.entry(key.group).or_default() += 1;
        }
        writeln!(f, "  {:>5}  rules", self.rules().len())?;
        for (group, count) in groups {
            writeln!(f, "  {count:>5}  {group}")?;
        }
        let seen = self.rules();
        let mut excused: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for rule in Rule::ALL.iter().filter(|rule| !seen.contains(rule.id())) {
            let why = excuse(self.role, *rule).unwrap_or("NOT COVERED");
            excused.entry(why).or_default().push(rule.to_string());
        }
        for (why, rules) in excused {
            writeln!(f, "  not shown: {why}: {}", rules.join(" "))?;
        }
        Ok(())
    }
}

/// Why no case of a role can show a rule.
fn excuse(role: Role, rule: Rule) -> Option<&'static str> {
    let id = rule.id();
    let is_of = |families: &[&str]| families.iter().any(|family| id.starts_with(family));
    if is_of(&["INV-", "S-", "N-"]) {
        return Some("it is about how the state is represented or stored");
    }
    if is_of(&["J-01", "J-02", "J-03", "J-06"]) {
        return Some("it is about lines that are malformed, which a runner does not send");
    }
    match role {
        Role::Handset if is_of(&["D-", "L-15"]) => match rule {
            Rule::D27 => Some("it is a table of names"),
            Rule::D28 => Some("it is about several devices"),
            _ => None,
        },
        Role::Handset => Some("it is the switchboard's"),
        Role::Switchboard if is_of(&["D-"]) => Some("it is the handset's"),
        Role::Switchboard => match rule {
            Rule::T07 | Rule::T08 | Rule::T11 | Rule::O03 | Rule::Q10 => {
                Some("it is about calls of a library, which are no lines")
            }
            Rule::T09 | Rule::L16 => Some("it is about numbers that not every language can read"),
            Rule::L12 => Some("it is about names that a host interns"),
            Rule::L13 => Some("it sums up bounds that have rules of their own"),
            Rule::L15 => Some("it is for the host"),
            Rule::X08 => Some("it is about how the state is represented or stored"),
            _ => None,
        },
    }
}
