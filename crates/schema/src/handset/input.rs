//! The inputs of a handset.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::settings::Settings;
use crate::event::Event;
use crate::heard::{Answer, Refused};
use crate::{CallRejectionReason, left_out};

/// One input of a handset. When it came is an argument of its own.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// Nothing but time (D-02).
    Tick,
    /// An event that the switchboard addressed to this device; it may come late, twice or never.
    #[schemars(extend("x-field" = "event"))]
    Notice(Event),
    /// An event that a push brought, connected or not. One that rings is answered in its step by a `show`
    /// or a `report` (D-29); another one counts as a `notice`.
    Push {
        /// The event, as the switchboard addressed it to this user.
        event: Event,
        /// How many milliseconds ago that was, as far as the app knows; 0 if it does not.
        age: u64,
    },
    /// The answer to a request of this device; it may come late, twice or never.
    #[schemars(extend("x-field" = "reply"))]
    Reply(Reply),
    /// A person's action.
    #[schemars(extend("x-field" = "tap"))]
    Tap(Tap),
    /// The connection to the switchboard comes up or goes down. Up while it is up is a new connection
    /// (D-16).
    #[schemars(extend("x-field" = "link"))]
    Link(Link),
    /// The room that this device is in now, if any (D-08).
    #[schemars(extend("x-field" = "roomID"))]
    InRoom(Option<String>),
    /// The app could not join the room that a `join` named (D-32).
    JoinFailed,
    /// Whether something else has the device: a call of another application or of the telephone network, do
    /// not disturb. Calls do not ring then (D-31).
    #[schemars(extend("x-field" = "isOccupied"))]
    Occupied(bool),
    /// Other intervals and bounds (D-34).
    #[schemars(extend("x-field" = "settings"))]
    Settings(Settings),
    /// The user signed out of this device. Nothing is shown, told or sent any more (D-33).
    SignedOut,
}

/// The answer to a numbered request, or its refusal.
#[derive(Debug, JsonSchema)]
#[serde(untagged, rename_all_fields = "camelCase")]
#[schemars(extend("x-name" = "Reply"))]
pub enum Reply {
    /// Yes.
    #[schemars(extend("x-kind" = "answered"))]
    Answered {
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// The answer.
        answer: Answer,
        /// The attempt of each user of whom the answer is about one.
        #[schemars(default = "left_out")]
        attempts: BTreeMap<String, u64>,
        /// With `getIncomingCalls` and `getMyCalls`: the lowest number that a new request may have.
        #[schemars(default = "left_out")]
        #[serde(rename = "nextRequestID")]
        next_request_id: u64,
        /// Whether the request was judged before, and this is the answer that it had.
        #[schemars(default = "left_out")]
        repeated: bool,
    },
    /// No.
    #[schemars(extend("x-kind" = "refused"))]
    Refused {
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// Why.
        refused: Refused,
        /// Whether the request was judged before, and this is the answer that it had.
        #[schemars(default = "left_out")]
        repeated: bool,
    },
}

/// Whether there is a connection to the switchboard.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Link {
    /// There is none: nothing is sent.
    Down,
    /// There is one.
    Up,
}

/// A person's action.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Tap {
    /// Accepts a call on the screen (D-11).
    Accept {
        /// Which attempt.
        attempt: u64,
    },
    /// Rejects a call on the screen (D-11).
    Reject {
        /// Which attempt.
        attempt: u64,
        /// Why.
        reason: CallRejectionReason,
    },
    /// Silences a call on this device, which does not answer it (D-30).
    Silence {
        /// Which attempt.
        attempt: u64,
    },
    /// Hides a call on this device, which does not answer it: it rings on elsewhere (D-30).
    RejectHere {
        /// Which attempt.
        attempt: u64,
    },
    /// Calls users into a room (D-20).
    Call {
        /// The room.
        #[serde(rename = "roomID")]
        room: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        users: Vec<String>,
        /// How long to ring, in seconds; 0 for never ending by itself.
        timeout: u32,
        /// A text for the callees, which roomcall does not interpret.
        extension_info: String,
    },
    /// Withdraws this user's calls (D-20).
    Cancel {
        /// The room.
        #[serde(rename = "roomID")]
        room: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        users: Vec<String>,
    },
    /// Ends anybody's calls, as owner or admin (D-20).
    Revoke {
        /// The room.
        #[serde(rename = "roomID")]
        room: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        users: Vec<String>,
    },
    /// The person has seen the list of calls (D-36).
    MarkSeen {
        /// The number of the newest entry that was seen.
        up_to: u64,
    },
}
