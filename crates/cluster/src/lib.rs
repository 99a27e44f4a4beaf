//! roomcall beyond one machine: the engine of [`roomcall_server`] on a log in NATS JetStream.

pub mod gateway;
pub mod log;
pub mod processor;
pub mod wire;
