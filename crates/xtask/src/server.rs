//! The server: its tour, its tests, and what needs sockets and other processes. All in one profile.

use std::process::Command;

use anyhow::{Result, bail};

use crate::command::{cargo, command, limited, output, run, target};
use crate::npm;

/// Kills in the gate; `long kills` does more.
const KILLS: u32 = 10;
/// Worlds with devices of several languages.
const MIXED_WORLDS: u32 = 20;
/// Files that the server and its clients open beside one for each device.
const OTHER_FILES: u64 = 2_200;

/// The first command of the README.
pub(crate) fn tour() -> Result<String> {
    run(&mut cargo("run --release -p roomcall-server"))?;
    Ok(String::new())
}

pub(crate) fn tests() -> Result<String> {
    run(&mut cargo("test --release -p roomcall-server"))?;
    run(&mut cargo("test --release -p roomcall-server --test sockets"))?;
    run(&mut cargo("test --release -p roomcall-server --test suite"))?;
    run(&mut cargo("test --release -p roomcall-server --test suite -- conformance"))?;
    Ok(String::new())
}

/// Random worlds on one server, in which every third device is of this crate, one of WebAssembly and one of Python.
pub(crate) fn mixed() -> Result<String> {
    let package = target().join("mobile/wire/package");
    if !package.exists() || !npm::is_built() {
        bail!("the bindings are not there: `cargo xtask npm`, `cargo xtask mobile --check`");
    }
    let mut suite = cargo("test --release -p roomcall-server --test suite --");
    suite.arg(MIXED_WORLDS.to_string());
    // Tests run in the folder of their package.
    suite.args(["node ../web/npm/testee.mjs", "python3 -B ../mobile/python/testee.py"]);
    run(suite.env("PYTHONPATH", package))?;
    Ok(format!("{MIXED_WORLDS} worlds"))
}

pub(crate) fn kills() -> Result<String> {
    run(&mut kill(KILLS, 1))?;
    Ok(format!("{KILLS} kills"))
}

/// Kills a server that is at work, at random moments, and checks each time that nothing
/// acknowledged is lost.
pub(crate) fn kill(kills: u32, seed: u64) -> Command {
    let mut test = cargo("test --quiet --release -p roomcall-server --test sockets");
    test.args(["--", "kills::nothing_acknowledged_is_lost", "--exact", "--nocapture"]);
    test.env("ROOMCALL_KILLS", kills.to_string()).env("ROOMCALL_SEED", seed.to_string());
    test
}

/// Cuts the power of a server that is at work, at random moments, and checks each time that nothing
/// acknowledged is lost.
pub(crate) fn power(cuts: u32, seed: u64) -> Command {
    let mut test = cargo("test --quiet --release -p roomcall-server --test power");
    test.env("ROOMCALL_CUTS", cuts.to_string()).env("ROOMCALL_SEED", seed.to_string());
    test
}

/// Connects so many devices to a server and rings one user among them.
pub(crate) fn many(devices: u64) -> Result<Command> {
    let files = devices.saturating_add(OTHER_FILES);
    let most = output(command("sh -c").arg("ulimit -Hn"))?;
    if most.trim().parse::<u64>().is_ok_and(|most| most < files) {
        bail!(
            "a process may open {} files here and {devices} devices need {files}: raise the limit",
            most.trim()
        );
    }
    let mut test = cargo("test --quiet --release -p roomcall-server --test sockets");
    test.args(["--", "many::one_call_rings_among_many_devices", "--exact", "--nocapture"]);
    test.env("ROOMCALL_DEVICES", devices.to_string());
    Ok(limited("-n", files, &test))
}
