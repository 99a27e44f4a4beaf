//! A log as far as what came of it was surely told.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use roomcall_server::log::{Appended, Before, Log, Read, Sequence, StoreError};
use tokio::sync::watch;

use super::StreamLog;

/// A view of a log that ends where what came of it has surely been told.
///
/// A state that follows it is one from which whoever takes the log over can play again all that people may not have heard.
#[derive(Clone, Debug)]
pub struct Released(StreamLog);

impl Released {
    /// The view of a log.
    pub const fn new(log: StreamLog) -> Self {
        Self(log)
    }
}

impl Log for Released {
    /// It is only looked at.
    fn append(&self, _: Sequence, _: Vec<u8>) -> BoxFuture<'static, Appended> {
        let why = "this is a view of the log: append to the log itself".to_owned();
        ready(Appended::Unknown(StoreError::Write(why))).boxed()
    }

    fn read(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<Read>, StoreError>> {
        async move {
            let released = *self.0.released().borrow();
            if after >= released {
                return Ok(Vec::new());
            }
            let mut read = self.0.read(after).await?;
            read.retain(|(sequence, _)| *sequence <= released);
            Ok(read)
        }
        .boxed()
    }

    fn is_current(&self) -> bool {
        false
    }

    fn follow(&self) -> watch::Receiver<Sequence> {
        self.0.released()
    }

    fn snapshots(&self) -> BoxFuture<'_, Result<Vec<Sequence>, StoreError>> {
        self.0.snapshots()
    }

    fn snapshot(&self, after: Sequence) -> BoxFuture<'_, Result<Vec<u8>, StoreError>> {
        self.0.snapshot(after)
    }

    fn save(
        &self,
        after: Sequence,
        snapshot: Vec<u8>,
        before: Before,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.save(after, snapshot, before)
    }
}
