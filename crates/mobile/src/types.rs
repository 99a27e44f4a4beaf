//! Generated from the schema by `cargo run -p roomcall-schema`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// How many live calls a user may have.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum ActiveCalls {
    /// One.
    PerUser,
    /// One in each room.
    PerRoom,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Actor {
    /// A user on one device.
    Device {
        /// The user's id.
        user: String,
        /// The device's id.
        device: String,
    },
    /// The application's own backend.
    #[serde(with = "backend")]
    Backend,
}

/// An answer, by what was asked.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Answer {
    /// What came of a fact.
    Fact {
        /// The rule by which it changed nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        ignored: Option<String>,
        /// The limit that it is over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        limit: Option<ExceededLimit>,
        /// The number of the opening of its room, if the room is open then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
    },
    /// By user.
    #[serde(with = "value")]
    CallUserToRoom {
        /// By user.
        results: HashMap<String, CallResult>,
    },
    /// By user.
    #[serde(with = "value")]
    CancelCall {
        /// By user.
        results: HashMap<String, Withdrawn>,
    },
    /// By user.
    #[serde(with = "value")]
    RevokeCall {
        /// By user.
        results: HashMap<String, Withdrawn>,
    },
    /// Which.
    AcceptCall {
        /// Its number.
        attempt: u64,
    },
    /// Which.
    RejectCall {
        /// Its number.
        attempt: u64,
    },
    /// A page.
    GetPendingCalls {
        /// In order of attempts.
        calls: Vec<PendingCall>,
        /// Where the next page begins; empty if there is none.
        next_cursor: String,
        /// Whose calls they are; everybody's if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        scope: Option<Scope>,
    },
    /// What rings.
    GetIncomingCalls {
        /// In order of attempts.
        calls: Vec<LiveCall>,
        /// Of two such answers that with the higher one is the newer.
        revision: u64,
        /// With `since`: what ended after that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        ended: Option<Vec<EndedCall>>,
        /// With `since`: the last attempt made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        last_attempt: Option<u64>,
    },
    /// The calls to and by the user.
    GetMyCalls {
        /// What rings for the user, in order of attempts.
        incoming: Vec<LiveCall>,
        /// What rings for others because the user called, in order of attempts.
        outgoing: Vec<LiveCall>,
        /// What ended after `since`, in order of attempts.
        endings: Vec<MyEnding>,
        /// Whether there are further endings: those after `lastAttempt`.
        more: bool,
        /// The attempt after which it was asked.
        since: u64,
        /// The last attempt made, or, if there are more endings, that of the last one here.
        last_attempt: u64,
        /// Of two such answers that with the higher one is the newer.
        revision: u64,
        /// The number of the newest entry of the user's call log, 0 if there is none; left out where nothing is logged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        last_logged: Option<u64>,
        /// Up to which entry the user has seen it; left out where nothing is logged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        seen: Option<u64>,
    },
    /// Entries of the user's call log.
    GetCallLog {
        /// By their numbers.
        entries: Vec<LogEntry>,
        /// Whether there are further entries: those after `lastLogged`.
        more: bool,
        /// The number after which it was asked.
        since: u64,
        /// The number of the newest entry, 0 if there is none, or, if there are more, that of the last one here.
        last_logged: u64,
        /// Up to which entry the user has seen them.
        seen: u64,
        /// Of two such answers that with the higher one is the newer.
        revision: u64,
    },
    /// Up to which entry they are seen now.
    MarkCallsSeen {
        /// The number of the entry, 0 if none.
        seen: u64,
    },
    /// Whether it was heard.
    Ringing {
        /// Its number.
        attempt: u64,
        /// Whether it rings for the user, and its caller knows then that it does.
        rung: bool,
    },
    /// Which calls ended.
    RevokeUserCalls {
        /// Their numbers, in order.
        attempts: Vec<u64>,
        /// Whether there are more: ask again.
        more: bool,
    },
    /// A page of the live calls of a user.
    GetUserCalls {
        /// In order of attempts.
        calls: Vec<LiveCall>,
        /// Where the next page begins; empty if there is none.
        next_cursor: String,
        /// Of two such answers that with the higher one is the newer.
        revision: u64,
    },
    /// A page of all live calls.
    GetLiveCalls {
        /// In order of attempts.
        calls: Vec<LiveCall>,
        /// Where the next page begins; empty if there is none.
        next_cursor: String,
        /// Of two such answers that with the higher one is the newer.
        revision: u64,
    },
}

