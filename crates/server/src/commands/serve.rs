//! `serve`: a server until it is told to stop.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::BoolishValueParser;
use roomcall_server::admin::{AdminToken, Reload};
use roomcall_server::config::{ConfigError, Settings};
use roomcall_server::drain::Drain;
use roomcall_server::one_line::OneLine;
use roomcall_server::redact::show_ids;
use roomcall_server::server::Server;
use roomcall_server::token::Tenants;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

use super::Done;

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A file with the same settings: `message-bytes = 8192`, a line each, and tables `[policy]` and
    /// `[limits]` with the names of the wire form
    #[arg(long, env = "ROOMCALL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// What is logged: error, warn, info, debug, or by module like info,roomcall_server=debug
    #[arg(long, env = "ROOMCALL_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    /// Log as JSON, a line each
    #[arg(long, env = "ROOMCALL_LOG_JSON", value_parser = BoolishValueParser::new())]
    log_json: bool,
    /// Log ids of people as they are, and not as meaningless words
    #[arg(long, env = "ROOMCALL_LOG_IDS", value_parser = BoolishValueParser::new())]
    log_ids: bool,
}

pub(crate) fn run(args: Args) -> Done {
    let filter =
        EnvFilter::try_new(&args.log).map_err(|why| format!("--log {}: {why}", args.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| OneLine(std::io::stderr()));
    if args.log_json {
        log.json().init()
    } else {
        log.init()
    }
    if args.log_ids {
        show_ids();
    }
    let given = args.settings.or(Settings::secret_of_env());
    let settings = given.clone().or(of_file(args.config.as_deref())?);
    let tenants = Arc::new(settings.tenants()?);
    let mut parts = settings.parts(tenants.clone())?;
    let (asks, asked) = mpsc::channel(1);
    parts.admin = settings.admin(asks)?;
    let admin_token = parts.admin.as_ref().map(|it| it.token.clone());
    let files = rlimit::increase_nofile_limit(u64::MAX)?;
    if let Some(devices) = parts.fit(files)? {
        tracing::warn!(
            files,
            devices,
            "a process may have too few files open here for all connections: raise the limit \
             (ulimit -Hn), or set --connections"
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let changed = signal(SignalKind::hangup())?;
        let server = Server::start(parts).await?;
        let config = Configuration { given, file: args.config, settings };
        tokio::spawn(reload(Reloaded { config, tenants, admin_token }, changed, asked));
        let stop = stop(server.drain())?;
        if let Some(address) = server.admin_address {
            tracing::info!(%address, "administration");
        }
        notify(NotifyState::Ready);
        // Who started it may wait for this line.
        println!("listening on {}", server.address);
        let drain = server.drain();
        tokio::spawn(async move {
            drain.begins().await;
            notify(NotifyState::Stopping);
        });
        server.run(stop).await?;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    })
}

/// Tells the service manager, if there is one.
fn notify(state: NotifyState<'_>) {
    if let Err(why) = sd_notify::notify(&[state]) {
        tracing::warn!(%why, "the service manager cannot be told how far it is");
    }
}

/// When the server is to stop at once: the first SIGTERM only begins to drain it.
fn stop(drain: Drain) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut stop, mut end) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        let ends = async {
            end.recv().await;
            drain.begin();
            end.recv().await;
        };
        tokio::select! { _ = stop.recv() => {} () = ends => {} }
        tracing::info!("stopping at once");
    })
}

fn of_file(config: Option<&Path>) -> Result<Settings, ConfigError> {
    Ok(config.map(Settings::of_file).transpose()?.unwrap_or_default())
}

/// Where the settings come from.
struct Configuration {
    /// Flags and variables, which stay.
    given: Settings,
    file: Option<PathBuf>,
    /// Those that the server was started with.
    settings: Settings,
}

impl Configuration {
    /// The names of the settings that are different now.
    fn changed(&self) -> Result<Vec<String>, ConfigError> {
        let now = self.given.clone().or(of_file(self.file.as_deref())?);
        Ok(self.settings.changed(&now))
    }
}

/// What is read again.
struct Reloaded {
    config: Configuration,
    tenants: Arc<Tenants>,
    admin_token: Option<Arc<AdminToken>>,
}

impl Reloaded {
    /// Gives the settings that have changed and need a restart.
    fn reload(&self) -> Result<Vec<String>, String> {
        let need_restart = self.config.changed().map_err(|why| why.to_string())?;
        // Read first, so that all of it is taken or none.
        let token = self.admin_token.as_ref().map(|it| it.read().map(|new| (it, new)));
        let token = token.transpose().map_err(|why| why.to_string())?;
        self.tenants.reload().map_err(|why| why.to_string())?;
        if let Some((token, new)) = token {
            token.take(new);
        }
        Ok(need_restart)
    }
}

/// Reads the file of settings, keys and the admin token again whenever it is told to.
async fn reload(what: Reloaded, mut changed: Signal, mut asked: mpsc::Receiver<Reload>) {
    loop {
        let answer = tokio::select! {
            Some(()) = changed.recv() => None,
            Some(answer) = asked.recv() => Some(answer),
            else => return,
        };
        let done = what.reload();
        match &done {
            Ok(need_restart) if need_restart.is_empty() => {
                tracing::info!("the keys were read again");
            }
            Ok(need_restart) => {
                let settings = need_restart.join(", ");
                tracing::warn!(
                    settings,
                    "the keys were read again, and other settings have changed that need a restart"
                );
            }
            Err(why) => tracing::error!(%why, "the keys are those from before"),
        }
        if let Some(answer) = answer {
            // Who does not wait any more can read it in the log.
            let _ = answer.send(done);
        }
    }
}
