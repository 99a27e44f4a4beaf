//! The reference models, and what compares the library with them.

mod compare;
pub mod handset;
pub mod switchboard;

pub use compare::{compare_handset, compare_switchboard};
