//! What CallKit, Android Telecom and SIP call the end of a call (D-27).

use roomcall::handset as library;

use crate::convert::convert;
use crate::types::{Dismissal, ReportReason};

/// Why a call ended, for `CXProvider.reportCall(with:endedAt:reason:)` of Apple's CallKit. The numbers are those of
/// `CXCallEndedReason`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
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

/// Why a call ended, for `android.telecom.DisconnectCause`, whose numbers these are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
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

/// How a SIP user agent of the callee would be told: a final status, or the status in the `Reason` of a
/// CANCEL, and the Q.850 cause.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct SipReason {
    /// The SIP status.
    pub status: u16,
    /// The Q.850 cause.
    pub q850: u8,
}

/// The reason to report to CallKit; none where nothing is to be reported, since the call goes on here, or the
/// person ended it here by an action of CallKit's own (D-27).
#[uniffi::export]
pub fn callkit_reason(why: Dismissal) -> Option<CallKitReason> {
    dismissal(&why).callkit().map(Into::into)
}

/// The cause for Android Telecom (D-27).
#[uniffi::export]
pub fn telecom_cause(why: Dismissal) -> TelecomCause {
    dismissal(&why).telecom().into()
}

/// The cause for the Jetpack library `core-telecom`, whose `disconnect` takes only `LOCAL`, `REMOTE`, `REJECTED` and
/// `MISSED`.
#[uniffi::export]
pub fn core_telecom_cause(cause: TelecomCause) -> TelecomCause {
    library::TelecomCause::from(cause).in_core_telecom().into()
}

/// The SIP status and the Q.850 cause (D-27).
#[uniffi::export]
pub fn sip_reason(why: Dismissal) -> SipReason {
    let library::SipReason { status, q850 } = dismissal(&why).sip();
    SipReason { status, q850 }
}

/// The reason with which a call is ended at once that CallKit requires for a push (D-27). None where the push
/// is for a call that CallKit shows: report it again under its id, and do not end it.
#[uniffi::export]
pub fn report_callkit_reason(why: ReportReason) -> Option<CallKitReason> {
    report(&why).callkit().map(Into::into)
}

/// The same for Android Telecom (D-27).
#[uniffi::export]
pub fn report_telecom_cause(why: ReportReason) -> Option<TelecomCause> {
    report(&why).telecom().map(Into::into)
}

/// A dismissal of the library. There is one for each, as the tests show.
fn dismissal(why: &Dismissal) -> library::Dismissal {
    convert(why).unwrap_or(library::Dismissal::Gone)
}

/// A reason of the library. There is one for each, as the tests show.
fn report(why: &ReportReason) -> library::ReportReason {
    convert(why).unwrap_or(library::ReportReason::Passed)
}

impl From<library::CallKitReason> for CallKitReason {
    fn from(reason: library::CallKitReason) -> Self {
        match reason {
            library::CallKitReason::Failed => Self::Failed,
            library::CallKitReason::RemoteEnded => Self::RemoteEnded,
            library::CallKitReason::Unanswered => Self::Unanswered,
            library::CallKitReason::AnsweredElsewhere => Self::AnsweredElsewhere,
            library::CallKitReason::DeclinedElsewhere => Self::DeclinedElsewhere,
        }
    }
}

impl From<library::TelecomCause> for TelecomCause {
    fn from(cause: library::TelecomCause) -> Self {
        match cause {
            library::TelecomCause::Unknown => Self::Unknown,
            library::TelecomCause::Local => Self::Local,
            library::TelecomCause::Remote => Self::Remote,
            library::TelecomCause::Canceled => Self::Canceled,
            library::TelecomCause::Missed => Self::Missed,
            library::TelecomCause::Rejected => Self::Rejected,
            library::TelecomCause::Busy => Self::Busy,
            library::TelecomCause::AnsweredElsewhere => Self::AnsweredElsewhere,
        }
    }
}

impl From<TelecomCause> for library::TelecomCause {
    fn from(cause: TelecomCause) -> Self {
        match cause {
            TelecomCause::Unknown => Self::Unknown,
            TelecomCause::Local => Self::Local,
            TelecomCause::Remote => Self::Remote,
            TelecomCause::Canceled => Self::Canceled,
            TelecomCause::Missed => Self::Missed,
            TelecomCause::Rejected => Self::Rejected,
            TelecomCause::Busy => Self::Busy,
            TelecomCause::AnsweredElsewhere => Self::AnsweredElsewhere,
        }
    }
}
