//! What the program can do, a module for each.

pub(crate) mod inspect;
pub(crate) mod keys;
pub(crate) mod load;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod secret;
pub(crate) mod serve;
mod signing;
pub(crate) mod tour;

/// How a command ends: with an exit code, or with why it could not be done.
pub(crate) type Done = Result<std::process::ExitCode, Box<dyn std::error::Error>>;
