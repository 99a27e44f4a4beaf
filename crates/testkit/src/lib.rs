//! Everything that a test of roomcall, or of a host built on it, needs besides the library.
//!
//! * [`model`]: the reference models of the switchboard and of the handset, written from the rules alone, and the functions
//!   that compare the library with them.
//! * [`strategies`]: random journals for [`proptest`], and journals made of a fuzzer's bytes.
//! * [`world`]: one switchboard, several handsets, and a network between them that drops, duplicates, reorders and delays.
//! * [`privacy`]: who may be told what, a judge of every line that reaches a connection.
//! * [`play`], [`host`]: ways to apply a journal and to look at what came of it.
//! * [`spec`]: the form in which the formal specifications speak of outcomes and states.
//! * [`repository`]: the journals and scenarios that the repository keeps.
//! * [`compat`]: the files of every version that the repository keeps.
//! * [`conformance`]: cases for implementations in other languages, and their runner.
//! * [`dice`]: chance from a seed.
//! * [`forge`]: snapshots that are damaged and look whole.
//!
//! The crate has no I/O but for [`repository`], [`compat`] and [`conformance`], and the same seed gives the same run on every machine.
#![cfg_attr(feature = "strategies", doc = "\n```")]
#![cfg_attr(not(feature = "strategies"), doc = "\n```ignore")]
//! use roomcall_testkit::world;
//!
//! let seen = world::play_seed(7).expect("every device agrees with the switchboard");
//! assert!(!seen.is_empty());
//! ```
#![allow(
    clippy::manual_is_multiple_of,
    reason = "the oldest supported compiler has no `is_multiple_of`"
)]

#[cfg(feature = "repository")]
pub mod compat;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod dice;
#[cfg(feature = "strategies")]
pub mod forge;
#[cfg(feature = "strategies")]
pub mod host;
#[cfg(feature = "strategies")]
pub mod model;
#[cfg(feature = "strategies")]
pub mod play;
#[cfg(feature = "strategies")]
pub mod privacy;
#[cfg(feature = "repository")]
pub mod repository;
#[cfg(feature = "repository")]
pub mod spec;
#[cfg(feature = "strategies")]
pub mod strategies;
#[cfg(feature = "strategies")]
pub mod world;
