//! Plays cases to a testee.
#![allow(clippy::disallowed_types, reason = "how long a case took is for people")]

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::case::{Case, Level};
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

/// The line that ends a case, and what a testee says to it.
const END: &str = r#"{"end":true}"#;
const ENDED: &str = r#"{"ended":true}"#;

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

/// What a testee says when a case has ended.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    ended: bool,
}

/// Which cases a testee may skip.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum MaySkip {
    /// It claims to have all parts.
    None,
    /// It may do without optional parts, and nobody does without the core.
    #[default]
    Optional,
    /// It is yet to be finished.
    All,
}

impl MaySkip {
    /// Whether a case of a level may be skipped.
    const fn allows(self, level: Level) -> bool {
        match self {
            Self::None => false,
            Self::Optional => matches!(level, Level::Optional),
            Self::All => true,
        }
    }
}

/// Why a testee fails that is a host with devices.
const LISTENERS: &str = "the testee is a host, which says who heard each line (`heardBy`), and the cases are those of a switchboard \
    alone, which has no devices. Leave `heardBy` out, and say each output once, heard or not; or play the cases of a host, as \
    `cargo test --release -p roomcall-server --test suite -- conformance` does";

/// A testee, which is started when it is needed.
#[derive(Debug)]
pub struct Runner {
    testee: String,
    timeout: Duration,
    may_skip: MaySkip,
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
    pub fn new(testee: &str, timeout: Duration) -> Self {
        Self { testee: testee.to_owned(), timeout, may_skip: MaySkip::default(), connection: None }
    }

    /// The same, to which any other skip is a failure; at first those of optional cases are none.
    pub fn may_skip(self, may_skip: MaySkip) -> Self {
        Self { may_skip, ..self }
    }

    /// Plays a case, and says how long it took. After a failure the testee is started anew.
    pub fn play(&mut self, case: &Case) -> (Verdict, Duration) {
        let begun = Instant::now();
        let played = self.steps(case);
        let problem = self.end();
        let verdict = match (played, problem) {
            (Ok(()), None) => Verdict::Passed,
            (Err(Stop::Skipped(why)), None) => Verdict::Skipped(why),
            (Err(Stop::Failed(fault)), None) => Verdict::Failed(fault),
            (Err(Stop::Failed(fault)), Some(also)) => {
                let problem = format!("{also}; {}", fault.problem);
                Verdict::Failed(Box::new(Fault { problem, ..*fault }))
            }
            (Ok(()) | Err(Stop::Skipped(_)), Some(problem)) => Verdict::Failed(Box::new(Fault {
                problem,
                step: case.steps.len(),
                rules: case.setup.rules.iter().copied().collect(),
                sent: END.to_owned(),
                expected: vec![ENDED.to_owned()],
                came: Vec::new(),
            })),
        };
        if matches!(verdict, Verdict::Failed(_)) {
            self.connection = None;
        }
        (verdict, begun.elapsed())
    }

    /// Ends a case, and says what is wrong with that: whatever comes before it has ended is one answer too many. A testee that is
    /// gone need not end.
    fn end(&mut self) -> Option<String> {
        let deadline = Deadline::after(self.timeout);
        let connection = self.connection.as_mut()?;
        if let Err(failure) = connection.send(END, deadline) {
            return Some(format!("the case does not end: {failure}"));
        }
        let mut surplus = 0_u64;
        loop {
            match connection.receive(deadline) {
                Ok(line) if is_ended(&line) => break,
                Ok(_) => surplus += 1,
                Err(failure) if surplus == 0 => {
                    return Some(format!("the case does not end: {failure}"));
                }
                Err(_) => break,
            }
        }
        let problem = "the testee says more than one line to a line: more than were asked for came";
        (surplus > 0).then(|| format!("{problem} {surplus}"))
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
            Ok(Greeting { ready: None, skip: Some(why) }) => {
                return Err(self.skip(case, why, wrong));
            }
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
            return Err(self.skip(case, skip, |problem| wrong(problem, None, vec![said])));
        }
        let came = match Answer::read(role, &said) {
            Ok(came) => came,
            Err(error) => {
                return Err(wrong(format!("this is no answer: {error}"), None, vec![said]));
            }
        };
        let Some(difference) = difference(&expected, &came) else { return Ok(()) };
        let problem = match difference {
            _ if came.tells_listeners() && !expected.tells_listeners() => LISTENERS.to_owned(),
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
    fn skip(&self, case: &Case, why: String, wrong: impl FnOnce(String) -> Stop) -> Stop {
        let level = case.setup.level;
        if self.may_skip.allows(level) {
            return Stop::Skipped(why);
        }
        wrong(match level {
            Level::Core => format!("the testee skips what everybody has to pass: {why}"),
            Level::Optional => format!("the testee skips: {why}"),
        })
    }

    fn ask(&mut self, line: &str) -> Result<String, Failure> {
        let deadline = Deadline::after(self.timeout);
        let connection = self.connected(deadline)?;
        let answer = connection.send(line, deadline).and_then(|()| connection.receive(deadline));
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }

    fn connected(&mut self, deadline: Deadline) -> Result<&mut Connection, Failure> {
        if self.connection.is_none() {
            self.connection = Some(Connection::open(&self.testee, deadline)?);
        }
        self.connection.as_mut().ok_or_else(|| Failure::Died(String::new()))
    }
}

/// Whether a testee says that a case has ended.
fn is_ended(line: &str) -> bool {
    matches!(serde_json::from_str(line), Ok(Ended { ended: true }))
}
