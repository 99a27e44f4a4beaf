//! What a handset tells its host to do, in which order, and by which rule.

use alloc::string::String;

use super::dismissal::Dismissal;
use super::progress::Progress;
use crate::protocol::{Answer, Command, LogEntry, Query, Refused, Request};
#[cfg(feature = "json")]
use crate::protocol::{FrameError, LISTS, read_lists};
use crate::{CallStatus, Rule};

/// One thing for the host to do. The effects of a step come in the order of D-03.
///
/// ```
/// use roomcall::handset::Effect;
///
/// # #[cfg(feature = "json")] {
/// let effect = Effect::Join { room: "standup".into() };
/// assert_eq!(serde_json::to_string(&effect).unwrap(), r#"{"join":{"roomID":"standup"}}"#);
/// # }
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// Takes a call off the screen (D-09).
    Dismiss {
        /// Which attempt.
        attempt: u64,
        /// Why.
        why: Dismissal,
    },
    /// A call on the screen changes its stage (D-09).
    Update {
        /// Which attempt.
        attempt: u64,
        /// The new stage.
        stage: Stage,
    },
    /// Puts a call on the screen (D-09).
    Show {
        /// The call.
        call: Incoming,
        /// The stage: ringing or waiting; any where the screen is drawn anew.
        stage: Stage,
        /// Milliseconds until its deadline; `None` for never.
        time_left: Option<u64>,
    },
    /// A push shows no call (D-29), or a ring came for a call that is over (D-06, only with
    /// [`LateRing::Report`](super::LateRing::Report)): an operating system that requires a report
    /// of a call for each push gets the report and its end at once.
    Report {
        /// The call.
        call: Incoming,
        /// Why nothing is shown.
        why: ReportReason,
    },
    /// A call that was not on the screen turns out to be over, without a sound (D-10). The list of
    /// missed calls is made of [`Logged`](Self::Logged); of these where the switchboard logs nothing.
    Learned {
        /// Which attempt.
        attempt: u64,
        /// Into which room.
        #[serde(rename = "roomID")]
        room: String,
        /// Who called.
        caller: String,
        /// How it ended.
        why: Dismissal,
    },
    /// This device's accept stands: enter the room (D-12).
    Join {
        /// Which room.
        #[serde(rename = "roomID")]
        room: String,
    },
    /// The state of a call by this user changes (D-21).
    Progress {
        /// Into which room.
        #[serde(rename = "roomID")]
        room: String,
        /// Who is called.
        callee: String,
        /// The attempt that it is about; `None` while asking, and of what a tap came to without one.
        attempt: Option<u64>,
        /// The state.
        progress: Progress,
    },
    /// An entry of the pending list of the room that this device is in is new or changes (D-22).
    Listed {
        /// Who is called.
        callee: String,
        /// Who called.
        caller: String,
        /// Which attempt.
        attempt: u64,
        /// The status.
        status: CallStatus,
    },
    /// The entry of a callee leaves that list (D-22).
    Unlisted {
        /// Who was called.
        callee: String,
        /// Which attempt.
        attempt: u64,
    },
    /// The user's call log has an entry that this device had not read: one for the list of calls,
    /// each once (D-35).
    Logged {
        /// The entry.
        entry: LogEntry,
        /// Whether it is a missed call that the user does not know of: one for a notification.
        is_news: bool,
    },
    /// The user has seen the entries of the call log up to this one, here or elsewhere: a badge is
    /// cleared (D-36).
    Seen {
        /// The number of the entry.
        up_to: u64,
    },
    /// The reply to a tapped call, cancel, revoke or mark (D-20, D-36).
    Answered {
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// The answer or the refusal.
        #[serde(rename = "result", with = "result")]
        answer: Result<Answer, Refused>,
    },
    /// A tapped command is not sent, and will not be (D-11, D-18, D-20).
    NotSent {
        /// The command.
        command: Command,
        /// Why.
        why: NotSentReason,
    },
    /// Sends a request to the switchboard (D-15).
    Send {
        /// Its number; the same each time that the same request is sent. `None` of `ringing`, which is
        /// sent without one (D-37): nothing that is answered to it is for the handset.
        #[serde(rename = "requestID", default, skip_serializing_if = "Option::is_none")]
        request_id: Option<u64>,
        /// The request.
        request: Request,
    },
}

/// Why a push has no [`Show`](Effect::Show) (D-29).
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum ReportReason {
    /// It is for another user: the device is signed in as somebody else.
    NotThisUser,
    /// The person hid it on this device (D-30).
    Hidden,
    /// Its own deadline has passed, or it had too little time left (D-06, D-13).
    Silenced,
    /// This device is in the room of the call (D-08).
    InRoom,
    /// The call is on the screen already, and is not to be ended.
    Shown,
    /// The call is over.
    Over {
        /// How it ended.
        ending: Dismissal,
    },
    /// A snapshot settled the attempt, and how it ended is not remembered here any more (D-24).
    Passed,
    /// Too many other calls are known (D-19).
    TooMany,
    /// The user signed out of this device (D-33).
    SignedOut,
}

/// Why a tapped command is not sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum NotSentReason {
    /// Too many others are unanswered (D-18).
    TooMany,
    /// It is a call, a cancel or a revoke that could not be sent for as long as
    /// [`valid_for`](super::Settings::valid_for) (D-20).
    TooOld,
    /// It is an accept or reject of a call that is over, silenced, or in the room of this device
    /// (D-11).
    Over,
    /// The user signed out of this device (D-33).
    SignedOut,
}

