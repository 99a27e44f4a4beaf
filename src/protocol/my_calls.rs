//! The calls to and by one user.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize, Serializer};

use super::answer::Ending;
use super::form::present;
use super::live_call::LiveCall;
use crate::{CallRejectionReason, EndingKind, LogState};

/// The live calls to and by a user, and what ended after an attempt: all there is to say of the user's
/// attempts above `since` and up to `last_attempt`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", try_from = "Mine<S>")]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
pub struct MyCalls<S = String> {
    /// The live attempts to the user, in attempt order.
    pub incoming: Vec<LiveCall<S>>,
    /// The live attempts by the user, in attempt order.
    pub outgoing: Vec<LiveCall<S>>,
    /// The remembered endings, and the logged ones of calls by the user, in attempt order.
    pub endings: Vec<MyEnding<S>>,
    /// Whether there are further endings, of attempts above `last_attempt`.
    pub more: bool,
    /// The attempt after which it was asked.
    pub since: u64,
    /// The last attempt made, or, if there are more endings, that of the last one given.
    pub last_attempt: u64,
    /// Which of two such answers is the newer.
    pub revision: u64,
    /// How far the user's call log goes; `None` where nothing is logged (H-02).
    #[serde(flatten)]
    pub log: Option<LogState>,
}

/// The calls as the object that is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
struct Mine<S> {
    incoming: Vec<LiveCall<S>>,
    outgoing: Vec<LiveCall<S>>,
    endings: Vec<MyEnding<S>>,
    more: bool,
    since: u64,
    last_attempt: u64,
    revision: u64,
    #[serde(default, deserialize_with = "present")]
    last_logged: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    seen: Option<u64>,
}

/// A call to or by the user that is over.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(from = "Over<S>", bound(deserialize = "S: Deserialize<'de>"))]
pub struct MyEnding<S = String> {
    /// Into which room.
    pub room: S,
    /// Who called.
    pub caller: S,
    /// Who was called.
    pub callee: S,
    /// How it ended; the device only if it is one of the user (P-08).
    pub ended: Ending<S>,
    /// If it was rejected, the reason that was given (E-02).
    pub reason: Option<CallRejectionReason>,
}

/// An ending as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de>"))]
struct Over<S> {
    #[serde(rename = "roomID")]
    room: S,
    caller: S,
    callee: S,
    how: EndingKind,
    attempt: u64,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    user: Option<S>,
    #[serde(
        rename = "deviceID",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    device: Option<S>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    reason: Option<CallRejectionReason>,
}

impl<S> From<Over<S>> for MyEnding<S> {
    fn from(over: Over<S>) -> Self {
        let Over { room, caller, callee, how, attempt, user, device, reason } = over;
        Self { room, caller, callee, ended: Ending { how, attempt, user, device }, reason }
    }
}

impl<S: Serialize> Serialize for MyEnding<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let Self { room, caller, callee, ended, reason } = self;
        let Ending { how, attempt, user, device } = ended;
        let (user, device) = (user.as_ref(), device.as_ref());
        let (how, attempt, reason) = (*how, *attempt, *reason);
        Over { room, caller, callee, how, attempt, user, device, reason }.serialize(serializer)
    }
}

impl<S> TryFrom<Mine<S>> for MyCalls<S> {
    type Error = &'static str;

    fn try_from(mine: Mine<S>) -> Result<Self, &'static str> {
        let Mine { incoming, outgoing, endings, more, since, last_attempt, revision, .. } = mine;
        let log = match (mine.last_logged, mine.seen) {
            (None, None) => None,
            (Some(last_logged), Some(seen)) => Some(LogState { last_logged, seen }),
            (None, Some(_)) | (Some(_), None) => {
                return Err("expected both `lastLogged` and `seen`, or neither");
            }
        };
        Ok(Self { incoming, outgoing, endings, more, since, last_attempt, revision, log })
    }
}
