//! The thread that writes to the file of all logs: what waits is made durable with one commit.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use redb::{Database, Durability, ReadableTable as _};
use tokio::sync::{oneshot, watch};

use super::embedded::LOG;
use super::{Appended, Sequence, StoreError};

/// The last batch of each log, for those who follow it.
pub(super) type Tails = Arc<Mutex<HashMap<String, watch::Sender<Sequence>>>>;

/// Batches that are removed with one commit: appends wait for it.
const TRIMMED_AT_ONCE: u64 = 256;

/// So many commits come between two pieces of trimming at most: more than one log appends all the time, and then
/// there is always something to do.
const COMMITS_BETWEEN: u32 = 16;

/// Something for the thread to do.
pub(super) enum Work {
    Append {
        tenant: String,
        expected: Sequence,
        batch: Vec<u8>,
        done: oneshot::Sender<Appended>,
    },
    /// Removes the batches of a log up to one.
    Trim {
        tenant: String,
        through: Sequence,
    },
}

/// The thread. When this is dropped, it has ended, and what it was given is done.
#[derive(Debug)]
pub(super) struct Committer {
    work: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(super) fn start(file: Arc<Database>, tails: Tails) -> io::Result<Self> {
        let (work, waiting) = channel();
        let thread = thread::Builder::new().name("committer".to_owned());
        let thread = thread.spawn(move || run(&file, &tails, &waiting))?;
        Ok(Self { work: Some(work), thread: Some(thread) })
    }

    /// Who is given to do something that it cannot do hears nothing more of it.
    pub(super) fn give(&self, work: Work) {
        if let Some(to) = &self.work {
            let _ = to.send(work);
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked, whoever waited for it has heard.
            let _ = thread.join();
        }
    }
}

fn run(file: &Database, tails: &Tails, waiting: &Receiver<Work>) {
    let mut trims = Trims::default();
    loop {
        let first = match waiting.try_recv() {
            Ok(first) => first,
            Err(_) if trims.is_due(true) => {
                trims.piece(file);
                continue;
            }
            Err(_) => match waiting.recv() {
                Ok(first) => first,
                Err(_) => return,
            },
        };
        let mut group = Vec::new();
        for work in [first].into_iter().chain(waiting.try_iter()) {
            match work {
                Work::Trim { tenant, through } => trims.list.push((tenant, through)),
                Work::Append { tenant, expected, batch, done } => {
                    group.push((tenant, expected, batch, done));
                }
            }
        }
        if !group.is_empty() {
            commit(file, tails, group);
            trims.commits += 1;
        }
        if trims.is_due(false) {
            trims.piece(file);
        }
    }
}

/// What is to be removed of logs, and up to where. It is removed a piece at a time.
#[derive(Default)]
struct Trims {
    list: Vec<(String, Sequence)>,
    /// Those since the last piece.
    commits: u32,
}

impl Trims {
    /// Whether a piece is removed now: while nothing waits, or when it has waited for long.
    fn is_due(&self, is_idle: bool) -> bool {
        !self.list.is_empty() && (is_idle || self.commits >= COMMITS_BETWEEN)
    }

    fn piece(&mut self, file: &Database) {
        self.commits = 0;
        let Some((tenant, through)) = self.list.last() else { return };
        match trim(file, tenant, *through) {
            Ok(true) => drop(self.list.pop()),
            Ok(false) => {}
            Err(why) => {
                tracing::error!(%why, "the log cannot be trimmed: it is tried again after the next snapshot");
                self.list.pop();
            }
        }
    }
}

type Append = (String, Sequence, Vec<u8>, oneshot::Sender<Appended>);

