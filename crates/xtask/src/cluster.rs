//! The tests of `roomcall-cluster`, with servers of NATS as child processes.

use anyhow::Result;

use crate::command::{cargo, run};

/// Random worlds through gateways.
const WORLDS: u32 = 5;

/// Of logs in a broker, of a whole cluster, and how long a takeover takes.
pub(crate) fn tests() -> Result<String> {
    run(&mut cargo("test -p roomcall-cluster --test log"))?;
    run(&mut cargo(&format!("test -p roomcall-cluster --test suite -- {WORLDS}")))?;
    run(&mut cargo("test -p roomcall-cluster --test suite -- takeover"))?;
    Ok(format!("{WORLDS} worlds"))
}
