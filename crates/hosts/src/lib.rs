//! Two minimal hosts of `roomcall`, to copy from. Each is one file.
//!
//! * [`channels`]: a task owns the switchboard, and other tasks of the process speak to it in handles.
//! * [`lines`]: a server that speaks JSON lines over TCP, by name; [`device`]: a handset that speaks to it.
//!
//! Neither authenticates anybody, and neither has a journal: the package `roomcall-server` does both.

pub mod channels;
pub mod device;
pub mod lines;