/// Why a call is rejected.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum CallRejectionReason {
    /// The person said no.
    Rejected,
    /// The callee is in another room.
    InOtherRoom,
    /// The person is busy.
    Busy,
}

/// What became of a call for one user.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum CallResult {
    /// It rings.
    Success,
    /// The user is called already.
    AlreadyInCalling,
    /// The user is in the room already.
    AlreadyInRoom,
}

/// How a call stands.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum CallStatus {
    /// There is no call, or no longer one.
    None,
    /// The callee's devices ring.
    Calling,
    /// Nobody answered in time.
    Timeout,
    /// The callee said no, or was in another room.
    Rejected,
}

/// What becomes of the calls of a caller who leaves.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum CallerLeft {
    /// They ring on.
    KeepRinging,
    /// They are cancelled.
    CancelCalls,
    /// All calls of a room are cancelled when nobody is left in it.
    CancelIfRoomEmpty,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Command {
    /// Calls users into a room.
    CallUserToRoom {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// Whom.
        #[serde(rename = "userIDList")]
        user_id_list: Vec<String>,
        /// On whose behalf the backend calls; nobody else may say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        caller: Option<String>,
        /// A text that goes with the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        extension_info: Option<String>,
        /// For so many seconds, 30 if left out; 0 for without end, where that is allowed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        timeout: Option<u32>,
    },
    /// The caller withdraws calls.
    CancelCall {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// Whose.
        #[serde(rename = "userIDList")]
        user_id_list: Vec<String>,
    },
    /// The owner, an admin or the backend ends calls.
    RevokeCall {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// Whose.
        #[serde(rename = "userIDList")]
        user_id_list: Vec<String>,
    },
    /// Accepts a call. To go into the room is another matter.
    AcceptCall {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The attempt that is meant; without it the one that rings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        attempt: Option<u64>,
    },
    /// Rejects a call.
    RejectCall {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The attempt that is meant; without it the one that rings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        attempt: Option<u64>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        reason: Option<CallRejectionReason>,
    },
    /// The backend ends the calls of a user in whatever room.
    RevokeUserCalls {
        /// Whose.
        #[serde(rename = "userID")]
        user_id: String,
        /// Which of them.
        which: Which,
    },
    /// The entries of the user's call log were seen.
    MarkCallsSeen {
        /// Those up to this number; one above them all means all.
        up_to: u64,
    },
    /// The device shows a call to its user. It needs no number.
    Ringing {
        /// Its number.
        attempt: u64,
    },
}

/// Why a call is not on the screen: an ending as this device sees it, or that none is known (D-04).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
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
        operator: Option<String>,
    },
    /// The switchboard rejected it, as the user is in another room.
    InOtherRoom,
    /// Another device of the user rejected it.
    RejectedElsewhere {
        /// Which device, if the switchboard names it.
        #[serde(rename = "deviceID")]
        device_id: Option<String>,
    },
    /// Another device of the user accepted it, or entered the room.
    AnsweredElsewhere {
        /// Which device, if the switchboard names it.
        #[serde(rename = "deviceID")]
        device_id: Option<String>,
    },
    /// This device rejected it.
    RejectedHere,
    /// This device accepted it, or is in the room.
    AnsweredHere,
}

