//! What comes of a request, by name.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::MyCalls;
use super::form::{by_user, nullable, present};
use crate::{CallResult, CallStatus, EndingKind, NameError, Rule, Scope, WithdrawResult};

/// An answer by name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[serde(expecting = "an object with the answer to one request")]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: Deserialize<'de> + AsRef<str>"))]
#[non_exhaustive]
pub enum Answer<S = String> {
    /// One result per distinct callee, in first-seen order (C-03).
    CallUserToRoom(#[serde(with = "by_user")] Vec<(S, CallResult)>),
    /// One result per distinct callee, in first-seen order (E-12).
    CancelCall(#[serde(with = "by_user")] Vec<(S, WithdrawResult)>),
    /// One result per distinct callee, in first-seen order (E-12).
    RevokeCall(#[serde(with = "by_user")] Vec<(S, WithdrawResult)>),
    /// The attempt that was accepted (E-01).
    AcceptCall {
        /// Its number.
        attempt: u64,
    },
    /// The attempt that was rejected (E-02).
    RejectCall {
        /// Its number.
        attempt: u64,
    },
    /// A page of a room's list (Q-01).
    GetPendingCalls {
        /// The records, in attempt order.
        calls: Vec<PendingCall<S>>,
        /// Where the next page begins, empty if there is none (Q-03). It is made for the answer,
        /// so it is never borrowed.
        next_cursor: String,
        /// Of whom they are, if not of everybody.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        scope: Option<Scope>,
    },
    /// What rings for a user (Q-06).
    #[serde(with = "incoming")]
    GetIncomingCalls {
        /// The live attempts, in attempt order.
        calls: Vec<LiveCall<S>>,
        /// Which of two such answers is the newer (Q-07).
        revision: u64,
        /// With `since`: what ended after that attempt (Q-09).
        endings: Option<Endings<S>>,
    },
    /// The calls to and by a user (Q-11).
    GetMyCalls(MyCalls<S>),
    /// The calls of a user that were revoked (E-19).
    RevokeUserCalls {
        /// Their attempts, in attempt order.
        attempts: Vec<u64>,
        /// Whether there are further ones.
        more: bool,
    },
    /// A page of the live calls of a user (Q-12).
    GetUserCalls {
        /// The live attempts, in attempt order.
        calls: Vec<LiveCall<S>>,
        /// Where the next page begins, empty if there is none.
        next_cursor: String,
        /// Which of two such answers is the newer (Q-07).
        revision: u64,
    },
    /// A page of all live calls (Q-13).
    GetLiveCalls {
        /// The live attempts, in attempt order.
        calls: Vec<LiveCall<S>>,
        /// Where the next page begins, empty if there is none.
        next_cursor: String,
        /// Which of two such answers is the newer (Q-07).
        revision: u64,
    },
}

impl<S> Answer<S> {
    /// The arrays of its wire form.
    #[cfg(feature = "json")]
    pub(super) fn lists(&self) -> usize {
        match self {
            Self::GetPendingCalls { .. }
            | Self::RevokeUserCalls { .. }
            | Self::GetUserCalls { .. }
            | Self::GetLiveCalls { .. } => 1,
            Self::GetIncomingCalls { endings, .. } => {
                usize::from(endings.is_some()).saturating_add(1)
            }
            Self::GetMyCalls(_) => 3,
            Self::CallUserToRoom(_)
            | Self::CancelCall(_)
            | Self::RevokeCall(_)
            | Self::AcceptCall { .. }
            | Self::RejectCall { .. } => 0,
        }
    }
}

/// A record of a room's pending list (Q-01).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
pub struct PendingCall<S = String> {
    /// Who called.
    pub caller: S,
    /// Who is called.
    pub callee: S,
    /// The status.
    pub status: CallStatus,
    /// The attempt.
    pub attempt: u64,
    /// Milliseconds until the deadline; `None` for never and for kept records.
    #[serde(deserialize_with = "nullable")]
    pub time_left: Option<u64>,
    /// The extension text of a live record, for the backend only (P-09).
    #[serde(
        rename = "extensionInfo",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "nullable"
    )]
    pub extension: Option<S>,
}

/// A live attempt, for its callee (Q-06), its caller (Q-11) or the backend (Q-12, Q-13).
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
}

/// What a device that was away needs besides what rings (Q-09).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Endings<S = String> {
    /// The remembered endings of calls to the user, in attempt order.
    pub calls: Vec<EndedCall<S>>,
    /// The last attempt made: one up to it that is not among the live calls is over.
    pub last_attempt: u64,
}

/// A call to the user that is over (Q-09).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(from = "Over<S>")]
pub struct EndedCall<S = String> {
    /// Into which room.
    pub room: S,
    /// Who called.
    pub caller: S,
    /// How it ended.
    pub ended: Ending<S>,
}

/// How an attempt ended and by whom (E-09).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de>"))]
pub struct Ending<S = String> {
    /// How.
    pub how: EndingKind,
    /// Which attempt.
    pub attempt: u64,
    /// By which user; `None` for the clock and for the backend.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub user: Option<S>,
    /// On which device; `None` where no device acted, and where the reader may not know it.
    #[serde(
        rename = "deviceID",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub device: Option<S>,
}

/// A refusal by name: why nothing came of a request (R-03).
///
/// ```
/// use roomcall::protocol::Refused;
/// use roomcall::Rule;
///
/// let refused: Refused = Refused::new(Rule::R02, 100004, "there is no such room");
/// let error: Box<dyn core::error::Error> = refused.into();
/// assert_eq!(error.to_string(), "there is no such room");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de>"))]
pub struct Refused<S = String> {
    /// The seed's code; see [`crate::Refusal::code`].
    pub code: i32,
    /// The rule that refuses.
    pub rule: Rule,
    /// What a person reads. It is made for the answer, so it is never borrowed.
    pub message: String,
    /// With E-09: the ending that won.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ended: Option<Ending<S>>,
    /// In how many milliseconds the request is allowed, where that is known (L-14, L-15).
    #[serde(
        rename = "retryAfter",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub retry_after: Option<u64>,
}

