//! `move`: another processor becomes the active one of a tenant.

use std::process::ExitCode;

use roomcall_cluster::log::broker;
use roomcall_cluster::wire;
use roomcall_server::token::TenantName;

use super::Done;

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The servers of NATS
    #[arg(long, env = "ROOMCALL_NATS", value_name = "URL", value_delimiter = ',', required = true)]
    nats: Vec<String>,
    /// The tenant
    tenant: String,
    /// The name of the processor that is to take it over
    processor: String,
}

pub(crate) fn run(args: Args) -> Done {
    let Args { nats, tenant, processor } = args;
    let tenant: TenantName = tenant.try_into()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let settings = broker::Settings::new(nats, Vec::new());
        let client = broker::connect(&settings, "roomcall-cluster move").await?;
        client.publish(wire::of_move(tenant.as_str()), processor.clone().into()).await?;
        client.flush().await?;
        println!("{processor} was told to take over {tenant}: its log says when it has");
        Ok(ExitCode::SUCCESS)
    })
}
