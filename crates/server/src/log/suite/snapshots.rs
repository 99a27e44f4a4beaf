//! Cases of snapshots, and of what is removed for them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Rig, append, last, opened, read};
use crate::log::{Before, Log, Sequence, StoreError};

fn one_more() -> Before {
    Before::One { unread: Vec::new() }
}

/// A snapshot that no other one is like.
fn snapshot(number: u8) -> Vec<u8> {
    vec![number; 3 << 20]
}

async fn saved(log: &dyn Log, number: u8, before: Before) -> Sequence {
    let after = last(log);
    log.save(after, snapshot(number), before).await.expect("it is stored");
    after
}

/// Three snapshots with ten batches before each.
async fn three(rig: &mut dyn Rig) -> (Arc<dyn Log>, [Sequence; 3]) {
    let log = opened(rig).await;
    let mut after = [0; 3];
    for (number, after) in (1..).zip(&mut after) {
        append(&*log, 0..10).await;
        *after = saved(&*log, number, one_more()).await;
    }
    append(&*log, 0..5).await;
    (log, after)
}

pub(super) async fn kept(rig: &mut dyn Rig) {
    let (log, [_, second, third]) = three(rig).await;
    let kept = log.snapshots().await.expect("they are listed");
    assert_eq!(kept.get(..2), Some(&[third, second][..]), "newest first");
    for (number, after) in [(2, second), (3, third)] {
        let read = log.snapshot(after).await.expect("it can be read");
        assert!(read == snapshot(number), "snapshot {number}");
    }
    assert!(log.snapshot(third + 1).await.is_err(), "there is none");
    // The same one again changes nothing.
    log.save(third, snapshot(3), one_more()).await.expect("it is the same");
    assert_eq!(log.snapshots().await.expect("they are listed"), kept);
}

pub(super) async fn unread(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    append(&*log, 0..10).await;
    let first = saved(&*log, 1, one_more()).await;
    append(&*log, 0..10).await;
    let second = saved(&*log, 2, Before::One { unread: vec![first] }).await;
    assert_eq!(log.snapshots().await.expect("they are listed"), [second]);
    assert_eq!(read(&*log, 0).await.len() as Sequence, last(&*log), "nothing is removed for it");
}

pub(super) async fn everything(rig: &mut dyn Rig) {
    let (log, _) = three(rig).await;
    let after = saved(&*log, 4, Before::Nothing).await;
    assert_eq!(log.snapshots().await.expect("they are listed"), [after]);
    gone(&*log, after).await;
    assert!(read(&*log, after).await.is_empty());
    append(&*log, 0..3).await;
    assert_eq!(read(&*log, after).await.len(), 3);
}

/// Waits until a batch is not kept any more, nor one before it; those after it are.
async fn gone(log: &dyn Log, through: Sequence) {
    let until = Instant::now() + Duration::from_secs(20);
    for after in [through - 1, through / 2, 0] {
        // A replica may be behind.
        loop {
            match log.read(after).await {
                Err(StoreError::Trimmed(it)) => break assert_eq!(it, after + 1),
                Err(why) => panic!("{why}"),
                Ok(_) => assert!(Instant::now() < until, "batch {} is still kept", after + 1),
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(super) async fn trimmed(rig: &mut dyn Rig) {
    let (log, [_, second, third]) = three(rig).await;
    let end = last(&*log);
    drop(log);
    let log = opened(rig).await;
    gone(&*log, second).await;
    // Who is behind begins with a snapshot.
    for after in [second, third] {
        assert!(log.snapshot(after).await.is_ok());
        assert!(read(&*log, after).await.len() as Sequence >= end - after);
    }
}

pub(super) async fn damaged(rig: &mut dyn Rig) {
    let (log, [_, second, third]) = three(rig).await;
    rig.damage(third).await;
    let why = log.snapshot(third).await.expect_err("it is noticed");
    assert!(matches!(why, StoreError::Damaged(_)), "{why}");
    // From the one before that all can be read.
    assert!(log.snapshot(second).await.is_ok());
    assert_eq!(read(&*log, second).await.len() as Sequence, last(&*log) - second);
}

pub(super) async fn compared(rig: &mut dyn Rig) {
    let (log, [_, _, third]) = three(rig).await;
    let why = log.save(third, snapshot(9), one_more()).await.expect_err("it differs");
    assert!(why.to_string().contains("diverged"), "{why}");
    assert!(log.snapshot(third).await.expect("it can be read") == snapshot(3));
}
