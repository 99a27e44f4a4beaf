//! Why a call is not on the screen: endings as this device sees them (D-04, D-05).

use alloc::string::String;

use crate::EndingKind;
use crate::protocol::Ending;

/// Why a call is not on the screen: an ending as this device sees it, or that none is known.
///
/// The order of the variants is that in which one overrides another, lowest first (D-04).
#[derive(
    Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
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
        /// By which user; `None` for the backend.
        operator: Option<String>,
    },
    /// The switchboard rejected it, as the user is in another room.
    InOtherRoom,
    /// Another device of the user rejected it.
    RejectedElsewhere {
        /// Which device, if the switchboard names it.
        #[serde(rename = "deviceID")]
        device: Option<String>,
    },
    /// Another device of the user accepted it, or entered the room.
    AnsweredElsewhere {
        /// Which device, if the switchboard names it.
        #[serde(rename = "deviceID")]
        device: Option<String>,
    },
    /// This device rejected it.
    RejectedHere,
    /// This device accepted it, or is in the room.
    AnsweredHere,
}

impl Dismissal {
    /// An ending as the device `here` sees it (D-05).
    pub(super) fn of(ending: Ending, here: &str) -> Self {
        let Ending { how, user, device, attempt: _ } = ending;
        match how {
            EndingKind::Accepted | EndingKind::Entered => Self::handled(true, device, here),
            EndingKind::Rejected if device.is_none() => Self::RejectedElsewhere { device },
            EndingKind::Rejected => Self::handled(false, device, here),
            EndingKind::InOtherRoom => Self::InOtherRoom,
            EndingKind::TimedOut => Self::TimedOut,
            EndingKind::Cancelled => Self::Cancelled,
            EndingKind::Revoked => Self::Revoked { operator: user },
        }
    }

    /// `onCallHandledByOtherDevice` as the device `here` sees it: the echo of its own answer is
    /// not another device's (D-05).
    pub(super) fn handled(is_accepted: bool, device: Option<String>, here: &str) -> Self {
        let is_here = device.as_deref() == Some(here);
        match (is_accepted, device) {
            (true, _) if is_here => Self::AnsweredHere,
            (false, _) if is_here => Self::RejectedHere,
            (true, device) => Self::AnsweredElsewhere { device },
            (false, None) => Self::InOtherRoom,
            (false, device) => Self::RejectedElsewhere { device },
        }
    }
}
