//! A user's call log (H-03).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize, Serializer};

use super::answer::Ending;
use super::form::present;
use crate::EndingKind;

/// The entries of a user's call log after one of them (H-03).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
pub struct CallLog<S = String> {
    /// The entries, by their numbers.
    pub entries: Vec<LogEntry<S>>,
    /// Whether there are further entries, above `last_logged`.
    pub more: bool,
    /// The number after which it was asked.
    pub since: u64,
    /// The number of the newest entry of the log, 0 if it is empty, or, if there are more, that of the
    /// last one given.
    pub last_logged: u64,
    /// Up to which entry the user has seen them (H-04).
    pub seen: u64,
    /// Which of two such answers is the newer (Q-07).
    pub revision: u64,
}

/// An entry of a user's call log: somebody called (H-01).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "Entry<S>", bound(deserialize = "S: Deserialize<'de>"))]
pub struct LogEntry<S = String> {
    /// Its number: later entries have higher ones, and no two the same.
    pub number: u64,
    /// Into which room the call was.
    pub room: S,
    /// Who called.
    pub caller: S,
    /// How many milliseconds ago it was over, or was tried last.
    pub age: u64,
    /// What became of it.
    pub what: LoggedCall<S>,
}

/// What became of a call that is logged (H-01).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum LoggedCall<S = String> {
    /// It rang, and ended like this.
    Ended(Ending<S>),
    /// It was refused, since the user was being called already.
    Tried {
        /// How often.
        count: u64,
    },
}

impl<S> LogEntry<S> {
    /// Whether the user missed the call: it was refused, or ended without an answer (D-35).
    ///
    /// ```
    /// use roomcall::protocol::LogEntry;
    ///
    /// let entry = r#"{"number":3,"roomID":"lounge","caller":"cy","age":2500,"tries":2}"#;
    /// let entry: LogEntry = serde_json::from_str(entry)?;
    /// assert!(entry.is_missed());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub const fn is_missed(&self) -> bool {
        match &self.what {
            LoggedCall::Tried { .. } => true,
            LoggedCall::Ended(ending) => ending.how.is_missed(),
        }
    }
}

impl EndingKind {
    /// Whether the callee has not answered it, on any device (D-35).
    pub(crate) const fn is_missed(self) -> bool {
        match self {
            Self::TimedOut | Self::Cancelled | Self::Revoked | Self::InOtherRoom => true,
            Self::Accepted | Self::Rejected | Self::Entered => false,
        }
    }
}

/// An entry as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de>"))]
struct Entry<S> {
    number: u64,
    #[serde(rename = "roomID")]
    room: S,
    caller: S,
    age: u64,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    ended: Option<Ending<S>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    tries: Option<u64>,
}

impl<S> TryFrom<Entry<S>> for LogEntry<S> {
    type Error = &'static str;

    fn try_from(entry: Entry<S>) -> Result<Self, &'static str> {
        let Entry { number, room, caller, age, ended, tries } = entry;
        let what = match (ended, tries) {
            (Some(ending), None) => LoggedCall::Ended(ending),
            (None, Some(count)) => LoggedCall::Tried { count },
            (Some(_), Some(_)) | (None, None) => return Err("expected one of `ended` and `tries`"),
        };
        Ok(Self { number, room, caller, age, what })
    }
}

impl<S: Serialize> Serialize for LogEntry<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let Self { number, room, caller, age, what } = self;
        let (ended, tries) = match what {
            LoggedCall::Ended(Ending { how, attempt, user, device }) => {
                let (user, device) = (user.as_ref(), device.as_ref());
                (Some(Ending { how: *how, attempt: *attempt, user, device }), None)
            }
            LoggedCall::Tried { count } => (None, Some(*count)),
        };
        Entry { number: *number, room, caller, age: *age, ended, tries }.serialize(serializer)
    }
}
