//! Why an ask or a query was refused, in order of precedence.

use crate::{Ending, EndingKind, Limits, Rule};

/// Why an ask or a query was refused. Nothing happened because of it (R-03).
///
/// Declared in order of precedence (R-01): where several apply, the first one declared is given.
/// The order is shape and limits, existence, permission, state. Existence before permission tells
/// an outsider whether a room exists; the error is the clearer for it.
///
/// Its `serde` form is for logs; what a client gets is [`protocol::Refused`](crate::protocol::Refused).
///
/// ```
/// use roomcall::Refusal;
///
/// # #[cfg(feature = "json")] {
/// let refusal = Refusal::TooManyCallees { limit: 100 };
/// assert_eq!(serde_json::to_string(&refusal).unwrap(), r#"{"tooManyCallees":{"limit":100}}"#);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The number of the request stands for another one (X-03).
    #[error("number {id} stands for another request: give this one a new one")]
    RequestIdReused {
        /// The number.
        id: u64,
    },
    /// The request may have been judged and evicted (X-04).
    #[error("number {id} has passed: {lowest} is the lowest that is taken")]
    RequestIdPassed {
        /// The number.
        id: u64,
        /// The lowest number that is accepted.
        lowest: u64,
    },
    /// The number of the request is far above the next one that is expected (X-04).
    #[error("number {id} is too high: {end} is not reached yet")]
    RequestIdTooHigh {
        /// The number.
        id: u64,
        /// All numbers accepted are below.
        end: u64,
    },
    /// A name in the request is empty or too long (L-01).
    #[error("an id is empty or longer than {limit} bytes")]
    BadName {
        /// The longest name, in bytes.
        limit: u32,
    },
    /// A handle in the request stands for no name any more (N-01).
    #[error("a handle has been forgotten: resolve the name again")]
    StaleHandle,
    /// The list of users is empty (L-02).
    #[error("the list of users is empty: name at least one")]
    EmptyList,
    /// The list of users is too long (L-03).
    #[error("the list names too many users: {limit} is the limit")]
    TooManyCallees {
        /// The most distinct users in one request.
        limit: u32,
    },
    /// The timeout is too long (L-04).
    #[error("the timeout is longer than {limit} seconds")]
    TimeoutTooLong {
        /// The longest timeout, in seconds.
        limit: u32,
    },
    /// The timeout is never, or 0 by mistake (L-05).
    #[error("the timeout is 0, and a call that rings for ever is not allowed here")]
    NeverNotAllowed,
    /// The extension text is too long (L-06).
    #[error("the extension text is longer than {limit} bytes")]
    ExtensionTooLong {
        /// The longest extension text, in bytes.
        limit: u32,
    },
    /// The page size is 0 or too large (Q-05).
    #[error("the page size is not from 1 to {limit}")]
    BadPageSize {
        /// The largest page, in calls.
        limit: u32,
    },
    /// The cursor is not one that a switchboard writes (Q-03).
    #[error("the cursor is not one that was given out: start again without one")]
    BadCursor,
    /// There is no such room, or no longer (R-02).
    #[error("there is no such room")]
    NoSuchRoom {
        /// To an accept or reject: how the call ended, if the user's call log has it.
        ended: Option<Ending>,
    },
    /// Only the backend acts for other users (P-10).
    #[error(
        "only the backend may name a caller, or see and revoke all calls of a user: leave `caller` \
         out, and ask for your own calls"
    )]
    BackendOnly,
    /// Only somebody in the room may call into it (P-01).
    #[error("the caller is not in the room")]
    CallerNotInRoom,
    /// Only the owner and admins may call here (P-02).
    #[error("only the owner and admins may call into this room")]
    NeedAdminToCall,
    /// Only the owner, admins and the backend may revoke (P-03).
    #[error("only the owner and admins may revoke a call")]
    NeedAdminToRevoke,
    /// The backend calls nobody and is called by nobody (P-04).
    #[error("the backend has no calls of its own")]
    NotYours,
    /// Only people in the room, callees and the backend may read the list (P-05).
    #[error("only people in the room and users with a call there may read its list")]
    MayNotRead,
    /// There is no call to answer, and the room remembers none (E-10).
    #[error("there is no such call to answer")]
    NoSuchCall {
        /// How it ended, if the user's call log has it.
        ended: Option<Ending>,
    },
    /// The call ended before the answer came (E-09).
    #[error("{}", .ended.how.message())]
    AlreadyHandled {
        /// The ending that won.
        ended: Ending,
    },
    /// The numbers of the switchboard are used up (L-16).
    #[error("no numbers are left for so many calls")]
    NoNumbersLeft,
    /// The room would have too many live calls, those who are expected included (L-07).
    #[error("the room would have too many live calls: {limit} is the limit")]
    RoomCallLimit {
        /// The most live calls of a room.
        limit: u32,
    },
    /// The switchboard would have too many live calls, those who are expected included (L-08).
    #[error("there would be too many live calls: {limit} is the limit")]
    CallLimit {
        /// The most live calls of a switchboard.
        limit: u32,
    },
    /// The caller has made too many calls in the last minute (L-14).
    #[error("{limit} calls a minute is the limit of a caller")]
    TooManyCalls {
        /// The most calls a minute.
        limit: u32,
        /// In how many milliseconds the same call is allowed; `None` if it names too many callees
        /// for ever.
        retry_after: Option<u64>,
    },
    /// The cursor was given out for another list, or never (Q-04).
    #[error("the cursor belongs to another list: start again without one")]
    ForeignCursor,
}

