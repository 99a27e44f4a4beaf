//! The thread that writes to the file of all logs: what waits is made durable with one commit.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
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
    let mut trims: Vec<(String, Sequence)> = Vec::new();
    loop {
        // Trimming is done while nothing else is to do, a piece at a time.
        let first = match (waiting.try_recv(), trims.last()) {
            (Ok(first), _) => first,
            (Err(TryRecvError::Disconnected), None) => return,
            (Err(_), Some((tenant, through))) => {
                match trim(file, tenant, *through) {
                    Ok(true) => drop(trims.pop()),
                    Ok(false) => {}
                    Err(why) => {
                        tracing::error!(%why, "the log cannot be trimmed: it is tried again after the next snapshot");
                        trims.pop();
                    }
                }
                continue;
            }
            (Err(TryRecvError::Empty), None) => match waiting.recv() {
                Ok(first) => first,
                Err(_) => return,
            },
        };
        let mut group = Vec::new();
        for work in [first].into_iter().chain(waiting.try_iter()) {
            match work {
                Work::Trim { tenant, through } => trims.push((tenant, through)),
                Work::Append { tenant, expected, batch, done } => {
                    group.push((tenant, expected, batch, done));
                }
            }
        }
        if !group.is_empty() {
            commit(file, tails, group);
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
