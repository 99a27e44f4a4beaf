//! `cargo bench -p roomcall-server --bench bounds`: see `bounds/main.rs`.
#![allow(clippy::print_stderr, reason = "this is a command-line program")]

mod launch;

fn main() -> std::process::ExitCode {
    launch::launch("bounds")
}
