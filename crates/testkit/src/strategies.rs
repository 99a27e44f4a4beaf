//! Random journals. Every strategy is total: whatever it gives is a journal, so shrinking keeps it one.

mod backend;
#[cfg(feature = "arbitrary")]
pub mod bytes;
mod director;
pub mod handset;
pub mod journal;
mod log;
mod numbered;
mod presence;
mod recovery;
mod ringing;
mod rules_changed;

pub use numbered::numbered_journal;
pub use presence::{crowded_presence_journal, presence_journal};
pub use rules_changed::changing_journal;
