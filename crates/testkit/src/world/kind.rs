//! Packets by what they are.

use roomcall::handset::Request;
use roomcall::protocol::{Answer, Command, Event, Query};

use super::simulation::Body;

/// What a packet is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    // Requests to the switchboard.
    /// A call.
    Call,
    /// A cancel.
    Cancel,
    /// A revoke.
    Revoke,
    /// An accept.
    Accept,
    /// A reject.
    Reject,
    /// What rings?
    Asking,
    /// A device says that it shows a call.
    Rings,
    // Notices to a device.
    /// It rings.
    Ring,
    /// A call was cancelled.
    Cancelled,
    /// A call timed out.
    TimedOut,
    /// A call was accepted.
    Accepted,
    /// A call was rejected.
    Rejected,
    /// A push of a ring.
    Push,
    /// Another device of the user answered.
    Handled,
    /// A call was revoked.
    Revoked,
    /// A device of the callee shows the call.
    Ringing,
    /// Who accepted did not come.
    NotJoined,
    // Replies to a device.
    /// To a command.
    Answer,
    /// To [`Kind::Asking`].
    Snapshot,
    /// The device goes into the room.
    Enter,
    /// Of a session, to the host.
    Fact,
}

impl Kind {
    /// Whether a packet is of this kind.
    pub fn is(self, body: &Body) -> bool {
        let is = match body {
            Body::Request { request: Request::Command(command), .. } => match command {
                Command::CallUserToRoom { .. } => Self::Call,
                Command::CancelCall { .. } => Self::Cancel,
                Command::RevokeCall { .. } | Command::RevokeUserCalls { .. } => Self::Revoke,
                Command::AcceptCall { .. } => Self::Accept,
                Command::RejectCall { .. } => Self::Reject,
                Command::Ringing { .. } => Self::Rings,
                Command::MarkCallsSeen { .. } => return false,
            },
            Body::Request { request: Request::Query(query), .. } => match query {
                Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. } => Self::Asking,
                Query::GetPendingCalls { .. }
                | Query::GetCallLog { .. }
                | Query::GetUserCalls { .. }
                | Query::GetLiveCalls { .. } => return false,
            },
            Body::Notice(event) => match event {
                Event::CallReceived { .. } => Self::Ring,
                Event::CallCancelled(_) => Self::Cancelled,
                Event::CallTimeout(_) => Self::TimedOut,
                Event::CallAccepted(_) => Self::Accepted,
                Event::CallRejected { .. } => Self::Rejected,
                Event::CallHandledByOtherDevice { .. } => Self::Handled,
                Event::CallRevokedByAdmin { .. } => Self::Revoked,
                Event::CallRinging(_) => Self::Ringing,
                Event::CallNotJoined(_) => Self::NotJoined,
                Event::PendingCallChanged(_)
                | Event::PendingCallRemoved(_)
                | Event::CallsSeen { .. } => return false,
                event => panic!("no kind is of {event:?}"),
            },
            Body::Push { .. } => Self::Push,
            Body::Reply(reply) => match reply.answer {
                Ok(Answer::GetIncomingCalls { .. } | Answer::GetMyCalls(_)) => Self::Snapshot,
                Ok(Answer::GetPendingCalls { .. } | Answer::GetCallLog(_)) => return false,
                Ok(_) | Err(_) => Self::Answer,
            },
            Body::Enter { .. } => Self::Enter,
            Body::Fact { .. } => Self::Fact,
        };
        self == is
    }
}
