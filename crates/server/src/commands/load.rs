//! `load`: many devices that call and answer, and how long that takes.

use std::process::ExitCode;
use std::time::Duration;

use super::Done;
use super::signing::Signing;

pub(crate) mod backend;
mod call;
mod dice;
mod drive;
mod effort;
mod hear;
mod plan;
pub(crate) mod progress;
pub(crate) mod report;
mod timers;
pub(crate) mod witness;

pub(crate) use drive::Load;
pub(crate) use plan::{LoadError, Plan, Standing, Until};
use progress::Progress;
use report::verdict;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Users sit in rooms of 8: one is the host, is in the room, and calls the others, who are outside. Of
the calls 60 % are accepted (and the callee goes into the room, and leaves it after a while), 20 %
rejected, 10 % cancelled, and 10 % time out. Everything goes over real sockets, on all processors,
and it says at the end whether it was itself the limit, and not the server.

  roomcall-server serve --secret-file secret.txt
  roomcall-server load --secret-file secret.txt --users 500 --rate 100 --seconds 30

It signs its own tokens, so it needs the secret of the server, or a private key. Against a server that other people use
it is of no harm to them but for the load: its users and rooms have names of their own, by --seed.")]
pub(crate) struct Args {
    /// The server
    #[arg(long, env = "ROOMCALL_URL", default_value = "ws://127.0.0.1:7400")]
    url: String,
    #[command(flatten)]
    signing: Signing,
    /// How many users; each has a phone and a tablet
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    users: u32,
    /// How long to make calls
    #[arg(long, default_value_t = 30, conflicts_with = "calls", value_parser = clap::value_parser!(u64).range(1..=604_800))]
    seconds: u64,
    /// How many calls to make, instead of how long
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    calls: Option<u64>,
    /// Calls a second
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// The seed of what is left to chance: who calls whom, and how it is answered
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) fn run(args: &Args) -> Done {
    let signer = args.signing.signer()?;
    let until = match args.calls {
        Some(calls) => Until::Calls(calls),
        None => Until::Passed(Duration::from_secs(args.seconds)),
    };
    let plan = Plan {
        url: args.url.clone(),
        users: args.users as usize,
        rate: args.rate,
        until,
        seed: args.seed,
    };
    // Each device is an open file.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        println!("{} devices connect to {}", 2 * plan.users, plan.url);
        let mut load = Load::start(plan, &signer).await?;
        let shown = tokio::spawn(show(load.standing(), until.length()));
        load.run().await?;
        let report = load.finish().await;
        shown.abort();
        Ok::<_, LoadError>(report)
    })?;
    println!("{}\n", report.text());
    if let Some(effort) = &report.effort {
        println!("{effort}\n");
    }
    let mut is_good = true;
    for (check, wrong) in report.checks() {
        println!("{}", verdict(check, &wrong));
        is_good &= wrong.is_empty();
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows how far a load is, until it is.
pub(crate) async fn show(mut standing: tokio::sync::watch::Receiver<Standing>, length: u64) {
    let mut progress = Progress::new(length);
    while standing.changed().await.is_ok() {
        let now = *standing.borrow_and_update();
        progress.show(now.done, now.to_string());
        if now.is_quiet {
            break;
        }
    }
    progress.end();
}
