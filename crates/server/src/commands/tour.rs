//! `tour`: a server that is used, killed, recovered, and checked, before one's eyes.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use roomcall_server::config::key;
use roomcall_server::private_file::write_new;
use roomcall_server::state::Seed;
use roomcall_server::token::Signer;
use tokio::sync::watch;

use super::Done;
use super::load::backend::Http;
use super::load::progress::Progress;
use super::load::report::{Report, verdict};
use super::load::{Load, Plan, Standing, Until};
use super::secret;
use backend::Backend;
use check::{Check, Findings, check};
use child::{Folder, Running};
use drained::drained;
use meeting::Meeting;

mod backend;
mod check;
mod child;
mod drained;
mod meeting;
mod pushed;
mod replay;
mod words;

/// The arguments.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "\
Nothing of it needs anything: the server runs in a folder of its own, which is removed in the end if
all is well. With other numbers it is a test of endurance:

  roomcall-server tour --users 400 --seconds 600 --rate 100 --kills 20")]
pub(crate) struct Args {
    /// How many users, with two devices each, make the load [default: 240]
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    users: Option<u32>,
    /// How long they do [default: 20]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    seconds: Option<u64>,
    /// Calls a second [default: 60]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
    /// How often the server is killed meanwhile [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(..=1_000))]
    kills: Option<u32>,
    /// The seed of what is left to chance: who calls whom, and how it is answered [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Keep the folder with the store, and say where it is
    #[arg(long)]
    keep: bool,
    /// Leave this input out of the replay, to see that the checks see it
    #[arg(long, hide = true)]
    skip_input: Option<u64>,
}

/// What the tour saw of the server from outside.
#[derive(Debug, Default)]
struct Seen {
    commits: u64,
    kills: u32,
}

