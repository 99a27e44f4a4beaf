//! Random runs as lines, for whoever compares them with a specification.

use std::io::{self, Write};

use clap::Args;
use roomcall::journal::Header;
use serde_json::{Value, json};

use crate::runs::{self, Run, Sizes};
use roomcall_testkit::spec::plain;

/// Prints random runs of the switchboard: for each a header, then a line a step with the input,
/// the answer and the effects.
#[derive(Args, Debug)]
pub(crate) struct Runs {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many runs, of successive seeds.
    #[arg(long, default_value_t = 48)]
    count: u64,
    /// How many steps each has.
    #[arg(long, default_value_t = 500)]
    steps: usize,
}

pub(crate) fn runs(args: &Runs) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for seed in args.seed..args.seed.saturating_add(args.count) {
        print(&runs::run(seed, args.steps, Sizes::default()), &mut out)?;
    }
    out.flush()
}

fn print(run: &Run, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", json!(Header::new(run.limits, run.policy)))?;
    for (line, turn) in &run.steps {
        let mut step: Value = plain::turn(turn);
        step["input"] = json!(line);
        writeln!(out, "{step}")?;
    }
    Ok(())
}
