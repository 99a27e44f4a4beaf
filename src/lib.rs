#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]

extern crate alloc;
#[cfg(test)]
extern crate self as roomcall;

mod call;
mod id;
mod input;
mod limits;
mod names;
mod output;
mod policy;
mod protection;
mod refusal;
mod rule;
mod store;
mod time;

pub mod device;
pub mod named;
pub mod server;

#[cfg(feature = "serde")]
pub mod exchange;
#[cfg(feature = "serde")]
pub mod journal;
#[cfg(feature = "serde")]
pub mod wire;

pub use call::{CallRejectionReason, CallResult, CallStatus, Ended, How, RoomCall};
pub use id::{Attempt, DeviceId, RoomId, UserId};
pub use input::{Actor, Command, Fact, Input, Role};
pub use limits::Limits;
pub use names::NameError;
pub use output::{Again, Answer, Audience, Effect, Event, Operator, WithdrawResult};
pub use policy::{
    Act, ActiveCalls, CallerLeft, InOtherRoom, MayCall, OutcomesTo, Policy, Standing, Tie, permits,
};
pub use refusal::Refusal;
pub use rule::Rule;
pub use server::Step;
pub use store::HashKey;
pub use time::{Seconds, Tick, Timeout};

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
