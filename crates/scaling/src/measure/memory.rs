//! Bytes and allocations, which another program counts and prints in lines.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::count::Wrong;
use crate::report::{Goal, Row, Unit};

/// A line of the program: its name and what it is.
type Line = (&'static str, &'static str);

/// What a pending call and a user may take, in bytes.
const HEAP: [(Line, f64); 6] = [
    (("call-with-capacity", "a pending call, with capacity"), 144.0),
    (("call-grown", "a pending call"), 216.0),
    (("user-with-capacity-17-23", "a user with 2 devices, with capacity"), 260.0),
    (("user-grown-17-23", "a user with 2 devices"), 260.0),
    (("user-with-capacity-32", "a user with 2 devices, ids of 32 bytes, with capacity"), 260.0),
    (("user-grown-32", "a user with 2 devices, ids of 32 bytes"), 260.0),
];
/// What a user takes when every table has just doubled: the most.
const DOUBLED: Line = ("user-just-doubled-32", "a user with 2 devices, tables just doubled");
/// How many allocations an input may make.
const ALLOCATIONS: [(Line, f64); 3] = [
    (("allocations-handle", "an input by handle, steady state"), 0.0),
    (("allocations-name", "an input by name, steady state"), 0.0),
    (("allocations-json", "an input as JSON"), 4.0),
];
const NUMBERED: Line = ("allocations-json-numbered", "an input as JSON, numbered");
/// Callees of a request, and requests that its device has sent.
const REQUESTS: [(u32, u32); 6] = [(1, 1), (1, 16), (10, 1), (10, 16), (100, 1), (100, 16)];
/// What was reached by a user with two devices on a switchboard that has grown, in bytes.
const GROWN_USER: f64 = 277.0;

/// Runs the program that counts, and reads its lines.
pub(super) fn rows() -> Result<Vec<Row>, Wrong> {
    let said = said().map_err(|why| Wrong::new("memory", why))?;
    let number = |name: &str| {
        let of_name = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let number = of_name.and_then(|number| number.parse::<f64>().ok());
        number.ok_or_else(|| Wrong::new("memory", format!("no line `{name}` in\n{said}")))
    };
    let mut rows = Vec::new();
    for ((name, what), most) in HEAP {
        let what = format!("heap of {what}");
        let row = Row::new(what, number(name)?, Unit::Bytes, Goal::AtMost(most));
        let is_above = name.starts_with("user-grown");
        rows.push(if is_above { row.gate(Goal::AtMost(GROWN_USER)) } else { row });
    }
    rows.push(Row::figure(format!("heap of {}", DOUBLED.1), number(DOUBLED.0)?, Unit::Bytes));
    for (callees, requests) in REQUESTS {
        let goal = 256.0 + 16.0 * f64::from(callees);
        let what = format!("remembered of a request, {callees} callees, {requests} of a device");
        let value = number(&format!("request-{callees}-{requests}"))?;
        rows.push(Row::new(what, value, Unit::Bytes, Goal::AtMost(goal)));
    }
    for ((name, what), most) in ALLOCATIONS {
        let what = format!("allocations of {what}");
        rows.push(Row::new(what, number(name)?, Unit::Count, Goal::AtMost(most)));
    }
    let what = format!("allocations of {}", NUMBERED.1);
    rows.push(Row::figure(what, number(NUMBERED.0)?, Unit::Count));
    Ok(rows)
}

/// What the program prints. It stands beside this one; cargo builds it anew if it runs this one.
fn said() -> Result<String, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let beside = here.parent().map(PathBuf::from).unwrap_or_default();
    let program = beside.join("memory");
    if let Some(cargo) = std::env::var_os("CARGO") {
        build(Command::new(cargo), &beside)?;
    }
    let run = Command::new(&program).output();
    let run = run.map_err(|error| format!("{}: {error}", program.display()))?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&run.stdout).into_owned())
}

/// Builds it with the profile of this program, which the name of its folder tells.
fn build(mut cargo: Command, beside: &Path) -> Result<(), String> {
    let profile = match beside.file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev",
        // Two profiles share this folder, and what is measured is of this one.
        Some("release") => "bench",
        Some(profile) => profile,
    };
    cargo.args(["build", "--quiet", "--bin", "memory", "--profile", profile]);
    cargo.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo build: {status}")),
        Err(error) => Err(error.to_string()),
    }
}