/// One thing for the app to do. The effects of a step come in the order of D-03.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
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
        time_left: Option<u64>,
    },
    /// A push shows no call (D-29), or a ring came for a call that is over (D-06): an operating system that requires a report of a call for each push gets the report and its end at once.
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
        room_id: String,
        /// Who called.
        caller: String,
        /// How it ended.
        why: Dismissal,
    },
    /// This device's accept stands: enter the room (D-12).
    Join {
        /// Which room.
        #[serde(rename = "roomID")]
        room_id: String,
    },
    /// The state of a call by this user changes (D-21).
    Progress {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// Who is called.
        callee: String,
        /// The attempt that it is about; none while asking, and of what a tap came to without one.
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
    /// The user's call log has an entry that this device had not read: one for the list of calls, each once (D-35).
    Logged {
        /// The entry.
        entry: LogEntry,
        /// Whether it is a missed call that the user does not know of: one for a notification.
        is_news: bool,
    },
    /// The user has seen the entries of the call log up to this one, here or elsewhere: a badge is cleared (D-36).
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
        /// The request.
        request: Request,
        /// Its number; the same each time that the same request is sent. None of `ringing` (D-37).
        #[serde(rename = "requestID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        request_id: Option<u64>,
    },
}

/// How a call ended, and by whom.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndedBy {
    /// How.
    pub how: EndingKind,
    /// Its number.
    pub attempt: u64,
    /// On which device, if on one of the user who is told.
    #[serde(rename = "deviceID")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub device_id: Option<String>,
    /// Who ended it, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub user: Option<String>,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndedCall {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room_id: String,
    /// Who called.
    pub caller: String,
    /// How it ended.
    pub how: EndingKind,
    /// Its number.
    pub attempt: u64,
    /// On which device, if on one of the user who is told.
    #[serde(rename = "deviceID")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub device_id: Option<String>,
    /// Who ended it, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub user: Option<String>,
}

