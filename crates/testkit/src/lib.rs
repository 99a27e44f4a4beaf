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
//! * [`dice`]: chance from a seed.
//! * [`forge`]: snapshots that are damaged and look whole.
//!
//! The crate has no I/O but for [`repository`] and [`compat`], and the same seed gives the same run on every machine.
//!
//! ```
//! use roomcall_testkit::world;
//!
//! let seen = world::play_seed(7).expect("every device agrees with the switchboard");
//! assert!(!seen.is_empty());
//! ```
#![allow(
    clippy::manual_is_multiple_of,
    reason = "the oldest supported compiler has no `is_multiple_of`"
)]

pub mod compat;
pub mod dice;
pub mod forge;
pub mod host;
pub mod model;
pub mod play;
pub mod privacy;
pub mod repository;
pub mod spec;
pub mod strategies;
pub mod world;
