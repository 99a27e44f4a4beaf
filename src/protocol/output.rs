//! Outputs by name.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{CallRejectionReason, CallResult, CallStatus, EndingKind, Rule};

/// Everything that one line of a journal brings about.
#[must_use = "the effects are told to nobody unless the host delivers them"]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Outcome {
    /// The clock after the line (T-02), in milliseconds.
    pub at: u64,
    /// The number of the ask or query, if it has one.
    pub request_id: Option<u64>,
    /// The answer to an ask or a query; `None` for a tick or a fact.
    pub answer: Option<Result<Answer, Refused>>,
    /// With the answer to a numbered `callUserToRoom`: the attempt of each `success`, in first-seen
    /// order.
    pub attempts: Vec<(String, u64)>,
    /// With an exchange's answer to a numbered `getIncomingCalls`: the lowest number that a new
    /// request of the device may have.
    pub next_request_id: Option<u64>,
    /// Whom to tell what, in order (O-01).
    pub effects: Vec<Effect>,
    /// For an ignored fact, a repeated answer (E-08) and a repeated request: the rule by
    /// which nothing changed.
    pub unchanged: Option<Rule>,
}

impl Outcome {
    /// What the device that asked hears of its numbered request; `None` without a number or
    /// an answer.
    pub fn reply(&self) -> Option<Reply> {
        let (request_id, answer) = (self.request_id?, self.answer.clone()?);
        let (attempts, next_request_id) = (self.attempts.clone(), self.next_request_id);
        Some(Reply { request_id, answer, attempts, next_request_id })
    }

    /// The lines that are written for it: the answer, then the effects (J-05).
    pub fn outputs(self) -> impl Iterator<Item = Output> {
        let Self { at, request_id, attempts, next_request_id, .. } = self;
        let answer = self.answer.map(|answer| match (request_id, answer) {
            (Some(request_id), answer) => {
                Body::Reply(Reply { request_id, answer, attempts, next_request_id })
            }
            (None, Ok(answer)) => Body::Answer(answer),
            (None, Err(refused)) => Body::Refused(refused),
        });
        answer
            .into_iter()
            .chain(self.effects.into_iter().map(Body::Effect))
            .map(move |body| Output { at, body })
    }
}

/// One line of output.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Output {
    /// The clock, in milliseconds (J-05).
    pub at: u64,
    /// What is said.
    pub body: Body,
}

/// The kinds of output.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Body {
    /// To whoever asked without a number.
    Answer(Answer),
    /// To whoever asked without a number.
    Refused(Refused),
    /// To whoever asked with a number.
    Reply(Reply),
    /// To an audience.
    Effect(Effect),
}

/// An answer by name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Answer {
    /// One result per distinct callee, in first-seen order (C-03).
    CallUserToRoom(Vec<(String, CallResult)>),
    /// One result per distinct callee, in first-seen order (E-12).
    CancelCall(Vec<(String, Withdrawn)>),
    /// One result per distinct callee, in first-seen order (E-12).
    RevokeCall(Vec<(String, Withdrawn)>),
    /// The attempt that was accepted.
    AcceptCall {
        /// Its number.
        attempt: u64,
    },
    /// The attempt that was rejected.
    RejectCall {
        /// Its number.
        attempt: u64,
    },
    /// A page of a room's list.
    GetPendingCalls {
        /// The records, in attempt order.
        calls: Vec<PendingCall>,
        /// Where the next page begins, empty if there is none.
        next_cursor: String,
    },
    /// What rings for a user.
    GetIncomingCalls {
        /// The live attempts, in attempt order.
        calls: Vec<IncomingCall>,
        /// Which of two such answers is the newer.
        revision: u64,
        /// With `since`: what ended after that attempt.
        endings: Option<Endings>,
    },
}

pub use crate::WithdrawResult as Withdrawn;

/// What a device that was away needs besides what rings.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Endings {
    /// The remembered endings of calls to the user, in attempt order.
    pub calls: Vec<EndedCall>,
    /// The last attempt made: one up to it that is not among the live calls is over.
    pub last_attempt: u64,
}

/// A call to the user that is over.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct EndedCall {
    /// Into which room.
    pub room: String,
    /// Who called.
    pub caller: String,
    /// How it ended.
    pub ended: Ending,
}

/// What a device hears of one of its numbered requests.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Reply {
    /// The number of the request.
    pub request_id: u64,
    /// The answer.
    pub answer: Result<Answer, Refused>,
    /// The attempt of each `success` of a call, and of each result of a cancel or revoke that is
    /// about one.
    pub attempts: Vec<(String, u64)>,
    /// For `getIncomingCalls`: the lowest number that the device may give a new request.
    pub next_request_id: Option<u64>,
}

