//! Measures the switchboard beside other engines, prints one table, and writes the record.
//!
//! `cargo run --profile bench -p roomcall-scaling` takes some minutes; `-- --quick` takes one, and
//! `-- --only json,page` measures two parts only.
#![allow(
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command-line program that measures time"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use roomcall_scaling::clock::CpuClock;
use roomcall_scaling::count::Wrong;
use roomcall_scaling::measure::Part;
use roomcall_scaling::report::{Row, plain};
use roomcall_scaling::{machine, record};

/// Measures the switchboard beside other engines, and compares the figures with goals.
#[derive(Parser)]
struct Args {
    /// Nothing with a million calls.
    #[arg(long)]
    quick: bool,
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Writes the record of the repository.
    #[arg(long, conflicts_with = "only")]
    record: bool,
    /// Writes the record into this file instead.
    #[arg(long, value_name = "FILE")]
    record_to: Option<PathBuf>,
    /// Ends with status 1 if a gate does not hold.
    #[arg(long)]
    strict: bool,
}

impl Args {
    fn file(&self) -> Option<PathBuf> {
        let of_repository =
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/RECORD.md");
        self.record_to.clone().or_else(|| self.record.then(of_repository))
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let facts = machine::facts();
    let rows = match measure(&args) {
        Ok(rows) => rows,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::FAILURE;
        }
    };
    print!("{}", plain(&rows));
    if let Some(file) = args.file() {
        if let Err(error) = record::write(&file, &facts, &rows) {
            eprintln!("cannot write {}: {error}", file.display());
            return ExitCode::FAILURE;
        }
    }
    let fails = args.strict && rows.iter().any(|row| !row.passes());
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn measure(args: &Args) -> Result<Vec<Row>, Wrong> {
    let (clock, mut rows) = (CpuClock::new(), Vec::new());
    for part in Part::value_variants() {
        if args.only.is_empty() || args.only.contains(part) {
            let start = Instant::now();
            rows.extend(part.rows(args.quick, &clock)?);
            eprintln!("{part:?}: {:.0} s", start.elapsed().as_secs_f64());
        }
    }
    Ok(rows)
}
