//! The server over real sockets: in this process, and as a child process that is killed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say how far they are")]

mod admin;
mod bounds;
mod child;
mod client;
mod clocks;
mod drain;
mod facts;
mod flags;
mod http;
mod journal;
mod keys;
mod kills;
mod library;
mod livekit;
mod looking;
mod lost_state;
mod many;
mod misbehaviour;
mod permissions;
mod reconnects;
mod revocations;
mod rig;
mod ringing;
mod same_as_switchboard;
mod schema;
mod service;
mod stores;
mod tenants;
mod tokens;
mod unauthenticated;
mod walk;
