//! `inspect`: what is in a store. It is never written.

use std::process::ExitCode;

use roomcall_server::log::{Embedded, FORMAT, Log, Sequence, Store as _};
use roomcall_server::recover::{any_seed, from_zero, recover};
use roomcall_server::state::{Inputs, Unseen};

use super::{Done, LogArgs, wait};

/// The arguments.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    log: LogArgs,
}

/// A line of the answer.
fn say(what: &str, says: impl std::fmt::Display) {
    println!("{what:<12}{says}");
}

pub(crate) fn run(args: &Args) -> Done {
    let LogArgs { store: folder, tenant } = &args.log;
    let store = Embedded::existing(folder)?;
    let bytes = std::fs::metadata(folder.join("log.redb"))?.len();
    say("store", format_args!("{}, the log has {bytes} bytes", folder.display()));
    say("format", format_args!("{FORMAT}; every page has its checksum"));
    say("tenants", store.tenants()?.join(", "));
    let (log, first) = (store.log(tenant)?, store.first(tenant)?);
    wait(inspect(&*log, first))?
}

async fn inspect(log: &dyn Log, first: Option<Sequence>) -> Done {
    let mut inputs = 0u64;
    let recovered = recover(log, any_seed(), &mut Inputs(|_, _, _| inputs += 1)).await?;
    let last = recovered.state.last();
    // All that there were: from the first one, or none.
    let is_whole = first == Some(1) || last == 0;
    match first {
        _ if is_whole => say("batches", format_args!("{last}, all of them kept")),
        Some(first) => say("batches", format_args!("{last}; kept from {first} on")),
        None => say("batches", format_args!("{last}; none of them kept")),
    }
    let snapshots = log.snapshots().await?;
    if snapshots.is_empty() {
        say("snapshots", "none");
    }
    for sequence in snapshots.into_iter().rev() {
        let bytes = log.snapshot(sequence).await?.len();
        say("snapshot", format_args!("after batch {sequence}, {bytes} bytes"));
    }
    for why in &recovered.unread {
        say("DAMAGED", format_args!("{why}; what is before it leads to the same state"));
    }
    let board = recovered.state.switchboard();
    say("policy", serde_json::to_string(board.policy())?);
    say("limits", serde_json::to_string(board.limits())?);
    say("clock", format_args!("{} ms since 1970", recovered.state.clock()));
    say("live calls", board.live_count());
    match board.next_deadline() {
        Some(at) => say("deadline", format_args!("{} ms since 1970", at.as_millis())),
        None => say("deadline", "none"),
    }
    say("names", format_args!("{} of users, devices and rooms", board.known_names()));
    say("replayed", format_args!("{inputs} inputs"));
    let hash = board.state_hash();
    say("state", format_args!("{hash:016x}, from batch {} on", recovered.saved + 1));
    if !is_whole {
        return Ok(ExitCode::SUCCESS);
    }
    let whole = from_zero(log, any_seed(), &mut Unseen).await?;
    let hash = whole.switchboard().state_hash();
    say("", format_args!("{hash:016x}, from the first batch on"));
    if whole == recovered.state {
        return Ok(ExitCode::SUCCESS);
    }
    Err("the snapshot is not of this log: the two make different states. Restore a copy".into())
}
