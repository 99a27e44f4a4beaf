//! Rings people into a live room on all their devices: a deterministic state machine with
//! [numbered rules](Rule).
//!
//! A participant of a room *calls* users who are outside it. All devices of a callee ring, one
//! answers, and the others stop. This crate decides who rings, who won, and who is notified. It does
//! no I/O: its host brings inputs and the time, and delivers what comes of them. Equal inputs make
//! equal states and outputs on every machine.
//!
//! # Three layers
//!
//! * [`switchboard`]: the authority. A [`Switchboard`](switchboard::Switchboard) takes one input at
//!   a time and returns one complete outcome: the answer, and the effects with their audiences.
//! * [`handset`]: one signed-in device. A [`Handset`](handset::Handset) takes what the switchboard
//!   sends and what a person taps, and says what the screen shows and what is sent.
//! * [`protocol`]: what passes between the two, by name, and its JSON. [`journal`] is a log of it.
//!
//! Any number of handsets and one switchboard, joined by a network that drops, duplicates, reorders
//! and delays, end in agreement.
//!
//! # By handle
//!
//! The types at the root of the crate speak in handles: small `Copy` values that stand for names. A
//! host resolves names once, when a device connects, and then allocates nothing for an input.
//!
//! ```
//! use roomcall::switchboard::Switchboard;
//! use roomcall::{
//!     Actor, Audience, Command, EndingKind, Event, Fact, Input, Limits, Policy, Tick, Timeout,
//! };
//!
//! let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
//! let (ana, mac) = board.resolve("ana", "mac")?;
//! let (bo, tablet) = board.resolve("bo", "tablet")?;
//! let phone = board.intern_device("phone")?;
//! let room = board.intern_room("standup")?;
//! let mut apply = |millis, input: Input<'_>| board.apply(Tick::from_millis(millis), input);
//! let ask = |user, device, command| {
//!     Input::Ask { by: Actor::Device { user, device }, request_id: None, command }
//! };
//!
//! let _ = apply(0, Input::Fact(Fact::RoomOpened { room, owner: ana }));
//! let _ = apply(0, Input::Fact(Fact::user_entered(room, ana, mac)));
//!
//! let timeout = Timeout::from_seconds(30);
//! let call = Command::CallUserToRoom { room, callees: &[bo], timeout, extension: "", caller: None };
//! let ring = apply(1_000, ask(ana, mac, call)).effects[0];
//! assert_eq!(ring.to, Audience::User(bo));
//! assert_eq!(ring.event, Event::CallReceived { time_left: Some(30_000) });
//!
//! let accept = Command::AcceptCall { room, attempt: Some(ring.attempt) };
//! let effects = apply(5_000, ask(bo, tablet, accept)).effects;
//! assert_eq!(effects[0].to, Audience::OtherDevices { user: bo, than: tablet });
//! assert_eq!(effects[1].to, Audience::Device { user: ana, device: mac });
//!
//! // Who answers too late learns who won.
//! let refusal = apply(5_020, ask(bo, phone, accept)).answer.unwrap_err();
//! let ended = refusal.ended().unwrap();
//! assert_eq!((ended.how, ended.device), (EndingKind::Accepted, Some(tablet)));
//! # Ok::<(), roomcall::NameError>(())
//! ```
//!
//! # By name
//!
//! The same switchboard takes and returns names. A record is one line of a journal: an input and
//! when it arrived.
//!
//! ```
//! # #[cfg(feature = "json")] {
//! use roomcall::protocol::{Answer, Record};
//! use roomcall::switchboard::Switchboard;
//! use roomcall::{Limits, Policy};
//!
//! let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
//! let opened = r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#;
//! let query = r#"{"at":9,"by":"backend","query":{"getPendingCalls":{"roomID":"standup"}}}"#;
//! let _ = board.apply_record(&Record::read(opened)?);
//! let outcome = board.apply_record(&Record::read(query)?);
//! let (calls, next_cursor, scope) = (Vec::new(), String::new(), None);
//! let nothing = Answer::GetPendingCalls { calls, next_cursor, scope };
//! assert_eq!(outcome.answer, Some(Ok(nothing)));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! * `json` (default): the JSON of [`protocol`], [`journal`], and saved handsets.
//! * `check`: verifies the whole state after each input, and panics if an invariant is broken. For
//!   tests: it takes time in proportion to the state.
//!
//! Features add API and change no behaviour. The crate is `no_std` with `alloc` under all of them.
//!
//! # Rules
//!
//! Every effect and refusal names its [`Rule`], such as `E-09`. `spec/rules.md` in this package says
//! what each means, where it comes from and what checks it; the doc comments cite the same ids.

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
pub use domain::input::{Actor, Command, Fact, Input, Present, Role, Which};
pub use domain::limits::Limits;
pub use domain::output::{
    Answer, Audience, CalleeResult, Duplicate, Effect, Event, LogState, Operator, Scope,
    WithdrawResult,
};
pub use domain::policy::{
    Action, ActiveCalls, CallRelation, CallerLeft, InOtherRoom, MayCall, Membership, OutcomesTo,
    Policy, permits,
};
pub use domain::refusal::Refusal;
pub use domain::rule::Rule;
pub use domain::session::Session;
pub use domain::time::{Seconds, Tick, Timeout};
pub use registry::{HashKey, NameError};
pub use switchboard::Outcome;

/// The examples of the README, which are compiled and run.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
