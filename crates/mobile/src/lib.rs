//! The handset and the switchboard of roomcall for Swift, Kotlin and Python.
//!
//! UniFFI makes the sources of these languages of what is here. [`types`] is generated from the schema
//! and has the JSON of the library's own types, by which [`mod@convert`] carries values from one to the
//! other. What an app sees are records, and enums with fields: no JSON.
//!
//! * [`handset`]: one signed-in device.
//! * [`switchboard`]: the state machine of a server, for tests and small hosts.
//! * [`platform`]: what CallKit, Android Telecom and SIP call the end of a call.
//! * [`push`]: what a push message carries.

pub mod convert;
pub mod handset;
pub mod platform;
pub mod push;
pub mod switchboard;
#[rustfmt::skip]
pub mod types;
#[cfg(feature = "wire")]
pub mod wire;

uniffi::setup_scaffolding!();
