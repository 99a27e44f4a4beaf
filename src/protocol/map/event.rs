//! Events and whom they are for, with each text made into another.

use alloc::string::String;

use crate::protocol::{Audience, Effect, Event, NamedCall};

impl<S> Effect<S> {
    /// The effect with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Effect<T> {
        Effect { to: self.to.map(text), event: self.event.map(text), because: self.because }
    }

    /// The effect that owns its text.
    pub fn into_owned(self) -> Effect
    where
        S: Into<String>,
    {
        self.map(Into::into)
    }
}

impl<S> Audience<S> {
    /// The audience with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T) -> Audience<T> {
        match self {
            Self::User(user) => Audience::User(text(user)),
            Self::Device { user, device } => {
                Audience::Device { user: text(user), device: text(device) }
            }
            Self::OtherDevices { user, than } => {
                Audience::OtherDevices { user: text(user), than: text(than) }
            }
            Self::Room(room) => Audience::Room(text(room)),
        }
    }
}

impl<S> NamedCall<S> {
    /// The call with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T) -> NamedCall<T> {
        let Self { room, caller, callee, status, attempt } = self;
        let (room, caller, callee) = (text(room), text(caller), text(callee));
        NamedCall { room, caller, callee, status, attempt }
    }
}

impl<S> Event<S> {
    /// The event with each text made into another.
    pub fn map<T>(self, text: impl Fn(S) -> T + Copy) -> Event<T> {
        match self {
            Self::CallReceived { call, extension, time_left } => {
                Event::CallReceived { call: call.map(text), extension: text(extension), time_left }
            }
            Self::CallCancelled(call) => Event::CallCancelled(call.map(text)),
            Self::CallRevokedByAdmin { call, operator } => {
                Event::CallRevokedByAdmin { call: call.map(text), operator: operator.map(text) }
            }
            Self::CallTimeout(call) => Event::CallTimeout(call.map(text)),
            Self::CallRinging(call) => Event::CallRinging(call.map(text)),
            Self::CallNotJoined(call) => Event::CallNotJoined(call.map(text)),
            Self::CallAccepted(call) => Event::CallAccepted(call.map(text)),
            Self::CallRejected { call, reason } => {
                Event::CallRejected { call: call.map(text), reason }
            }
            Self::CallHandledByOtherDevice { room, is_accepted, attempt, device } => {
                let (room, device) = (text(room), device.map(text));
                Event::CallHandledByOtherDevice { room, is_accepted, attempt, device }
            }
            Self::PendingCallChanged(call) => Event::PendingCallChanged(call.map(text)),
            Self::PendingCallRemoved(call) => Event::PendingCallRemoved(call.map(text)),
            Self::CallsSeen { up_to } => Event::CallsSeen { up_to },
        }
    }
}
