//! What an engine does that takes over from another one: it says again what that may not have said.

use roomcall::protocol::{Actor, Input};

use super::Engine;
use crate::close_code::CloseCode;
use crate::hub::Number;
use crate::log::{Batch, Entry, StoreError};
use crate::sink::Place;
use crate::token_replay::Revoked;

impl Engine {
    /// Applies what is in the log behind the state, and sends what comes of it to those who are connected, each output
    /// with its place: who has had it drops it. An answer goes to the connection of the device that asked. After that it
    /// is as if this engine had appended it.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            let batches = self.log.read(self.state.last()).await?;
            if batches.is_empty() {
                break;
            }
            for (sequence, batch) in batches {
                self.state.begin(sequence);
                self.next = Place::first_of(sequence);
                for entry in Batch::read(sequence, &batch)?.entries {
                    self.say_again(entry);
                }
            }
        }
        self.clock.reach(self.state.clock());
        self.applied.send_replace(self.state.last());
        Ok(())
    }

    fn say_again(&mut self, entry: Entry) {
        let revoked = match &entry {
            Entry::Revoked(revoked) => Some(revoked.clone()),
            _ => None,
        };
        match self.asker(&entry) {
            Some((user, number)) => self.apply(entry, Some((&user, number))),
            None => self.apply(entry, None),
        };
        if let Some(Revoked { user, device, .. }) = revoked {
            self.hub.cut(&user, device.as_deref(), CloseCode::Revoked);
        }
    }

    /// The connection of the device that has asked for something.
    fn asker(&self, entry: &Entry) -> Option<(String, Number)> {
        let Entry::Record(record) = entry else { return None };
        let Input::Ask { by: Actor::Device { user, device }, .. } = &record.input else {
            return None;
        };
        Some((user.clone(), self.hub.number(user, device)?))
    }
}