impl<S> Refused<S> {
    /// A host's own refusal because of its load (L-15): the request is to be sent again, with its
    /// number, in so many milliseconds.
    ///
    /// ```
    /// use roomcall::protocol::Refused;
    /// assert_eq!(Refused::<&str>::too_many_requests(500).retry_after, Some(500));
    /// ```
    pub fn too_many_requests(retry_after: u64) -> Self {
        let message = "there are too many requests: send this one again later";
        Self { retry_after: Some(retry_after), ..Self::new(Rule::L15, -2, message) }
    }

    /// A refusal that names no ending.
    pub fn new(rule: Rule, code: i32, message: impl Into<String>) -> Self {
        Self { code, rule, message: message.into(), ended: None, retry_after: None }
    }
}

impl<S> fmt::Display for Refused<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<S: fmt::Debug> core::error::Error for Refused<S> {}

/// What a host answers that could not intern a name of the request: the code of a bad parameter
/// (-1001) for a bad name (L-01), that of a limit (-2) for one name too many (L-12).
///
/// ```
/// use roomcall::protocol::Refused;
/// use roomcall::switchboard::Switchboard;
/// use roomcall::{Limits, Policy, UserId};
///
/// fn connect(board: &mut Switchboard, user: &str) -> Result<UserId, Refused> {
///     Ok(board.intern_user(user)?)
/// }
/// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
/// assert_eq!(connect(&mut board, "").unwrap_err().code, -1001);
/// let refused: Box<dyn std::error::Error> = connect(&mut board, "").unwrap_err().into();
/// assert_eq!(refused.to_string(), "an id must be 1 to 64 bytes of UTF-8");
/// ```
impl<S> From<NameError> for Refused<S> {
    fn from(error: NameError) -> Self {
        let code = match error {
            NameError::BadName { .. } => -1001,
            NameError::TooManyInterned { .. } => -2,
        };
        Self::new(error.rule(), code, alloc::string::ToString::to_string(&error))
    }
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
}

impl<S> TryFrom<Ringing<S>> for LiveCall<S> {
    type Error = &'static str;

    fn try_from(call: Ringing<S>) -> Result<Self, &'static str> {
        let Ringing { room, caller, callee, status, attempt, time_left, extension_info } = call;
        match status {
            CallStatus::Calling => {
                Ok(Self { room, caller, callee, attempt, time_left, extension: extension_info })
            }
            CallStatus::None | CallStatus::Timeout | CallStatus::Rejected => {
                Err("expected a call that rings, of status calling")
            }
        }
    }
}

impl<S: Serialize> Serialize for LiveCall<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let Self { room, caller, callee, attempt, time_left, extension: extension_info } = self;
        let (status, attempt, time_left) = (CallStatus::Calling, *attempt, *time_left);
        Ringing { room, caller, callee, status, attempt, time_left, extension_info }
            .serialize(serializer)
    }
}

/// A call that is over as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de>"))]
struct Over<S> {
    #[serde(rename = "roomID")]
    room: S,
    caller: S,
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
}

impl<S> From<Over<S>> for EndedCall<S> {
    fn from(over: Over<S>) -> Self {
        let Over { room, caller, how, attempt, user, device } = over;
        Self { room, caller, ended: Ending { how, attempt, user, device } }
    }
}

impl<S: Serialize> Serialize for EndedCall<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let Self { room, caller, ended: Ending { how, attempt, user, device } } = self;
        let (how, attempt, user, device) = (*how, *attempt, user.as_ref(), device.as_ref());
        Over { room, caller, how, attempt, user, device }.serialize(serializer)
    }
}

/// The answer to `getIncomingCalls`, whose endings are two fields of it.
mod incoming {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Written<'a, S> {
        calls: &'a [LiveCall<S>],
        revision: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        ended: Option<&'a [EndedCall<S>]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        last_attempt: Option<u64>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[serde(bound(deserialize = "S: Deserialize<'de>"))]
    struct Read<S> {
        calls: Vec<LiveCall<S>>,
        revision: u64,
        #[serde(default, deserialize_with = "present")]
        ended: Option<Vec<EndedCall<S>>>,
        #[serde(default, deserialize_with = "present")]
        last_attempt: Option<u64>,
    }

    pub(super) fn serialize<S: Serialize, O: Serializer>(
        calls: &[LiveCall<S>],
        revision: &u64,
        endings: &Option<Endings<S>>,
        serializer: O,
    ) -> Result<O::Ok, O::Error> {
        let ended = endings.as_ref().map(|endings| &*endings.calls);
        let last_attempt = endings.as_ref().map(|endings| endings.last_attempt);
        Written { calls, revision: *revision, ended, last_attempt }.serialize(serializer)
    }

    #[expect(clippy::type_complexity, reason = "serde wants the fields of the variant")]
    pub(super) fn deserialize<'de, S: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(Vec<LiveCall<S>>, u64, Option<Endings<S>>), D::Error> {
        let Read { calls, revision, ended, last_attempt } = Read::deserialize(deserializer)?;
        let endings = match (ended, last_attempt) {
            (None, None) => None,
            (Some(calls), Some(last_attempt)) => Some(Endings { calls, last_attempt }),
            (None, Some(_)) | (Some(_), None) => {
                return Err(serde::de::Error::custom("expected both `ended` and `lastAttempt`"));
            }
        };
        Ok((calls, revision, endings))
    }
}
