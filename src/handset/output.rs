//! What a handset does: what the screen shows, and what is sent.

use alloc::string::String;

use crate::protocol::{Answer, Command, Query, Refused};
use crate::{CallRejectionReason, CallStatus};

/// One thing for the host to do. A step's effects come in the order of D-03.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Effect {
    /// Takes a call off the screen (D-09).
    Dismiss {
        /// Which.
        attempt: u64,
        /// Why.
        why: Dismissal,
    },
    /// A call on the screen is at another stage now (D-09).
    Update {
        /// Which.
        attempt: u64,
        /// The stage.
        stage: Stage,
    },
    /// Puts a call on the screen (D-09).
    Show {
        /// The call.
        call: Incoming,
        /// The stage: ringing or waiting.
        stage: Stage,
        /// Milliseconds until the handset will silence it; `None` for never.
        time_left: Option<u64>,
    },
    /// A ring came that is over already: an operating system that asks for a call to be reported
    /// for each push reports it and ends it at once (D-06).
    Report {
        /// The call.
        call: Incoming,
        /// How it ended.
        why: Dismissal,
    },
    /// Now it is known how a call ended that is not on the screen: something for the list of
    /// missed calls (D-10).
    Learned {
        /// Which attempt.
        attempt: u64,
        /// Into which room.
        room: String,
        /// Who called.
        caller: String,
        /// How it ended.
        why: Dismissal,
    },
    /// This device's accept stands: go into the room (D-12).
    Join {
        /// The room.
        room: String,
    },
    /// How a call by this user stands (D-21).
    Progress {
        /// Into which room.
        room: String,
        /// Who is called.
        callee: String,
        /// Which attempt, once it is known.
        attempt: Option<u64>,
        /// How it stands.
        progress: Progress,
    },
    /// An entry of the pending list of the room that this device is in is new or has changed
    /// (D-22).
    Listed {
        /// Who is called.
        callee: String,
        /// Who called.
        caller: String,
        /// The attempt.
        attempt: u64,
        /// The status.
        status: CallStatus,
    },
    /// The entry of a callee has left that list (D-22).
    Unlisted {
        /// Who was called.
        callee: String,
        /// The attempt.
        attempt: u64,
    },
    /// A tapped call, cancel or revoke was answered (D-20).
    Answered {
        /// The number of the request.
        request_id: u64,
        /// The answer.
        answer: Result<Answer, Refused>,
    },
    /// A tapped command is not sent: too many are unanswered (D-18).
    NotSent {
        /// The command.
        command: Command,
    },
    /// Sends a request to the switchboard (D-15).
    Send {
        /// Its number; the same each time that the same request is sent.
        request_id: u64,
        /// The request.
        request: Request,
    },
}

/// What can be sent.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    /// A command: it has one effect, however often it is sent.
    Command(Command),
    /// A query.
    Query(Query),
}

/// A call on the screen.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Incoming {
    /// The attempt.
    pub attempt: u64,
    /// Into which room.
    pub room: String,
    /// Who calls.
    pub caller: String,
    /// The extension text.
    pub extension: String,
}

/// How a call on the screen stands (D-07).
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// It rings: the one call to be answered.
    Ringing,
    /// It waits behind another one.
    Waiting,
    /// This device's accept is on its way.
    Accepting,
    /// This device's reject is on its way.
    Rejecting,
}

/// Why a call is not on the screen: an ending as this device sees it, or that none is known.
/// The order is that in which one overrides another (D-04).
#[derive(
    Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Dismissal {
    /// This device's own clock silenced it: no ending is claimed (D-13).
    Silenced,
    /// It is over, and nobody says how.
    Gone,
    /// Nobody answered in time.
    TimedOut,
    /// The caller withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user; `None` for the backend.
        operator: Option<String>,
    },
    /// The switchboard rejected it, as the user is in another room.
    InOtherRoom,
    /// Another device of the user said no.
    RejectedElsewhere {
        /// Which.
        device: Option<String>,
    },
    /// Another device of the user said yes, or went into the room.
    AnsweredElsewhere {
        /// Which.
        device: Option<String>,
    },
    /// This device said no.
    RejectedHere,
    /// This device said yes, or is in the room.
    AnsweredHere,
}

/// How a call by this user stands. The order is that in which one overrides another (D-21).
#[derive(
    Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// The switchboard has not answered yet.
    Asking,
    /// The callee is in the room already.
    AlreadyInRoom,
    /// Somebody is calling the callee already.
    AlreadyInCalling,
    /// The call was refused.
    Refused {
        /// The seed's code.
        code: i32,
    },
    /// The callee's devices ring.
    Ringing,
    /// It is over, or no longer followed, and nobody said how.
    Unknown,
    /// Nobody answered in time.
    TimedOut,
    /// The callee said no, or is in another room.
    Rejected {
        /// Which of the two, once it is known.
        reason: Option<CallRejectionReason>,
    },
    /// This user withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user; `None` for the backend.
        operator: Option<String>,
    },
    /// The callee comes.
    Accepted,
}
