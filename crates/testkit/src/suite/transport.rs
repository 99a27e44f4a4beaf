//! What a host has to offer for the suite to drive it.

use std::error::Error;
use std::future::Future;

use roomcall::protocol::{Answer, Body, Command, Fact, Frame, Refused};

/// What went wrong between the suite and a transport: the suite stops there, and no rule is blamed.
pub type TransportError = Box<dyn Error + Send + Sync>;

/// What a host can do besides carrying messages. What it cannot do is skipped, and the report says so.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Capabilities {
    /// Time passes only with [`Transport::advance`].
    pub virtual_time: bool,
    /// What was told survives [`Transport::restart`].
    pub durable: bool,
    /// [`Transport::command`] speaks for the backend.
    pub backend: bool,
    /// The clock of the host can be set back ([`Transport::set_back`]).
    pub clock: bool,
    /// What the host sends waits, in the host or on the way, until [`Transport::receive`] takes it: a connection that is not
    /// read is a slow reader, which the host may end.
    pub slow_reader: bool,
    /// Messages may be lost, repeated and come in another order on the way, as by a push service or as datagrams. The suite
    /// does that itself, to those that it reads and sends.
    pub lossy: bool,
    /// The host starts with any policy and any limits, and takes others by the fact `rulesChanged`, which outlive a restart;
    /// else they are the default ones.
    pub rules: bool,
    /// The host takes the fact `userErased`.
    pub erasure: bool,
}

impl Capabilities {
    /// What random worlds leave out for what is not there.
    pub fn left_out(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.virtual_time, "short deadlines, since its time is real"),
            (self.durable, "kills of the host, since it stores nothing"),
            (self.clock, "clocks that are set back"),
            (self.slow_reader, "slow readers, since its connections are always read"),
            (self.lossy, "messages that are lost, repeated and reordered on the way"),
            (self.backend, "commands of the backend, since it takes none"),
            (self.rules, "other policies and limits than the default, and changes of them"),
            (self.erasure, "users who are erased"),
        ];
        all.into_iter().filter(|(can, _)| !can).map(|(_, what)| what)
    }

    /// What is needed and is not there.
    pub const fn lacks(self, needed: Self) -> Option<&'static str> {
        if needed.virtual_time && !self.virtual_time {
            return Some("its time is real");
        }
        if needed.durable && !self.durable {
            return Some("it stores nothing");
        }
        if needed.backend && !self.backend {
            return Some("it takes no commands of a backend");
        }
        if needed.clock && !self.clock {
            return Some("its clock cannot be set back");
        }
        if needed.slow_reader && !self.slow_reader {
            return Some("its connections are always read");
        }
        if needed.rules && !self.rules {
            return Some("it has no other rules than the default");
        }
        None
    }
}

/// A host with its authority: a switchboard, its clock, and connections of devices.
///
/// The adapter is written by who tests a host. It makes the credentials, and it waits as long as its host may take: an
/// error says that the host did not do what was asked in that time.
///
/// Messages of one connection have to arrive in the order in which they were sent, each once, in both directions, as they
/// do over TCP. What comes before the reply to a query is what the host sent before it: by that the suite knows that
/// nothing is on its way any more, so it never waits for silence.
pub trait Transport {
    /// A connection of one device.
    type Connection;

    /// What the host can do.
    fn capabilities(&self) -> Capabilities;

    /// Connects a device. When this returns the host has taken the connection, and notifies it.
    fn connect(
        &mut self,
        user: &str,
        device: &str,
    ) -> impl Future<Output = Result<Self::Connection, TransportError>>;

    /// Ends a connection from the side of the device. When this returns the host has learned of it.
    fn disconnect(
        &mut self,
        connection: Self::Connection,
    ) -> impl Future<Output = Result<(), TransportError>>;

    /// Sends a frame. It is no error if the host has ended the connection: then nothing happens.
    fn send(
        &mut self,
        connection: &mut Self::Connection,
        frame: Frame,
    ) -> impl Future<Output = Result<(), TransportError>>;

    /// The next message to a connection; `None` if the host has ended it, and nothing is left to read.
    fn receive(
        &mut self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<Option<Body>, TransportError>>;

    /// States a fact, as the backend does. When this returns it was applied.
    fn state(&mut self, fact: Fact) -> impl Future<Output = Result<(), TransportError>>;

    /// Lets time pass: at once where time is virtual, else as long as it takes.
    fn advance(&mut self, millis: u64) -> impl Future<Output = Result<(), TransportError>>;

    /// Milliseconds since the host was first started, by a clock that never goes back. Not asked where time is virtual.
    fn elapsed(&self) -> u64;

    /// A command of the backend, and its answer. Called with [`Capabilities::backend`] only.
    fn command(
        &mut self,
        command: Command,
    ) -> impl Future<Output = Result<Result<Answer, Refused>, TransportError>> {
        let _ = command;
        async { Err("this transport has no backend".into()) }
    }

    /// Kills the host without a warning, as `kill -9` does, and starts it again with what it has stored. All
    /// connections end. Called with [`Capabilities::durable`] only.
    fn restart(&mut self) -> impl Future<Output = Result<(), TransportError>> {
        async { Err("this transport cannot be restarted".into()) }
    }

    /// By how many milliseconds the clock that the host goes by is behind, because it was set back: deadlines come later
    /// by that.
    fn behind(&self) -> u64 {
        0
    }

    /// Sets the clock of the host back, as an operator may. Called with [`Capabilities::clock`] only.
    fn set_back(&mut self, millis: u64) -> impl Future<Output = Result<(), TransportError>> {
        let _ = millis;
        async { Err("the clock of this transport cannot be set back".into()) }
    }
}

/// With which rules a host has to start.
pub use roomcall::journal::Header as Rules;
