//! Events by name, and whom they are for.

use alloc::string::String;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Audience;
use super::form::{Backend, OrBackend, nullable};
use crate::{CallRejectionReason, CallStatus, Rule};

/// One event for one audience.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Effect<S = String> {
    /// Whom to notify (O-02).
    pub to: Audience<S>,
    /// What.
    pub event: Event<S>,
    /// By which rule.
    pub because: Rule,
}

impl<S> Effect<S> {
    /// Whether a push is to wake the devices that are not connected: a new attempt rings (C-01).
    pub const fn wakes(&self) -> bool {
        matches!(self.event, Event::CallReceived { .. })
    }
}

/// A call by name, as an event describes it.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(from = "About<S>")]
pub struct NamedCall<S = String> {
    /// Into which room.
    pub room: S,
    /// Who called.
    pub caller: S,
    /// Who is called.
    pub callee: S,
    /// The status after what happened.
    pub status: CallStatus,
    /// The attempt.
    pub attempt: u64,
}

/// An event by name; see [`crate::Event`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with one event")]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: Deserialize<'de>"))]
#[non_exhaustive]
pub enum Event<S = String> {
    /// Ring (C-01).
    #[serde(rename = "onCallReceived", with = "received")]
    CallReceived {
        /// The call.
        call: NamedCall<S>,
        /// The extension text (C-11).
        extension: S,
        /// Milliseconds until the deadline; `None` for never (T-10).
        time_left: Option<u64>,
    },
    /// The caller withdrew the call, or left (E-05, F-07, F-08): told to the callee and to the
    /// caller's other devices.
    #[serde(rename = "onCallCancelled")]
    CallCancelled(NamedCall<S>),
    /// An owner, an admin or the backend ended the call (E-06).
    #[serde(rename = "onCallRevokedByAdmin", with = "revoked")]
    CallRevokedByAdmin {
        /// The call.
        call: NamedCall<S>,
        /// Who did; `None` for the backend.
        operator: Option<S>,
    },
    /// Nobody answered in time (E-04).
    #[serde(rename = "onCallTimeout")]
    CallTimeout(NamedCall<S>),
    /// A device of the callee shows the call, the first one to say so: told to the caller (C-14, P-06).
    #[serde(rename = "onCallRinging")]
    CallRinging(NamedCall<S>),
    /// The callee accepted, and did not enter the room in time: told to the caller and the room. It ends
    /// nothing, and the callee may still come (E-21).
    #[serde(rename = "onCallNotJoined")]
    CallNotJoined(NamedCall<S>),
    /// The callee accepted, or entered the room (E-01, E-07).
    #[serde(rename = "onCallAccepted")]
    CallAccepted(NamedCall<S>),
    /// The callee rejected, or is in another room (E-02, E-03).
    #[serde(rename = "onCallRejected", with = "rejected")]
    CallRejected {
        /// The call.
        call: NamedCall<S>,
        /// Which of the two.
        reason: CallRejectionReason,
    },
    /// Stop ringing: it was decided elsewhere (E-01 to E-03, E-07).
    #[serde(rename = "onCallHandledByOtherDevice", rename_all = "camelCase")]
    CallHandledByOtherDevice {
        /// The room.
        #[serde(rename = "roomID")]
        room: S,
        /// Whether the callee comes.
        is_accepted: bool,
        /// The attempt.
        attempt: u64,
        /// The device that decided; `None` if the switchboard did.
        #[serde(rename = "deviceID", deserialize_with = "nullable")]
        device: Option<S>,
    },
    /// The entry of the room's list is new or has another status (C-02).
    #[serde(rename = "onPendingCallChanged")]
    PendingCallChanged(NamedCall<S>),
    /// The entry has left the room's list (E-01, E-05 to E-07, K-02, K-03).
    #[serde(rename = "onPendingCallRemoved")]
    PendingCallRemoved(NamedCall<S>),
    /// Another device of the user has seen the entries of the call log up to this one (H-04).
    #[serde(rename = "onCallsSeen", rename_all = "camelCase")]
    CallsSeen {
        /// The number of the entry.
        up_to: u64,
    },
}

