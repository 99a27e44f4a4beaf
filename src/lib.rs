#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod collections;
mod domain;
mod registry;

pub mod handset;
pub mod protocol;
pub mod switchboard;

#[cfg(feature = "json")]
pub mod journal;

pub use domain::call::{CallRejectionReason, CallResult, CallStatus, Ending, EndingKind, RoomCall};
pub use domain::id::{Attempt, DeviceId, RoomId, UserId};
pub use domain::input::{Actor, Command, Fact, Input, Role};
pub use domain::limits::Limits;
pub use domain::output::{
    Answer, Audience, CalleeResult, Duplicate, Effect, Event, Operator, WithdrawResult,
};
pub use domain::policy::{
    Action, ActiveCalls, CallRelation, CallerLeft, InOtherRoom, MayCall, Membership, OutcomesTo,
    Policy, permits,
};
pub use domain::refusal::Refusal;
pub use domain::rule::Rule;
pub use domain::time::{Seconds, Tick, Timeout};
pub use registry::{HashKey, NameError};
pub use switchboard::Outcome;
