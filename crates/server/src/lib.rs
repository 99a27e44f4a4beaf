//! A signalling server on [`roomcall`]: WebSocket, durable, killed and recovered.
//!
//! A *partition* is a tenant: its [`log`], the [`state`] to which that leads, the [`engine`] that appends to
//! it, and the [`follower`] that reads it behind the engine, for snapshots and [`events`].
//!
//! ```text
//! devices ─▶ socket ─▶ job ─▶ engine ─▶ append ─▶ log ─▶ follower ─▶ snapshots
//!    ▲                          │    durable                 │
//!    └──── queue ◀── hub ◀── apply                           └─▶ events ─▶ webhooks, stream
//! ```
//!
//! Nothing is told before it is durable, and everything durable is an entry of the log or follows from
//! it. Where things are:
//!
//! | | modules |
//! |---|---|
//! | what outlives the process | [`log`], [`state`], [`recover`], [`token_replay`] |
//! | who is who | [`token`] |
//! | who is connected | [`hub`], its queues, and the index of rooms |
//! | what works | [`engine`], [`follower`], [`events`], and the partitions and threads of [`server`] |
//! | the network | [`listen`], [`socket`], [`http`], [`livekit`] |
//! | set-up | [`config`] |
//!
//! [`client`] is the other end, a device; [`roomcall_schema`] is the form of what they say.

pub mod admin;
pub mod allowance;
pub mod client;
pub mod clock;
pub mod close_code;
pub mod config;
mod connection;
pub mod cost;
#[cfg(test)]
mod documents;
pub mod drain;
pub mod engine;
pub mod events;
pub mod follower;
pub mod front;
pub mod http;
pub mod hub;
pub mod listen;
pub mod livekit;
pub mod log;
mod malformed;
mod members;
pub mod metrics;
pub mod observe;
pub mod one_line;
pub mod pages;
mod partition;
pub mod permit;
pub mod private_file;
pub mod progress;
pub mod queue;
pub mod recover;
pub mod redact;
mod refusal;
pub mod server;
pub mod sink;
pub mod socket;
pub mod state;
pub mod text;
mod threads;
pub mod token;
pub mod token_replay;
pub mod unknown;
