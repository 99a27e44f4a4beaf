//! Threads for what waits for the disk or takes long: nothing else waits with it.

use std::io;
use std::pin::Pin;
use std::thread;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::log::StoreError;

/// What runs on such a thread.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// Threads that work.
#[derive(Debug)]
pub(crate) struct Threads(FuturesUnordered<oneshot::Receiver<Result<(), StoreError>>>);

impl Threads {
    /// Shares the work out over so many threads, each with tasks of its own.
    pub(crate) fn start(name: &str, count: usize, works: Vec<Work>) -> io::Result<Self> {
        let mut shares: Vec<Vec<Work>> = Vec::new();
        shares.resize_with(count.min(works.len()).max(1), Vec::new);
        let places = shares.len();
        for (index, work) in works.into_iter().enumerate() {
            if let Some(share) = shares.get_mut(index % places) {
                share.push(work);
            }
        }
        let threads = shares.into_iter().map(|share| one(name, share));
        threads.collect::<io::Result<FuturesUnordered<_>>>().map(Self)
    }

    /// Waits until all work is done, or one could not be.
    pub(crate) async fn end(&mut self) -> Result<(), StoreError> {
        while let Some(said) = self.0.next().await {
            let silent =
                |_| StoreError::Write("a thread ended without a word: see the log".to_owned());
            said.map_err(silent)??;
        }
        Ok(())
    }
}

fn one(name: &str, works: Vec<Work>) -> io::Result<oneshot::Receiver<Result<(), StoreError>>> {
    let (ended, end) = oneshot::channel();
    let runtime = Builder::new_current_thread().enable_time().build()?;
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let worked = runtime.block_on(async {
            let mut tasks: JoinSet<_> = works.into_iter().collect();
            while let Some(done) = tasks.join_next().await {
                let panicked = |_| StoreError::Write("a task panicked: see the log".to_owned());
                done.map_err(panicked)??;
            }
            Ok(())
        });
        // Nobody waits for it only where the whole process ends.
        let _ = ended.send(worked);
    })?;
    Ok(end)
}
