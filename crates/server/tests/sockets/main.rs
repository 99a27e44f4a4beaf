//! The server over real sockets: in this process, and as a child process that is killed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say how far they are")]

mod child;
mod client;
mod clocks;
mod flags;
mod http;
mod journal;
mod kills;
mod library;
mod looking;
mod many;
mod misbehaviour;
mod permissions;
mod reconnects;
mod rig;
mod same_as_exchange;
mod schema;
mod stores;
mod strangers;
mod tokens;

// The random journals of the library's own tests, which look for one another in the root.
#[path = "../../../../tests/it/director.rs"]
#[allow(
    dead_code,
    clippy::manual_is_multiple_of,
    reason = "of files for an older Rust only the journals are of use"
)]
mod director;
#[path = "../../../../tests/it/numbered.rs"]
#[allow(
    dead_code,
    clippy::manual_is_multiple_of,
    reason = "of files for an older Rust only the journals are of use"
)]
mod numbered;
#[path = "../../../../tests/it/play.rs"]
#[allow(
    dead_code,
    clippy::manual_is_multiple_of,
    reason = "of files for an older Rust only the journals are of use"
)]
mod play;
#[path = "../../../../tests/it/random.rs"]
#[allow(
    dead_code,
    clippy::manual_is_multiple_of,
    reason = "of files for an older Rust only the journals are of use"
)]
mod random;
