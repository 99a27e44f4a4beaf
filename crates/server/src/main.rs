//! `roomcall-server`: a signalling server, and what belongs to it. Without a command it shows itself.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{
    admin, inspect, keys, load, receiver, replay, schema, secret, serve, tour, trial, upgrade,
};

/// Many small texts are made on one thread and dropped on another one: with the allocator of the system a call costs a
/// sixth more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A signalling server on roomcall: it rings people into a live room, on all their devices.
///
/// Without a command it plays the tour: a server on a store of its own, a meeting over real sockets,
/// load, a kill in the middle, recovery, and a check of everything.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
A server of one's own, in four commands:

  roomcall-server secret --out secret.txt
  roomcall-server serve --secret-file secret.txt
  roomcall-server token --secret-file secret.txt --user ana --device phone
  roomcall-server token --secret-file secret.txt --backend

Devices connect to ws://127.0.0.1:7400/v1/socket?token=TOKEN; the backend posts facts to
http://127.0.0.1:7400/v1/facts with `Authorization: Bearer TOKEN`; /livez, /readyz and /metrics are for
whoever runs it. `roomcall-server try` is a page to try it with.";

#[derive(Debug, Subcommand)]
enum Command {
    /// The tour: a meeting, load, a kill, recovery, and a check of everything
    Tour(tour::Args),
    /// Try it in a browser: a server and a sample backend on this machine
    Try(trial::Args),
    /// Serve until told to stop
    Serve(Box<serve::Args>),
    /// See and steer a running server, by its listener of administration
    Admin(admin::Args),
    /// Make a secret, with which tokens are signed
    Secret(secret::Secret),
    /// Make a key with which tokens are signed, and add its public part to those of a server
    Keys(keys::Args),
    /// Sign a token for a device, or for the backend
    Token(secret::Args),
    /// Connect many devices to a server, call and answer, and measure
    Load(load::Args),
    /// Replay the log of a store: the inputs, and the outputs of each
    Replay(replay::Args),
    /// The same in words, with the rules at work
    Explain(replay::Args),
    /// Say what is in a store
    Inspect(inspect::Args),
    /// Make a store of this version of one that an earlier version wrote
    Upgrade(upgrade::Args),
    /// Print the JSON Schema of the wire form
    Schema,
    /// Make a secret, with which webhooks are signed
    WebhookSecret,
    /// Take webhooks, as a sample of a backend, and show what phones would show
    Receiver(receiver::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command.unwrap_or(Command::Tour(tour::Args::default())) {
        Command::Tour(args) => tour::run(&args),
        Command::Try(args) => trial::run(&args),
        Command::Serve(args) => serve::run(*args),
        Command::Admin(args) => admin::run(args),
        Command::Secret(args) => secret::make(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Token(args) => secret::token(&args),
        Command::Load(args) => load::run(&args),
        Command::Replay(args) => replay::run(&args, replay::Form::Lines),
        Command::Explain(args) => replay::run(&args, replay::Form::Words),
        Command::Inspect(args) => inspect::run(&args),
        Command::Upgrade(args) => upgrade::run(&args),
        Command::Schema => schema::run(),
        Command::WebhookSecret => receiver::make_secret(),
        Command::Receiver(args) => receiver::run(args),
    };
    match done {
        Ok(code) => code,
        Err(why) => {
            eprintln!("roomcall-server: {why}");
            ExitCode::FAILURE
        }
    }
}
