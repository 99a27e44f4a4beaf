//! What every log has to do, whatever it is made of: cases that a [`Rig`] plays on its log.
//!
//! What a log cannot be asked for its rig [says](Rig::lacks), with the reason, which is printed: nothing is left out silently.
#![allow(clippy::print_stdout, reason = "tests say what they did")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use super::{Appended, Batch, Log, Sequence, StoreError};

mod faults;
mod snapshots;
#[cfg(test)]
mod tests;

/// Something that not every log can be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Capability {
    /// Two processes have it at once, and the second one takes it over.
    Processes,
    /// It is there after a restart.
    Restart,
    /// An append can be interrupted, so that its outcome may be unknown.
    Interruption,
    /// Something that is no whole append can be behind its end.
    TornTail,
    /// Its end can get lost while its snapshots stay.
    LostEnd,
    /// A damaged snapshot is noticed by the log itself.
    SnapshotHash,
    /// Two snapshots after one batch are compared.
    SnapshotComparison,
    /// Batches that two snapshots have are removed.
    Trimming,
}

/// A log to play the cases on.
pub trait Rig: Send {
    /// What it is called in what is printed.
    fn name(&self) -> &'static str;

    /// What it lacks, and why.
    fn lacks(&self) -> Vec<(Capability, &'static str)>;

    /// From now on another log, which is empty.
    fn renew(&mut self);

    /// The log as a new process opens it that will append to it. One from before may still be there, and has it no longer. The log may
    /// have a batch more than before.
    fn open(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>>;

    /// The log as another process opens it that reads it only.
    fn watch(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>> {
        self.open()
    }

    /// What was in memory is gone: no handle from before is used any more.
    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    /// The next appends are interrupted, each in another way: this one in the way of that number.
    fn interrupt(&mut self, number: usize) -> BoxFuture<'_, ()> {
        let _ = number;
        async {}.boxed()
    }

    /// Whether the log goes on while it is interrupted: then each append is resolved, if late.
    fn survives(&self) -> bool {
        false
    }

    /// The interruption is over.
    fn mend(&mut self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    /// Leaves something behind the end that is no whole append.
    fn tear(&mut self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    /// Loses the end of the log.
    fn lose_end(&mut self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    /// Changes the bytes of a snapshot.
    fn damage(&mut self, snapshot: Sequence) -> BoxFuture<'_, ()> {
        let _ = snapshot;
        async {}.boxed()
    }
}

type Play = for<'a> fn(&'a mut dyn Rig) -> BoxFuture<'a, ()>;

/// The cases: what each is about, what it needs, and how it goes.
const CASES: [(&str, &[Capability], Play); 18] = [
    ("appends are in order", &[], |it| in_order(it).boxed()),
    ("the same append again has no effect", &[], |it| duplicate(it).boxed()),
    ("a stale expectation is a conflict", &[], |it| stale(it).boxed()),
    ("it is read in pieces, from any batch on", &[], |it| in_pieces(it).boxed()),
    ("its end is followed", &[], |it| followed(it).boxed()),
    ("it is read while it is appended to", &[], |it| meanwhile(it).boxed()),
    ("another process follows it", &[Capability::Processes], |it| faults::watched(it).boxed()),
    ("of two that append one is believed", &[Capability::Processes], |it| {
        faults::taken_over(it).boxed()
    }),
    ("what was acknowledged is there after a restart", &[Capability::Restart], |it| {
        faults::restarted(it).boxed()
    }),
    ("an interrupted append is resolved", &[Capability::Interruption], |it| {
        faults::interrupted(it).boxed()
    }),
    ("a torn tail is no batch", &[Capability::TornTail], |it| faults::torn(it).boxed()),
    ("a lost end is noticed", &[Capability::LostEnd], |it| faults::lost(it).boxed()),
    ("snapshots are kept", &[], |it| snapshots::kept(it).boxed()),
    ("an unread snapshot is replaced", &[], |it| snapshots::unread(it).boxed()),
    ("a snapshot takes the place of everything", &[], |it| snapshots::everything(it).boxed()),
    ("what two snapshots have is removed", &[Capability::Trimming], |it| {
        snapshots::trimmed(it).boxed()
    }),
    ("a damaged snapshot is noticed", &[Capability::SnapshotHash], |it| {
        snapshots::damaged(it).boxed()
    }),
    ("two snapshots after one batch are compared", &[Capability::SnapshotComparison], |it| {
        snapshots::compared(it).boxed()
    }),
];

/// Plays all cases, each on a log of its own.
///
/// # Panics
///
/// The log does not do what it has to.
pub async fn play(rig: &mut dyn Rig) {
    let lacks = rig.lacks();
    for (name, needs, case) in CASES {
        let missing = lacks.iter().find(|(lacked, _)| needs.contains(lacked));
        if let Some((lacked, why)) = missing {
            println!("{}: {name}: not played, it has no {lacked:?}: {why}", rig.name());
            continue;
        }
        println!("{}: {name}", rig.name());
        rig.renew();
        case(rig).await;
    }
}

/// A batch that no other one is like.
fn batch(number: u64) -> Vec<u8> {
    Batch::new(number).write()
}

/// Appends batches with numbers behind the end, and gives what they are.
async fn append(log: &dyn Log, numbers: std::ops::Range<u64>) -> BTreeMap<Sequence, Vec<u8>> {
    let mut appended = BTreeMap::new();
    for number in numbers {
        let last = *log.follow().borrow();
        let at = log.append(last, batch(number)).await;
        assert!(matches!(at, Appended::At(at) if at == last + 1), "{at:?} behind {last}");
        appended.insert(last + 1, batch(number));
    }
    appended
}

/// All batches after one.
async fn read(log: &dyn Log, after: Sequence) -> BTreeMap<Sequence, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut last = after;
    loop {
        let read = log.read(last).await.expect("it can be read");
        if read.is_empty() {
            return all;
        }
        for (sequence, batch) in read {
            assert_eq!(sequence, last + 1, "batches come without gaps");
            last = sequence;
            all.insert(sequence, batch);
        }
    }
}

/// Waits until a log is known to have a batch.
async fn until(log: &dyn Log, sequence: Sequence) {
    let mut tail = log.follow();
    let known = timeout(Duration::from_secs(20), tail.wait_for(|last| *last >= sequence)).await;
    known.expect("in time").expect("the log is there");
}

fn last(log: &dyn Log) -> Sequence {
    *log.follow().borrow()
}

async fn opened(rig: &mut dyn Rig) -> Arc<dyn Log> {
    rig.open().await.expect("it can be opened")
}

async fn in_order(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    let first = last(&*log);
    let appended = append(&*log, 0..100).await;
    assert_eq!(read(&*log, first).await, appended);
    assert_eq!(last(&*log), first + 100);
}

async fn duplicate(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    append(&*log, 0..3).await;
    let end = last(&*log);
    assert!(matches!(log.append(end, batch(7)).await, Appended::At(_)));
    let again = log.append(end, batch(7)).await;
    assert!(matches!(again, Appended::Conflict(at) if at == end + 1), "{again:?}");
    assert_eq!(read(&*log, end).await.len(), 1);
}

async fn stale(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    append(&*log, 0..5).await;
    let end = last(&*log);
    for expected in [0, end - 1, end + 1, end + 10, Sequence::MAX] {
        let at = log.append(expected, batch(7)).await;
        assert!(matches!(at, Appended::Conflict(at) if at == end), "{at:?} behind {expected}");
    }
    assert!(read(&*log, end).await.is_empty());
    append(&*log, 5..7).await;
}

async fn in_pieces(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    let first = last(&*log);
    let mut all = append(&*log, 0..20).await;
    // More than is read at once.
    for byte in 0..12 {
        let (last, large) = (last(&*log), vec![byte; 1 << 20]);
        assert!(matches!(log.append(last, large.clone()).await, Appended::At(_)));
        all.insert(last + 1, large);
    }
    let mut all_at_any = append(&*log, 20..30).await;
    all_at_any.append(&mut all);
    for after in first..=last(&*log) {
        let rest = all_at_any.split_off(&(after + 1));
        assert_eq!(read(&*log, after).await, rest, "after {after}");
        all_at_any = rest;
    }
}

async fn followed(rig: &mut dyn Rig) {
    let log = opened(rig).await;
    let mut tail = log.follow();
    let before = *tail.borrow_and_update();
    append(&*log, 0..1).await;
    tail.changed().await.expect("the log is there");
    assert_eq!(*tail.borrow(), before + 1);
    assert_eq!(read(&*log, before).await.len(), 1);
}

/// Who reads at the end is never told that what comes next is not kept.
async fn meanwhile(rig: &mut dyn Rig) {
    const COUNT: u64 = 1_000;
    let log = opened(rig).await;
    let first = last(&*log);
    let reading = async {
        let mut at = first;
        while at < first + COUNT {
            let read = log.read(at).await.expect("nothing was removed");
            at = read.last().map_or(at, |(last, _)| *last);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(append(&*log, 0..COUNT), reading);
}
