//! Plays random networks of one switchboard and many handsets, and checks that all agree (D-28).
//!
//! `cargo run --release -p roomcall-network -- --seeds 1000000` plays many, on several threads;
//! `--seed N` tells the story of one; `--file F` replays one that was kept. A violation is made
//! small, kept as a file, and ends it with exit status 1; so does something that too few of them see.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod many;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::Parser;
use roomcall_testkit::world::sometimes::rare;
use roomcall_testkit::world::{self, Run, Seen, Violation};

/// Plays random networks of a switchboard and its handsets, and checks that all agree.
#[derive(Parser)]
struct Args {
    /// How many seeds to play.
    #[arg(long, default_value_t = 100_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many threads play them.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Goes on after a violation, and keeps one run of each kind.
    #[arg(long)]
    all: bool,
    /// Tells the story of one seed.
    #[arg(long, conflicts_with_all = ["seeds", "file"])]
    seed: Option<u64>,
    /// Replays a run that was kept, and tells its story.
    #[arg(long, conflicts_with = "seeds")]
    file: Option<PathBuf>,
    /// Where failing runs are kept.
    #[arg(long, default_value = "tests/networks")]
    keep: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match (&args.file, args.seed) {
        (Some(file), _) => read(file).map(|run| tell(&run)),
        (None, Some(seed)) => Ok(tell(&world::random_run(seed))),
        (None, None) => many(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read(file: &Path) -> Result<Run, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Run::read(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// One run, with all that happens.
fn tell(run: &Run) -> ExitCode {
    let (log, result) = world::play_logged(run);
    print!("{log}");
    match result {
        Ok(seen) => {
            print(&seen);
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

/// Many runs.
fn many(args: &Args) -> Result<ExitCode, String> {
    let found = many::play_all(args.from, args.seeds, args.threads, args.all);
    print(&found.seen);
    for (name, seeds) in &found.violations {
        eprintln!(
            "{name}: {} of the seeds, {:?}",
            seeds.len(),
            seeds.iter().take(5).collect::<Vec<_>>()
        );
        let runs = seeds.iter().take(8).map(|seed| (*seed, world::random_run(*seed)));
        let smallest = runs
            .filter_map(|(seed, run)| Some((seed, world::shrink(&run)?)))
            .min_by_key(|(_, (run, _))| run.actions.len());
        if let Some((seed, (run, wrong))) = smallest {
            let path = keep(&args.keep, seed, run, &wrong).map_err(|error| error.to_string())?;
            eprintln!("seed {seed}, {wrong}\nkept as {}", path.display());
        }
    }
    // What stopped at a violation has not played them all.
    let rare = if found.violations.is_empty() { rare(&found.seen, args.seeds) } else { Vec::new() };
    rare.iter().for_each(|rare| eprintln!("seldom or never seen: {rare}"));
    let is_well = found.violations.is_empty() && rare.is_empty();
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes a failing run to a file.
fn keep(folder: &Path, seed: u64, mut run: Run, wrong: &Violation) -> io::Result<PathBuf> {
    run.plan.why = format!("seed {seed}: {}", wrong.name);
    let path = folder.join(format!("seed-{seed}.ndjson"));
    fs::create_dir_all(folder)?;
    fs::write(&path, run.text()?)?;
    Ok(path)
}

fn print(seen: &Seen) {
    for (what, count) in seen {
        println!("{count:>12}  {what}");
    }
}
