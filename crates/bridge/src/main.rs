//! What passes between the crate and its specifications.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod graph;
mod runs;
mod tla;
mod traces;

use std::process::ExitCode;

use clap::Parser;

/// What passes between the crate and its specifications.
#[derive(Parser)]
enum Subcommand {
    Graph(graph::Graph),
    Traces(traces::Traces),
    Checked(traces::Checked),
}

fn main() -> ExitCode {
    let done = match Subcommand::parse() {
        Subcommand::Graph(args) => graph::graph(&args),
        Subcommand::Traces(args) => traces::traces(&args),
        Subcommand::Checked(args) => traces::checked(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
