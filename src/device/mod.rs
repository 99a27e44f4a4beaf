//! One signed-in device: what its screen shows, and what it asks for.

mod input;
mod output;
mod settings;

use alloc::string::String;
use alloc::vec::Vec;

use crate::Tick;

pub use input::{Input, Link, Tap};
pub use output::{Dismissal, Effect, Incoming, Progress, Request, Stage};
pub use settings::{LateRing, Settings};

/// One signed-in device of one user.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Handset {
    user: String,
    device: String,
    settings: Settings,
}

impl Handset {
    /// A device that was never signed in before.
    pub fn new(user: &str, device: &str, settings: Settings) -> Self {
        Self { user: user.into(), device: device.into(), settings }
    }

    /// Applies one input, and gives what is to be done.
    pub fn apply(&mut self, at: Tick, input: Input) -> Vec<Effect> {
        self.apply_all(at, [input])
    }

    /// Applies several inputs that came together (D-26).
    pub fn apply_all(&mut self, at: Tick, inputs: impl IntoIterator<Item = Input>) -> Vec<Effect> {
        let _ = (at, inputs.into_iter().count());
        Vec::new()
    }

    /// When the host must call with a tick at the latest (D-02).
    pub fn next_deadline(&self) -> Option<Tick> {
        None
    }

    /// The handset after the process was killed and started again (D-25).
    pub fn restart(self) -> Self {
        self
    }
}
