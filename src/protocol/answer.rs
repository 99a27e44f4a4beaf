//! What comes of a request, by name.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{by_user, nullable, present};
use super::{CallLog, LiveCall, MyCalls};
use crate::{CallResult, CallStatus, EndingKind, Limits, Rule, Scope, WithdrawResult};

/// An answer by name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[serde(expecting = "an object with the answer to one request")]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: Deserialize<'de> + AsRef<str>"))]
#[non_exhaustive]
pub enum Answer<S = String> {
    /// What came of a fact (F-17).
    Fact(FactAnswer),
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
    /// Entries of a user's call log (H-03).
    GetCallLog(CallLog<S>),
    /// Entries of the call log were marked as seen (H-04).
    MarkCallsSeen {
        /// The mark after it.
        seen: u64,
    },
    /// A device shows a call (C-14).
    Ringing {
        /// The attempt.
        attempt: u64,
        /// Whether it is a live attempt to the asking user, which has rung then.
        rung: bool,
    },
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
            | Self::GetCallLog(_)
            | Self::RevokeUserCalls { .. }
            | Self::GetUserCalls { .. }
            | Self::GetLiveCalls { .. } => 1,
            Self::GetIncomingCalls { endings, .. } => {
                usize::from(endings.is_some()).saturating_add(1)
            }
            Self::GetMyCalls(_) => 3,
            Self::Fact(_)
            | Self::CallUserToRoom(_)
            | Self::CancelCall(_)
            | Self::RevokeCall(_)
            | Self::AcceptCall { .. }
            | Self::RejectCall { .. }
            | Self::MarkCallsSeen { .. }
            | Self::Ringing { .. } => 0,
        }
    }
}

/// What came of a fact: it was applied unless a rule ignored it (F-17).
///
/// ```
/// use roomcall::Rule;
/// use roomcall::protocol::FactAnswer;
///
/// let answer = r#"{"opening":3,"ignored":"L-10","limit":{"name":"participantsPerRoom","value":2}}"#;
/// let answer: FactAnswer = serde_json::from_str(answer)?;
/// assert_eq!((answer.opening, answer.ignored), (Some(3), Some(Rule::L10)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `opening`, `ignored` and `limit`")]
pub struct FactAnswer {
    /// The number of the opening of its room, if the room is open after it (F-02).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub opening: Option<u64>,
    /// The rule by which it changed nothing.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ignored: Option<Rule>,
    /// The limit that it is over, if that is why.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub limit: Option<ExceededLimit>,
}

/// A limit that something is over, as in [`Limits`](crate::Limits).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExceededLimit {
    /// Its name.
    pub name: LimitName,
    /// Its value.
    pub value: u32,
}

/// The limits that a fact can be over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum LimitName {
    /// L-01.
    IdBytes,
    /// L-09.
    Rooms,
    /// L-10.
    ParticipantsPerRoom,
    /// L-11.
    AdminsPerRoom,
}

impl FactAnswer {
    /// What came of a fact about a room that is in this opening then.
    pub(crate) fn new(opening: Option<u64>, ignored: Option<Rule>, limits: &Limits) -> Self {
        let exceeded = [
            (Rule::L01, LimitName::IdBytes, limits.id_bytes),
            (Rule::L09, LimitName::Rooms, limits.rooms),
            (Rule::L10, LimitName::ParticipantsPerRoom, limits.participants_per_room),
            (Rule::L11, LimitName::AdminsPerRoom, limits.admins_per_room),
        ];
        let exceeded = exceeded.into_iter().find(|(rule, ..)| Some(*rule) == ignored);
        let limit = exceeded.map(|(_, name, value)| ExceededLimit { name, value });
        Self { opening, ignored, limit }
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
