//! An observer of good traffic finds nothing, and of traffic that was damaged in each of many ways it finds that.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test that goes wrong should stop")]

mod damage;
mod damages;
mod delays;
mod edits;
mod scenarios;
