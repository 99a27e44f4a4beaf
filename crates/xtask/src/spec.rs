//! The formal specification, part by part. Each part runs in a process of its own, so that it can be
//! stopped; all parts run, whatever fails before, and a summary ends them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::command::{self, OUT_OF_TIME, cargo, python, succeeds};

/// What the gate gives all of its parts together.
const BRIEFLY: Duration = Duration::from_secs(240);
#[derive(Args)]
pub(crate) struct Options {
    /// The parts; all those that check something if there are none.
    parts: Vec<Part>,
    /// Seconds for all of them; what has no time left is stopped, which is no failure.
    #[arg(long)]
    seconds: Option<u64>,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// TLC: invariants, action properties and liveness of the wide models.
    Laws,
    /// TLC: every transition of the scopes, laws included, as committed in spec/graphs.
    Graphs,
    /// TLC must refute each property of spec/reach.
    Reach,
    /// Each fault planted in the specification is noticed by a law.
    Mutants,
    /// What must be reported is reported: a broken run, a dropped conjunct, a faulty action.
    Controls,
    /// All faulty actions of the proof.
    Breaks,
    /// TLC plays long random runs of the code.
    Traces,
    /// The unbounded proof, by z3 and by cvc5.
    Proof,
    /// As graphs, and writes spec/graphs anew.
    Write,
}

/// The parts that check, those that say most in the shortest time first.
pub(crate) const CHECKS: [Part; 8] = [
    Part::Traces,
    Part::Proof,
    Part::Controls,
    Part::Laws,
    Part::Graphs,
    Part::Reach,
    Part::Mutants,
    Part::Breaks,
];

/// What came of a part.
enum Ending {
    Holds(String),
    OutOfTime,
    Fails,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let parts = if options.parts.is_empty() { &CHECKS } else { options.parts.as_slice() };
    println!("{}", check(parts, options.seconds.map(Duration::from_secs))?);
    Ok(())
}

/// As many parts as the gate has time for.
pub(crate) fn briefly() -> Result<String> {
    check(&CHECKS, Some(BRIEFLY))
}

/// The program that writes what TLC reads.
pub(crate) fn prepare() -> Result<()> {
    if !succeeds(&mut python("spec/checks/tools.py --check")) {
        bail!("TLC or the solvers are not installed: `cargo xtask setup`");
    }
    command::run(&mut cargo("build --quiet --release -p roomcall-spec"))
}

/// The command that checks a part.
pub(crate) fn part(part: Part) -> Command {
    python(&format!("spec/checks/part.py {}", name(part)))
}

pub(crate) fn name(part: Part) -> String {
    part.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default()
}

/// Runs all parts and prints a line for each; fails if one of them does.
fn check(parts: &[Part], within: Option<Duration>) -> Result<String> {
    prepare()?;
    let begun = Instant::now();
    let mut summary = Vec::new();
    for part in parts {
        let (since, name) = (Instant::now(), name(*part));
        let left = within.map(|within| within.saturating_sub(begun.elapsed()));
        println!("--- {name}");
        let ending = match left {
            Some(Duration::ZERO) => Ending::OutOfTime,
            left => finish(*part, left)?,
        };
        summary.push((name, since.elapsed(), ending));
    }
    println!("--- summary");
    for (name, took, ending) in &summary {
        let said = match ending {
            Ending::Holds(said) => said,
            Ending::OutOfTime => "no time left, see `cargo xtask long spec`",
            Ending::Fails => "FAILED",
        };
        println!("{name:9} {:>5} s  {said}", took.as_secs());
    }
    let of = |is: fn(&Ending) -> bool| summary.iter().filter(|(_, _, ending)| is(ending)).count();
    let failed = of(|it| matches!(it, Ending::Fails));
    if failed > 0 {
        bail!("{failed} parts of the formal specification fail");
    }
    let hold = of(|it| matches!(it, Ending::Holds(_)));
    Ok(format!("{hold} of {} parts, as time allows", summary.len()))
}

/// Runs a part and returns the last line that it prints.
fn finish(part: Part, left: Option<Duration>) -> Result<Ending> {
    let mut part = self::part(part);
    if let Some(left) = left {
        part = command::within(left.as_secs().max(1), &part);
    }
    let mut child = part.stdout(Stdio::piped()).spawn()?;
    let mut last = String::new();
    for line in BufReader::new(child.stdout.take().context("its output is piped")?).lines() {
        last = line?;
        println!("{last}");
    }
    let status = child.wait()?;
    Ok(match status.code() {
        Some(0) => Ending::Holds(last),
        Some(OUT_OF_TIME) => Ending::OutOfTime,
        _ => Ending::Fails,
    })
}
