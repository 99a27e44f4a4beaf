//! A signalling server on [`roomcall`]: WebSocket, durable, killed and recovered.
//!
//! [`engine`] is the one task that owns the switchboard; [`store`] is what outlives the process;
//! [`listen`] is who comes over the network, [`http`] and [`socket`] are what they can do, and [`hub`]
//! is who is connected; [`client`] is the other end: a device; [`livekit`] is a room server whose webhooks are
//! facts; [`schema`] is the form of what they say.

pub mod admin;
pub mod allowance;
pub mod client;
pub mod clock;
pub mod close_code;
pub mod config;
mod connection;
pub mod drain;
pub mod engine;
pub mod events;
pub mod follower;
pub mod http;
pub mod hub;
pub mod listen;
pub mod livekit;
pub mod log;
mod malformed;
mod members;
pub mod metrics;
pub mod one_line;
mod partition;
pub mod permit;
pub mod private_file;
mod progress;
mod queue;
pub mod recover;
pub mod redact;
pub mod schema;
pub mod server;
pub mod socket;
pub mod state;
mod text;
mod threads;
pub mod token;
pub mod token_replay;
pub mod unknown;
