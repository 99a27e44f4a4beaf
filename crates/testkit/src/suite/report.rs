//! What came of a suite.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use roomcall::Rule;

use super::races::RACES;
use super::stage::{self, Stop};
use crate::observer::Traffic;

/// How often each event was heard.
pub(super) type Heard = BTreeMap<&'static str, u64>;

/// What came of one race or world.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of the race, or the seed of the world.
    pub name: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// Whether it went well.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It did.
    Passed,
    /// The host cannot do what this needs.
    Skipped(&'static str),
    /// It did not.
    Failed(Box<Failure>),
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The rule that is violated; `None` if the transport did not do what it was asked to do.
    pub rule: Option<Rule>,
    /// How.
    pub what: String,
    /// The shortest run that was found: for a world its actions as JSON, to be kept and played again with
    /// [`Suite::replay`](super::Suite::replay).
    pub run: Option<String>,
    /// The messages of that run, a line each.
    pub traffic: String,
}

impl Failure {
    /// What stopped a play, after these messages.
    pub(super) fn new(stop: Stop, messages: &[Traffic]) -> Self {
        let (rule, what) = match stop {
            Stop::Broken(rule, what) => (Some(rule), what),
            Stop::Transport(error) => (None, error.to_string()),
        };
        let mut traffic = String::new();
        for (number, line) in messages.iter().enumerate() {
            if !stage::is_probe(&line.what) {
                let line = serde_json::to_string(line).unwrap_or_default();
                let _ = writeln!(traffic, "  {:>4}  {line}", number + 1);
            }
        }
        Self { rule, what, run: None, traffic }
    }
}

impl From<Result<(), Failure>> for Verdict {
    fn from(played: Result<(), Failure>) -> Self {
        played.map_or_else(|failure| Self::Failed(Box::new(failure)), |()| Self::Passed)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Some(rule) => writeln!(f, "{rule} {} is violated: {}", rule.title(), self.what)?,
            None => writeln!(f, "the transport failed: {}", self.what)?,
        }
        if let Some(run) = &self.run {
            let again = "to be kept and played again with `Suite::replay` or `replay_with`";
            writeln!(f, "the shortest run, {again}:\n  {run}")?;
        }
        writeln!(f, "its messages:\n{}", self.traffic)
    }
}

/// What came of all.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Races, then worlds.
    pub cases: Vec<Case>,
    /// How often each event came to a device in the worlds that passed.
    pub heard: BTreeMap<&'static str, u64>,
    /// What else they reached, and how often: pushes, refusals, users who were erased.
    pub reached: BTreeMap<&'static str, u64>,
    /// What the worlds had to do without, since the host cannot do it.
    pub left_out: Vec<&'static str>,
}

impl Report {
    pub(super) fn add(&mut self, name: &str, played: Result<(), Failure>) {
        self.cases.push(Case { name: name.to_owned(), verdict: played.into() });
    }

    pub(super) fn skip(&mut self, name: &str, why: &'static str) {
        self.cases.push(Case { name: name.to_owned(), verdict: Verdict::Skipped(why) });
    }

    /// Those that went wrong.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.cases.iter().filter_map(|case| match &case.verdict {
            Verdict::Failed(failure) => Some((&case.name[..], &**failure)),
            _ => None,
        })
    }

    /// How many were skipped.
    pub fn skipped(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.verdict, Verdict::Skipped(_))).count()
    }

    /// Nothing, if something was played and nothing went wrong.
    ///
    /// # Panics
    ///
    /// Something did, or all was skipped; the message is the report.
    #[track_caller]
    pub fn assert_passed(&self) {
        let has_passed = self.cases.iter().any(|case| matches!(case.verdict, Verdict::Passed));
        assert!(has_passed && self.failures().next().is_none(), "\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.cases {
            match &case.verdict {
                Verdict::Passed => writeln!(f, "passed   {}", case.name)?,
                Verdict::Skipped(why) => writeln!(f, "skipped  {}: {why}", case.name)?,
                Verdict::Failed(failure) => {
                    writeln!(f, "FAILED   {}\n{failure}", case.name)?;
                    let name = &case.name;
                    if RACES.iter().any(|race| race.name == name) {
                        writeln!(f, "alone: `Suite::new().only({name:?}).worlds(0..0)`")?;
                    }
                }
            }
        }
        for what in &self.left_out {
            writeln!(f, "the worlds leave out {what}")?;
        }
        let heard: Vec<_> =
            self.heard.iter().map(|(event, times)| format!("{event} {times}")).collect();
        writeln!(f, "heard: {}", heard.join(", "))?;
        for (what, times) in &self.reached {
            writeln!(f, "reached {times} times: {what}")?;
        }
        let (failed, skipped) = (self.failures().count(), self.skipped());
        let passed = self.cases.len() - failed - skipped;
        writeln!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}
