//! The power goes, at random moments: whatever was acknowledged by then is on the disk.
//!
//! A server works on a file system in an image of a disk, of which each write and each flush is recorded. From the
//! record come the disks that a cut can leave: all writes before the last flush, and of those after it any, whole
//! or in part. Each is mounted, its store is held to what people were told before the cut, and a server is started
//! from it.
//!
//! A disk that lies about flushes, or that damages what it had, is not played.
//!
//! It mounts, so it needs root. `ROOMCALL_CUTS` says how many cuts, `ROOMCALL_SEED` where it begins.
//! `cargo test -p roomcall-server --test power`
#![allow(clippy::print_stdout, clippy::expect_used, clippy::panic, reason = "it is a test")]
#![allow(dead_code, reason = "the modules of the tests with sockets have more than is needed here")]

#[path = "../sockets/backend.rs"]
mod backend;
#[path = "../sockets/child.rs"]
mod child;
#[path = "../sockets/client.rs"]
mod client;
mod disk;
mod history;
#[path = "../sockets/http.rs"]
mod http;
#[path = "../sockets/journal.rs"]
mod journal;
mod life;
#[path = "../sockets/people.rs"]
mod people;
mod record;
#[path = "../sockets/rig.rs"]
mod rig;

use disk::Mounted;
use history::History;
use journal::Rng;
use people::number;
use record::{Loss, Record};

/// Within so many steps no more is appended than two snapshots leave of the log.
const LOOKS_EVERY: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("there are threads").block_on(play());
}

async fn play() {
    let (cuts, seed) = (number("ROOMCALL_CUTS", 60), number("ROOMCALL_SEED", 1));
    let mut rng = Rng(seed);
    let folder = tempfile::tempdir().expect("there is room");
    let base = disk::formatted(folder.path());
    let lived = life::live(folder.path(), &base, &mut rng).await;
    let mut record = Record::read(&lived.record, &base);
    let image = folder.path().join("cut.img");
    assert!(record.leads_to(&folder.path().join(disk::IMAGE), &base), "it is what was written");
    let (first, last) =
        (lived.moments[0].recorded, lived.moments.last().expect("time passed").recorded);
    println!("seed {seed}: {} moments, {}", lived.moments.len(), record.said());
    let (begin, end) = (record.at(first), record.at(last));
    assert!(end > begin + cuts as usize, "it wrote");
    // Now and then a cut that takes nothing shows what was appended until then; the others take what they may.
    let mut all: Vec<(usize, Loss)> =
        (begin..end).step_by(LOOKS_EVERY).map(|at| (at, Loss::Nothing)).collect();
    all.extend((0..cuts).map(|_| {
        let at = begin + rng.below((end - begin) as u64) as usize;
        (at, rng.one(&Loss::ALL))
    }));
    all.sort_by_key(|(at, _)| *at);
    let (mut history, mut done, mut lost) = (History::default(), 0, 0);
    for (at, loss) in all {
        lost += record.image(at, loss, &mut rng, &image);
        // What was known by then, and after it what may have been told meanwhile.
        let next = lived.moments.partition_point(|it| record.at(it.recorded) <= at);
        let (before, after) = (&lived.moments[next - 1], lived.moments.get(next + 1));
        let mounted = Mounted::new(&image, &folder.path().join("cut"));
        let which = format!("seed {seed}, after {at} of {} writes, {loss:?}", record.len());
        let cut = history.check(&mounted.store(), before, &which).await;
        if loss != Loss::Nothing {
            let all = after.map_or(usize::MAX, |it| it.posts);
            life::goes_on(&mounted.store(), &lived.posts, before.posts..all, &cut, &which).await;
            done += 1;
            println!(
                "cut {done} of {cuts}: {which}: {} inputs, {} events",
                cut.inputs,
                cut.events.len()
            );
        }
    }
    println!("{done} cuts, which took {lost} sectors: nothing that was acknowledged is lost");
    assert!(history.trimmed() > 0 && lost > 0, "the log was trimmed, and something was lost");
}
