//! The inputs of a handset.

use alloc::string::String;
use alloc::vec::Vec;

use super::Settings;
use crate::CallRejectionReason;
use crate::protocol::{Event, Reply};
#[cfg(feature = "json")]
use crate::protocol::{FrameError, LISTS, read_lists};

/// One input. When it came, by the device's own clock, is an argument of
/// [`Handset::apply`](crate::handset::Handset::apply).
///
/// ```
/// use roomcall::handset::{Input, Tap};
///
/// # #[cfg(feature = "json")] {
/// let input = Input::Tap(Tap::Accept { attempt: 7 });
/// assert_eq!(serde_json::to_string(&input).unwrap(), r#"{"tap":{"accept":{"attempt":7}}}"#);
/// # }
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Input {
    /// Nothing but time (D-02).
    Tick,
    /// An event that the switchboard addressed to this device; it may come late, twice or never.
    Notice(Event),
    /// An event that a push brought, connected or not. One that rings is answered in its step by a
    /// [`Show`](crate::handset::Effect::Show) or a [`Report`](crate::handset::Effect::Report)
    /// (D-29); another one counts as a [`Notice`](Self::Notice).
    Push {
        /// The event, as the switchboard addressed it to this user.
        event: Event,
        /// How many milliseconds ago that was, as far as the host knows; 0 if it does not.
        age: u64,
    },
    /// The answer to a request of this device; it may come late, twice or never.
    Reply(Reply),
    /// A person's action.
    Tap(Tap),
    /// The connection to the switchboard comes up or goes down. Up while it is up is a new
    /// connection (D-16).
    Link(Link),
    /// The room that this device is in now, if any (D-08).
    InRoom(Option<String>),
    /// The host could not join the room that a [`Join`](crate::handset::Effect::Join) named (D-32).
    JoinFailed,
    /// Whether something else has the device: a call of another application or of the telephone
    /// network, do not disturb. Calls do not ring then (D-31).
    Occupied(bool),
    /// Other intervals and bounds (D-34).
    ///
    /// ```
    /// use roomcall::handset::{DeviceTick, Handset, Input, Settings};
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let settings = Settings { min_ring: 500, ..Settings::DEFAULT };
    /// let _ = phone.apply(DeviceTick::START, Input::Settings(settings));
    /// assert_eq!(phone.settings().min_ring, 500);
    /// ```
    Settings(Settings),
    /// The user signed out of this device. Nothing is shown, told or sent any more (D-33).
    SignedOut,
}

#[cfg(feature = "json")]
impl Input {
    /// Reads the JSON of an input. Unlike `serde_json` alone it takes no array for an object.
    ///
    /// # Errors
    ///
    /// It is not an input.
    ///
    /// ```
    /// use roomcall::handset::{Input, Tap};
    ///
    /// let tap = Input::read(r#"{"tap":{"accept":{"attempt":7}}}"#)?;
    /// assert_eq!(tap, Input::Tap(Tap::Accept { attempt: 7 }));
    /// assert!(Input::read(r#"{"tap":{"accept":[7]}}"#).is_err());
    /// # Ok::<(), roomcall::protocol::FrameError>(())
    /// ```
    pub fn read(json: &str) -> Result<Self, FrameError> {
        read_lists(json, "an input of a handset as JSON", &LISTS)
    }
}

/// Whether there is a connection to the switchboard.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Link {
    /// There is none: nothing is sent.
    Down,
    /// There is one.
    Up,
}

/// A person's action.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Tap {
    /// Accepts a call on the screen (D-11).
    Accept {
        /// Which attempt.
        attempt: u64,
    },
    /// Rejects a call on the screen (D-11).
    Reject {
        /// Which attempt.
        attempt: u64,
        /// Why.
        reason: CallRejectionReason,
    },
    /// Silences a call on this device, which does not answer it (D-30).
    ///
    /// ```
    /// use roomcall::handset::{Effect, Handset, Input, Settings, Stage, Tap};
    /// # use roomcall::{CallStatus, handset::DeviceTick, protocol::{Event, NamedCall}};
    /// # let call = NamedCall {
    /// #     room: "standup".into(),
    /// #     caller: "ana".into(),
    /// #     callee: "bo".into(),
    /// #     status: CallStatus::Calling,
    /// #     attempt: 7,
    /// # };
    /// # let event = Event::CallReceived { call, extension: String::new(), time_left: None };
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// let _ = phone.apply(DeviceTick::START, Input::Push { event, age: 0 });
    /// let effects = phone.apply(DeviceTick::START, Input::Tap(Tap::Silence { attempt: 7 }));
    /// assert_eq!(effects, [Effect::Update { attempt: 7, stage: Stage::Waiting }]);
    /// ```
    Silence {
        /// Which attempt.
        attempt: u64,
    },
    /// Hides a call on this device, which does not answer it: it rings on elsewhere (D-30).
    RejectHere {
        /// Which attempt.
        attempt: u64,
    },
    /// Calls users into a room (D-20).
    Call {
        /// The room.
        #[serde(rename = "roomID")]
        room: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        users: Vec<String>,
        /// How long to ring, in seconds; 0 for never ending by itself.
        timeout: u32,
        /// A text for the callees, which the crate does not interpret.
        #[serde(rename = "extensionInfo")]
        extension: String,
    },
    /// Withdraws this user's calls (D-20).
    Cancel {
        /// The room.
        #[serde(rename = "roomID")]
        room: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        users: Vec<String>,
    },
    /// Ends anybody's calls, as owner or admin (D-20).
    Revoke {
        /// The room.
        #[serde(rename = "roomID")]
        room: String,
        /// The callees.
        #[serde(rename = "userIDList")]
        users: Vec<String>,
    },
    /// The person has seen the list of calls (D-36).
    ///
    /// ```
    /// use roomcall::handset::{DeviceTick, Handset, Input, Settings, Tap};
    ///
    /// let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    /// // The number of the newest entry that the host was told with `Effect::Logged`.
    /// let _ = phone.apply(DeviceTick::START, Input::Tap(Tap::MarkSeen { up_to: 17 }));
    /// ```
    MarkSeen {
        /// The number of the newest entry that was seen.
        #[serde(rename = "upTo")]
        up_to: u64,
    },
}