/// The endings of a call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum EndingKind {
    /// The callee said yes.
    Accepted,
    /// The callee said no.
    Rejected,
    /// The callee is in another room.
    InOtherRoom,
    /// Nobody answered in time.
    TimedOut,
    /// The caller withdrew it.
    Cancelled,
    /// The owner, an admin or the backend ended it.
    Revoked,
    /// The callee came in by another way.
    Entered,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Event {
    /// A call rings.
    OnCallReceived {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
        /// The text that goes with it.
        extension_info: String,
        /// Milliseconds that it rings; null for without end.
        time_left: Option<u64>,
    },
    /// The caller withdrew it.
    OnCallCancelled {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// The owner, an admin or the backend ended it.
    OnCallRevokedByAdmin {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
        /// By whom.
        operator: Operator,
    },
    /// Nobody answered in time.
    OnCallTimeout {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// A device of the callee shows it.
    OnCallRinging {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// The callee said yes, and did not come in time.
    OnCallNotJoined {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// The callee said yes.
    OnCallAccepted {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// The callee said no.
    OnCallRejected {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
        /// Why.
        reason: CallRejectionReason,
    },
    /// Another device of the user decided.
    OnCallHandledByOtherDevice {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// Whether the user comes.
        is_accepted: bool,
        /// Which call.
        attempt: u64,
        /// On which device; null if nobody decided on one.
        #[serde(rename = "deviceID")]
        device_id: Option<String>,
    },
    /// The room's pending list has another entry, or one that has changed.
    OnPendingCallChanged {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// An entry left the room's pending list.
    OnPendingCallRemoved {
        /// Into which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The call.
        call: RoomCall,
        /// Its number.
        attempt: u64,
    },
    /// Another device of the user has seen the entries of the call log.
    OnCallsSeen {
        /// Those up to this number; one above them all means all.
        up_to: u64,
    },
}

/// A limit that something is over.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExceededLimit {
    /// Which.
    pub name: String,
    /// How much is allowed.
    pub value: u32,
}

/// Something that has happened, as the backend states it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Fact {
    /// A room was opened.
    RoomOpened {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// Whose it is.
        owner: String,
    },
    /// A room is no more.
    RoomDissolved {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// By whom; the backend if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        by: Option<Actor>,
        /// Which opening of the room is meant; the present one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
    },
    /// A user went into a room.
    UserEntered {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The user.
        #[serde(rename = "userID")]
        user_id: String,
        /// On which device, if that is known.
        #[serde(rename = "deviceID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        device_id: Option<String>,
        /// Which opening of the room is meant; the present one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
        /// In which session, if that is known: one connection to the room.
        #[serde(rename = "sessionID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        session_id: Option<String>,
    },
    /// A user left a room, on that device and in that session.
    UserLeft {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The user.
        #[serde(rename = "userID")]
        user_id: String,
        /// On which device, if that is known.
        #[serde(rename = "deviceID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        device_id: Option<String>,
        /// Which opening of the room is meant; the present one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
        /// In which session, if that is known: one connection to the room.
        #[serde(rename = "sessionID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        session_id: Option<String>,
    },
    /// Everybody who is in a room.
    PresenceListed {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// A user once for each device and session.
        present: Vec<Present>,
        /// Which opening of the room is meant; the present one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
    },
    /// A user was put out of a room, or is not to ring for it any more.
    UserRemoved {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The user.
        #[serde(rename = "userID")]
        user_id: String,
        /// By whom; the backend if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        by: Option<Actor>,
        /// Which opening of the room is meant; the present one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
    },
    /// A user has another role in a room.
    RoleSet {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The user.
        #[serde(rename = "userID")]
        user_id: String,
        /// Which.
        role: Role,
        /// Which opening of the room is meant; the present one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        opening: Option<u64>,
    },
    /// A user is to be forgotten: `DELETE /v1/users/{id}` states the same.
    UserErased {
        /// The user.
        #[serde(rename = "userID")]
        user_id: String,
    },
    /// The policy and limits are others from now on.
    RulesChanged {
        /// What is different in the limits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        limits: Option<LimitsChange>,
        /// What is different in the policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        policy: Option<PolicyChange>,
    },
    /// The state may be older than what was told.
    Recovered {
        /// No number that was ever told is above it: the time in milliseconds since 1970, times 1024.
        floor: u64,
    },
}

/// What a call to somebody in another room does.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum InOtherRoom {
    /// It is rejected.
    Reject,
    /// It rings.
    Ring,
}

/// A call to this user, as a screen presents it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IncomingCall {
    /// Which attempt.
    pub attempt: u64,
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room_id: String,
    /// Who calls.
    pub caller: String,
    /// The caller's text, which roomcall does not interpret.
    pub extension_info: String,
}

/// One input of a handset. When it came is an argument of its own.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Input {
    /// Nothing but time (D-02).
    Tick,
    /// An event that the switchboard addressed to this device; it may come late, twice or never.
    #[serde(with = "value")]
    Notice {
        /// An event that the switchboard addressed to this device; it may come late, twice or never.
        event: Event,
    },
    /// An event that a push brought, connected or not. One that rings is answered in its step by a `show` or a `report` (D-29); another one counts as a `notice`.
    Push {
        /// The event, as the switchboard addressed it to this user.
        event: Event,
        /// How many milliseconds ago that was, as far as the app knows; 0 if it does not.
        age: u64,
    },
    /// The answer to a request of this device; it may come late, twice or never.
    #[serde(with = "value")]
    Reply {
        /// The answer to a request of this device; it may come late, twice or never.
        reply: Reply,
    },
    /// A person's action.
    #[serde(with = "value")]
    Tap {
        /// A person's action.
        tap: Tap,
    },
    /// The connection to the switchboard comes up or goes down. Up while it is up is a new connection (D-16).
    #[serde(with = "value")]
    Link {
        /// The connection to the switchboard comes up or goes down. Up while it is up is a new connection (D-16).
        link: Link,
    },
    /// The room that this device is in now, if any (D-08).
    #[serde(with = "value")]
    InRoom {
        /// The room that this device is in now, if any (D-08).
        room_id: Option<String>,
    },
    /// The app could not join the room that a `join` named (D-32).
    JoinFailed,
    /// Whether something else has the device: a call of another application or of the telephone network, do not disturb. Calls do not ring then (D-31).
    #[serde(with = "value")]
    Occupied {
        /// Whether something else has the device: a call of another application or of the telephone network, do not disturb. Calls do not ring then (D-31).
        is_occupied: bool,
    },
    /// Other intervals and bounds (D-34).
    #[serde(with = "value")]
    Settings {
        /// Other intervals and bounds (D-34).
        settings: Settings,
    },
    /// The user signed out of this device. Nothing is shown, told or sent any more (D-33).
    SignedOut,
}

/// What happens with a ring for a call that is over (D-06).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum LateRing {
    /// Nothing.
    Ignore,
    /// A `report`, so that the call can be reported to the operating system and ended at once.
    Report,
}

