//! The tests in the profile that the gate does not use for them.

use super::Unit;
use crate::command::cargo;

const RUNS: [(&str, &[&str]); 2] = [
    ("library-release", &["test --release -p roomcall"]),
    ("server-debug", &["test -p roomcall-server", "test -p roomcall-server --test sockets"]),
];

pub(super) fn units() -> Vec<Unit> {
    let unit = |(name, lines): (&str, &'static [&str])| {
        Unit::new(name, move |log| {
            lines.iter().try_for_each(|line| log.run(&mut cargo(line)))?;
            Ok(String::new())
        })
    };
    RUNS.into_iter().map(unit).collect()
}
