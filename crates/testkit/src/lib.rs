//! Everything that a test of [`roomcall`], or of a host or device built on it, needs besides the library. The rules that it
//! holds others to are those of the `roomcall` that it depends on.
//!
//! Without any feature, and with no more dependencies than the library has:
//!
//! * [`observer`]: judges the traffic of a live system by the rules, from a log or online.
//! * [`dice`]: chance from a seed, the same on every machine.
//!
//! With the feature `suite`, for whoever writes a host or a transport:
//!
//! * [`suite`]: races, random worlds and faults, played on any host that can connect, send and receive.
//!
//! With `conformance`, for whoever writes a switchboard or a handset in another language:
//!
//! * [`conformance`]: cases with what is expected, and the program `roomcall-conformance` that plays them.
//!
//! With `strategies`, for property tests in Rust; the feature `check` makes every step of a switchboard verify its state:
//!
//! * [`strategies`]: random journals and histories of devices for [`proptest`]; with `arbitrary`, out of a fuzzer's bytes.
//! * [`world`]: one switchboard, several handsets, and a network between them that drops, duplicates, reorders and delays.
//! * [`model`]: the reference models of the switchboard and of the handset, written from the rules alone, and the functions
//!   that compare the library with them.
//! * [`privacy`]: who may be told what, a judge of every line that reaches a connection.
//! * [`hosting`]: what every host does: whom an effect is for, which input a request is.
//! * [`play`], [`host`]: ways to apply a journal and to look at what came of it.
//! * [`forge`]: snapshots that are damaged and look whole.
//!
//! The feature `repository` is for the repository of `roomcall`: its files ([`repository`], [`compat`]) and the form in which its
//! specifications speak ([`spec`]).
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
#[cfg(any(feature = "strategies", feature = "suite"))]
pub mod hosting;
#[cfg(feature = "strategies")]
pub mod model;
pub mod observer;
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
#[cfg(feature = "suite")]
pub mod suite;
#[cfg(feature = "strategies")]
pub mod world;
