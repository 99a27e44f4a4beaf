//! A handset in another language as a device of the suite: a testee of the role `handset`, which `conformance/README.md`
//! describes.

use std::time::Duration;

use roomcall::handset::{Effect, Input, Settings};
use serde::Deserialize;

use super::device::Device;
use super::transport::TransportError;
use crate::conformance::case::{Begin, Level, Role, Setup, VERSION};
use crate::conformance::testee::{HandsetLine, Restart};
use crate::conformance::transport::{Connection, Deadline};

/// A handset in a process of its own, which is killed when this is dropped.
///
/// It speaks the protocol of the conformance cases, and gets the inputs of the suite instead of those of a case. It has to be
/// a whole handset: one that skips a line ends the play as one that fails. A step blocks the thread until the answer is
/// there, so the host under test must not need that thread to go on.
///
/// ```
/// use std::time::Duration;
///
/// use roomcall_testkit::suite::{Memory, ProcessDevice, Suite};
///
/// # async fn run() {
/// let timeout = Duration::from_secs(10);
/// let report = Suite::new()
///     .run_with(
///         async |rules| Ok(Memory::new(rules)),
///         async |user, device, settings| {
///             ProcessDevice::start("node handset.js", user, device, settings, timeout)
///         },
///     )
///     .await;
/// report.assert_passed();
/// # }
/// ```
#[derive(Debug)]
pub struct ProcessDevice {
    connection: Connection,
    timeout: Duration,
    /// When the clock of the process began.
    begun: u64,
    /// When it applied something last.
    last: u64,
}

/// What it says to a line.
#[derive(Deserialize)]
struct Said {
    ready: Option<bool>,
    effects: Option<Vec<Effect>>,
    skip: Option<String>,
}

impl ProcessDevice {
    /// Starts a device that was just installed: a command, whose words are separated by spaces, or `ws://..` of a testee that
    /// runs and serves several connections at once. Each line has to be answered within `timeout`.
    ///
    /// # Errors
    ///
    /// It cannot be started, or does not say that it is ready.
    pub fn start(
        testee: &str,
        user: &str,
        device: &str,
        settings: Settings,
        timeout: Duration,
    ) -> Result<Self, TransportError> {
        let connection = Connection::open(testee, Deadline::after(timeout))?;
        let mut started = Self { connection, timeout, begun: 0, last: 0 };
        let (user, device) = (user.to_owned(), device.to_owned());
        let setup = Setup {
            conformance: VERSION,
            role: Role::Handset,
            case: "suite".into(),
            title: "A device of the suite".into(),
            rules: Vec::new(),
            level: Level::Core,
            needs: Vec::new(),
            begin: Begin::Handset { user, device, settings },
        };
        match started.ask(&serde_json::to_string(&setup)?)? {
            Said { ready: Some(true), .. } => Ok(started),
            Said { .. } => Err("the testee does not say that it is ready".into()),
        }
    }

    fn step(&mut self, line: &HandsetLine) -> Result<Vec<Effect>, TransportError> {
        let said = self.ask(&serde_json::to_string(line)?)?;
        said.effects.ok_or_else(|| "the testee does not say the effects".into())
    }

    fn ask(&mut self, line: &str) -> Result<Said, TransportError> {
        let deadline = Deadline::after(self.timeout);
        self.connection.send(line, deadline)?;
        let text = self.connection.receive(deadline)?;
        let said = serde_json::from_str(&text);
        let said: Said = said.map_err(|error| format!("this is no answer: {text}: {error}"))?;
        match said.skip {
            Some(why) => Err(format!("the testee skips {line}: {why}").into()),
            None => Ok(said),
        }
    }
}

impl Device for ProcessDevice {
    async fn apply(&mut self, now: u64, inputs: Vec<Input>) -> Result<Vec<Effect>, TransportError> {
        self.last = now;
        self.step(&HandsetLine::Inputs { at: now.saturating_sub(self.begun), inputs })
    }

    async fn restart(&mut self, now: u64) -> Result<Vec<Effect>, TransportError> {
        let dead = Some(now.saturating_sub(self.last));
        (self.begun, self.last) = (now, now);
        self.step(&HandsetLine::Restart { restart: Restart { dead } })
    }
}
