//! `cargo bench -p roomcall-server --bench peers`: see `peers/main.rs`.
#![allow(clippy::print_stderr, reason = "this is a command-line program")]

mod launch;

fn main() -> std::process::ExitCode {
    launch::launch("peers")
}
