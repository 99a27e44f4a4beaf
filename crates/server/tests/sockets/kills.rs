//! Killed at a random moment, again and again on one store: whatever was acknowledged is there.
//!
//! `ROOMCALL_KILLS` says how often, `ROOMCALL_SEED` where it begins.

use std::path::Path;
use std::time::Duration;

use roomcall_server::log::{Embedded, Store as _};
use roomcall_server::recover::recover;
use roomcall_server::server::TENANT;
use roomcall_server::state::Unseen;
use tokio::task::JoinSet;

use crate::child::{self, PROGRAM};
use crate::journal::Rng;
use crate::people::{CALLEES, CALLERS, Known, Shared, backend, hold, number, open_room, person};
use crate::rig::seed;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() {
    let (kills, seed) = (number("ROOMCALL_KILLS", 3), number("ROOMCALL_SEED", 1));
    let mut rng = Rng(seed);
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("kills.redb");
    let known = Shared::default();
    for kill in 1..=kills {
        let more = ["--keep-journal", "--snapshot-bytes", "10000", "--rate", "100000"];
        let more = [&more[..], &["--burst", "100000"]].concat();
        let server = child::Server::start(&mut child::serve(PROGRAM, &path, &more));
        let mut participants = JoinSet::new();
        if kill == 1 {
            open_room(server.address).await;
        }
        for user in CALLERS.into_iter().chain(CALLEES) {
            let (known, rng) = (known.clone(), Rng(rng.below(u64::MAX)));
            participants.spawn(person(server.address, user, known, rng));
        }
        participants.spawn(backend(server.address, known.clone()));
        tokio::time::sleep(Duration::from_millis(100 + rng.below(400))).await;
        server.kill();
        while let Some(ended) = participants.join_next().await {
            ended.expect("nobody hears what cannot be");
        }
        let count = known.lock().unwrap().replies.len();
        let heard = std::mem::take(&mut *known.lock().unwrap());
        let inputs = check(&path, &heard).await;
        *known.lock().unwrap() = heard;
        println!(
            "kill {kill} of {kills}, seed {seed}: {count} replies, {inputs} inputs, none lost"
        );
    }
    assert!(known.lock().unwrap().replies.len() as u64 > 10 * kills, "it was at work");
}

/// Holds what people know to what the store has, and gives the number of inputs in it.
async fn check(path: &Path, known: &Known) -> u64 {
    let store = Embedded::existing(path).expect("a killed server leaves a good store");
    let log = store.log(TENANT).expect("it is there");
    let (whole, inputs) = hold(known, &*log, "killed").await;
    let recovered = recover(&*log, seed(), &mut Unseen).await.expect("it is good");
    assert_eq!(recovered.state, whole, "snapshot and log agree");
    inputs
}
