//! What other systems call the end of a call, and a push that shows none: CallKit, Android Telecom, SIP (D-27).
//!
//! The numbers are those of the systems' own headers and standards.

use super::dismissal::Dismissal;
use super::effect::ReportReason;

/// Why a call ended, for `CXProvider.reportCall(with:endedAt:reason:)` of Apple's CallKit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
pub enum CallKitReason {
    /// `CXCallEndedReason.failed`
    Failed = 1,
    /// `CXCallEndedReason.remoteEnded`
    RemoteEnded = 2,
    /// `CXCallEndedReason.unanswered`
    Unanswered = 3,
    /// `CXCallEndedReason.answeredElsewhere`
    AnsweredElsewhere = 4,
    /// `CXCallEndedReason.declinedElsewhere`
    DeclinedElsewhere = 5,
}

/// Why a call ended, for `android.telecom.DisconnectCause`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
pub enum TelecomCause {
    /// `DisconnectCause.UNKNOWN`
    Unknown = 0,
    /// `DisconnectCause.LOCAL`
    Local = 2,
    /// `DisconnectCause.REMOTE`
    Remote = 3,
    /// `DisconnectCause.CANCELED`
    Canceled = 4,
    /// `DisconnectCause.MISSED`
    Missed = 5,
    /// `DisconnectCause.REJECTED`
    Rejected = 6,
    /// `DisconnectCause.BUSY`
    Busy = 7,
    /// `DisconnectCause.ANSWERED_ELSEWHERE`
    AnsweredElsewhere = 11,
}

impl TelecomCause {
    /// The same for the Jetpack library `core-telecom`, whose `disconnect` takes only `LOCAL`,
    /// `REMOTE`, `REJECTED` and `MISSED`.
    ///
    /// ```
    /// use roomcall::handset::TelecomCause;
    /// assert_eq!(TelecomCause::AnsweredElsewhere.in_core_telecom(), TelecomCause::Remote);
    /// ```
    pub const fn in_core_telecom(self) -> Self {
        match self {
            Self::Local => Self::Local,
            Self::Missed | Self::Unknown => Self::Missed,
            Self::Rejected | Self::Busy => Self::Rejected,
            Self::Remote | Self::Canceled | Self::AnsweredElsewhere => Self::Remote,
        }
    }
}

/// How a SIP user agent of the callee would be told, or would tell: a final status or the status
/// in the `Reason` of a CANCEL (RFC 3261, RFC 3326), and the Q.850 cause.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SipReason {
    /// The SIP status.
    pub status: u16,
    /// The Q.850 cause.
    pub q850: u8,
}

impl Dismissal {
    /// The reason to report to CallKit. `None` where nothing is to be reported: the call goes on
    /// here, or the person ended it here by an action of CallKit's own (D-27).
    ///
    /// ```
    /// use roomcall::handset::{CallKitReason, Dismissal};
    /// let why = Dismissal::AnsweredElsewhere { device: Some("tablet".into()) };
    /// assert_eq!(why.callkit(), Some(CallKitReason::AnsweredElsewhere));
    /// assert_eq!(Dismissal::AnsweredHere.callkit(), None);
    /// ```
    pub const fn callkit(&self) -> Option<CallKitReason> {
        match self {
            Self::AnsweredHere | Self::RejectedHere | Self::Hidden => None,
            Self::Silenced | Self::TimedOut => Some(CallKitReason::Unanswered),
            Self::Gone | Self::SignedOut => Some(CallKitReason::Failed),
            Self::Cancelled | Self::Revoked { .. } => Some(CallKitReason::RemoteEnded),
            Self::AnsweredElsewhere { .. } => Some(CallKitReason::AnsweredElsewhere),
            Self::RejectedElsewhere { .. } | Self::InOtherRoom => {
                Some(CallKitReason::DeclinedElsewhere)
            }
        }
    }

    /// The cause for Android Telecom (D-27). A call that goes on here ends as a ring only:
    /// `LOCAL`.
    pub const fn telecom(&self) -> TelecomCause {
        match self {
            Self::AnsweredHere | Self::SignedOut => TelecomCause::Local,
            Self::RejectedHere | Self::Hidden | Self::RejectedElsewhere { .. } => {
                TelecomCause::Rejected
            }
            Self::InOtherRoom => TelecomCause::Busy,
            Self::Silenced | Self::TimedOut => TelecomCause::Missed,
            Self::Gone => TelecomCause::Unknown,
            Self::Cancelled => TelecomCause::Canceled,
            Self::Revoked { .. } => TelecomCause::Remote,
            Self::AnsweredElsewhere { .. } => TelecomCause::AnsweredElsewhere,
        }
    }

    /// The SIP status and Q.850 cause (D-27): 200/26 completed elsewhere, 603/21 declined, 600/17
    /// busy everywhere, 486/21 declined here alone (a 6xx would end the ring of all devices), 408/102
    /// this device's timer, 480/19 no answer, 480/20 not signed in, 487/16 withdrawn, 487/31 ended by
    /// force, 487/41 nobody knows.
    pub const fn sip(&self) -> SipReason {
        let (status, q850) = match self {
            Self::AnsweredHere => (200, 16),
            Self::AnsweredElsewhere { .. } => (200, 26),
            Self::RejectedHere | Self::RejectedElsewhere { .. } => (603, 21),
            Self::InOtherRoom => (600, 17),
            Self::Hidden => (486, 21),
            Self::SignedOut => (480, 20),
            Self::Silenced => (408, 102),
            Self::TimedOut => (480, 19),
            Self::Cancelled => (487, 16),
            Self::Revoked { .. } => (487, 31),
            Self::Gone => (487, 41),
        };
        SipReason { status, q850 }
    }
}

impl ReportReason {
    /// The reason with which a call is ended at once that CallKit requires for a push (D-27).
    /// `None` where the push is for a call that CallKit shows: report it again under its id.
    ///
    /// ```
    /// use roomcall::handset::{CallKitReason, Dismissal, ReportReason};
    /// let why = ReportReason::Over { ending: Dismissal::AnsweredHere };
    /// assert_eq!(why.callkit(), Some(CallKitReason::AnsweredElsewhere));
    /// assert_eq!(ReportReason::Shown.callkit(), None);
    /// ```
    pub const fn callkit(&self) -> Option<CallKitReason> {
        match self {
            Self::Shown => None,
            Self::NotThisUser | Self::Passed | Self::SignedOut => Some(CallKitReason::Failed),
            Self::Silenced | Self::TooMany => Some(CallKitReason::Unanswered),
            // To CallKit it is another call than the one that was answered or rejected here.
            Self::InRoom | Self::Over { ending: Dismissal::AnsweredHere } => {
                Some(CallKitReason::AnsweredElsewhere)
            }
            Self::Hidden | Self::Over { ending: Dismissal::RejectedHere | Dismissal::Hidden } => {
                Some(CallKitReason::DeclinedElsewhere)
            }
            Self::Over { ending } => ending.callkit(),
        }
    }

    /// The same for Android Telecom (D-27).
    pub const fn telecom(&self) -> Option<TelecomCause> {
        match self {
            Self::Shown => None,
            Self::NotThisUser | Self::Passed | Self::SignedOut => Some(TelecomCause::Unknown),
            Self::Hidden => Some(TelecomCause::Rejected),
            Self::Silenced | Self::TooMany => Some(TelecomCause::Missed),
            Self::InRoom => Some(TelecomCause::Local),
            Self::Over { ending } => Some(ending.telecom()),
        }
    }
}
