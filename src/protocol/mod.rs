//! The vocabulary by name: what crosses the wire between a switchboard and its devices, version 1
//! (rules J).
//!
//! A switchboard has handles for names; a device, which knows a few names and whose host has them
//! as text, speaks in these. Every type is generic over its text:
//!
//! * `Record` and the like, which are `Record<String>`, own it;
//! * `Outcome<&str>` is what a switchboard gives out of its own memory, to be written at once;
//! * `Record<Text>` is what is read without being copied: a [`Text`] borrows from the line.
//!
//! A device may meet an event or an answer that came after it was built, so [`Event`] and [`Answer`] are
//! non-exhaustive. The inputs are not: who checks or stores them has to decide about each kind.
//!
//! The types of other text become owned ones by `into_owned`. Each has its JSON as its `serde`
//! form. [`Record::read`], [`Frame::read`], [`Output::read`] and [`read`] are stricter than
//! `serde_json` alone, which takes an array of fields for an object (J-02).

mod answer;
mod audience;
mod call_log;
mod event;
mod fact;
mod form;
mod input;
mod lines;
mod live_call;
mod map;
mod my_calls;
mod output;
mod refused;
mod request;
mod rules_change;
#[cfg(feature = "json")]
mod strict;
mod text;

#[cfg(all(test, feature = "json"))]
mod tests;

#[cfg(feature = "json")]
pub(crate) use lines::{split_line, without_return};
#[cfg(feature = "json")]
pub(crate) use strict::{LISTS, array_for_object, array_found, read_lists};

pub use crate::{LogState, Scope, WithdrawResult as Withdrawn};
pub use answer::{
    Answer, EndedCall, Ending, Endings, ExceededLimit, FactAnswer, LimitName, PendingCall,
};
pub use audience::Audience;
pub use call_log::{CallLog, LogEntry, LoggedCall};
pub use event::{Effect, Event, NamedCall};
pub use fact::{Fact, Present};
pub use input::{Actor, Input, Record};
pub use lines::lines;
pub use live_call::LiveCall;
pub use my_calls::{MyCalls, MyEnding};
pub use output::{Body, Outcome, Output, Reply};
pub use refused::Refused;
pub use request::{Command, Frame, Query, Request};
pub use rules_change::{LimitsChange, PolicyChange};
#[cfg(feature = "json")]
pub use strict::{FrameError, read};
pub use text::Text;
