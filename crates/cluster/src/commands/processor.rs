//! `processor`: follows the logs of all tenants, and is the active one of some, until told to stop.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use roomcall_cluster::processor::{Processor, ProcessorParts};

use super::{Common, Done, told_to_stop};

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The name of the processor, which no other one has [default: a random one]
    #[arg(long, env = "ROOMCALL_PROCESSOR", value_name = "NAME")]
    name: Option<String>,
    /// The monitoring ports of the servers of NATS, http://HOST:PORT each: they are asked how the servers keep what they
    /// acknowledge
    #[arg(
        long,
        env = "ROOMCALL_MONITOR",
        value_name = "URL",
        value_delimiter = ',',
        required = true
    )]
    monitor: Vec<String>,
    /// A tenant of which nothing was heard for so many milliseconds is taken over
    #[arg(long, env = "ROOMCALL_TAKEOVER", value_name = "MILLISECONDS", default_value_t = 400,
        value_parser = clap::value_parser!(u64).range(310..=60_000))]
    takeover: u64,
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(args: Args) -> Done {
    let Args { name, monitor, takeover, common } = args;
    common.begin_log()?;
    let settings = common.settings()?;
    let tenants = Arc::new(settings.tenants()?);
    let name = name.unwrap_or_else(|| nuid::next().to_string());
    let parts = ProcessorParts::of(&settings, &tenants, name, common.broker(monitor))?;
    let parts = ProcessorParts { takeover: Duration::from_millis(takeover), ..parts };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = told_to_stop()?;
        let (name, partitions) = (parts.name.clone(), parts.partitions.len());
        let processor = Processor::start(parts).await?;
        // Who started it may wait for this line.
        println!("{name} follows {partitions} tenants");
        processor.run(stop).await?;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    })
}
