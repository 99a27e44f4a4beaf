//! How lines come to a testee and back: over the pipes of a program, or as messages over a WebSocket. Nothing that a testee
//! does, or leaves, takes longer than it is given.
#![allow(clippy::disallowed_types, reason = "a testee that hangs is noticed by a real clock")]

mod program;
mod server;

use std::time::{Duration, Instant};

pub use program::Program;
pub use server::Server;

/// Bytes of the longest line that is read. The answers to all cases are far shorter.
pub const LONGEST: usize = 16 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is gone.
    #[error("the testee died{0}")]
    Died(String),
    /// It says nothing, or does not listen.
    #[error("the testee said nothing for {0:?}")]
    Hung(Duration),
    /// What it says is no line.
    #[error("the testee's line {0}")]
    Malformed(&'static str),
    /// It cannot be reached at all.
    #[error("cannot start the testee: {0}")]
    Unreachable(String),
}

/// A line that is longer than [`LONGEST`].
const TOO_LONG: Failure = Failure::Malformed("has more than 16 MiB");

/// Until when a line has to be sent and answered.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    begun: Instant,
    timeout: Duration,
}

impl Deadline {
    /// So long from now.
    pub fn after(timeout: Duration) -> Self {
        Self { begun: Instant::now(), timeout }
    }

    /// The time that is left, which is more than none.
    ///
    /// # Errors
    ///
    /// None is left.
    pub fn left(&self) -> Result<Duration, Failure> {
        let left = self.timeout.saturating_sub(self.begun.elapsed());
        if left.is_zero() { Err(self.missed()) } else { Ok(left) }
    }

    /// That it has passed.
    const fn missed(&self) -> Failure {
        Failure::Hung(self.timeout)
    }
}

/// A testee that was started.
#[derive(Debug)]
pub enum Connection {
    /// A program.
    Program(Program),
    /// A server.
    Server(Box<Server>),
}

impl Connection {
    /// Starts a testee: `ws://..`, or a command whose words are separated by spaces.
    ///
    /// # Errors
    ///
    /// There is none, or it is not reached in time.
    pub fn open(testee: &str, deadline: Deadline) -> Result<Self, Failure> {
        if testee.starts_with("ws://") {
            return Ok(Self::Server(Box::new(Server::open(testee, deadline)?)));
        }
        Program::open(testee).map(Self::Program)
    }

    /// Sends a line.
    ///
    /// # Errors
    ///
    /// The testee is gone, or does not take it in time.
    pub fn send(&mut self, line: &str, deadline: Deadline) -> Result<(), Failure> {
        match self {
            Self::Program(program) => program.send(line, deadline),
            Self::Server(server) => server.send(line, deadline),
        }
    }

    /// The next line.
    ///
    /// # Errors
    ///
    /// None came in time, or none will, or it is malformed.
    pub fn receive(&mut self, deadline: Deadline) -> Result<String, Failure> {
        match self {
            Self::Program(program) => program.receive(deadline),
            Self::Server(server) => server.receive(deadline),
        }
    }
}
