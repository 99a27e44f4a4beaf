//! What happened to calls, for the application's backend.
//!
//! [`mod@derive`] makes an [`event`] of each thing that the switchboard says; [`store`] keeps events until all
//! have read them, or for a day; [`webhook`] sends them to endpoints, signed by [`signature`] and with what
//! [`push`] makes for phones that are not connected; [`stream`] is the same for a backend that asks.
//! [`receiver`] is the other end, for tests and to try it.

pub mod deliveries;
pub mod derive;
pub mod event;
pub mod push;
pub mod receiver;
pub mod sending;
pub mod signature;
pub mod store;
pub mod stream;
pub mod webhook;
