//! Cases in which something goes wrong, or two processes have a log.

use super::{Rig, append, batch, last, opened, read, until};
use crate::log::{Appended, Before, Log, Sequence};

/// How often an append is interrupted.
const INTERRUPTIONS: usize = 2;

/// Another process sees all that there is, from any batch on.
pub(super) async fn watched(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    let first = last(&*log);
    append(&*log, 0..10).await;
    let watching = rig.watch().await.expect("it can be read");
    append(&*log, 10..30).await;
    until(&*watching, last(&*log)).await;
    for after in first..=last(&*log) {
        assert_eq!(read(&*watching, after).await, read(&*log, after).await, "after {after}");
    }
}

/// Who had the log before is not believed any more, and all see that alike.
pub(super) async fn taken_over(rig: &mut dyn Rig) {
    let first = opened(rig).await;
    append(&*first, 0..10).await;
    let stale = last(&*first);
    let second = opened(rig).await;
    let taken_over = last(&*second);
    append(&*second, 10..15).await;
    // What it knows of is over, whether it has heard of that or not.
    for expected in [stale, taken_over, last(&*second)] {
        let at = first.append(expected, batch(99)).await;
        assert!(matches!(at, Appended::Conflict(_)), "{at:?} behind {expected}");
    }
    append(&*second, 15..20).await;
    until(&*first, last(&*second)).await;
    let all = read(&*second, 0).await;
    assert_eq!(read(&*first, 0).await, all);
    let watching = rig.watch().await.expect("it can be read");
    assert_eq!(read(&*watching, 0).await, all);
    assert!(!all.values().any(|it| *it == batch(99)), "it has nothing of the first one");
}

pub(super) async fn restarted(rig: &mut dyn Rig) {
    let mut all = std::collections::BTreeMap::new();
    for round in 0..3 {
        let log = opened(rig).await;
        all.append(&mut append(&*log, 10 * round..10 * round + 10).await);
        drop(log);
        rig.restart().await;
    }
    let log = opened(rig).await;
    let found = read(&*log, 0).await;
    for (sequence, batch) in all {
        assert_eq!(found.get(&sequence), Some(&batch), "batch {sequence}");
    }
}

/// Appends until one has no clear outcome, or the interruption has come and gone.
pub(super) async fn interrupted(rig: &mut dyn Rig) {
    for number in 0..INTERRUPTIONS {
        rig.renew();
        let log = opened(rig).await;
        let (mut at, mut told) = (last(&*log), Vec::new());
        let mut unclear = None;
        for count in 0..60 {
            if count == 20 {
                rig.interrupt(number).await;
            }
            let mine = batch(1_000 + count);
            match log.append(at, mine.clone()).await {
                Appended::At(sequence) => {
                    assert_eq!(sequence, at + 1);
                    at = sequence;
                    told.push((sequence, mine));
                }
                Appended::Conflict(last) => panic!("nobody else appends, and it ends with {last}"),
                Appended::Unknown(why) => {
                    println!("interruption {number}, append {count}: {why}");
                    assert!(!rig.survives(), "it goes on");
                    unclear = Some(mine);
                    break;
                }
            }
        }
        rig.mend().await;
        let log = opened(rig).await;
        holds(&*log, &told, unclear).await;
        append(&*log, 0..5).await;
    }
}

/// What was told is there, once; what was not told is there at most once, behind that.
async fn holds(log: &dyn Log, told: &[(Sequence, Vec<u8>)], unclear: Option<Vec<u8>>) {
    let found = read(log, 0).await;
    for (sequence, mine) in told {
        assert_eq!(found.get(sequence), Some(mine), "batch {sequence}");
        assert_eq!(found.values().filter(|it| *it == mine).count(), 1, "batch {sequence}");
    }
    if let Some(mine) = unclear {
        let end = told.last().map_or(0, |(sequence, _)| *sequence);
        let there: Vec<_> = found.iter().filter(|(_, it)| **it == mine).collect();
        assert!(there.len() <= 1 && there.iter().all(|(sequence, _)| **sequence == end + 1));
    }
}

pub(super) async fn torn(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    let appended = append(&*log, 0..20).await;
    drop(log);
    rig.tear().await;
    // It may refuse: then nobody is told anything.
    let Ok(log) = rig.open().await else { return };
    let found = read(&*log, 0).await;
    for (sequence, batch) in &appended {
        assert_eq!(found.get(sequence), Some(batch), "batch {sequence}");
    }
    let end = appended.keys().last().copied().unwrap_or(0);
    for (sequence, batch) in found.range(end + 1..) {
        let batch = crate::log::Batch::read(*sequence, batch).expect("it is a batch");
        assert!(batch.entries.is_empty(), "batch {sequence} has nothing");
    }
    append(&*log, 20..25).await;
    let watching = rig.watch().await.expect("it can be read");
    until(&*watching, last(&*log)).await;
    assert_eq!(read(&*watching, 0).await, read(&*log, 0).await);
}

pub(super) async fn lost(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    append(&*log, 0..20).await;
    let before = Before::One { unread: Vec::new() };
    log.save(last(&*log), b"a".to_vec(), before).await.expect("it is stored");
    drop(log);
    rig.lose_end().await;
    let why = rig.open().await.map(|log| last(&*log)).expect_err("it refuses");
    assert!(why.to_string().contains("lost"), "{why}");
}
