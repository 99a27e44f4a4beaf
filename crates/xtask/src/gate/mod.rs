//! The gate: what CI runs. Each step has a heading and ends with the first thing that is wrong.

mod build;
mod tests;
mod tree;

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use crate::{cluster, fuzz, mobile, npm, package, pages, public_api, scaling, server, spec};

#[derive(Args)]
pub(crate) struct Options {
    /// Runs only the steps whose name contains this text.
    #[arg(long)]
    only: Option<String>,
    /// Names the steps and runs none.
    #[arg(long)]
    list: bool,
}

/// A step returns what its line of the summary says, which may be nothing.
type Step = (&'static str, fn() -> Result<String>);

/// What fails most often and soonest stands first.
const STEPS: &[Step] = &[
    ("no path of a machine in a file", tree::names_no_machine),
    ("format", build::format),
    ("dependencies", build::dependencies),
    ("lints", build::lints),
    ("documentation", build::documentation),
    ("public API", public_api::compare),
    ("tests", tests::library),
    ("stored snapshots are used", tests::snapshots),
    ("tests of the tools", tests::tools),
    ("conformance", tests::conformance),
    ("packages", package::check),
    ("no_std", build::no_std),
    ("the npm package", npm::check),
    ("Python and Kotlin", mobile::check),
    ("the server's tour", server::tour),
    ("meetings and scenarios", tests::examples),
    ("random networks", tests::networks),
    ("tests of the server", server::tests),
    ("devices of several languages", server::mixed),
    ("kills of the server", server::kills),
    ("tests of the cluster", cluster::tests),
    ("the pages in a browser", pages::check),
    ("allocations of a steady state", tests::allocations),
    ("instructions, allocations, memory", scaling::gates),
    ("fuzzing", fuzz::briefly),
    ("formal specification", spec::briefly),
];

pub(crate) fn run(options: &Options) -> Result<()> {
    let chosen = |name: &str| options.only.as_ref().is_none_or(|text| name.contains(text.as_str()));
    let steps = STEPS.iter().filter(|(name, _)| chosen(name));
    if options.list {
        steps.for_each(|(name, _)| println!("{name}"));
        return Ok(());
    }
    let (before, begun, mut summary) = (tree::state()?, Instant::now(), Vec::new());
    let mut outcome = Ok(());
    for (name, step) in steps {
        println!("\n=== {name} (at {} s)", begun.elapsed().as_secs());
        let since = Instant::now();
        let done = step();
        let said = done.as_ref().map_or("FAILED", String::as_str);
        summary.push(format!("{:>5} s  {name:34} {said}", since.elapsed().as_secs()));
        outcome = done.map(drop).with_context(|| (*name).to_owned());
        if outcome.is_err() {
            break;
        }
    }
    println!("\n=== summary");
    summary.iter().for_each(|line| println!("{line}"));
    println!("{:>5} s  in all", begun.elapsed().as_secs());
    outcome?;
    tree::is_unchanged(&before)
}
