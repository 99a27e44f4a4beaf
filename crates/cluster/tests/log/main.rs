//! The log in a broker: `cargo xtask setup` installs its servers, which are child processes here.
//!
//! `ROOMCALL_LONG=1` has the suite played on three servers, with all faults, too: minutes.
#![allow(clippy::print_stdout, reason = "tests say how far they are")]

mod claims;
mod refusals;
mod rig;
mod suite;
