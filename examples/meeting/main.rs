//! Plays a whole meeting in one process: one switchboard, nine devices, and a network that drops,
//! duplicates, delays and cuts; and prints what each device does, a column each.
//!
//! `cargo run --example meeting` plays the first; `--seed N` another; `--explain` names the rules
//! at work. It ends with the check that all screens agree with the switchboard, and with exit
//! status 1 if they do not.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]
#![allow(
    clippy::arithmetic_side_effects,
    reason = "some minutes of milliseconds, and small counts"
)]
#![allow(clippy::indexing_slicing, reason = "the devices are numbered by the roster")]

mod report;
mod roster;
mod script;
mod timeline;
mod words;
mod world;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use script::Script;
use timeline::{Timeline, Tone};
use world::World;

/// Plays a whole meeting, and prints a column for each device.
#[derive(Parser)]
struct Args {
    /// Which meeting: the same number gives the same one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Name the rules at work under each line.
    #[arg(long)]
    explain: bool,
}

const LEGEND: [&str; 6] = [
    "Ana owns the room standup, dee is an admin of it; bo, cy and eve are called. Each column is a device of theirs,",
    "the last one the switchboard, which decides. Time is in seconds. Nobody shares a clock, and messages take 20 to 400 ms.",
    "",
    "  RINGS ana   a call by ana rings here              again: yes   sent again, as nobody answered   ✗        a message from or to here is lost",
    "  ┃ ╎         it rings; it waits or is answered     bo: over?    over, and it is not known how    ²        it comes twice",
    "  ~           no connection                         bo on list   it is on the list of the room    missed   a call that is news to its user",
];

fn main() -> ExitCode {
    let args = Args::parse();
    let colours = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut world = World::new(args.seed, Timeline::new(args.explain, colours));
    let played = play(args.seed, &mut world);
    world.timeline.flush();
    let wrong = match played {
        Ok(()) => report::report(&mut world),
        Err(why) => vec![why],
    };
    if wrong.is_empty() {
        let text = format!("all {} screens agree with the switchboard", roster::ROSTER.len());
        world.timeline.line(&text, Tone::Yes);
    }
    let mut output = io::stdout().lock();
    let written = output.write_all(world.timeline.text.as_bytes()).and_then(|()| output.flush());
    match written {
        // Whoever reads the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("cannot write: {error}");
            return ExitCode::FAILURE;
        }
        Ok(()) => {}
    }
    for problem in &wrong {
        eprintln!("seed {}: {problem}", args.seed);
    }
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// From the first moment until everything is quiet.
fn play(seed: u64, world: &mut World) -> Result<(), String> {
    const LONGEST: u64 = 1_800_000;
    world.timeline.line(&format!("A meeting, seed {seed}"), Tone::Plain);
    world.timeline.line("", Tone::Plain);
    for line in LEGEND {
        world.timeline.line(line, Tone::Plain);
    }
    world.timeline.line("", Tone::Plain);
    world.timeline.columns();
    let mut script = Script::new(world).map_err(|wrong| wrong.to_string())?;
    while script.look(world) {
        if let Some(step) = world.advance().map_err(|wrong| wrong.to_string())? {
            script.play(step, world).map_err(|wrong| wrong.to_string())?;
        }
        if world.now() > LONGEST {
            return Err("D-28: after half an hour it has not come to rest".to_owned());
        }
    }
    Ok(())
}
