//! `receiver`: a sample backend that takes webhooks.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use roomcall_server::clock::{SystemClock, Time as _};
use roomcall_server::events::receiver::Receiver;
use roomcall_server::events::signature::Secret;
use tokio::net::TcpListener;

use super::Done;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
  roomcall-server webhook-secret > webhook-secret.txt
  roomcall-server receiver --secret-file webhook-secret.txt

The server posts events to http://127.0.0.1:7500/events. http://127.0.0.1:7500/devices/USER/DEVICE is what
that device would show because of pushes, and GET /events all that came. It plays Apple's and Google's push
services: nothing leaves this machine.")]
pub(crate) struct Args {
    /// A file with the secret of the endpoint, as `webhook-secret` prints it
    #[arg(long, env = "ROOMCALL_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    secret_file: PathBuf,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:7500", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// Prints a new secret.
pub(crate) fn make_secret() -> Done {
    println!("{}", Secret::random()?);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn run(args: Args) -> Done {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let secret = std::fs::read_to_string(&args.secret_file)
        .map_err(|why| format!("{}: {why}", args.secret_file.display()))?;
    let receiver = Arc::new(Receiver::new(secret.parse()?, Arc::new(|| SystemClock::new().wall())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen).await?;
        // Who started it may wait for this line.
        println!("listening on {}", listener.local_addr()?);
        axum::serve(listener, receiver.routes())
            .with_graceful_shutdown(async {
                // Without a signal handler there is nothing to wait for.
                let _ = tokio::signal::ctrl_c().await;
            })
            .await?;
        Ok(ExitCode::SUCCESS)
    })
}