pub(crate) fn run(args: &Args) -> Done {
    let temporary = tempfile::Builder::new().prefix("roomcall-tour-").tempdir()?;
    let folder = Folder(temporary.path().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let toured = runtime.block_on(tour(args, &folder));
    let is_good = matches!(toured, Ok(true));
    if args.keep || !is_good {
        let path = temporary.keep();
        println!("\nthe store and the log of the server are kept in {}", path.display());
    }
    Ok(if toured? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The whole tour. Whether all is well.
async fn tour(args: &Args, folder: &Folder) -> Result<bool, Box<dyn std::error::Error>> {
    let start = Instant::now();
    heading(1, "a server of its own");
    let secret = secret::random()?;
    write_new(&folder.secret(), &secret)?;
    let signing = Signer::of_secret(secret.as_bytes())?;
    let backend = Backend::start(folder).await?;
    let mut server = Running::start(folder, "127.0.0.1:0")?;
    let address = server.address.clone();
    println!("  it listens on {address}; its store is {}", folder.store().display());
    println!("  it tells a backend in this process what happens to calls");

    heading(2, "a meeting, over real sockets: a call ends in one of seven ways");
    let meeting = Meeting::play(&address, &signing).await?;

    let plan = plan(args, &address);
    let (users, rate) = (plan.users, plan.rate);
    heading(3, &format!("{users} users with two devices each, {rate} calls a second; and kill -9"));
    let length = plan.until.length();
    let mut load = Load::start(plan, &signing).await?;
    let standing = load.standing();
    let mut seen = Seen { kills: args.kills.unwrap_or(1), ..Seen::default() };
    let mut http = Http::new(&address, signing.clone());
    let disturbed = disturb(folder, &mut server, &mut seen, &mut http, standing, length);
    let loaded = async { load.run().await.map_err(Into::into) };
    tokio::try_join!(loaded, disturbed)?;
    println!("  the load is over: nothing rings any more");
    backend.rest().await;

    heading(4, "SIGTERM while somebody rings: the server drains");
    seen.commits += commits(&mut http).await.unwrap_or(0);
    let address = server.address.clone();
    let (drained, status) = drained(server, &mut http).await?;
    load.see_it_go().await?;
    let report = load.finish().await;
    let told = report.witness.told_to_go;
    println!(
        "  the call ended, and the server stopped ({status}); {told} devices were told that it goes"
    );
    // What it had no time to post, the next one does.
    let last = Running::start(folder, &address)?;
    backend.rest().await;
    let last = last.stop().await?;

    heading(5, "what the store says, and what the devices were told");
    let witnesses = [&meeting, &report.witness];
    let seed = Seed { key: key(secret.as_bytes()), token_life: u64::MAX };
    let findings = check(folder, seen.kills, seed, args.skip_input, &witnesses, &backend).await?;
    let ended = [status, last].into_iter().filter(|status| !status.success());
    let stopped = ended.map(|status| format!("the server ended with {status}")).collect();
    let is_good = print(&seen, &report, &findings, [drained, (STOPPED.to_owned(), stopped)]);
    println!("\n  {:.0} s in all", start.elapsed().as_secs_f64());
    Ok(is_good)
}

const STOPPED: &str = "the server stopped when it was told to";

fn heading(number: u32, text: &str) {
    println!("\n{number}. {text}\n");
}

fn plan(args: &Args, address: &str) -> Plan {
    Plan {
        url: format!("ws://{address}"),
        users: args.users.unwrap_or(240) as usize,
        rate: args.rate.unwrap_or(60),
        until: Until::Passed(Duration::from_secs(args.seconds.unwrap_or(20))),
        seed: args.seed.unwrap_or(1),
    }
}

/// Shows how far the load is, and kills the server in the middle of it, as often as is asked for.
async fn disturb(
    folder: &Folder,
    server: &mut Running,
    seen: &mut Seen,
    http: &mut Http,
    mut standing: watch::Receiver<Standing>,
    length: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut progress = Progress::new(length);
    let mut kill = 0;
    let mut killed: Option<(Instant, u64)> = None;
    while standing.changed().await.is_ok() {
        let now = *standing.borrow_and_update();
        progress.show(now.done, now.to_string());
        if now.is_quiet {
            break;
        }
        if let Some((at, devices)) = killed
            && now.broken >= devices
            && now.connected == now.devices
        {
            let seconds = at.elapsed().as_secs_f64();
            progress.say(&format!(
                "  all {} devices are back, {seconds:.1} s after the kill",
                now.devices
            ));
            killed = None;
        }
        let due = length * u64::from(kill + 1) / u64::from(seen.kills + 1);
        if kill < seen.kills && now.done >= due && killed.is_none() {
            kill += 1;
            seen.commits += commits(http).await.unwrap_or(0);
            killed = Some((Instant::now(), now.broken + 1));
            let line = restart(folder, server, kill).await?;
            progress.say(&format!("  kill -9, with {} calls open; {line}", now.open));
        }
    }
    progress.end();
    Ok(())
}

/// Kills the server and starts another one on the same store at the same address.
async fn restart(folder: &Folder, server: &mut Running, kill: u32) -> std::io::Result<String> {
    let (folder, address) = (folder.clone(), server.address.clone());
    let start = Instant::now();
    server.kill()?;
    // The devices go on meanwhile.
    let started = tokio::task::spawn_blocking(move || {
        folder.copy_killed(kill)?;
        Running::start(&folder, &address)
    });
    *server = started.await.map_err(std::io::Error::other)??;
    let seconds = start.elapsed().as_secs_f64();
    Ok(format!("another server goes on at the same place after {seconds:.1} s"))
}

/// How often the server has committed, as it says itself.
async fn commits(http: &mut Http) -> Option<u64> {
    let (_, text) = http.exchange("GET", "/metrics", "").await.ok()?;
    let count =
        text.lines().find_map(|it| it.strip_prefix("roomcall_commit_duration_seconds_count "));
    count?.trim().parse().ok()
}

/// The table. Whether all is well.
fn print(seen: &Seen, report: &Report, findings: &Findings, ended: [Check; 2]) -> bool {
    let Findings { replayed, hashes, killed, told, checks } = findings;
    let inputs = replayed.inputs;
    let each = inputs as f64 / seen.commits.max(1) as f64;
    println!(
        "  {inputs} inputs in about {} commits, {each:.1} in each; {} kills",
        seen.commits, seen.kills
    );
    let endings = replayed.endings().into_iter().map(|(how, count)| format!("{count} {how:?}"));
    println!("  {} calls: {}", replayed.attempts.len(), endings.collect::<Vec<_>>().join(", "));
    println!("  {told}\n");
    println!("{}\n", report.text());
    for (name, it) in killed.iter().map(|it| ("killed", it)).chain([("stopped", hashes)]) {
        println!(
            "  {name:<8} after batch {:>6}: state {:016x} from zero, {:016x} from batch {}",
            it.batches, it.from_zero, it.from_snapshot, it.saved,
        );
    }
    println!();
    let rested = [("everything came to rest".to_owned(), report.restless.clone())];
    let mut is_good = true;
    for (check, wrong) in checks.iter().chain(&rested).chain(&ended) {
        println!("{}", verdict(check, wrong));
        is_good &= wrong.is_empty();
    }
    is_good
}