/// Other limits: how much of everything there may be.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitsChange {
    /// Admins of a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub admins_per_room: Option<u32>,
    /// Users in one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub callees: Option<u32>,
    /// Calls that a user may make in a minute; 0 is any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub calls_per_minute: Option<u32>,
    /// Remembered endings of a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub ended_per_room: Option<u32>,
    /// The longest extension text, in bytes; may only grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub extension_bytes: Option<u32>,
    /// Names of one kind that the host interns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub held_names: Option<u32>,
    /// The longest id, in bytes; may only grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub id_bytes: Option<u32>,
    /// Kept records of a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub kept_per_room: Option<u32>,
    /// Live calls in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub live_calls: Option<u32>,
    /// Live calls of a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub live_calls_per_room: Option<u32>,
    /// Entries of all call logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub logged_calls: Option<u32>,
    /// For how many seconds an entry is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub logged_for: Option<u32>,
    /// Entries of a user's call log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub logged_per_user: Option<u32>,
    /// Whether a call may ring without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub never: Option<bool>,
    /// The largest page; may only grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub page_size: Option<u32>,
    /// Users in a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub participants_per_room: Option<u32>,
    /// Users whose calls are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub rated_users: Option<u32>,
    /// Devices whose requests are remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub requesters: Option<u32>,
    /// Numbered requests of a device that are remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub requests_per_requester: Option<u32>,
    /// Open rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub rooms: Option<u32>,
    /// The longest timeout, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub timeout_max: Option<u32>,
}

/// An input as it is in a journal.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Line {
    /// Nothing but time.
    Tick {
        /// When, in milliseconds.
        at: u64,
        /// Nothing.
        tick: EmptyObject,
    },
    /// Something that has happened.
    Fact {
        /// When, in milliseconds.
        at: u64,
        /// What.
        fact: Fact,
    },
    /// A request.
    Command {
        /// When, in milliseconds.
        at: u64,
        /// Who asks.
        by: Actor,
        /// For what.
        command: Command,
        /// The number of the request.
        #[serde(rename = "requestID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        request_id: Option<u64>,
    },
    /// A question.
    Query {
        /// When, in milliseconds.
        at: u64,
        /// Who asks.
        by: Actor,
        /// What.
        query: Query,
        /// The number of the question.
        #[serde(rename = "requestID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        request_id: Option<u64>,
    },
}

/// Whether there is a connection to the switchboard.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum Link {
    /// There is none: nothing is sent.
    Down,
    /// There is one.
    Up,
}

/// A call that rings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveCall {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room_id: String,
    /// Who calls.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// `calling`.
    pub status: CallStatus,
    /// Its number.
    pub attempt: u64,
    /// Milliseconds that it still rings; null for without end.
    pub time_left: Option<u64>,
    /// The text that goes with it.
    pub extension_info: String,
    /// Whether a device of the callee has shown it; left out if none has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub rung: Option<bool>,
}

