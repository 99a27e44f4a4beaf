//! Goals 6 and 7: bytes and allocations. Another program counts them and says so in lines.

use std::path::PathBuf;
use std::process::Command;

use crate::count::Wrong;
use crate::report::Row;

/// What may be at most: the name of the line, what it is, and how many bytes. It is what was reached: a
/// call holds the handles of its room, users and device, and an id of up to 32 bytes is inline.
const BYTES: [(&str, &str, f64); 3] = [
    ("call-sized", "heap of a pending call, board sized ahead", 144.0),
    ("call-grown", "heap of a pending call, board grown", 176.0),
    ("user-sized", "heap of a known user with 2 devices of its own, board sized ahead", 220.0),
];

/// The beginning of lines about allocations.
const ALLOCATIONS: &str = "allocations-";

/// Runs the program that counts, and looks at what it says of a goal.
///
/// # Errors
///
/// It cannot be run, or finds the switchboard wrong.
pub fn rows() -> Result<Vec<Row>, Wrong> {
    let said = said().map_err(|why| Wrong::new("memory", why))?;
    let lines: Vec<(&str, f64)> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
        .collect();
    let figure = |name| lines.iter().find(|line| line.0 == name).map(|line| line.1);
    let mut rows = Vec::new();
    for (name, what, most) in BYTES {
        let text = format!("{what} ≤ {most:.0} B");
        rows.push(match figure(name) {
            None => Row::not_run(6, text, "not there yet"),
            Some(bytes) => Row::new(6, text, format!("{bytes:.1} B"), bytes <= most),
        });
    }
    if let Some(bytes) = figure("user-grown") {
        let text = "heap of a known user with 2 devices of its own, board grown";
        rows.push(Row::figure(6, text, format!("{bytes:.1} B")));
    }
    for form in ["handle", "string"] {
        rows.push(allocations(form, &lines));
    }
    Ok(rows)
}

/// One line for all kinds of input in one form.
fn allocations(form: &str, lines: &[(&str, f64)]) -> Row {
    let prefix = format!("{ALLOCATIONS}{form}-");
    let of_form =
        lines.iter().filter_map(|(name, number)| Some((name.strip_prefix(&*prefix)?, *number)));
    let some: Vec<_> = of_form.filter(|(_, number)| *number > 0.0).collect();
    let text = format!("allocations of an input by {form}, steady state = 0");
    let measured = match &some[..] {
        [] => "0 of each kind".to_owned(),
        some => some
            .iter()
            .map(|(kind, number)| format!("{kind} {number:.2}"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    Row::new(7, text, measured, some.is_empty())
}

/// What the program says. It stands beside this one; cargo builds it anew if it runs this one.
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
fn build(mut cargo: Command, beside: &std::path::Path) -> Result<(), String> {
    let profile = match beside.file_name().and_then(std::ffi::OsStr::to_str) {
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
