//! The vocabulary by name: what crosses the wire between a switchboard and its devices.
//!
//! A switchboard has handles for names; a device, which knows a few names and whose host has them
//! as text, speaks in these.

mod input;
mod output;

pub use input::{Actor, Command, Entry, Fact, Line, Query};
pub use output::{
    Answer, Body, Effect, EndedBy, EndedCall, Endings, Event, IncomingCall, NamedCall, Output,
    PendingCall, Refused, Reply, To, Turn, Withdrawn,
};
