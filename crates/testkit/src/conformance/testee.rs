//! This crate as a testee.

use std::io::{self, BufRead, Write};

use roomcall::handset::{DeviceTick, Effect, Handset, Input};
use roomcall::protocol::{Outcome, Output, Record};
use roomcall::switchboard::Switchboard;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::case::{Begin, Setup};

/// A line to a handset.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, untagged)]
pub enum HandsetLine {
    /// Inputs come together.
    Inputs {
        /// When, by the device's clock.
        at: u64,
        /// What.
        inputs: Vec<Input>,
    },
    /// The process was killed and starts from its saved state.
    Restart {
        /// How.
        restart: Restart,
    },
}

/// How a process starts again (D-25).
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// For how many milliseconds it was dead, if anybody knows.
    pub dead: Option<u64>,
}

/// What is said to a line.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Said {
    Switchboard { outputs: Vec<Output> },
    Handset { effects: Vec<Effect>, screen: Vec<OnScreen> },
}

/// A call on the screen.
#[derive(Debug, Serialize)]
struct OnScreen {
    attempt: u64,
    stage: roomcall::handset::Stage,
}

/// One of the two reducers.
#[derive(Debug)]
pub enum Testee {
    /// Of a server.
    Switchboard(Box<Switchboard>),
    /// Of a device.
    Handset(Box<Handset>),
}

impl Testee {
    /// One as the case begins.
    pub fn new(begin: &Begin) -> Self {
        match begin {
            Begin::Switchboard { policy, limits } => {
                Self::Switchboard(Box::new(Switchboard::new(*limits, *policy)))
            }
            Begin::Handset { user, device, settings } => {
                Self::Handset(Box::new(Handset::new(user, device, *settings)))
            }
        }
    }

    /// The answer to one line, as JSON.
    ///
    /// # Errors
    ///
    /// The line is none of this role.
    pub fn step(&mut self, line: &str) -> Result<String, String> {
        let said = match self {
            Self::Switchboard(board) => {
                let record: Record = Record::read(line).map_err(|error| error.to_string())?;
                let outcome: Outcome = board.apply_record(&record);
                Said::Switchboard { outputs: outcome.outputs().collect() }
            }
            Self::Handset(handset) => {
                let line: HandsetLine =
                    serde_json::from_str(line).map_err(|error| error.to_string())?;
                let effects = play(handset, line)?;
                let stage = |(attempt, stage)| OnScreen { attempt, stage };
                Said::Handset { effects, screen: handset.screen().map(stage).collect() }
            }
        };
        serde_json::to_string(&said).map_err(|error| error.to_string())
    }
}

/// A handset that starts again says what draws its screen anew.
fn play(handset: &mut Handset, line: HandsetLine) -> Result<Vec<Effect>, String> {
    match line {
        HandsetLine::Inputs { at, inputs } => {
            Ok(handset.apply_all(DeviceTick::from_millis(at), inputs))
        }
        HandsetLine::Restart { restart } => {
            let restored = Handset::restore(&handset.save(), restart.dead);
            *handset = restored.map_err(|error| error.to_string())?;
            Ok(handset.redraw())
        }
    }
}

/// The lines of a runner.
#[derive(Deserialize)]
struct AnyLine {
    conformance: Option<u32>,
    end: Option<bool>,
}

/// Answers lines until there are none.
///
/// # Errors
///
/// A line cannot be read or written, or is none that a runner sends.
pub fn serve(input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut testee = None;
    for line in input.lines() {
        let line = line?;
        let kind: AnyLine = serde_json::from_str(&line)?;
        if kind.conformance.is_some() {
            let setup: Setup = serde_json::from_str(&line)?;
            testee = Some(Testee::new(&setup.begin));
            writeln!(output, r#"{{"ready":true}}"#)?;
        } else if kind.end.is_some() {
            testee = None;
            writeln!(output, r#"{{"ended":true}}"#)?;
        } else {
            let testee = testee.as_mut().ok_or_else(|| io::Error::other("a step of no case"))?;
            writeln!(output, "{}", testee.step(&line).map_err(io::Error::other)?)?;
        }
        output.flush()?;
    }
    Ok(())
}

/// A value as the text that it is.
///
/// # Errors
///
/// It has no form in JSON.
pub fn raw(value: &impl Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(serde_json::to_string(value)?)
}
