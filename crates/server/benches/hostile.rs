//! `cargo bench -p roomcall-server --bench hostile`: see `hostile/main.rs`.
#![allow(clippy::print_stderr, reason = "this is a command-line program")]

mod launch;

fn main() -> std::process::ExitCode {
    launch::launch("hostile")
}