impl Refusal {
    /// The seed's numeric code.
    ///
    /// ```
    /// use roomcall::Refusal;
    /// assert_eq!(Refusal::EmptyList.code(), -1001);
    /// assert_eq!(Refusal::NoSuchRoom { ended: None }.code(), 100004);
    /// ```
    pub const fn code(&self) -> i32 {
        match self {
            Self::RequestIdReused { .. }
            | Self::RequestIdPassed { .. }
            | Self::RequestIdTooHigh { .. }
            | Self::BadName { .. }
            | Self::StaleHandle
            | Self::EmptyList
            | Self::TooManyCallees { .. }
            | Self::TimeoutTooLong { .. }
            | Self::NeverNotAllowed
            | Self::ExtensionTooLong { .. }
            | Self::BadPageSize { .. }
            | Self::BadCursor
            | Self::ForeignCursor => -1001,
            Self::NoSuchRoom { .. } => 100_004,
            Self::CallerNotInRoom | Self::MayNotRead => -2101,
            Self::NeedAdminToCall | Self::NeedAdminToRevoke => -2301,
            Self::BackendOnly | Self::NotYours => -2310,
            Self::NoSuchCall { .. } | Self::AlreadyHandled { .. } => -2311,
            Self::NoNumbersLeft
            | Self::RoomCallLimit { .. }
            | Self::CallLimit { .. }
            | Self::TooManyCalls { .. } => -2,
        }
    }

    /// The rule that refuses.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::RequestIdReused { .. } => Rule::X03,
            Self::RequestIdPassed { .. } | Self::RequestIdTooHigh { .. } => Rule::X04,
            Self::BadName { .. } => Rule::L01,
            Self::StaleHandle => Rule::N01,
            Self::EmptyList => Rule::L02,
            Self::TooManyCallees { .. } => Rule::L03,
            Self::TimeoutTooLong { .. } => Rule::L04,
            Self::NeverNotAllowed => Rule::L05,
            Self::ExtensionTooLong { .. } => Rule::L06,
            Self::BadPageSize { .. } => Rule::Q05,
            Self::BadCursor => Rule::Q03,
            Self::NoSuchRoom { .. } => Rule::R02,
            Self::BackendOnly => Rule::P10,
            Self::CallerNotInRoom => Rule::P01,
            Self::NeedAdminToCall => Rule::P02,
            Self::NeedAdminToRevoke => Rule::P03,
            Self::NotYours => Rule::P04,
            Self::MayNotRead => Rule::P05,
            Self::NoSuchCall { .. } => Rule::E10,
            Self::AlreadyHandled { .. } => Rule::E09,
            Self::NoNumbersLeft => Rule::L16,
            Self::RoomCallLimit { .. } => Rule::L07,
            Self::CallLimit { .. } => Rule::L08,
            Self::TooManyCalls { .. } => Rule::L14,
            Self::ForeignCursor => Rule::Q04,
        }
    }
}

impl Refusal {
    /// The refusal that names other limits (F-19).
    pub(crate) const fn renew(&mut self, limits: &Limits) {
        match self {
            Self::BadName { limit } => *limit = limits.id_bytes,
            Self::TooManyCallees { limit } => *limit = limits.callees,
            Self::TimeoutTooLong { limit } => *limit = limits.timeout_max,
            Self::ExtensionTooLong { limit } => *limit = limits.extension_bytes,
            Self::BadPageSize { limit } => *limit = limits.page_size,
            Self::RoomCallLimit { limit } => *limit = limits.live_calls_per_room,
            Self::CallLimit { limit } => *limit = limits.live_calls,
            Self::TooManyCalls { limit, .. } => *limit = limits.calls_per_minute,
            Self::RequestIdReused { .. }
            | Self::RequestIdPassed { .. }
            | Self::RequestIdTooHigh { .. }
            | Self::StaleHandle
            | Self::EmptyList
            | Self::NeverNotAllowed
            | Self::BadCursor
            | Self::NoSuchRoom { .. }
            | Self::BackendOnly
            | Self::CallerNotInRoom
            | Self::NeedAdminToCall
            | Self::NeedAdminToRevoke
            | Self::NotYours
            | Self::MayNotRead
            | Self::NoSuchCall { .. }
            | Self::AlreadyHandled { .. }
            | Self::NoNumbersLeft
            | Self::ForeignCursor => {}
        }
    }

    /// In how many milliseconds the same request is allowed, where that is known (L-14).
    pub const fn retry_after(&self) -> Option<u64> {
        if let Self::TooManyCalls { retry_after, .. } = self { *retry_after } else { None }
    }

    /// It is not known any more who ended the call (F-20).
    pub(crate) const fn forget_user(&mut self) {
        if let Self::AlreadyHandled { ended }
        | Self::NoSuchRoom { ended: Some(ended) }
        | Self::NoSuchCall { ended: Some(ended) } = self
        {
            (ended.user, ended.device) = (None, None);
        }
    }

    /// The ending that won, for a request that came too late (E-09, H-05).
    pub const fn ended(&self) -> Option<Ending> {
        if let Self::AlreadyHandled { ended } = self {
            Some(*ended)
        } else if let Self::NoSuchRoom { ended } | Self::NoSuchCall { ended } = self {
            *ended
        } else {
            None
        }
    }
}

impl EndingKind {
    /// What a person whose request came too late reads (E-09).
    const fn message(self) -> &'static str {
        match self {
            Self::Accepted => "the call was already answered",
            Self::Rejected => "the call was already rejected",
            Self::InOtherRoom => "the call ended because the callee is in another room",
            Self::TimedOut => "the call timed out",
            Self::Cancelled => "the caller cancelled the call",
            Self::Revoked => "the call was revoked",
            Self::Entered => "the callee is already in the room",
        }
    }
}
