//! The lines of a conformance runner as typed values, and what a testee says to them: for testees. A package
//! for apps has none of this.

use roomcall::handset as library;
use serde::Deserialize;
use serde_json::json;

use crate::convert::{InvalidValueError, convert, invalid};
use crate::handset::OnScreen;
use crate::types::{Effect, Input, Settings};

/// A line of the runner.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum RunnerLine {
    /// A case begins.
    Begin {
        /// Who is signed in.
        user: String,
        /// On which device.
        device: String,
        /// With which settings.
        settings: Settings,
    },
    /// Inputs that came together.
    Inputs {
        /// When, in milliseconds of the device's clock.
        at: u64,
        /// What.
        inputs: Vec<Input>,
    },
    /// The process was killed, and starts again from what it saved.
    Restart {
        /// For how many milliseconds it was dead, if anybody knows.
        dead: Option<u64>,
    },
    /// The case is over.
    End,
}

#[derive(Deserialize)]
struct Form {
    user: Option<String>,
    device: Option<String>,
    settings: Option<library::Settings>,
    at: Option<u64>,
    inputs: Option<Vec<library::Input>>,
    restart: Option<Restart>,
    end: Option<bool>,
}

#[derive(Deserialize)]
struct Restart {
    dead: Option<u64>,
}

/// Reads a line of the runner.
///
/// # Errors
///
/// It is none.
#[uniffi::export]
pub fn runner_line(json: String) -> Result<RunnerLine, InvalidValueError> {
    let form: Form = serde_json::from_str(&json).map_err(invalid)?;
    match form {
        Form { user: Some(user), device: Some(device), settings: Some(settings), .. } => {
            Ok(RunnerLine::Begin { user, device, settings: convert(&settings)? })
        }
        Form { at: Some(at), inputs: Some(inputs), .. } => {
            let inputs = inputs.iter().map(convert).collect::<Result<_, _>>()?;
            Ok(RunnerLine::Inputs { at, inputs })
        }
        Form { restart: Some(Restart { dead }), .. } => Ok(RunnerLine::Restart { dead }),
        Form { end: Some(_), .. } => Ok(RunnerLine::End),
        _ => Err(invalid("it is no line of a runner")),
    }
}

/// What a testee says to inputs or a restart.
///
/// # Errors
///
/// The library refuses an effect.
#[uniffi::export]
pub fn testee_line(
    effects: Vec<Effect>,
    screen: Vec<OnScreen>,
) -> Result<String, InvalidValueError> {
    let effects =
        effects.iter().map(convert).collect::<Result<Vec<library::Effect>, InvalidValueError>>()?;
    let call = |it: &OnScreen| json!({ "attempt": it.attempt, "stage": it.stage });
    let screen: Vec<_> = screen.iter().map(call).collect();
    Ok(json!({ "effects": effects, "screen": screen }).to_string())
}
