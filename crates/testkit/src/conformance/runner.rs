//! Plays cases to a testee.
#![allow(clippy::disallowed_types, reason = "how long a case took is for people")]

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::case::Case;
use super::compare::{Answer, Difference, difference};
use super::rules::{self, Rules};
use super::transport::{Connection, Deadline, Failure};

/// What came of a case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Every answer is the one that is expected.
    Passed,
    /// The testee does without something that it needs.
    Skipped(String),
    /// An answer is another one, or there is none.
    Failed(Box<Fault>),
}

/// Where and how a case failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What is wrong, in a sentence.
    pub problem: String,
    /// The number of the step, from 1; 0 before the first.
    pub step: usize,
    /// The rules that are not kept: those that the step shows.
    pub rules: Rules,
    /// The line that was sent.
    pub sent: String,
    /// The lines that were expected.
    pub expected: Vec<String>,
    /// The lines that came.
    pub came: Vec<String>,
}

/// What a testee says to a set-up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Greeting {
    ready: Option<bool>,
    skip: Option<String>,
}

/// What a testee says instead of an answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skip {
    skip: String,
}

/// A testee, which is started when it is needed.
#[derive(Debug)]
pub struct Runner {
    testee: String,
    patience: Duration,
    may_skip: bool,
    connection: Option<Connection>,
}

/// Why a case ends before its last step.
enum Stop {
    Skipped(String),
    Failed(Box<Fault>),
}

impl Runner {
    /// A testee: `ws://..`, or a command whose words are separated by spaces. It is given so long for a line, the first
    /// of which starts it.
    pub fn new(testee: &str, patience: Duration) -> Self {
        Self { testee: testee.to_owned(), patience, may_skip: true, connection: None }
    }

    /// The same, to which a skip is a failure.
    pub fn without_skips(self) -> Self {
        Self { may_skip: false, ..self }
    }

    /// Plays a case, and says how long it took. After a failure the testee is started anew.
    pub fn play(&mut self, case: &Case) -> (Verdict, Duration) {
        let begun = Instant::now();
        let verdict = match self.steps(case) {
            Ok(()) => Verdict::Passed,
            Err(Stop::Skipped(why)) => Verdict::Skipped(why),
            Err(Stop::Failed(fault)) => Verdict::Failed(fault),
        };
        let is_sound =
            !matches!(verdict, Verdict::Failed(_)) && self.send(r#"{"end":true}"#).is_ok();
        if !is_sound {
            self.connection = None;
        }
        (verdict, begun.elapsed())
    }

    fn steps(&mut self, case: &Case) -> Result<(), Stop> {
        let setup = serde_json::to_string(&case.setup).unwrap_or_default();
        let wrong = |problem: String| {
            Stop::Failed(Box::new(Fault {
                problem,
                step: 0,
                rules: case.setup.rules.iter().copied().collect(),
                sent: setup.clone(),
                expected: vec![r#"{"ready":true}"#.to_owned()],
                came: Vec::new(),
            }))
        };
        let greeting = self.ask(&setup).map_err(|error| wrong(error.to_string()))?;
        match serde_json::from_str(&greeting) {
            Ok(Greeting { ready: Some(true), skip: None }) => {}
            Ok(Greeting { ready: None, skip: Some(why) }) => return Err(self.skip(why, wrong)),
            Ok(_) | Err(_) => return Err(wrong(format!("it said {greeting}"))),
        }
        (0..case.steps.len()).try_for_each(|step| self.step(case, step))
    }

    fn step(&mut self, case: &Case, at: usize) -> Result<(), Stop> {
        let (role, step) = (case.setup.role, &case.steps[at]);
        let expected = Answer::read(role, step.expect.get())
            .unwrap_or_else(|error| panic!("the case {} is malformed: {error}", case.setup.case));
        let wrong = |problem: String, difference: Option<Difference>, came: Vec<String>| {
            let shown = rules::shown(&case.setup.begin, &case.steps).unwrap_or_default();
            let mut rules = shown.get(at).cloned().unwrap_or_default();
            rules.extend(difference.and_then(|difference| difference.rule(role)));
            if rules.is_empty() {
                rules.extend(&case.setup.rules);
            }
            let lines = expected.lines().into_iter().map(str::to_owned);
            let expected = lines.chain(expected.screen()).collect();
            let sent = step.send.get().to_owned();
            Stop::Failed(Box::new(Fault { problem, step: at + 1, rules, sent, expected, came }))
        };
        let said = match self.ask(step.send.get()) {
            Ok(said) => said,
            Err(failure) => return Err(wrong(failure.to_string(), None, Vec::new())),
        };
        if let Ok(Skip { skip }) = serde_json::from_str(&said) {
            return Err(self.skip(skip, |problem| wrong(problem, None, vec![said])));
        }
        let came = match Answer::read(role, &said) {
            Ok(came) => came,
            Err(error) => {
                return Err(wrong(format!("this is no answer: {error}"), None, vec![said]));
            }
        };
        let Some(difference) = difference(&expected, &came) else { return Ok(()) };
        let problem = match difference {
            Difference::Lines(same) => format!("line {} differs", same + 1),
            Difference::Order => "the lines come in another order".to_owned(),
            Difference::Device => "the device that is named differs".to_owned(),
            Difference::Screen => "something else is on the screen".to_owned(),
        };
        let lines = came.lines().into_iter().map(str::to_owned);
        let lines = lines.chain(came.screen()).collect();
        Err(wrong(problem, Some(difference), lines))
    }

    /// What a skip ends a case with.
    fn skip(&self, why: String, wrong: impl FnOnce(String) -> Stop) -> Stop {
        if self.may_skip { Stop::Skipped(why) } else { wrong(format!("the testee skips: {why}")) }
    }

    fn ask(&mut self, line: &str) -> Result<String, Failure> {
        let deadline = Deadline::after(self.patience);
        let connection = self.connected(deadline)?;
        connection.send(line, deadline)?;
        connection.receive(deadline)
    }

    fn send(&mut self, line: &str) -> Result<(), Failure> {
        let deadline = Deadline::after(self.patience);
        self.connected(deadline)?.send(line, deadline)
    }

    fn connected(&mut self, deadline: Deadline) -> Result<&mut Connection, Failure> {
        if self.connection.is_none() {
            self.connection = Some(Connection::open(&self.testee, deadline)?);
        }
        self.connection.as_mut().ok_or_else(|| Failure::Died(String::new()))
    }
}
