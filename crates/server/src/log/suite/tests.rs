//! The suite on the logs of one machine.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::log::{Embedded, Memory, Store as _};

struct InMemory(Memory);

impl Rig for InMemory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn lacks(&self) -> Vec<(Capability, &'static str)> {
        vec![
            (Capability::Processes, "it is in one process"),
            (Capability::Restart, "it outlives nothing"),
            (Capability::Interruption, "it waits for nothing"),
            (Capability::TornTail, "it has whole batches"),
            (Capability::LostEnd, "what loses it loses the snapshots"),
            (Capability::SnapshotHash, "nothing damages one"),
            (Capability::SnapshotComparison, "one process stores them"),
            (Capability::Trimming, "it keeps all batches"),
        ]
    }

    fn renew(&mut self) {
        self.0 = Memory::new();
    }

    fn open(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>> {
        let log = self.0.log("default");
        async { log }.boxed()
    }
}

struct OnDisk {
    folder: TempDir,
    store: Option<Embedded>,
}

impl OnDisk {
    fn reopened(&mut self) -> Result<Arc<dyn Log>, StoreError> {
        self.store = None;
        let store = Embedded::open(self.folder.path(), false)?;
        let log = store.log("default")?;
        store.begin()?;
        self.store = Some(store);
        Ok(log)
    }
}

impl Rig for OnDisk {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn lacks(&self) -> Vec<(Capability, &'static str)> {
        vec![
            (Capability::Processes, "one process locks the file"),
            (
                Capability::Interruption,
                "it takes a kill or a power cut: `sockets` and `power` do that",
            ),
            (Capability::LostEnd, "log and snapshots are on one disk"),
            (
                Capability::SnapshotHash,
                "its bytes have a checksum, which `State::restore` looks at",
            ),
            (Capability::SnapshotComparison, "one process stores them"),
        ]
    }

    fn renew(&mut self) {
        self.store = None;
        self.folder = tempfile::tempdir().unwrap();
    }

    fn open(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>> {
        let log = self.reopened();
        async { log }.boxed()
    }

    fn watch(&mut self) -> BoxFuture<'_, Result<Arc<dyn Log>, StoreError>> {
        let log = self.store.as_ref().unwrap().log("default");
        async { log }.boxed()
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        self.store = None;
        async {}.boxed()
    }

    fn tear(&mut self) -> BoxFuture<'_, ()> {
        self.store = None;
        let file = self.folder.path().join("log.redb");
        let length = fs::metadata(&file).unwrap().len();
        fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length - 5_000).unwrap();
        async {}.boxed()
    }
}

#[tokio::test]
async fn memory() {
    play(&mut InMemory(Memory::new())).await;
}

#[tokio::test]
async fn embedded() {
    play(&mut OnDisk { folder: tempfile::tempdir().unwrap(), store: None }).await;
}
