//! Measures the switchboard beside others, prints one table, and writes the record.
//!
//! `cargo run --profile bench -p roomcall-scaling` takes some minutes; `-- --quick` takes half a minute,
//! and `-- --only 1,3` looks at two goals only.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use clap::builder::TypedValueParser;
use roomcall_scaling::effort::Effort;
use roomcall_scaling::report::{Verdict, plain};
use roomcall_scaling::run::{GOALS, Wanted, run};
use roomcall_scaling::{machine, record, side};

/// Measures the switchboard beside others, and holds it to goals.
#[derive(Parser)]
struct Args {
    /// Takes less than a minute: nothing with a million calls.
    #[arg(long, conflicts_with = "large")]
    quick: bool,
    /// Plays ten million calls, too.
    #[arg(long)]
    large: bool,
    /// Only these goals, by number.
    #[arg(long, value_delimiter = ',', value_parser = goal())]
    only: Vec<u8>,
    /// Counts instructions, too: two minutes more; needs valgrind.
    #[arg(long)]
    instructions: bool,
    /// Writes the record and its picture.
    #[arg(long, conflicts_with = "only")]
    record: bool,
    /// Writes them into this folder instead.
    #[arg(long, value_name = "FOLDER")]
    record_in: Option<PathBuf>,
    /// Ends with status 1 if a goal is not met.
    #[arg(long)]
    strict: bool,
}

/// The numbers that a goal can have.
fn goal() -> impl TypedValueParser<Value = u8> {
    clap::value_parser!(u8).range(1..=i64::from(GOALS))
}

impl Args {
    fn wanted(&self) -> Wanted {
        let effort = match (self.quick, self.large) {
            (true, _) => Effort::Quick,
            (false, true) => Effort::Large,
            (false, false) => Effort::Usual,
        };
        let goals = if self.only.is_empty() { (1..=GOALS).collect() } else { self.only.clone() };
        Wanted { goals, effort, instructions: self.instructions }
    }

    /// The folder of the record: that of the benches, which this package is in.
    fn folder(&self) -> Option<PathBuf> {
        let benches = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
        match &self.record_in {
            Some(folder) => Some(folder.clone()),
            None if self.record => benches,
            None => None,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let facts = machine::facts();
    let measured = match run(&args.wanted()) {
        Ok(measured) => measured,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::FAILURE;
        }
    };
    print!("{}", plain(&measured.rows));
    print!("{}", side::table(&measured.sides));
    if let Some(folder) = args.folder() {
        if let Err(error) = record::write(&folder, &facts, &measured.rows, &measured.sides) {
            eprintln!("the record in {}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    let is_missed = measured.rows.iter().any(|row| row.verdict == Verdict::NotMet);
    if args.strict && is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