impl<S> Event<S> {
    /// The seed's name of the event, which is its tag in the wire form.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CallReceived { .. } => "onCallReceived",
            Self::CallCancelled(_) => "onCallCancelled",
            Self::CallRevokedByAdmin { .. } => "onCallRevokedByAdmin",
            Self::CallTimeout(_) => "onCallTimeout",
            Self::CallRinging(_) => "onCallRinging",
            Self::CallNotJoined(_) => "onCallNotJoined",
            Self::CallAccepted(_) => "onCallAccepted",
            Self::CallRejected { .. } => "onCallRejected",
            Self::CallHandledByOtherDevice { .. } => "onCallHandledByOtherDevice",
            Self::PendingCallChanged(_) => "onPendingCallChanged",
            Self::PendingCallRemoved(_) => "onPendingCallRemoved",
            Self::CallsSeen { .. } => "onCallsSeen",
        }
    }

    /// Which attempt it is about; 0, which none has, if it is about none.
    pub const fn attempt(&self) -> u64 {
        match self.about() {
            Some((_, attempt)) => attempt,
            None => 0,
        }
    }

    /// Which room it is about, if it is about one.
    pub fn room(&self) -> Option<&str>
    where
        S: AsRef<str>,
    {
        self.about().map(|(room, _)| room.as_ref())
    }

    /// The call that it names; `None` for one that names only its attempt, or none.
    pub const fn call(&self) -> Option<&NamedCall<S>> {
        match self {
            Self::CallReceived { call, .. }
            | Self::CallCancelled(call)
            | Self::CallRevokedByAdmin { call, .. }
            | Self::CallTimeout(call)
            | Self::CallRinging(call)
            | Self::CallNotJoined(call)
            | Self::CallAccepted(call)
            | Self::CallRejected { call, .. }
            | Self::PendingCallChanged(call)
            | Self::PendingCallRemoved(call) => Some(call),
            Self::CallHandledByOtherDevice { .. } | Self::CallsSeen { .. } => None,
        }
    }

    const fn about(&self) -> Option<(&S, u64)> {
        match self {
            Self::CallsSeen { .. } => None,
            Self::CallHandledByOtherDevice { room, attempt, .. } => Some((room, *attempt)),
            Self::CallReceived { call, .. }
            | Self::CallCancelled(call)
            | Self::CallRevokedByAdmin { call, .. }
            | Self::CallTimeout(call)
            | Self::CallRinging(call)
            | Self::CallNotJoined(call)
            | Self::CallAccepted(call)
            | Self::CallRejected { call, .. }
            | Self::PendingCallChanged(call)
            | Self::PendingCallRemoved(call) => Some((&call.room, call.attempt)),
        }
    }
}

/// A call as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct About<S> {
    #[serde(rename = "roomID")]
    room: S,
    call: RoomCall<S>,
    attempt: u64,
}

/// Who called whom (seed: `RoomCall`).
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RoomCall<S> {
    caller: S,
    callee: S,
    status: CallStatus,
}

impl<S> From<About<S>> for NamedCall<S> {
    fn from(About { room, call, attempt }: About<S>) -> Self {
        let RoomCall { caller, callee, status } = call;
        Self { room, caller, callee, status, attempt }
    }
}

impl<'a, S> From<&'a NamedCall<S>> for About<&'a S> {
    fn from(call: &'a NamedCall<S>) -> Self {
        let NamedCall { room, caller, callee, status, attempt } = call;
        Self { room, call: RoomCall { caller, callee, status: *status }, attempt: *attempt }
    }
}

impl<S: Serialize> Serialize for NamedCall<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        About::from(self).serialize(serializer)
    }
}

// The events that say more than the call: their fields are those of an `About`, and one or two.

mod received {
    use super::*;

    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Received<S> {
        #[serde(rename = "roomID")]
        room: S,
        call: RoomCall<S>,
        attempt: u64,
        extension_info: S,
        #[serde(deserialize_with = "nullable")]
        time_left: Option<u64>,
    }

    pub(super) fn serialize<S: Serialize, O: Serializer>(
        call: &NamedCall<S>,
        extension_info: &S,
        time_left: &Option<u64>,
        serializer: O,
    ) -> Result<O::Ok, O::Error> {
        let About { room, call, attempt } = call.into();
        Received { room, call, attempt, extension_info, time_left: *time_left }
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, S: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(NamedCall<S>, S, Option<u64>), D::Error> {
        let Received { room, call, attempt, extension_info, time_left } =
            Received::deserialize(deserializer)?;
        Ok((About { room, call, attempt }.into(), extension_info, time_left))
    }
}

mod revoked {
    use super::*;

    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Revoked<S> {
        #[serde(rename = "roomID")]
        room: S,
        call: RoomCall<S>,
        attempt: u64,
        operator: Operator<S>,
    }

    /// `{"user":..}` or `"backend"`.
    struct Operator<S>(Option<S>);

    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct User<S> {
        user: S,
    }

    impl<S: Serialize> Serialize for Operator<S> {
        fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
            match &self.0 {
                Some(user) => User { user }.serialize(serializer),
                None => Backend.serialize(serializer),
            }
        }
    }

    impl<'de, S: Deserialize<'de>> Deserialize<'de> for Operator<S> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let user = OrBackend::read(r#""backend" or {"user":..}"#, deserializer)?;
            Ok(Self(user.map(|User { user }| user)))
        }
    }

    pub(super) fn serialize<S: Serialize, O: Serializer>(
        call: &NamedCall<S>,
        operator: &Option<S>,
        serializer: O,
    ) -> Result<O::Ok, O::Error> {
        let (About { room, call, attempt }, operator) = (call.into(), Operator(operator.as_ref()));
        Revoked { room, call, attempt, operator }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, S: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(NamedCall<S>, Option<S>), D::Error> {
        let Revoked { room, call, attempt, operator } = Revoked::deserialize(deserializer)?;
        Ok((About { room, call, attempt }.into(), operator.0))
    }
}

mod rejected {
    use super::*;

    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Rejected<S> {
        #[serde(rename = "roomID")]
        room: S,
        call: RoomCall<S>,
        attempt: u64,
        reason: CallRejectionReason,
    }

    pub(super) fn serialize<S: Serialize, O: Serializer>(
        call: &NamedCall<S>,
        reason: &CallRejectionReason,
        serializer: O,
    ) -> Result<O::Ok, O::Error> {
        let (About { room, call, attempt }, reason) = (call.into(), *reason);
        Rejected { room, call, attempt, reason }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, S: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(NamedCall<S>, CallRejectionReason), D::Error> {
        let Rejected { room, call, attempt, reason } = Rejected::deserialize(deserializer)?;
        Ok((About { room, call, attempt }.into(), reason))
    }
}
