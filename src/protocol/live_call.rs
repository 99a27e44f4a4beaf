//! A live attempt by name.

use alloc::string::String;

use serde::{Deserialize, Serialize, Serializer};

use super::form::nullable;
use crate::CallStatus;

/// A live attempt, for its callee, its caller or the backend.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "Ringing<S>")]
pub struct LiveCall<S = String> {
    /// Into which room.
    pub room: S,
    /// Who called.
    pub caller: S,
    /// Who is called.
    pub callee: S,
    /// The attempt.
    pub attempt: u64,
    /// Milliseconds until the deadline; `None` for never.
    pub time_left: Option<u64>,
    /// The extension text (C-11).
    pub extension: S,
    /// Whether a device of the callee has said that it shows the call (C-14).
    pub rung: bool,
}

/// A live call as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ringing<S> {
    #[serde(rename = "roomID")]
    room: S,
    caller: S,
    callee: S,
    status: CallStatus,
    attempt: u64,
    #[serde(deserialize_with = "nullable")]
    time_left: Option<u64>,
    extension_info: S,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    rung: bool,
}

impl<S> TryFrom<Ringing<S>> for LiveCall<S> {
    type Error = &'static str;

    fn try_from(call: Ringing<S>) -> Result<Self, &'static str> {
        let Ringing { room, caller, callee, status, attempt, time_left, extension_info, rung } =
            call;
        match status {
            CallStatus::Calling => {
                let extension = extension_info;
                Ok(Self { room, caller, callee, attempt, time_left, extension, rung })
            }
            CallStatus::None | CallStatus::Timeout | CallStatus::Rejected => {
                Err("expected a call that rings, of status calling")
            }
        }
    }
}

impl<S: Serialize> Serialize for LiveCall<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let Self { room, caller, callee, attempt, time_left, extension: extension_info, rung } =
            self;
        let (status, attempt, time_left, rung) = (CallStatus::Calling, *attempt, *time_left, *rung);
        Ringing { room, caller, callee, status, attempt, time_left, extension_info, rung }
            .serialize(serializer)
    }
}
