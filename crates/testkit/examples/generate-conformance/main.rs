//! Writes the cases of conformance, and prints the table of what they cover.
//!
//! `cargo run --release -p roomcall-testkit --features repository,conformance --example generate-conformance` writes
//! `crates/testkit/conformance/v1`; with `--check` it fails if that would change. It fails, too, if they do not cover what they must.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod coverage;
mod demand;
mod directed;
mod handset;
mod history;
mod select;
mod story;
mod switchboard;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use roomcall_testkit::conformance::case::{Case, Level, Role};

use coverage::Coverage;
use select::{keep, select};

/// Writes the cases of conformance.
#[derive(Parser)]
struct Args {
    /// Writes nothing, and fails if something would change.
    #[arg(long)]
    check: bool,
    /// How many random histories of each kind are looked through.
    #[arg(long, default_value_t = 1_500)]
    histories: u32,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut is_well = true;
    for role in Role::ALL {
        let mut coverage = Coverage::new(role);
        let cases = match role {
            Role::Switchboard => of_switchboard(&mut coverage, args.histories),
            Role::Handset => of_handset(&mut coverage, args.histories),
        };
        is_well &= written(role, &cases, args.check);
        let core = cases.iter().filter(|case| case.setup.level == Level::Core).count();
        println!("{}: {} cases, {core} of them core", role.word(), cases.len());
        print!("{coverage}");
        let problems = coverage.problems();
        problems.iter().for_each(|problem| eprintln!("{}: {problem}", role.word()));
        is_well &= problems.is_empty();
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All scenarios, and what random journals have besides.
fn of_switchboard(coverage: &mut Coverage, histories: u32) -> Vec<Case> {
    let mut cases = story::scenarios(coverage);
    for journals in history::switchboard(histories) {
        cases.extend(select(journals, coverage));
    }
    cases
}

/// What the scenarios are on a device, as far as that is new, what random histories have besides, and what those have too
/// seldom.
fn of_handset(coverage: &mut Coverage, histories: u32) -> Vec<Case> {
    let mut cases = keep(story::devices(), coverage);
    cases.extend(select(history::handset(histories), coverage));
    cases.extend(select(directed::handset(), coverage));
    cases
}

/// Writes the file of a role, or says whether it is as it stands.
fn written(role: Role, cases: &[Case], check: bool) -> bool {
    let text: String = cases.iter().map(Case::write).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/v1");
    let file = folder.join(format!("{}.ndjson", role.word()));
    if !check {
        fs::write(&file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return true;
    }
    let is_current = fs::read_to_string(&file).is_ok_and(|kept| kept == text);
    if !is_current {
        eprintln!("{} is not current: run this without --check", role.word());
    }
    is_current
}
