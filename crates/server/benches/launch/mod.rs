//! Starts a measurement, which is a program of its own.
//!
//! Benches are built with the dependencies of tests, by which the library verifies its whole state after each step:
//! that would be what is measured. A program is built without them, as the server is that people run.

use std::env;
use std::process::{Command, ExitCode};

/// Builds the program and the server as they are for users, and runs the program with the arguments of this one. It
/// ends as that does.
pub(crate) fn launch(name: &str) -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(&cargo);
    build.args(["build", "--profile", "bench", "-p", "roomcall-server", "--features", "bench"]);
    build.args(["--bin", "roomcall-server", "--bin", name]);
    let mut run = Command::new(&cargo);
    run.args([
        "run",
        "--quiet",
        "--profile",
        "bench",
        "-p",
        "roomcall-server",
        "--features",
        "bench",
    ]);
    run.args(["--bin", name, "--"]).args(env::args_os().skip(1));
    for command in [&mut build, &mut run] {
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(status) => {
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                return code.map_or(ExitCode::FAILURE, ExitCode::from);
            }
            Err(why) => {
                eprintln!("{command:?} cannot be started: {why}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
