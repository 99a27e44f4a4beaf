//! `inspect`: what is in a store. It is never written.

use std::path::PathBuf;
use std::process::ExitCode;

use roomcall_server::recover::{any_key, from_zero, recover};
use roomcall_server::store::{Embedded, FORMAT, Past, Store as _};

use super::Done;

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The file of the store; it is not written, and no server may have it open
    store: PathBuf,
}

/// A line of the answer.
fn say(what: &str, says: impl std::fmt::Display) {
    println!("{what:<12}{says}");
}

pub(crate) fn run(args: &Args) -> Done {
    let store = Embedded::existing(&args.store)?;
    let bytes = std::fs::metadata(&args.store)?.len();
    say("store", format_args!("{}, {bytes} bytes", args.store.display()));
    say("format", format_args!("{FORMAT}; every page has its checksum"));
    let header = store.header()?;
    say("policy", serde_json::to_string(&header.policy)?);
    say("limits", serde_json::to_string(&header.limits)?);

    let (first, Past { snapshots, last }) = (store.first()?, store.past()?);
    // All that there were: from the first one, or none.
    let is_whole = first == Some(1) || last == 0;
    match first {
        _ if is_whole => say("inputs", format_args!("{last}, all of them kept")),
        Some(first) => say("inputs", format_args!("{last}; kept from {first} on")),
        None => say("inputs", format_args!("{last}; none of them kept")),
    }
    if snapshots.is_empty() {
        say("snapshots", "none");
    }
    for sequence in snapshots.into_iter().rev() {
        let bytes = store.snapshot(sequence)?.len();
        say("snapshot", format_args!("after input {sequence}, {bytes} bytes"));
    }

    let recovered = recover(&store, any_key())?;
    for why in &recovered.unread {
        say("DAMAGED", format_args!("{why}; what is before it leads to the same state"));
    }
    let board = &recovered.switchboard;
    say("clock", format_args!("{} ms since 1970", recovered.clock()));
    say("live calls", board.live_count());
    match board.next_deadline() {
        Some(at) => say("deadline", format_args!("{} ms since 1970", at.as_millis())),
        None => say("deadline", "none"),
    }
    say("names", format_args!("{} of users, devices and rooms", board.known_names()));
    let hash = board.state_hash();
    say("state", format_args!("{hash:016x}, from input {} on", recovered.saved + 1));
    if !is_whole {
        return Ok(ExitCode::SUCCESS);
    }
    let (switchboard, _) = from_zero(&store, any_key())?;
    let whole = switchboard.state_hash();
    say("", format_args!("{whole:016x}, from the first input on"));
    if switchboard == recovered.switchboard {
        return Ok(ExitCode::SUCCESS);
    }
    Err("the snapshot is not of this journal: the two make different states. Restore a copy".into())
}