/// Somebody called: either `ended` or `tries` is there.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogEntry {
    /// Its number.
    pub number: u64,
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room_id: String,
    /// Who called.
    pub caller: String,
    /// How many milliseconds ago it was over, or was tried last.
    pub age: u64,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub ended: Option<EndedBy>,
    /// How often it was tried, if it was refused since another call rang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub tries: Option<u64>,
}

/// Who may call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum MayCall {
    /// Everybody in the room.
    Anyone,
    /// The owner and admins.
    Admins,
}

/// A call to or by the user that is over.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MyEnding {
    /// Into which room.
    #[serde(rename = "roomID")]
    pub room_id: String,
    /// Who called.
    pub caller: String,
    /// Who was called.
    pub callee: String,
    /// How it ended.
    pub how: EndingKind,
    /// Its number.
    pub attempt: u64,
    /// On which device, if on one of the user who is told.
    #[serde(rename = "deviceID")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub device_id: Option<String>,
    /// Where it was rejected: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub reason: Option<CallRejectionReason>,
    /// Who ended it, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub user: Option<String>,
}

/// Why a tapped command is not sent.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
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

/// An empty object.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmptyObject {}

/// Who revoked.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Operator {
    /// A user.
    User {
        /// The user's id.
        user: String,
    },
    /// The application's own backend.
    #[serde(with = "backend")]
    Backend,
}

/// Which of the caller's devices are told of the outcome.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum OutcomesTo {
    /// The one that called.
    CallingDevice,
    /// All.
    AllDevices,
}

/// One message to a device.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Output {
    /// To a numbered request.
    Reply {
        /// The server's clock, in milliseconds since 1970.
        at: u64,
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// The answer.
        answer: Answer,
        /// The attempt of each user of whom the answer is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        attempts: Option<HashMap<String, u64>>,
        /// With `getIncomingCalls` and `getMyCalls`: the lowest number that a new request may have.
        #[serde(rename = "nextRequestID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        next_request_id: Option<u64>,
        /// Whether the request was judged before, and this is the answer that it had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        repeated: Option<bool>,
    },
    /// To a numbered request: no.
    ReplyRefused {
        /// The server's clock, in milliseconds since 1970.
        at: u64,
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// Why.
        refused: Refused,
        /// Whether the request was judged before, and this is the answer that it had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        repeated: Option<bool>,
    },
    /// To a request without a number.
    Answered {
        /// The server's clock, in milliseconds since 1970.
        at: u64,
        /// The answer.
        answer: Answer,
    },
    /// To a request without a number: no.
    AnswerRefused {
        /// The server's clock, in milliseconds since 1970.
        at: u64,
        /// Why.
        refused: Refused,
    },
    /// Something happened.
    Effect {
        /// The server's clock, in milliseconds since 1970.
        at: u64,
        /// Who is told.
        to: To,
        /// What.
        event: Event,
        /// By which rule.
        because: String,
        /// Whether a push is to wake the devices that are not connected: with `onCallReceived`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        wake: Option<bool>,
    },
}

/// An entry of a pending list.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PendingCall {
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// How it stands.
    pub status: CallStatus,
    /// Its number.
    pub attempt: u64,
    /// Milliseconds that it still rings; null for without end, and where it rings no more.
    pub time_left: Option<u64>,
    /// The text that goes with it, for the backend and where it rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub extension_info: Option<String>,
}

/// Other values of the policy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyChange {
    /// How many live calls a user may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub active_calls: Option<ActiveCalls>,
    /// What becomes of the calls of a caller who leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub caller_left: Option<CallerLeft>,
    /// What a call to somebody in another room does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub in_other_room: Option<InOtherRoom>,
    /// For how many seconds who has accepted is expected in the room; 0 for not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub join_grace: Option<u32>,
    /// Who may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub may_call: Option<MayCall>,
    /// Which of the caller's devices are told of the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub outcomes_to: Option<OutcomesTo>,
}

