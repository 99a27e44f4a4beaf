//! The vocabulary by name: what crosses the wire between a switchboard and its devices.
//!
//! A switchboard has handles for names; a device, which knows a few names and whose host has them
//! as text, speaks in these.

mod input;
#[cfg(feature = "serde")]
pub(crate) mod json;
mod output;

pub use input::{Actor, Command, Fact, Input, Query, Record};
pub use output::{
    Answer, Audience, Body, Effect, EndedCall, Ending, Endings, Event, IncomingCall, NamedCall,
    Outcome, Output, PendingCall, Refused, Reply, Withdrawn,
};
