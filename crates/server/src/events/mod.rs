//! What happened to calls, for the application's backend.
//!
//! [`mod@derive`] makes an [`event`] of each thing that the switchboard says; [`store`] keeps events until all
//! have read them, or for a day.

pub mod derive;
pub mod event;
pub mod store;