/// Who is in a room.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Present {
    /// The user.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// On which device, if that is known.
    #[serde(rename = "deviceID")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub device_id: Option<String>,
    /// In which session, if that is known: one connection to the room.
    #[serde(rename = "sessionID")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub session_id: Option<String>,
}

/// The state of a call by this user (D-21).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
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
        reason: Option<CallRejectionReason>,
    },
    /// This user withdrew it.
    Cancelled,
    /// It was ended by force.
    Revoked {
        /// By which user, once it is known; none for the backend, too.
        operator: Option<String>,
    },
    /// The callee comes.
    Accepted,
}

/// Something to be known.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Query {
    /// A page of a room's pending list.
    GetPendingCalls {
        /// Of which room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The most calls in it; 20 if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        count: Option<u32>,
        /// `nextCursor` of the page before; without it the first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        cursor: Option<String>,
        /// Only calls of this status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        status: Option<CallStatus>,
    },
    /// What rings for the user who asks.
    GetIncomingCalls {
        /// What ended after this attempt, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        since: Option<u64>,
    },
    /// The calls to and by the user who asks, and what became of those that are over.
    GetMyCalls {
        /// What ended after this attempt, too; 0 if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        since: Option<u64>,
    },
    /// The entries of the user's call log after one of them.
    GetCallLog {
        /// The most entries; 20 if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        count: Option<u32>,
        /// Those above this number; 0 if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        since: Option<u64>,
    },
    /// A page of the live calls to and by a user, for the backend.
    GetUserCalls {
        /// Whose.
        #[serde(rename = "userID")]
        user_id: String,
        /// `nextCursor` of the page before; without it the first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        cursor: Option<String>,
        /// The most calls in it; 20 if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        page_size: Option<u32>,
    },
    /// A page of all live calls, for the backend.
    GetLiveCalls {
        /// `nextCursor` of the page before; without it the first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        cursor: Option<String>,
        /// The most calls in it; 20 if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        page_size: Option<u32>,
    },
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refused {
    /// The number of the kind of refusal.
    pub code: i32,
    /// The rule that refuses; J-02 what is no request.
    pub rule: String,
    /// For people; after J-02 it names the field and the column that are wrong.
    pub message: String,
    /// For who was too late: what came before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub ended: Option<EndedBy>,
    /// Where there is too much at once: in how many milliseconds the request may be sent again. After the rule L-15 it keeps its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default = None)]
    pub retry_after: Option<u64>,
}

/// The answer to a numbered request, or its refusal.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Reply {
    /// Yes.
    Answered {
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// The answer.
        answer: Answer,
        /// The attempt of each user of whom the answer is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        attempts: Option<HashMap<String, u64>>,
        /// With `getIncomingCalls` and `getMyCalls`: the lowest number that a new request may have.
        #[serde(rename = "nextRequestID")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        next_request_id: Option<u64>,
        /// Whether the request was judged before, and this is the answer that it had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        repeated: Option<bool>,
    },
    /// No.
    Refused {
        /// The number of the request.
        #[serde(rename = "requestID")]
        request_id: u64,
        /// Why.
        refused: Refused,
        /// Whether the request was judged before, and this is the answer that it had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default = None)]
        repeated: Option<bool>,
    },
}

/// Why a push has no `show` (D-29).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
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

/// A request of a device.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Request {
    /// To do something.
    #[serde(with = "value")]
    Command {
        /// To do something.
        command: Command,
    },
    /// To know something.
    #[serde(with = "value")]
    Query {
        /// To know something.
        query: Query,
    },
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum RequestResult {
    /// Yes.
    #[serde(with = "value")]
    Answer {
        /// Yes.
        answer: Answer,
    },
    /// No.
    #[serde(with = "value")]
    Refused {
        /// No.
        refused: Refused,
    },
}

