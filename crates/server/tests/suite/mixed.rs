//! Devices of several kinds in one world: handsets of this crate, and those of other languages as testees in processes
//! of their own.

use std::time::Duration;

use roomcall::handset::{Effect, Input, Settings};
use roomcall_testkit::suite::{Device, ProcessDevice, RustDevice, TransportError};

/// How long a testee may take for a step.
const PATIENCE: Duration = Duration::from_secs(30);

/// The kinds, by the commands of their testees. Each device that is installed is of the next kind.
#[derive(Debug)]
pub(crate) struct Kinds {
    testees: Vec<String>,
    installed: usize,
}

/// A device of one of them.
#[derive(Debug)]
pub(crate) enum Mixed {
    Rust(Box<RustDevice>),
    Process(Box<ProcessDevice>),
}

impl Kinds {
    pub(crate) const fn new(testees: Vec<String>) -> Self {
        Self { testees, installed: 0 }
    }

    pub(crate) fn install(
        &mut self,
        user: &str,
        device: &str,
        settings: Settings,
    ) -> Result<Mixed, TransportError> {
        let kind = self.installed % (self.testees.len() + 1);
        self.installed += 1;
        Ok(match self.testees.get(kind) {
            Some(testee) => {
                let device = ProcessDevice::start(testee, user, device, settings, PATIENCE)?;
                Mixed::Process(Box::new(device))
            }
            None => Mixed::Rust(Box::new(RustDevice::new(user, device, settings))),
        })
    }
}

impl Device for Mixed {
    async fn apply(&mut self, now: u64, inputs: Vec<Input>) -> Result<Vec<Effect>, TransportError> {
        match self {
            Self::Rust(device) => device.apply(now, inputs).await,
            Self::Process(device) => device.apply(now, inputs).await,
        }
    }

    async fn restart(&mut self, now: u64) -> Result<Vec<Effect>, TransportError> {
        match self {
            Self::Rust(device) => device.restart(now).await,
            Self::Process(device) => device.restart(now).await,
        }
    }
}
