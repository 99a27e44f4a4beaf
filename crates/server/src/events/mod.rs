//! What happened to calls, for the application's backend.
//!
//! [`mod@derive`] makes an [`event`] of each thing that the switchboard says.

pub mod derive;
pub mod event;
