//! The net that mutants of the reducers fall into (`cargo xtask long mutants`): of the tests of `tests/it`
//! those that build and run in seconds.
//!
//! They run in the order of their names, on one thread, and the first failure ends them all. So what
//! finds most is named to be the first, and what takes longest to be the last.
#![allow(dead_code, unused_imports, reason = "it serves the tests that are not here")]

#[path = "../../../tests/it/refine.rs"]
mod against_model;
#[path = "../../../tests/it/director.rs"]
mod director;
#[path = "../../../tests/it/exchange.rs"]
mod exchange;
#[path = "../../../tests/it/forge.rs"]
mod forge;
#[path = "../../../tests/it/handset/mod.rs"]
mod handset;
#[path = "../../../tests/it/journals.rs"]
mod journals;
#[path = "../../../tests/it/laws/mod.rs"]
mod laws;
#[path = "../../../tests/it/model/mod.rs"]
mod model;
#[path = "../../../tests/it/numbered.rs"]
mod numbered;
#[path = "../../../tests/it/picture.rs"]
mod picture;
#[path = "../../../tests/it/plain.rs"]
mod plain;
#[path = "../../../tests/it/play.rs"]
mod play;
#[path = "../../../tests/it/precedence.rs"]
mod precedence;
#[path = "../../../tests/it/random.rs"]
mod random;
#[path = "../../../tests/it/scenarios.rs"]
mod scenarios;
#[path = "../../../tests/it/edges/mod.rs"]
mod walks;

use std::io::Write;

use against_model as refine;

#[test]
fn a_failure_ends_all() {
    std::panic::set_hook(Box::new(|panic| {
        // What a test prints is held back until it has ended.
        let _ = writeln!(std::io::stderr(), "{panic}");
        std::process::exit(101);
    }));
}
