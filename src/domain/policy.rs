//! What a deployment may choose, as data, and the one function that decides who may do what.

use crate::domain::word::words;
use crate::{Refusal, Role};

/// What a deployment may choose. The default is the behaviour of the seed. It is part of the
/// state and of a snapshot.
///
/// ```
/// use roomcall::{MayCall, Policy};
/// let policy = Policy { may_call: MayCall::Admins, ..Policy::DEFAULT };
/// assert_ne!(policy, Policy::default());
/// ```
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields, expecting = "an object of choices")]
pub struct Policy {
    /// How many live calls a user may have (C-07).
    pub active_calls: ActiveCalls,
    /// What a call to somebody in another room does (C-08, C-09, E-03).
    pub in_other_room: InOtherRoom,
    /// What becomes of the calls of a caller who leaves (F-07, F-08).
    pub caller_left: CallerLeft,
    /// Who may call (P-01, P-02).
    pub may_call: MayCall,
    /// Which of the caller's devices are notified of the outcome (P-06).
    pub outcomes_to: OutcomesTo,
    /// For how many seconds who has accepted a call is expected in its room (E-20). 0, the default, is
    /// not at all.
    pub join_grace: u32,
}

impl Policy {
    /// The behaviour of the seed.
    pub const DEFAULT: Self = Self {
        active_calls: ActiveCalls::PerUser,
        in_other_room: InOtherRoom::Reject,
        caller_left: CallerLeft::KeepRinging,
        may_call: MayCall::Anyone,
        outcomes_to: OutcomesTo::CallingDevice,
        join_grace: 0,
    };
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $first_doc:literal $first:ident, $($next_doc:literal $next:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            #[doc = $first_doc]
            #[default]
            $first,
            $(#[doc = $next_doc] $next,)+
        }

        impl $name {
            /// Every value; the first is the default.
            pub const ALL: &'static [Self] = &[Self::$first, $(Self::$next),+];
        }
    };
}

choice! {
    /// How many live calls a user may have (C-07).
    ActiveCalls {
        "One, anywhere." PerUser,
        "One in each room." PerRoom,
    }
}

choice! {
    /// What a call to somebody in another room does (C-08, C-09, E-03).
    InOtherRoom {
        "It ends as rejected, because the callee is in another room." Reject,
        "It rings all the same." Ring,
    }
}

choice! {
    /// What becomes of the live calls of a caller who leaves the room (F-07, F-08).
    CallerLeft {
        "They ring on." KeepRinging,
        "They are cancelled (F-07)." CancelCalls,
        "All live calls of the room are cancelled once nobody is in it (F-08)." CancelIfRoomEmpty,
    }
}

choice! {
    /// Who in the room may call (P-01, P-02).
    MayCall {
        "Everyone in the room." Anyone,
        "The owner and admins." Admins,
    }
}

choice! {
    /// Which of the caller's devices are notified of the outcome (P-06), unless no device called (P-11).
    OutcomesTo {
        "The one that called; not the one that cancelled, which is answered." CallingDevice,
        "All of them, but for the one that cancelled." AllDevices,
    }
}

words!(ActiveCalls: "perUser or perRoom", { PerUser "perUser", PerRoom "perRoom" });
words!(InOtherRoom: "reject or ring", { Reject "reject", Ring "ring" });
words!(CallerLeft: "keepRinging, cancelCalls or cancelIfRoomEmpty", {
    KeepRinging "keepRinging",
    CancelCalls "cancelCalls",
    CancelIfRoomEmpty "cancelIfRoomEmpty",
});
words!(MayCall: "anyone or admins", { Anyone "anyone", Admins "admins" });
words!(OutcomesTo: "callingDevice or allDevices", {
    CallingDevice "callingDevice", AllDevices "allDevices",
});

/// How the asker stands to the room.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Membership {
    /// The application's own backend.
    Backend,
    /// In the room, with this role.
    Inside(Role),
    /// Not in the room, with this role in it all the same.
    Outside(Role),
}

/// How the asker stands to the call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallRelation {
    /// It called.
    Caller,
    /// It is called.
    Callee,
    /// Neither.
    Stranger,
}

/// What the asker wants to do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// Call users into the room.
    Call,
    /// Withdraw a call of one's own.
    Cancel,
    /// Accept or reject a call.
    Answer,
    /// End anybody's call.
    Revoke,
    /// Read the room's pending list.
    Read,
    /// Ask what rings for oneself.
    Receive,
    /// Act for other users: name the caller of a call, see and revoke the calls of a user.
    ActForUsers,
    /// Be the caller whom the backend names.
    BeNamedCaller,
}

/// Who may do what: the whole of authorisation. What no line permits is denied (P-07).
///
/// # Errors
///
/// The refusal that says what is missing: P-01 to P-05, P-10.
///
/// ```
/// use roomcall::{permits, Action, MayCall, Refusal, Role, Membership, CallRelation};
/// let guest = Membership::Inside(Role::Participant);
/// assert_eq!(permits(MayCall::Anyone, guest, CallRelation::Stranger, Action::Call), Ok(()));
/// assert_eq!(
///     permits(MayCall::Admins, guest, CallRelation::Stranger, Action::Call),
///     Err(Refusal::NeedAdminToCall)
/// );
/// ```
pub const fn permits(
    may_call: MayCall,
    standing: Membership,
    tie: CallRelation,
    act: Action,
) -> Result<(), Refusal> {
    match (act, standing, tie) {
        // P-01, P-02: presence first, then the role where the policy asks for one.
        (Action::Call, Membership::Inside(role), _) => match (may_call, role) {
            (MayCall::Anyone, _) | (MayCall::Admins, Role::Owner | Role::Admin) => Ok(()),
            (MayCall::Admins, Role::Participant) => Err(Refusal::NeedAdminToCall),
        },
        (Action::Call, Membership::Backend | Membership::Outside(_), _) => {
            Err(Refusal::CallerNotInRoom)
        }
        // P-04: authorship or being called, never presence.
        (Action::Cancel, Membership::Inside(_) | Membership::Outside(_), CallRelation::Caller)
        | (
            Action::Answer | Action::Receive,
            Membership::Inside(_) | Membership::Outside(_),
            CallRelation::Callee,
        ) => Ok(()),
        (Action::Cancel | Action::Answer | Action::Receive, _, _) => Err(Refusal::NotYours),
        // P-03: the role, never presence.
        (
            Action::Revoke,
            Membership::Backend
            | Membership::Inside(Role::Owner | Role::Admin)
            | Membership::Outside(Role::Owner | Role::Admin),
            _,
        ) => Ok(()),
        (Action::Revoke, _, _) => Err(Refusal::NeedAdminToRevoke),
        // P-05
        (Action::Read, Membership::Backend | Membership::Inside(_), _)
        | (Action::Read, Membership::Outside(_), CallRelation::Callee) => Ok(()),
        (Action::Read, Membership::Outside(_), CallRelation::Caller | CallRelation::Stranger) => {
            Err(Refusal::MayNotRead)
        }
        // P-10
        (Action::ActForUsers, Membership::Backend, _) => Ok(()),
        (Action::ActForUsers, Membership::Inside(_) | Membership::Outside(_), _) => {
            Err(Refusal::BackendOnly)
        }
        // P-01, P-02: whatever the role is, since the backend asks.
        (Action::BeNamedCaller, Membership::Inside(_), _) => Ok(()),
        (Action::BeNamedCaller, Membership::Backend | Membership::Outside(_), _) => {
            Err(Refusal::CallerNotInRoom)
        }
    }
}