/// A call to this user, as a screen presents it.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Incoming {
    /// Which attempt.
    pub attempt: u64,
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who calls.
    pub caller: String,
    /// The caller's text, which the crate does not interpret.
    #[serde(rename = "extensionInfo")]
    pub extension: String,
}

/// The stage of a call on the screen (D-07).
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// It rings: the one call to be answered.
    Ringing,
    /// It waits behind another one.
    Waiting,
    /// This device's accept is unanswered.
    Accepting,
    /// This device's reject is unanswered.
    Rejecting,
}

#[cfg(feature = "json")]
impl Effect {
    /// Reads the JSON of an effect. Unlike `serde_json` alone it takes no array for an object.
    ///
    /// # Errors
    ///
    /// It is not an effect.
    ///
    /// ```
    /// use roomcall::handset::Effect;
    ///
    /// let join = Effect::read(r#"{"join":{"roomID":"standup"}}"#)?;
    /// assert_eq!(join, Effect::Join { room: "standup".into() });
    /// assert!(Effect::read(r#"{"join":["standup"]}"#).is_err());
    /// # Ok::<(), roomcall::protocol::FrameError>(())
    /// ```
    pub fn read(json: &str) -> Result<Self, FrameError> {
        read_lists(json, "an effect of a handset as JSON", &LISTS)
    }
}

impl Effect {
    /// The rule behind it.
    ///
    /// ```
    /// use roomcall::Rule;
    /// use roomcall::handset::Effect;
    /// assert_eq!(Effect::Join { room: "standup".into() }.rule(), Rule::D12);
    /// ```
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Dismiss { why: Dismissal::Silenced, .. } => Rule::D13,
            Self::Dismiss { why: Dismissal::AnsweredHere, .. } => Rule::D12,
            Self::Dismiss { why: Dismissal::Hidden, .. } => Rule::D30,
            Self::Dismiss { why: Dismissal::SignedOut, .. } => Rule::D33,
            Self::Dismiss { .. } => Rule::D09,
            Self::Update { .. } => Rule::D07,
            Self::Show { .. } => Rule::D06,
            Self::Report { .. } => Rule::D29,
            Self::Learned { .. } => Rule::D10,
            Self::Join { .. } => Rule::D12,
            Self::Progress { .. } => Rule::D21,
            Self::Listed { .. } | Self::Unlisted { .. } => Rule::D22,
            Self::Logged { .. } => Rule::D35,
            Self::Seen { .. } => Rule::D36,
            Self::Answered { .. } => Rule::D20,
            Self::NotSent { why: NotSentReason::TooMany, .. } => Rule::D18,
            Self::NotSent { why: NotSentReason::TooOld, .. } => Rule::D20,
            Self::NotSent { why: NotSentReason::Over, .. } => Rule::D11,
            Self::NotSent { why: NotSentReason::SignedOut, .. } => Rule::D33,
            Self::Send { request: Request::Command(Command::Ringing { .. }), .. } => Rule::D37,
            Self::Send {
                request:
                    Request::Command(_)
                    | Request::Query(Query::GetUserCalls { .. } | Query::GetLiveCalls { .. }),
                ..
            } => Rule::D15,
            Self::Send {
                request: Request::Query(Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. }),
                ..
            } => Rule::D16,
            Self::Send { request: Request::Query(Query::GetPendingCalls { .. }), .. } => Rule::D23,
            Self::Send { request: Request::Query(Query::GetCallLog { .. }), .. } => Rule::D35,
        }
    }

    /// Where it comes among the effects of a step (D-03): by kind, then by what identifies it.
    pub(super) fn order(&self) -> (u8, u64, &str, &str) {
        match self {
            Self::Dismiss { attempt, .. } => (0, *attempt, "", ""),
            Self::Update { attempt, .. } => (1, *attempt, "", ""),
            Self::Show { call, .. } => (2, call.attempt, "", ""),
            Self::Report { call, .. } => (3, call.attempt, "", ""),
            Self::Learned { attempt, .. } => (4, *attempt, "", ""),
            Self::Join { .. } => (5, 0, "", ""),
            Self::Progress { room, callee, .. } => (6, 0, room, callee),
            Self::Listed { callee, .. } | Self::Unlisted { callee, .. } => (7, 0, callee, ""),
            Self::Logged { entry, .. } => (8, entry.number, "", ""),
            Self::Seen { up_to } => (9, *up_to, "", ""),
            Self::Answered { request_id, .. } => (10, *request_id, "", ""),
            Self::NotSent { .. } => (11, 0, "", ""),
            Self::Send { request_id: Some(request_id), .. } => (12, *request_id, "", ""),
            Self::Send { request: Request::Command(Command::Ringing { attempt }), .. } => {
                (13, *attempt, "", "")
            }
            Self::Send { request_id: None, .. } => (13, 0, "", ""),
        }
    }
}

/// The form of a result: `{"answer":..}` or `{"refused":..}`, the words of a reply (X-01).
mod result {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::protocol::{Answer, Refused};

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    enum Written<'a> {
        Answer(&'a Answer),
        Refused(&'a Refused),
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Read {
        Answer(Answer),
        Refused(Refused),
    }

    pub(super) fn serialize<S: Serializer>(
        result: &Result<Answer, Refused>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match result {
            Ok(answer) => Written::Answer(answer).serialize(serializer),
            Err(refused) => Written::Refused(refused).serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Result<Answer, Refused>, D::Error> {
        Ok(match Read::deserialize(deserializer)? {
            Read::Answer(answer) => Ok(answer),
            Read::Refused(refused) => Err(refused),
        })
    }
}