/// Appends with one commit.
fn commit(file: &Database, tails: &Tails, group: Vec<Append>) {
    let mut tails = tails.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lasts: HashMap<String, Sequence> = HashMap::new();
    let mut placed = Vec::new();
    for (tenant, expected, batch, done) in group {
        let known = tails.get(&tenant).map_or(0, |tail| *tail.borrow());
        let last = lasts.get(&tenant).copied().unwrap_or(known);
        if expected == last {
            lasts.insert(tenant.clone(), last + 1);
            placed.push((tenant, last + 1, batch, done));
        } else {
            // Who does not wait for it does not need it.
            let _ = done.send(Appended::Conflict(last));
        }
    }
    let written = write(file, &placed);
    for (tenant, sequence, _, done) in placed {
        let appended = match &written {
            Ok(()) => {
                tails.entry(tenant).or_default().send_replace(sequence);
                Appended::At(sequence)
            }
            Err(why) => Appended::Unknown(StoreError::Write(why.to_string())),
        };
        let _ = done.send(appended);
    }
}

fn write(file: &Database, placed: &[Append]) -> Result<(), redb::Error> {
    let change = file.begin_write()?;
    {
        let mut log = change.open_table(LOG)?;
        for (tenant, sequence, batch, _) in placed {
            log.insert((&tenant[..], *sequence), &batch[..])?;
        }
    }
    Ok(change.commit()?)
}

/// Removes a piece of what is to be removed. Whether that was the last.
fn trim(file: &Database, tenant: &str, through: Sequence) -> Result<bool, redb::Error> {
    let mut change = file.begin_write()?;
    let mut is_done = true;
    {
        let mut log = change.open_table(LOG)?;
        let first = log.range((tenant, 0)..=(tenant, through))?.next().transpose()?;
        if let Some(first) = first.map(|(key, _)| key.value().1) {
            let end = through.min(first.saturating_add(TRIMMED_AT_ONCE));
            log.retain_in((tenant, first)..=(tenant, end), |_, _| false)?;
            is_done = end == through;
        }
    }
    if !is_done {
        // What comes back after a crash is removed again: only the last piece waits for the disk.
        change.set_durability(Durability::None)?;
    }
    change.commit()?;
    Ok(is_done)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use super::{COMMITS_BETWEEN, Trims};
    use crate::log::{Appended, Before, Embedded, Log, Store as _};

    #[test]
    fn trimming_waits_for_a_number_of_commits_at_most() {
        let mut trims = Trims::default();
        assert!(!trims.is_due(true), "there is nothing to remove");
        trims.list.push(("a".to_owned(), 100));
        for commits in 0..COMMITS_BETWEEN {
            trims.commits = commits;
            assert!(trims.is_due(true) && !trims.is_due(false), "after {commits} commits");
        }
        trims.commits = COMMITS_BETWEEN;
        assert!(trims.is_due(false), "something waits all the time");
    }

    #[test]
    fn a_log_is_trimmed_while_it_and_another_one_append() {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), false).unwrap();
        store.begin().unwrap();
        let is_over = AtomicBool::new(false);
        let append = |log: &dyn Log| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut last = 0;
            while !is_over.load(Ordering::Relaxed) {
                // More than one waits at any time.
                let ahead: Vec<_> = (0..4).map(|it| log.append(last + it, vec![0; 64])).collect();
                for appended in ahead {
                    assert!(matches!(runtime.block_on(appended), Appended::At(_)));
                    last += 1;
                }
            }
        };
        let (busy, other) = (store.log("a").unwrap(), store.log("b").unwrap());
        std::thread::scope(|scope| {
            scope.spawn(|| append(&*busy));
            scope.spawn(|| append(&*other));
            let until = Instant::now() + Duration::from_secs(20);
            let wait = |is_there: &dyn Fn() -> bool| {
                while !is_there() && Instant::now() < until {
                    std::thread::sleep(Duration::from_millis(1));
                }
            };
            wait(&|| *busy.follow().borrow() > 100);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(busy.save(100, vec![1], Before::Nothing)).unwrap();
            wait(&|| store.first("a").unwrap() == Some(101));
            is_over.store(true, Ordering::Relaxed);
        });
        assert_eq!(store.first("a").unwrap(), Some(101));
    }
}
