//! The suite of the testkit on a cluster: two gateways and two processors over a log in JetStream, over real sockets, with
//! `kill -9` of all four, and with time that passes when the suite says so. Started with `serve` this program is the four.
//!
//! `cargo test -p roomcall-cluster --test suite [-- WORLDS]`; with `-- takeover` the active processor is killed ten times
//! instead, and it says how long it took until somebody was answered again.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "it is a test")]

mod host;
mod serve;
mod takeover;
mod wire;

use std::process::ExitCode;

use host::Host;
use indicatif::ProgressBar;
use roomcall_cluster::log::nodes::{Nodes, Sync};
use roomcall_testkit::suite::Suite;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("there are threads");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, servers, monitors, rules] = &arguments[..]
        && serve == "serve"
    {
        return runtime.block_on(serve::serve(servers, monitors, rules));
    }
    match &arguments[..] {
        [processor, name, servers, monitors] if processor == "processor" => {
            return runtime.block_on(serve::processor_alone(name, servers, monitors));
        }
        [takeover] if takeover == "takeover" => return runtime.block_on(takeover::run()),
        _ => {}
    }
    let worlds = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(10);
    let only = arguments.iter().find(|it| it.parse::<u64>().is_err() && !it.starts_with('-'));
    let bar = ProgressBar::new(0);
    let suite = Suite::new().worlds(0..worlds).shrinks(30).watch(move |case, done, count| {
        bar.set_length(count as u64);
        bar.set_position(done as u64);
        bar.set_message(case.name.clone());
    });
    let suite = only.map_or(suite.clone(), |only| suite.only(only));
    let report = runtime.block_on(async {
        let nodes = Nodes::start(1, Sync::Always).await.expect("there is a nats-server");
        suite.run(async |rules| Host::start(&nodes, &rules).await).await
    });
    println!("{report}");
    let is_whole = report.skipped() == 0 && report.failures().next().is_none();
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
