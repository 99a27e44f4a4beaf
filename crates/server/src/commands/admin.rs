//! `admin`: sees and steers a running server, by its listener of administration.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::Done;

mod ask;
mod table;

use ask::Server;

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Where the server is administered: its --admin
    #[arg(
        long,
        env = "ROOMCALL_ADMIN_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:7401"
    )]
    url: String,
    /// The file with the token: its --admin-token-file
    #[arg(long, env = "ROOMCALL_ADMIN_TOKEN_FILE", value_name = "FILE")]
    token_file: PathBuf,
    /// Print what the server answers, as JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

/// Whose.
#[derive(clap::Args, Debug)]
struct Tenant {
    /// The tenant, where there are several
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Who is connected
    Connections {
        #[command(flatten)]
        tenant: Tenant,
        /// This user only
        #[arg(long)]
        user: Option<String>,
    },
    /// What rings
    Calls {
        #[command(flatten)]
        tenant: Tenant,
        /// To and by this user only
        #[arg(long, conflicts_with = "room")]
        user: Option<String>,
        /// In this room only
        #[arg(long)]
        room: Option<String>,
    },
    /// Close connections: the devices connect anew
    Kick {
        #[command(flatten)]
        tenant: Tenant,
        /// Of this user
        #[arg(long)]
        user: String,
        /// Of this device only
        #[arg(long)]
        device: Option<String>,
    },
    /// Begin no call any more, and stop when nothing rings
    Drain,
    /// Copy the store while the server runs
    Backup {
        /// Where to, on the disk of the server: an absolute path at which there is nothing
        directory: PathBuf,
    },
    /// Change policy and limits until the next start, which takes those of the configuration
    Rules {
        #[command(flatten)]
        tenant: Tenant,
        /// What is to be different, as JSON: {"policy":{"callerLeft":"cancelCalls"},"limits":{"callees":50}}
        change: String,
    },
    /// Read the keys and secrets of tokens and the admin token again, as on SIGHUP; other settings need a restart
    Reload,
}

pub(crate) fn run(args: Args) -> Done {
    let token = std::fs::read_to_string(&args.token_file)
        .map_err(|why| format!("the file {:?}: {why}", args.token_file))?;
    let server = Server::new(&args.url, token.trim())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let said = runtime.block_on(answer(&server, &args.what))?;
    if args.json {
        println!("{said}");
    } else {
        print!("{}", table::of(&said));
    }
    Ok(ExitCode::SUCCESS)
}

async fn answer(server: &Server, what: &What) -> Result<Value, String> {
    match what {
        What::Connections { tenant, user } => {
            let query = [("tenant", &tenant.tenant), ("user", user)];
            server.pages("connections", "connections", &query).await
        }
        What::Calls { tenant, user, room } => {
            let query = [("tenant", &tenant.tenant), ("user", user), ("room", room)];
            server.pages("calls", "calls", &query).await
        }
        What::Kick { tenant, user, device } => {
            let user = Some(user.clone());
            let query = [("tenant", &tenant.tenant), ("user", &user), ("device", device)];
            server.send("DELETE", "connections", &query, String::new()).await
        }
        What::Drain => server.send("POST", "drain", &[], String::new()).await,
        What::Backup { directory } => {
            let body = json!({ "directory": directory }).to_string();
            server.send("POST", "backup", &[], body).await
        }
        What::Rules { tenant, change } => {
            let query = [("tenant", &tenant.tenant)];
            server.send("PATCH", "rules", &query, change.clone()).await
        }
        What::Reload => server.send("POST", "reload", &[], String::new()).await,
    }
}
