#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(test)]
extern crate self as roomcall;

mod domain;
mod names;
mod protection;
mod store;

pub mod handset;
pub mod protocol;
pub mod switchboard;

#[cfg(feature = "serde")]
pub mod exchange;
#[cfg(feature = "serde")]
pub mod journal;

pub use domain::call::{CallRejectionReason, CallResult, CallStatus, Ending, EndingKind, RoomCall};
pub use domain::id::{Attempt, DeviceId, RoomId, UserId};
pub use domain::input::{Actor, Command, Fact, Input, Role};
pub use domain::limits::Limits;
pub use domain::output::{Answer, Audience, Duplicate, Effect, Event, Operator, WithdrawResult};
pub use domain::policy::{
    Action, ActiveCalls, CallRelation, CallerLeft, InOtherRoom, MayCall, Membership, OutcomesTo,
    Policy, permits,
};
pub use domain::refusal::Refusal;
pub use domain::rule::Rule;
pub use domain::time::{Seconds, Tick, Timeout};
pub use names::NameError;
pub use store::HashKey;
pub use switchboard::Outcome;

/// The exhaustive search of the integration tests, here because here a protection can be taken
/// away.
#[cfg(test)]
#[path = "../tests/it/search/mod.rs"]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    dead_code,
    reason = "a test that goes wrong should stop"
)]
mod search;
