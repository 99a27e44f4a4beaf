#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod call;
mod id;
mod input;
mod limits;
mod names;
mod output;
mod policy;
mod refusal;
mod rule;
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
pub use output::{Again, Answer, Audience, Effect, Event, Operator, Step, WithdrawResult};
pub use policy::{
    Act, ActiveCalls, CallerLeft, InOtherRoom, MayCall, OutcomesTo, Policy, Standing, Tie, permits,
};
pub use refusal::Refusal;
pub use rule::Rule;
pub use time::{Seconds, Tick, Timeout};
