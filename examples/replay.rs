//! Reads a journal and prints what the switchboard decides, line by line.
//!
//! `cargo run --example replay -- FILE` prints answers and effects as NDJSON; `--explain` prints
//! one readable line a transition instead. `-` reads standard input. A malformed line ends it with
//! an error that says which line and why, and exit status 1.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use roomcall::journal::{JournalError, Lines, Replay};
use roomcall_testkit::repository::{is_scenario, journal_of};

/// Replays a journal and prints what the switchboard decides.
#[derive(Parser)]
struct Args {
    /// The journal, or a scenario of `spec/scenarios`; `-` for standard input.
    file: PathBuf,
    /// Say in words who did what, what changed, who is told, and by which rule.
    #[arg(long)]
    explain: bool,
    /// Print the hash of the final state to standard error.
    #[arg(long)]
    hash: bool,
}

/// Why it stopped early.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("{0}")]
    Journal(#[from] JournalError),
    #[error("cannot read or write: {0}")]
    Io(#[from] io::Error),
    #[error("line 1: expected a header like {{\"journal\":1}}, but there is no line")]
    Empty,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut replay = Replay::new();
    let done = run(&args, &mut replay);
    if args.hash {
        if let Some(board) = replay.board() {
            eprintln!("state {:016x}", board.state_hash());
        }
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(Stop::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{}: {stop}", args.file.display());
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args, replay: &mut Replay) -> Result<(), Stop> {
    let mut input: Box<dyn Read> = match args.file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ if is_scenario(&args.file) => {
            let text = std::fs::read_to_string(&args.file)?;
            Box::new(io::Cursor::new(journal_of(&text)))
        }
        _ => Box::new(File::open(&args.file)?),
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let read = read(args, replay, &mut *input, &mut output);
    // What was decided before a bad line stands, and is shown.
    output.flush()?;
    read
}

fn read(
    args: &Args,
    replay: &mut Replay,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> Result<(), Stop> {
    let mut lines = Lines::new();
    let mut limit = replay.line_bytes();
    let mut chunk = vec![0; 1 << 16];
    loop {
        let count = match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let bytes = chunk.get(..count).unwrap_or_default();
        limit = lines.feed(bytes, limit, |line| {
            apply(args, replay, line, output)?;
            Ok::<_, Stop>(replay.line_bytes())
        })?;
    }
    if let Some(rest) = lines.rest() {
        apply(args, replay, rest, output)?;
    }
    if replay.lines() == 0 { Err(Stop::Empty) } else { Ok(()) }
}

fn apply(
    args: &Args,
    replay: &mut Replay,
    bytes: &[u8],
    output: &mut dyn Write,
) -> Result<(), Stop> {
    let Some((line, turn)) = replay.read(bytes)? else {
        if args.explain {
            if let Some(title) = replay.header().map(|header| &header.title) {
                writeln!(output, "{title}")?;
            }
        }
        return Ok(());
    };
    if args.explain {
        for sentence in roomcall_explain::sentences(&line, &turn) {
            writeln!(output, "{sentence}")?;
        }
        return Ok(());
    }
    for said in turn.outputs() {
        let json = serde_json::to_string(&said).map_err(io::Error::other)?;
        writeln!(output, "{json}")?;
    }
    Ok(())
}
