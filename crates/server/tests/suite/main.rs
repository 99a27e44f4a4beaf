//! The suite of the testkit on the server: over real sockets, with a store in a file and `kill -9`, and with time that
//! passes when the suite says so. Started with `serve STORE RULES` this program is that server.
//!
//! `cargo test -p roomcall-server --test suite [-- WORLDS [TESTEE]..]`: with testees, which are commands such as
//! `'node testee.mjs'`, the devices are of all these kinds and handsets of this crate, one after another.
//!
//! `cargo test -p roomcall-server --test suite -- conformance [ID]` plays the conformance cases of a switchboard instead, over
//! sockets. The testee is this program, too: `suite testee`.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "it is a test")]

mod audible;
mod conformance;
mod host;
mod merged;
mod mixed;
mod names;
mod serve;
mod testee;
mod wire;

use std::process::ExitCode;

use host::Host;
use indicatif::ProgressBar;
use mixed::Kinds;
use roomcall_testkit::suite::Suite;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("there are threads");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, store, rules] = &arguments[..]
        && serve == "serve"
    {
        return runtime.block_on(serve::serve(store.as_ref(), rules));
    }
    match arguments.first().map(String::as_str) {
        Some("testee") => {
            runtime.block_on(testee::serve()).expect("the runner and the server do as they should");
            return ExitCode::SUCCESS;
        }
        Some("conformance") => {
            return conformance::run(arguments.get(1).map_or("", String::as_str));
        }
        _ => {}
    }
    let worlds = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(30);
    let bar = ProgressBar::new(0);
    let suite = Suite::new().worlds(0..worlds).shrinks(60).watch(move |case, done, count| {
        bar.set_length(count as u64);
        bar.set_position(done as u64);
        bar.set_message(case.name.clone());
    });
    let testees = arguments.into_iter().filter(|it| it.contains(' ')).collect();
    let mut kinds = Kinds::new(testees);
    let report = runtime.block_on(suite.run_with(
        async |rules| Host::start(&rules).await,
        async |user, device, settings| kinds.install(user, device, settings),
    ));
    println!("{report}");
    let is_whole = report.skipped() == 0 && report.failures().next().is_none();
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
