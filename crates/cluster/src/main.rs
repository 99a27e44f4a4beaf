//! `roomcall-cluster`: roomcall on more than one machine.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{gateway, processor, relocate};

/// roomcall on more than one machine: gateways, which have the sockets of devices, and processors, which have the state of
/// tenants in a log in NATS JetStream.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let devices and the backend in, and relay what they say
    Gateway(Box<gateway::Args>),
    /// Follow the logs of all tenants, and decide for some
    Processor(Box<processor::Args>),
    /// Have another processor take over a tenant
    Move(relocate::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Gateway(args) => gateway::run(*args),
        Command::Processor(args) => processor::run(*args),
        Command::Move(args) => relocate::run(args),
    };
    match done {
        Ok(code) => code,
        Err(why) => {
            eprintln!("roomcall-cluster: {why}");
            ExitCode::FAILURE
        }
    }
}
