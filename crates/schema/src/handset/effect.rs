//! The effects of a handset.

use schemars::JsonSchema;

use crate::call_log::LogEntry;
use crate::heard::{Answer, Refused};
use crate::queries::Query;
use crate::sent::Command;
use crate::{CallRejectionReason, CallStatus, Nullable, left_out};

/// One thing for the app to do. The effects of a step come in the order of D-03.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[schemars(extend("x-name" = "Effect"))]
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
        call: IncomingCall,
        /// The stage: ringing or waiting; any where the screen is drawn anew.
        stage: Stage,
        /// Milliseconds until its deadline; none for never.
        time_left: Nullable<u64>,
    },
    /// A push shows no call (D-29), or a ring came for a call that is over (D-06): an operating system that
    /// requires a report of a call for each push gets the report and its end at once.
    Report {
        /// The call.
        call: IncomingCall,
        /// Why nothing is shown.
        why: ReportReason,
    },
    /// A call that was not on the screen turns out to be over, without a sound (D-10).
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
        /// The attempt that it is about; none while asking, and of what a tap came to without one.
        attempt: Nullable<u64>,
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
    /// The user's call log has an entry that this device had not read: one for the list of calls, each once
    /// (D-35).
    Logged {
        /// The entry.
        entry: LogEntry,
        /// Whether it is a missed call that the user does not know of: one for a notification.
        is_news: bool,
    },
    /// The user has seen the entries of the call log up to this one, here or elsewhere: a badge is cleared
    /// (D-36).
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
        result: RequestResult,
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
        /// Its number; the same each time that the same request is sent. None of `ringing` (D-37).
        #[serde(rename = "requestID")]
        #[schemars(default = "left_out")]
        request_id: u64,
        /// The request.
        request: Request,
    },
}

/// A request of a device.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    /// To do something.
    #[schemars(extend("x-field" = "command"))]
    Command(Command),
    /// To know something.
    #[schemars(extend("x-field" = "query"))]
    Query(Query),
}

/// What a request came to.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RequestResult {
    /// Yes.
    #[schemars(extend("x-field" = "answer"))]
    Answer(Answer),
    /// No.
    #[schemars(extend("x-field" = "refused"))]
    Refused(Refused),
}

/// A call to this user, as a screen presents it.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IncomingCall {
    /// Which attempt.
    pub attempt: u64,
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room: String,
    /// Who calls.
    pub caller: String,
    /// The caller's text, which roomcall does not interpret.
    pub extension_info: String,
}

/// The stage of a call on the screen (D-07).
#[derive(Debug, JsonSchema)]
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

/// Why a push has no `show` (D-29).
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
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
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NotSentReason {
    /// Too many others are unanswered (D-18).
    TooMany,
    /// It is a call, a cancel or a revoke that could not be sent for too long (D-20).
    TooOld,
    /// It is an accept or reject of a call that is over, silenced, or in the room of this device (D-11).
    Over,
    /// The user signed out of this device (D-33).
    SignedOut,
}

/// Why a call is not on the screen: an ending as this device sees it, or that none is known (D-04).
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Dismissal {
    /// The user signed out of this device (D-33).
    SignedOut,
    /// This device's own clock silenced it: no ending is claimed (D-13).
    Silenced,
    /// The person hid it on this device: it may ring on elsewhere (D-30).
    Hidden,
    /// It is over, and nobody says how.
    Gone,
    /// Nobody answered in time.
    TimedOut,
    /// The caller withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user; none for the backend.
        operator: Nullable<String>,
    },
    /// The switchboard rejected it, as the user is in another room.
    InOtherRoom,
    /// Another device of the user rejected it.
    RejectedElsewhere {
        /// Which device, if the switchboard names it.
        #[serde(rename = "deviceID")]
        device: Nullable<String>,
    },
    /// Another device of the user accepted it, or entered the room.
    AnsweredElsewhere {
        /// Which device, if the switchboard names it.
        #[serde(rename = "deviceID")]
        device: Nullable<String>,
    },
    /// This device rejected it.
    RejectedHere,
    /// This device accepted it, or is in the room.
    AnsweredHere,
}

/// The state of a call by this user (D-21).
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// The switchboard has not answered yet.
    Asking,
    /// The callee is in the room already.
    AlreadyInRoom,
    /// Somebody is calling the callee already, or the callee has accepted and is on the way.
    AlreadyInCalling,
    /// The call was refused.
    Refused {
        /// The code of the refusal.
        code: i32,
    },
    /// The call was never sent, and will not be: nobody was called (D-15, D-20).
    NotSent,
    /// The callee is called, and no device has said that it rings (C-14).
    Calling,
    /// A device of the callee rings.
    Ringing,
    /// It was sent and abandoned, or it is over and the switchboard does not remember how it ended.
    Unknown,
    /// Nobody answered in time.
    TimedOut,
    /// The callee rejected it, is busy, or is in another room.
    Rejected {
        /// Which of them, once it is known.
        reason: Nullable<CallRejectionReason>,
    },
    /// This user withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user, once it is known; none for the backend, too.
        operator: Nullable<String>,
    },
    /// The callee comes.
    Accepted,
}
