//! What is at the other end of a connection: a handset, in whatever language.

use std::future::Future;

use roomcall::handset::{DeviceTick, Effect, Handset, Input, Settings};

use super::transport::TransportError;

/// A handset with its application's memory.
pub trait Device {
    /// Applies inputs together at `now`, in milliseconds since the device was first started, and gives the effects.
    fn apply(
        &mut self,
        now: u64,
        inputs: Vec<Input>,
    ) -> impl Future<Output = Result<Vec<Effect>, TransportError>>;

    /// The process was killed, and is started at `now` with what it had stored after its last step. Gives what draws
    /// the screen anew.
    fn restart(&mut self, now: u64) -> impl Future<Output = Result<Vec<Effect>, TransportError>>;
}

/// The handset of this crate.
#[derive(Clone, Debug)]
pub struct RustDevice {
    handset: Handset,
    /// When the clock of the handset began.
    begun: u64,
    /// When the handset applied something last.
    last: u64,
}

impl RustDevice {
    /// A device that was just installed.
    pub fn new(user: &str, device: &str, settings: Settings) -> Self {
        Self { handset: Handset::new(user, device, settings), begun: 0, last: 0 }
    }
}

impl Device for RustDevice {
    async fn apply(&mut self, now: u64, inputs: Vec<Input>) -> Result<Vec<Effect>, TransportError> {
        self.last = now;
        let tick = DeviceTick::from_millis(now.saturating_sub(self.begun));
        Ok(self.handset.apply_all(tick, inputs))
    }

    async fn restart(&mut self, now: u64) -> Result<Vec<Effect>, TransportError> {
        let dead = now.saturating_sub(self.last);
        self.handset = Handset::restore(&self.handset.save(), Some(dead))?;
        (self.begun, self.last) = (now, now);
        Ok(self.handset.redraw())
    }
}
