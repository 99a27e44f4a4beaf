//! Whom an effect is for, by name.

use alloc::string::String;

use serde::{Deserialize, Serialize, Serializer};

use super::form::present;

/// An audience by name; see [`crate::Audience`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "To<S>")]
pub enum Audience<S = String> {
    /// All signed-in devices of a user.
    User(S),
    /// One device of a user.
    Device {
        /// The user.
        user: S,
        /// The device.
        device: S,
    },
    /// All signed-in devices of a user but one.
    OtherDevices {
        /// The user.
        user: S,
        /// The device that is not notified: it acted.
        than: S,
    },
    /// All devices of everyone in a room.
    Room(S),
}

/// An audience as the object that it is in JSON.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
struct To<S> {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    user: Option<S>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    device: Option<S>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    except_device: Option<S>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    room: Option<S>,
}

impl<S> TryFrom<To<S>> for Audience<S> {
    type Error = &'static str;

    fn try_from(to: To<S>) -> Result<Self, &'static str> {
        match (to.user, to.device, to.except_device, to.room) {
            (Some(user), None, None, None) => Ok(Self::User(user)),
            (Some(user), Some(device), None, None) => Ok(Self::Device { user, device }),
            (Some(user), None, Some(than), None) => Ok(Self::OtherDevices { user, than }),
            (None, None, None, Some(room)) => Ok(Self::Room(room)),
            _ => Err(
                "expected one of `user`, `user` and `device`, `user` and `exceptDevice`, `room`",
            ),
        }
    }
}

impl<S: Serialize> Serialize for Audience<S> {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        let nobody = To { user: None, device: None, except_device: None, room: None };
        match self {
            Self::User(user) => To { user: Some(user), ..nobody },
            Self::Device { user, device } => {
                To { user: Some(user), device: Some(device), ..nobody }
            }
            Self::OtherDevices { user, than } => {
                To { user: Some(user), except_device: Some(than), ..nobody }
            }
            Self::Room(room) => To { room: Some(room), ..nobody },
        }
        .serialize(serializer)
    }
}
