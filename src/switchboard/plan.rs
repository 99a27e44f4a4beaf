//! What `decide` found is to happen. A plan is complete: each change has all that `commit` needs.

use alloc::vec::Vec;

use super::state::{Cause, NewCall, Presence};
use crate::domain::call::CallResult;
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input::{Actor, Role};
use crate::domain::output::{CalleeResult, WithdrawResult};
use crate::domain::rule::Rule;
use crate::domain::session::Session;
use crate::domain::time::Tick;

/// Memory that is used again for each input.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// What is to happen, in order (O-01).
    pub(crate) changes: Vec<Change>,
    /// The results of a call, in first-seen order (C-03).
    pub(crate) called: Vec<CalleeResult<CallResult>>,
    /// The results of a cancel or a revoke, in first-seen order (E-12).
    pub(crate) withdrawn: Vec<CalleeResult<WithdrawResult>>,
    /// The callees of the input once each, in first-seen order, with their places in it.
    pub(crate) callees: Vec<(UserId, usize)>,
}

/// One thing that is to happen. A position is that of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    OpenRoom {
        room: RoomId,
        owner: UserId,
    },
    Dissolve {
        room: RoomId,
        by: Actor,
    },
    /// A user enters (F-05).
    Enter {
        room: RoomId,
        user: UserId,
        /// The position of the user among the members, of one who is a member.
        member: Option<u32>,
        presence: Presence,
    },
    /// The policy and limits of the input hold, and what is remembered is evicted to them (F-19).
    SetRules,
    /// Numbers are counted from a base, nobody is in a room, and what is open is opened anew (F-18).
    BeginLife {
        base: u64,
    },
    /// The presences that match end (F-06).
    Leave {
        /// The position of the user among the members.
        member: u32,
        presence: Presence,
    },
    /// A session of a user is remembered as ended (F-13).
    EndSession {
        room: RoomId,
        user: UserId,
        session: Session,
    },
    /// There may be too many of whom only sessions are remembered (F-13).
    EvictGone {
        room: RoomId,
    },
    SetRole {
        room: RoomId,
        user: UserId,
        role: Role,
    },
    /// A new attempt. The call that it replaces may be evicted before it is made (C-10).
    Call {
        call: NewCall,
        replaced: Option<u32>,
        /// Whether it ends at once, since its callee is in another room (C-08).
        is_elsewhere: bool,
    },
    /// A refused try is logged for its callee (H-01).
    LogTry {
        room: RoomId,
        callee: UserId,
        caller: UserId,
    },
    /// A device of the callee shows a live call, the first one to say so (C-14).
    Ring {
        position: u32,
        attempt: Attempt,
    },
    /// What names a user is forgotten (F-20).
    Erase {
        user: UserId,
    },
    /// A user is not expected in a room any more (E-20).
    EndExpectation {
        room: RoomId,
        user: UserId,
    },
    /// The entries of a user's log up to one of them were seen (H-04).
    MarkSeen {
        user: UserId,
        device: DeviceId,
        number: u64,
    },
    /// The caller has made attempts that are counted (L-14).
    Count {
        caller: UserId,
        arrival: Tick,
    },
    /// A live attempt ends.
    End {
        position: u32,
        attempt: Attempt,
        cause: Cause,
        because: Rule,
    },
    /// A kept call leaves the room's list.
    Unlist {
        position: u32,
        attempt: Attempt,
        because: Rule,
    },
}

impl Change {
    /// The attempt by which changes are ordered (O-01); number 0 of what is not about one.
    pub(crate) const fn attempt(&self) -> Attempt {
        match self {
            Self::End { attempt, .. }
            | Self::Unlist { attempt, .. }
            | Self::Ring { attempt, .. } => *attempt,
            Self::OpenRoom { .. }
            | Self::Dissolve { .. }
            | Self::SetRules
            | Self::BeginLife { .. }
            | Self::Enter { .. }
            | Self::Leave { .. }
            | Self::EndSession { .. }
            | Self::EvictGone { .. }
            | Self::SetRole { .. }
            | Self::Erase { .. }
            | Self::EndExpectation { .. }
            | Self::LogTry { .. }
            | Self::MarkSeen { .. }
            | Self::Count { .. }
            | Self::Call { .. } => Attempt::new(0),
        }
    }
}

impl Plan {
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.changes.clear();
        self.called.clear();
        self.withdrawn.clear();
    }
}
