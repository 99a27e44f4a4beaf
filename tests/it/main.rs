//! All integration tests, in one binary.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that goes wrong should stop"
)]

mod agreement;
mod cli;
mod compat;
mod damage;
mod documents;
mod edges;
mod handset;
mod journals;
mod laws;
mod layers;
mod meeting;
mod numbered;
mod precedence;
mod races;
mod reach;
mod refine;
mod refine_long;
mod scenarios;
mod small_scopes;
mod tables;
mod tidy;
mod traceability;
mod wire;

/// With `FAIL_FAST` in the environment, the first failure ends the process: one is enough to catch a mutant.
/// Tests start in the order of their names, and this name is the first.
#[test]
fn a_failure_ends_the_process() {
    use std::io::Write;
    if std::env::var_os("FAIL_FAST").is_none() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        // The harness captures what a test prints, and shows it only once the test returns.
        let _ = writeln!(std::io::stderr(), "{panic}");
        std::process::exit(101);
    }));
}
