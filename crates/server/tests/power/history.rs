//! All that was ever appended, though the log is trimmed: the batches of one disk after the other.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::FutureExt as _;
use roomcall_server::events::event::{Event, EventId};
use roomcall_server::log::{Appended, Embedded, Log, Memory, Sequence, Store as _, StoreError};
use roomcall_server::recover::{from_zero, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{Seen, Unseen};

use crate::life::{ENDPOINT, Moment};
use crate::people::hold;
use crate::rig::seed;

/// What a disk has.
#[derive(Default)]
pub(crate) struct Cut {
    pub(crate) inputs: u64,
    /// All events that follow from its log and what was trimmed of it.
    pub(crate) events: BTreeMap<EventId, Event>,
    /// How far the endpoint has come.
    pub(crate) position: EventId,
}

#[derive(Default)]
pub(crate) struct History {
    batches: Vec<Vec<u8>>,
    trimmed: Sequence,
}

impl Seen for Cut {
    fn events(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        self.events.extend(events.into_iter().map(|event| (event.id, event)));
        Ok(())
    }
}

impl History {
    /// How many batches were trimmed.
    pub(crate) const fn trimmed(&self) -> Sequence {
        self.trimmed
    }

    /// Holds a disk to what people knew when it was cut off, and to all that was appended before.
    pub(crate) async fn check(&mut self, path: &Path, known: &Moment, which: &str) -> Cut {
        if !path.join("log.redb").exists() {
            // Of what nobody knows nothing is lost.
            hold(&known.known, &*self.whole(0), which).await;
            return Cut::default();
        }
        let store = Embedded::existing(path).unwrap_or_else(|why| panic!("{which}: {why}"));
        let log = store.log(TENANT).expect("it is there");
        let recovered = recover(&*log, seed(), &mut Unseen).await;
        let recovered = recovered.unwrap_or_else(|why| panic!("{which}: {why}"));
        assert!(recovered.unread.is_empty(), "{which}: {:?}", recovered.unread);
        self.take(&store, &*log, which);
        // What a log of all batches up to the last one leads to.
        let whole = self.whole(recovered.state.last());
        let (state, inputs) = hold(&known.known, &*whole, which).await;
        assert!(recovered.state == state, "{which}: the state is not what the log leads to");
        let position = state.deliveries().position(ENDPOINT);
        let mut cut = Cut { inputs, position, ..Cut::default() };
        from_zero(&*whole, seed(), &mut cut).await.expect("it is whole");
        cut
    }

    /// Takes the batches of a disk. Those that are known are the same.
    fn take(&mut self, store: &Embedded, log: &dyn Log, which: &str) {
        let first = store.first(TENANT).expect("it can be read").unwrap_or(1);
        self.trimmed = self.trimmed.max(first - 1);
        let mut last = first - 1;
        assert!(last <= self.batches.len() as u64, "{which}: too much was trimmed meanwhile");
        loop {
            let read = log.read(last).now_or_never().expect("nothing is waited for");
            let read = read.unwrap_or_else(|why| panic!("{which}: {why}"));
            if read.is_empty() {
                return;
            }
            for (sequence, batch) in read {
                match self.batches.get(sequence as usize - 1) {
                    Some(known) => {
                        assert!(*known == batch, "{which}: batch {sequence} was another")
                    }
                    None => self.batches.push(batch),
                }
                last = sequence;
            }
        }
    }

    fn whole(&self, last: Sequence) -> std::sync::Arc<dyn Log> {
        let log = Memory::new().log(TENANT).expect("it is whole");
        for (sequence, batch) in (0..last).zip(&self.batches) {
            let appended = log.append(sequence, batch.clone()).now_or_never();
            assert!(matches!(appended, Some(Appended::At(_))), "{appended:?}");
        }
        log
    }
}
