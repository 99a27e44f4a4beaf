//! What the program can do, a module for each.

use std::io;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use roomcall_cluster::log::broker;
use roomcall_server::config::{ConfigError, Settings};
use roomcall_server::one_line::OneLine;
use roomcall_server::redact::show_ids;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

pub(crate) mod gateway;
pub(crate) mod processor;
pub(crate) mod relocate;

/// How a command ends: with an exit code, or with why it could not be done.
pub(crate) type Done = Result<std::process::ExitCode, Box<dyn std::error::Error>>;

/// What all commands that serve have in common.
#[derive(clap::Args, Debug)]
pub(crate) struct Common {
    /// The servers of NATS
    #[arg(long, env = "ROOMCALL_NATS", value_name = "URL", value_delimiter = ',', required = true)]
    pub(crate) nats: Vec<String>,
    /// A file with the same settings as those of roomcall-server
    #[arg(long, env = "ROOMCALL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// What is logged: error, warn, info, debug, or by module like info,roomcall_cluster=debug
    #[arg(long, env = "ROOMCALL_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    /// Log as JSON, a line each
    #[arg(long, env = "ROOMCALL_LOG_JSON", value_parser = BoolishValueParser::new())]
    log_json: bool,
    /// Log ids of people as they are, and not as meaningless words
    #[arg(long, env = "ROOMCALL_LOG_IDS", value_parser = BoolishValueParser::new())]
    log_ids: bool,
}

impl Common {
    /// Begins to log.
    pub(crate) fn begin_log(&self) -> Result<(), String> {
        let filter =
            EnvFilter::try_new(&self.log).map_err(|why| format!("--log {}: {why}", self.log))?;
        let log =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| OneLine(io::stderr()));
        if self.log_json {
            log.json().init()
        } else {
            log.init()
        }
        if self.log_ids {
            show_ids();
        }
        Ok(())
    }

    /// What flags, variables and the file say, in this order of weight.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        let of_file = self.config.as_deref().map(Settings::of_file).transpose()?;
        let given = self.settings.clone().or(Settings::secret_of_env());
        Ok(given.or(of_file.unwrap_or_default()))
    }

    /// Where NATS is.
    pub(crate) fn broker(&self, monitors: Vec<String>) -> broker::Settings {
        broker::Settings::new(self.nats.clone(), monitors)
    }
}

/// Ends when the process is told to stop.
pub(crate) fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let (mut stop, mut end) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = stop.recv() => {} _ = end.recv() => {} }
        tracing::info!("stopping");
    })
}
