//! What the program can do, a module for each.

pub(crate) mod admin;
pub(crate) mod inspect;
pub(crate) mod keys;
pub(crate) mod load;
pub(crate) mod receiver;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod secret;
pub(crate) mod serve;
mod signing;
pub(crate) mod tour;
pub(crate) mod trial;
pub(crate) mod upgrade;

/// How a command ends: with an exit code, or with why it could not be done.
pub(crate) type Done = Result<std::process::ExitCode, Box<dyn std::error::Error>>;

/// Waits for what looks at a store.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(future))
}

/// The log of a tenant in a store that is looked at.
#[derive(clap::Args, Debug)]
pub(crate) struct LogArgs {
    /// The directory of the store; it is not written, and no server may have it open
    pub(crate) store: std::path::PathBuf,
    /// Whose log
    #[arg(long, value_name = "NAME", default_value = roomcall_server::server::TENANT)]
    pub(crate) tenant: String,
}
