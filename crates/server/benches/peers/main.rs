//! roomcall-server beside its peers: a server for Node with `ws` and a Redis that makes each change durable, and
//! Mosquitto, which only passes on what it is sent. The same clients make the same calls with each, in slices of
//! time that alternate: so what else the machine does is common to them.
//!
//! `cargo bench -p roomcall-server --bench peers`, once `cargo xtask setup --bench` has installed the peers. It ends with 1
//! where a bound is not kept, and with 2 where a peer is missing.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    reason = "this is a measurement"
)]

mod crew;
mod link;
mod pair;
mod report;
mod servers;

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use crew::{Crew, Pace};
use pair::Kind;
use report::{Part, Report};
use servers::Server;

#[derive(Parser)]
struct Args {
    /// Pairs of a caller with one device and a callee with two
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pairs: u32,
    /// Calls a second where latencies are measured
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Seconds of a slice; in those of the others a device has to answer no ping
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=5))]
    seconds: u64,
    /// Rounds, in each of which every server has its slices
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
    /// Only roomcall-server, to see where its time goes: no bound is judged
    #[arg(long)]
    alone: bool,
    /// Cargo gives it
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let missing = if args.alone { Vec::new() } else { servers::missing() };
    if !missing.is_empty() {
        eprintln!("missing: {}. Run `cargo xtask setup --bench`", missing.join(", "));
        return ExitCode::from(2);
    }
    match measure(&args) {
        Ok(report) => {
            println!("{}", report.text());
            if args.alone || report.judge() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("the measurement broke off: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> io::Result<Report> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let kinds = if args.alone { &Kind::ALL[..1] } else { &Kind::ALL[..] };
    let servers: Vec<(Kind, Server)> = kinds.iter().map(|it| (*it, Server::start(*it))).collect();
    let pairs = args.pairs as usize;
    servers::open_rooms(servers[0].1.address, pairs);
    let addresses: Vec<_> = servers.iter().map(|(kind, it)| (*kind, it.address)).collect();
    let crew = Crew::connect(&addresses, pairs)?;
    println!("{} devices are connected to each of {} servers", crew.devices(), servers.len());
    let length = Duration::from_secs(args.seconds);
    let mut report = Report::new(kinds, args.rate);
    // Caches fill, and Node compiles what is used much.
    for server in 0..servers.len() {
        crew.slice(server, Pace::Closed, length)?;
    }
    for round in 0..args.rounds as usize {
        println!("round {} of {}", round + 1, args.rounds);
        for place in 0..servers.len() {
            // Each comes first as often as the others, and none waits for long.
            let index = (place + servers.len() * args.rounds as usize - round) % servers.len();
            let (kind, server) = &servers[index];
            for pace in [Pace::Rate(args.rate), Pace::Closed] {
                let (began, clients) = (Instant::now(), servers::used(std::process::id()));
                let before = server.used();
                let seen = crew.slice(index, pace, length)?;
                let passed = began.elapsed();
                let part = Part {
                    used: server.used() - before,
                    clients: servers::used(std::process::id()) - clients,
                    passed,
                    length,
                    seen,
                };
                report.add(*kind, pace, part);
            }
        }
    }
    Ok(report)
}