/// A record of a room's pending list.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PendingCall {
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// The status.
    pub status: CallStatus,
    /// The attempt.
    pub attempt: u64,
    /// Milliseconds until the deadline; `None` for never and for kept records.
    pub time_left: Option<u64>,
    /// The extension text; `None` for kept records.
    pub extension: Option<String>,
}

/// A live attempt, for its callee.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct IncomingCall {
    /// Into which room.
    pub room: String,
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// The attempt.
    pub attempt: u64,
    /// Milliseconds until the deadline; `None` for never.
    pub time_left: Option<u64>,
    /// The extension text.
    pub extension: String,
}

/// A refusal by name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Refused {
    /// The seed's code.
    pub code: i32,
    /// The rule that refuses.
    pub rule: Rule,
    /// What a person reads.
    pub message: String,
    /// With E-09: the ending that won.
    pub ended: Option<Ending>,
}

/// How an attempt ended and by whom (E-09).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Ending {
    /// How.
    pub how: EndingKind,
    /// Which attempt.
    pub attempt: u64,
    /// By which user; `None` for the clock and for the backend.
    pub user: Option<String>,
    /// On which device.
    pub device: Option<String>,
}

/// One thing to tell one audience.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Effect {
    /// Whom to tell.
    pub to: Audience,
    /// What.
    pub event: Event,
    /// By which rule.
    pub because: Rule,
}

/// An audience by name; see [`crate::Audience`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Audience {
    /// All devices of a user.
    User(String),
    /// One device of a user.
    Device {
        /// The user.
        user: String,
        /// The device.
        device: String,
    },
    /// All devices of a user but one.
    OtherDevices {
        /// The user.
        user: String,
        /// The device that is not told.
        than: String,
    },
    /// Everyone in a room.
    Room(String),
}

/// A call by name, as an event tells of it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NamedCall {
    /// Into which room.
    pub room: String,
    /// Who called.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// The status after what happened.
    pub status: CallStatus,
    /// The attempt.
    pub attempt: u64,
}

/// An event by name; see [`crate::Event`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Event {
    /// `onCallReceived`.
    CallReceived {
        /// The call.
        call: NamedCall,
        /// The extension text.
        extension: String,
        /// Milliseconds until the deadline; `None` for never.
        time_left: Option<u64>,
    },
    /// `onCallCancelled`.
    CallCancelled(NamedCall),
    /// `onCallRevokedByAdmin`.
    CallRevokedByAdmin {
        /// The call.
        call: NamedCall,
        /// Who did; `None` for the backend.
        operator: Option<String>,
    },
    /// `onCallTimeout`.
    CallTimeout(NamedCall),
    /// `onCallAccepted`.
    CallAccepted(NamedCall),
    /// `onCallRejected`.
    CallRejected {
        /// The call.
        call: NamedCall,
        /// Why.
        reason: CallRejectionReason,
    },
    /// `onCallHandledByOtherDevice`.
    CallHandledByOtherDevice {
        /// The room.
        room: String,
        /// Whether the callee comes.
        is_accepted: bool,
        /// The attempt.
        attempt: u64,
        /// The device that decided; `None` if the switchboard did.
        device: Option<String>,
    },
    /// `onPendingCallChanged`.
    PendingCallChanged(NamedCall),
    /// `onPendingCallRemoved`.
    PendingCallRemoved(NamedCall),
}

impl Event {
    /// Which attempt it is about.
    pub fn attempt(&self) -> u64 {
        self.about().1
    }

    /// Which room it is about.
    pub fn room(&self) -> &str {
        self.about().0
    }

    /// The call that it names; `None` for one that names only its attempt.
    pub const fn call(&self) -> Option<&NamedCall> {
        match self {
            Self::CallReceived { call, .. }
            | Self::CallCancelled(call)
            | Self::CallRevokedByAdmin { call, .. }
            | Self::CallTimeout(call)
            | Self::CallAccepted(call)
            | Self::CallRejected { call, .. }
            | Self::PendingCallChanged(call)
            | Self::PendingCallRemoved(call) => Some(call),
            Self::CallHandledByOtherDevice { .. } => None,
        }
    }

    fn about(&self) -> (&str, u64) {
        match self {
            Self::CallHandledByOtherDevice { room, attempt, .. } => (room, *attempt),
            Self::CallReceived { call, .. }
            | Self::CallCancelled(call)
            | Self::CallRevokedByAdmin { call, .. }
            | Self::CallTimeout(call)
            | Self::CallAccepted(call)
            | Self::CallRejected { call, .. }
            | Self::PendingCallChanged(call)
            | Self::PendingCallRemoved(call) => (&call.room, call.attempt),
        }
    }
}
