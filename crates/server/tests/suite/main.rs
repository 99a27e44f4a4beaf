//! The suite of the testkit on the server: over real sockets, with a store in a file and `kill -9`, and with time that
//! passes when the suite says so. Started with `serve STORE` this program is that server.
//!
//! `cargo test -p roomcall-server --test suite [-- WORLDS]`
#![allow(clippy::print_stdout, clippy::expect_used, reason = "it is a test")]

mod host;
mod serve;

use std::process::ExitCode;

use host::Host;
use roomcall_testkit::suite::Suite;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("there are threads");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, store] = &arguments[..]
        && serve == "serve"
    {
        return runtime.block_on(serve::serve(store.as_ref()));
    }
    let worlds = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(30);
    let suite = Suite::new().worlds(0..worlds).shrinks(60);
    let report = runtime.block_on(suite.run(async |rules| Host::start(&rules).await));
    println!("{report}");
    let is_whole = report.skipped() == 0 && report.failures().next().is_none();
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
