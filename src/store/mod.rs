//! Storage: where the state lies, and nothing of what it means.
//!
//! Records lie in arenas and are known by their positions. Lists run through the records
//! themselves, names and timeouts are found by hash, and what is given back is used again, so that
//! a steady state allocates nothing. Nothing here decides anything: the rules are in `server`.

mod arena;
mod chain;
mod chunks;
mod index;
mod key;
mod texts;

pub(crate) use arena::{Arena, Record};
pub(crate) use chain::{Chain, Lanes, Links, Walk};
pub(crate) use chunks::Chunks;
pub(crate) use index::Index;
pub use key::HashKey;
pub(crate) use key::{Checksum, Short};
pub(crate) use texts::Texts;

/// The position of no record.
pub(crate) const NONE: u32 = u32::MAX;
