//! What a run is, and how it is written.

use roomcall::handset::Settings;
use roomcall::{Limits, Policy};
use serde::{Deserialize, Serialize};

use super::Action;
use super::media_server::MediaServer;

/// The version of the form.
const VERSION: u32 = 1;

/// What does not change during a run: the first line of a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// The version of the form.
    pub network: u32,
    /// Why it is kept, for people.
    #[serde(default)]
    pub why: String,
    /// The switchboard's choices.
    #[serde(default)]
    pub policy: Policy,
    /// The switchboard's limits.
    #[serde(default)]
    pub limits: Limits,
    /// Whether a notice to a device without a connection may still arrive, and a ring is pushed to all
    /// devices of the callee, in whatever state they are (C-01, D-29).
    #[serde(default)]
    pub push: bool,
    /// Whether the devices' hosts know neither how old a push is nor how long a process was dead.
    #[serde(default)]
    pub is_timeless: bool,
    /// How the host learns who is in a room; at once, without sessions, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_server: Option<MediaServer>,
    /// The devices.
    pub devices: Vec<DevicePlan>,
}

/// One device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DevicePlan {
    /// Whose.
    pub user: String,
    /// Its id.
    pub device: String,
    /// Milliseconds of its clock in a second of the switchboard's.
    pub rate: u64,
    /// What its clock shows when it is installed.
    #[serde(default)]
    pub clock: u32,
    /// How patient it is.
    #[serde(default)]
    pub settings: Settings,
}

impl Plan {
    /// A plan without devices.
    pub fn new(policy: Policy, limits: Limits) -> Self {
        Self {
            network: VERSION,
            why: String::new(),
            policy,
            limits,
            push: false,
            is_timeless: false,
            media_server: None,
            devices: Vec::new(),
        }
    }
}

/// A plan and what happens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Run {
    /// What does not change.
    pub plan: Plan,
    /// What happens, in order.
    pub actions: Vec<Action>,
}

impl Run {
    /// One JSON object a line: the plan, then the actions.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string(&self.plan)?;
        for action in &self.actions {
            text.push('\n');
            text.push_str(&serde_json::to_string(action)?);
        }
        text.push('\n');
        Ok(text)
    }

    /// What [`text`](Self::text) wrote, or what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let (_, header) = lines.next().ok_or("expected a header like {\"network\":1,..}")?;
        let plan: Plan =
            serde_json::from_str(header).map_err(|error| format!("line 1: {error}"))?;
        if plan.network != VERSION {
            return Err(format!("line 1: version {}, and this reads {VERSION}", plan.network));
        }
        let read =
            |(at, line)| serde_json::from_str(line).map_err(|error| format!("line {at}: {error}"));
        Ok(Self { plan, actions: lines.map(read).collect::<Result<_, _>>()? })
    }
}
