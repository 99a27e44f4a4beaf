//! `gateway`: sockets and HTTP, until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use roomcall_cluster::gateway::{Gateway, GatewayParts};
use roomcall_cluster::log::broker;
use roomcall_server::token::Tenants;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Common, Done, told_to_stop};

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The name of the gateway, which no other one has [default: a random one]
    #[arg(long, env = "ROOMCALL_GATEWAY", value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Files that a process has open besides its connections.
const OTHER_FILES: u64 = 64;

pub(crate) fn run(args: Args) -> Done {
    let Args { name, common } = args;
    common.begin_log()?;
    let settings = common.settings()?;
    let tenants = Arc::new(settings.tenants()?);
    let front = settings.front(tenants.clone())?;
    let files = rlimit::increase_nofile_limit(u64::MAX)?;
    let wanted = (front.hub.connections + front.net.unauthenticated) as u64 + OTHER_FILES;
    if files < wanted {
        tracing::warn!(
            files,
            wanted,
            "a process may have too few files open here for all connections: raise the limit \
             (ulimit -Hn), or set --connections"
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let name = name.unwrap_or_else(|| nuid::next().to_string());
        let changed = signal(SignalKind::hangup())?;
        let stop = told_to_stop()?;
        let names = tenants.iter().map(|it| it.name.clone()).collect();
        let waiting = 4 * settings.batch.unwrap_or(1_024);
        let client = broker::connect(&common.broker(Vec::new()), &name).await?;
        let parts = GatewayParts { name, client, front, tenants: names, waiting };
        let gateway = Gateway::start(parts).await?;
        tokio::spawn(reload(tenants, changed));
        // Who started it may wait for this line.
        println!("listening on {}", gateway.address);
        gateway.run(stop).await;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    })
}

/// Reads the keys again whenever it is told to.
async fn reload(tenants: Arc<Tenants>, mut changed: Signal) {
    while changed.recv().await.is_some() {
        match tenants.reload() {
            Ok(()) => tracing::info!("the keys were read again"),
            Err(why) => tracing::error!(%why, "the keys are those from before"),
        }
    }
}
