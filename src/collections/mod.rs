//! Storage that the state is built from: records at stable positions, intrusive lists through
//! them, queues of deadlines, and texts.
//!
//! A crate for each of these exists; none of them has lists whose links are in records that are in
//! several lists at once, and that allocate nothing in a steady state.

mod list;
mod slab;
mod texts;
mod timers;

pub(crate) use list::{Linked, Links, List, linked};
pub(crate) use slab::{NONE, Slab, index};
pub(crate) use texts::{TextId, Texts};
pub(crate) use timers::{Deadline, Timed, Timers};
