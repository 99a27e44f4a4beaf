//! Each law of the observer, by a log that violates it and nothing else; and that its memory is bounded.
#![allow(clippy::unwrap_used, reason = "a test that goes wrong should stop")]

mod erasure;
mod laws;
mod memory;
