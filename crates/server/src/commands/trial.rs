//! `try`: a server and a sample backend on this machine, for whoever wants to see in a browser what it does.
//!
//! Whoever opens the page is whoever they say they are: so it listens on this machine only, and what it has stored
//! is gone when it ends.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use roomcall_server::config::Settings;
use roomcall_server::one_line::OneLine;
use roomcall_server::pages::pages;
use roomcall_server::server::{Server, TENANT};
use roomcall_server::token::Signer;
use tracing_subscriber::EnvFilter;

use super::{Done, secret};
use backend::Backend;

mod backend;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Open the page in two windows, sign in as ana and as bo, let ana enter a room, and call bo. With ?device=NAME
behind the address a window is another device.")]
pub(crate) struct Args {
    /// Where to listen: an address of this machine, since everybody may sign in as anybody
    #[arg(long, default_value = "127.0.0.1:7400", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The folder with the pages, as `cargo xtask npm` makes it
    #[arg(long, default_value = "target/pages", value_name = "DIRECTORY")]
    pages: PathBuf,
}

pub(crate) fn run(args: &Args) -> Done {
    if !args.listen.ip().is_loopback() {
        return Err(format!(
            "--listen {}: everybody may sign in as anybody here, so it has to be an address of \
                            this machine, as 127.0.0.1:7400",
            args.listen
        )
        .into());
    }
    if !args.pages.join("index.html").is_file() {
        let folder = args.pages.display();
        return Err(format!(
            "--pages {folder}: there is no index.html; `cargo xtask npm` makes target/pages"
        )
        .into());
    }
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("warn"))
        .with_writer(|| OneLine(std::io::stderr()))
        .init();
    let folder = tempfile::Builder::new().prefix("roomcall-try-").tempdir()?;
    let secret = secret::random()?;
    let signer = Signer::of_secret(secret.as_bytes())?;
    let settings = Settings {
        listen: Some(args.listen),
        store: Some(folder.path().join("store")),
        secret: Some(secret),
        ..Settings::default()
    };
    let backend = Arc::new(Backend::new(signer));
    let mut parts = settings.parts(Arc::new(settings.tenants()?))?;
    parts.pages = pages(Some(&args.pages)).merge(backend.routes());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start(parts).await?;
        backend.begin(server.tenant(TENANT).ok_or("there is one tenant")?);
        println!("open http://{} in two windows; Ctrl-C ends it", server.address);
        server
            .run(async {
                // Without a signal handler there is nothing to wait for.
                let _ = tokio::signal::ctrl_c().await;
            })
            .await?;
        Ok(ExitCode::SUCCESS)
    })
}