/// What somebody is in a room.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Whose room it is.
    Owner,
    /// May revoke calls.
    Admin,
    /// Anybody.
    Participant,
}

/// Who called whom, and how it stands.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomCall {
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// How it stands now.
    pub status: CallStatus,
}

/// Whose calls are in a page.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Those to the user who asks, who is not in the room.
    Own,
}

/// The intervals and bounds of a handset. Intervals are in milliseconds.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// An unanswered request is sent again after this long (D-17).
    pub retry_interval: u64,
    /// A snapshot is requested at least this often while there is a connection; none for a transport that loses nothing but by going down (D-16).
    pub refresh: Option<u64>,
    /// A call whose accept or reject is unanswered is silenced this long after its deadline (D-13).
    pub answer_grace: u64,
    /// A ring with less time left is not shown: nobody could answer it (D-06).
    pub min_ring: u64,
    /// A call, cancel or revoke that could not be sent for this long is not sent (D-20).
    pub valid_for: u64,
    /// After this device has answered a call, no other one begins to ring for so long, or until it is in a room (D-32).
    pub join_quiet: u64,
    /// After another device of the user has answered a call, no other one begins to ring here for so long (D-32).
    pub settle: u64,
    /// What happens with a ring for a call that is over (D-06).
    pub late_ring: LateRing,
    /// Calls to this user that are known at once (D-19).
    pub calls: u32,
    /// Endings that are remembered between two snapshots (D-14).
    pub endings: u32,
    /// How far the number of a new request may be above the lowest unanswered one (D-18).
    pub requests: u32,
    /// Calls by this user whose outcome is remembered (D-21).
    pub outgoing: u32,
    /// Entries requested with one page of the pending list (D-23).
    pub page: u32,
}

/// The stage of a call on the screen (D-07).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
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

/// A person's action.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
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
        room_id: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        user_id_list: Vec<String>,
        /// How long to ring, in seconds; 0 for never ending by itself.
        timeout: u32,
        /// A text for the callees, which roomcall does not interpret.
        extension_info: String,
    },
    /// Withdraws this user's calls (D-20).
    Cancel {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        user_id_list: Vec<String>,
    },
    /// Ends anybody's calls, as owner or admin (D-20).
    Revoke {
        /// The room.
        #[serde(rename = "roomID")]
        room_id: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        user_id_list: Vec<String>,
    },
    /// The person has seen the list of calls (D-36).
    MarkSeen {
        /// The number of the newest entry that was seen.
        up_to: u64,
    },
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum To {
    /// All devices of a user.
    User {
        /// The user's id.
        user: String,
    },
    /// One device of a user.
    Device {
        /// The user's id.
        user: String,
        /// The device's id.
        device: String,
    },
    /// All devices of a user but one.
    OtherDevices {
        /// The user's id.
        user: String,
        /// The one that is not told.
        except_device: String,
    },
    /// Everybody in a room.
    Room {
        /// The room's id.
        room: String,
    },
}

/// Which calls of a user.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// Those to the user.
    To,
    /// Those that the user made.
    By,
    /// Both.
    Both,
}

/// What became of a cancel or revoke for one user.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, uniffi::Enum)]
#[serde(rename_all = "camelCase")]
pub enum Withdrawn {
    /// The call is cancelled.
    Cancelled,
    /// The call is revoked.
    Revoked,
    /// There was no call.
    NotCalling,
    /// It is somebody else's call.
    NotYours,
    /// It was too late.
    AlreadyAccepted,
    /// It was too late.
    AlreadyRejected,
    /// It was too late.
    AlreadyTimedOut,
    /// It was too late.
    AlreadyCancelled,
    /// It was too late.
    AlreadyRevoked,
}

/// A value without the name of its field.
mod value {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// The word of whom only one is called.
mod backend {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    enum Word {
        Backend,
    }

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        Word::Backend.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        Word::deserialize(deserializer).map(drop)
    }
}
