//! The cases as data: a line for the set-up, and a line a step.

use roomcall::handset::Settings;
use roomcall::{Limits, Policy, Rule};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The version of the protocol and of the cases.
pub const VERSION: u32 = 1;

/// What a testee stands for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
#[derive(clap::ValueEnum)]
pub enum Role {
    /// The state machine of a server.
    Switchboard,
    /// The state machine of one signed-in device.
    Handset,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Switchboard, Self::Handset];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Switchboard => "switchboard",
            Self::Handset => "handset",
        }
    }

    /// The file of its cases.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Switchboard => include_str!("../../conformance/v1/switchboard.ndjson"),
            Self::Handset => include_str!("../../conformance/v1/handset.ndjson"),
        }
    }
}

/// Who has to pass a case.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
#[derive(clap::ValueEnum)]
pub enum Level {
    /// Everybody.
    Core,
    /// Who has the parts that it needs.
    Optional,
}

/// What a testee is told before the first step: the first line of a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    /// [`VERSION`].
    pub conformance: u32,
    /// What the testee stands for.
    pub role: Role,
    /// The id of the case, which stays.
    pub case: String,
    /// What happens, for people.
    pub title: String,
    /// The rules that it shows.
    pub rules: Vec<Rule>,
    /// Who has to pass it.
    pub level: Level,
    /// The optional parts without which it cannot be passed; none at the level core.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Of a switchboard.
    #[serde(flatten)]
    pub begin: Begin,
}

/// The state before the first step.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Begin {
    /// A switchboard of which nothing is known.
    Switchboard {
        /// Its policy.
        policy: Policy,
        /// Its limits.
        limits: Limits,
    },
    /// A device that was just installed.
    Handset {
        /// Who is signed in.
        user: String,
        /// On which device.
        device: String,
        /// With which settings.
        settings: Settings,
    },
}

/// One line to the testee, and what must come back.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The line.
    pub send: Box<RawValue>,
    /// The answer.
    pub expect: Box<RawValue>,
}

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its first line.
    pub setup: Setup,
    /// The others.
    pub steps: Vec<Step>,
}

impl Case {
    /// The cases of a role that are in the program.
    ///
    /// # Panics
    ///
    /// The file is malformed.
    pub fn all(role: Role) -> Vec<Self> {
        Self::read(role.file()).unwrap_or_else(|error| panic!("{}: {error}", role.word()))
    }

    /// Reads the lines of cases.
    ///
    /// # Errors
    ///
    /// A line is malformed, or a step comes before any case.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        let mut cases: Vec<Self> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let wrong = |error: &dyn std::fmt::Display| format!("line {}: {error}", number + 1);
            if line.starts_with(r#"{"conformance""#) {
                let setup = serde_json::from_str(line).map_err(|error| wrong(&error))?;
                cases.push(Self { setup, steps: Vec::new() });
            } else {
                let step = serde_json::from_str(line).map_err(|error| wrong(&error))?;
                cases.last_mut().ok_or_else(|| wrong(&"a step of no case"))?.steps.push(step);
            }
        }
        Ok(cases)
    }

    /// The lines of the case.
    pub fn write(&self) -> String {
        let line = |value: &str| format!("{value}\n");
        let setup = serde_json::to_string(&self.setup).unwrap_or_default();
        let steps = self.steps.iter().map(|step| serde_json::to_string(step).unwrap_or_default());
        std::iter::once(setup).chain(steps).map(|text| line(&text)).collect()
    }
}
