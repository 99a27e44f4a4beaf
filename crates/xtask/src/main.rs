//! The tasks of this repository: `cargo xtask --help`.
//!
//! * `check`, `test`, `gate` and `long` are the four tiers, from seconds to hours; CI runs `setup` and `gate`.
//! * `setup` is the only task that installs anything.
//! * Each file of `gate/` holds steps of the gate, each file of `long/` one part of the long runs.

mod cluster;
mod command;
mod debian;
mod fuzz;
mod gate;
mod git;
mod long;
mod mobile;
mod nats;
mod npm;
mod package;
mod pages;
mod public_api;
mod quick;
mod scaling;
mod server;
mod setup;
mod spec;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// The tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Installs the tools that are missing: as root on Debian, otherwise it says what to install.
    Setup(setup::Options),
    /// Format, lints and unit tests of the library: seconds.
    Check,
    /// `cargo test` at the root: about a minute.
    Test,
    /// All that CI checks: under 20 minutes with tools and a build cache.
    Gate(gate::Options),
    /// The runs that take hours. They continue where they were stopped.
    Long(long::Options),
    /// The formal specification, part by part.
    Spec(spec::Options),
    /// Fuzzes one target.
    Fuzz(fuzz::Options),
    /// Builds the packages for Python, Kotlin and Swift into target/mobile.
    Mobile(mobile::Options),
    /// Builds the npm package into target/npm, and the pages that are built on it into target/pages.
    Npm(npm::Options),
    /// Compares the public API of the library with tests/public-api.txt.
    PublicApi(public_api::Options),
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            if error.is::<long::CannotRun>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Setup(options) => setup::install(&options),
        Task::Check => quick::check(),
        Task::Test => quick::test(),
        Task::Gate(options) => gate::run(&options),
        Task::Long(options) => long::run(&options),
        Task::Spec(options) => spec::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Mobile(options) => mobile::task(&options),
        Task::Npm(options) => npm::task(&options),
        Task::PublicApi(options) => public_api::run(&options),
    }
}
