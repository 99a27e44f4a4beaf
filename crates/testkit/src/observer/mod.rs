//! Tells which rules a live system violates, by what it sends and receives.
//!
//! An [`Observer`] is fed with [`Traffic`]: connections that are opened and closed, what devices send and receive, and what the
//! backend states, if that is known. It does not run a switchboard, and does not know what should be sent: it judges by laws
//! over messages. What is not known is not judged.
//!
//! | law | rules | what it cannot see |
//! |---|---|---|
//! | an attempt is one call, numbered upward | C-06, C-11, F-18 | a number that is left out |
//! | it ends once, in one way, and then does not ring | T-01, E-01 to E-07, F-20 | an ending of which nobody is told |
//! | who is told to ring is told to stop, once | E-17, C-01, P-06, C-14 | who acted by entering, if nobody is told |
//! | everybody rings who is connected | C-01, O-02 | a call of which nobody is told |
//! | one device accepts, and acts for itself | E-01, E-02, E-11, E-13, O-02 | who entered |
//! | it rings as long as was said | T-04 to T-06, E-04 | a deadline that was not told; what is within the slack |
//! | a number stands for one request, with one effect | X-01 to X-03, X-06, C-03, E-12, F-20 | what was sent before the traffic begins |
//! | a refusal is one that its request may get | R-01, E-09, E-11 | whether it is deserved |
//! | who accepts and does not come is told of, once, not before the grace has passed | E-20, E-21 | who is in the room |
//! | endings are listed, whole and in order | Q-11, E-02, E-18 | what may have been evicted |
//! | a log has each call once, as it ended, and when | H-01 to H-03 | what may have been evicted; refused tries |
//! | who may know what | P-06, P-08, P-09, C-01, C-02, C-14, E-21 | who has left a room |
//! | what was told is not forgotten | Q-07, F-18 | a loss of what nobody was told |
//! | a snapshot is of the user, and complete | Q-06, Q-11, T-01 | a remembered ending that is missing |
//! | one call at a time | C-07 | two calls of which no device is told both |
//!
//! # Where the traffic is recorded
//!
//! Either at the authority, in the order in which it applies inputs, which says most; or at the devices, where the lines of
//! each connection are in order and those of different connections are merged by time ([`Vantage`]). Then a line counts as
//! before one of another connection only if it is so by more than the [`slack`](Settings::slack).
//!
//! # From a log
//!
//! A host writes a line for each thing, and feeds them later. The policy and limits are those that it serves with.
//!
//! ```
//! use roomcall_testkit::observer::{Observer, Settings, Vantage};
//!
//! let log = [
//!     r#"{"at":0,"opened":{"connection":1,"user":"bo","device":"phone"}}"#,
//!     r#"{"at":0,"opened":{"connection":2,"user":"bo","device":"tablet"}}"#,
//!     concat!(
//!         r#"{"at":5,"received":{"connection":1,"output":{"at":5,"to":{"user":"bo"},"#,
//!         r#""event":{"onCallReceived":{"roomID":"standup","attempt":1,"#,
//!         r#""call":{"caller":"ana","callee":"bo","status":"calling"},"#,
//!         r#""extensionInfo":"","timeLeft":30000}},"because":"C-01","wake":true}}}"#,
//!     ),
//! ];
//! let settings = Settings { slack: 2_000, vantage: Vantage::Authority, ..Settings::default() };
//! let mut observer = Observer::new(settings);
//! let mut violations = Vec::new();
//! for line in log {
//!     violations.extend(observer.see(&serde_json::from_str(line)?));
//! }
//! violations.extend(observer.finish(10_000));
//! assert_eq!(
//!     violations[0].to_string(),
//!     "C-01 The callee rings: at 10000: connection 2 of the callee is not told that 1 rings (lines 2, 3)",
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Online
//!
//! The same, where the host sends: after `hub.connect` a [`What::Opened`], with each request that it applies a [`What::Sent`],
//! with each message that it queues for a connection a [`What::Received`]. What [`Observer::see`] gives is logged, and counted
//! by rule. From time to time, also when nothing happens, [`Observer::see`] or [`Observer::finish`] judges what has become due.
//!
//! # Memory
//!
//! It is bounded in numbers by [`Bounds`], and in bytes, since longer names than the limit `idBytes` are not remembered, and
//! texts are digests. What is over is dropped first, the oldest first, and not judged any more.

mod attempt;
mod claims;
mod hear;
mod laws;
mod lru;
mod settings;
mod state;
mod traffic;
mod violation;

pub use settings::{Bounds, Settings, Vantage};
pub use traffic::{Traffic, What};
pub use violation::Violation;

use attempt::Mark;
use state::State;

/// Judges traffic by the rules.
#[derive(Debug)]
pub struct Observer {
    state: State,
}

/// How much an observer remembers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Memory {
    /// Attempts.
    pub attempts: usize,
    /// What connections were told of them.
    pub told: usize,
    /// Connections.
    pub connections: usize,
    /// Devices that asked.
    pub devices: usize,
    /// Their requests.
    pub requests: usize,
    /// Who was in which room.
    pub visits: usize,
    /// Users who have a connection, or of whose calls something may be owed.
    pub people: usize,
    /// What is to be judged later.
    pub due: usize,
}

impl Observer {
    /// Nothing was seen yet.
    pub fn new(settings: Settings) -> Self {
        Self { state: State::new(settings) }
    }

    /// The next line, and what is wrong as far as it shows: also what has become due.
    pub fn see(&mut self, traffic: &Traffic) -> Vec<Violation> {
        let at = self.advance(traffic.at);
        let state = &mut self.state;
        state.pass(at);
        let line = state.now.line.saturating_add(1);
        let connection = match &traffic.what {
            What::Opened { connection, .. }
            | What::Closed { connection }
            | What::Sent { connection, .. }
            | What::Received { connection, .. } => *connection,
            What::Backend(_) | What::Answered(_) | What::Lost {} => 0,
        };
        state.now = Mark { line, at, connection };
        match &traffic.what {
            What::Opened { connection, user, device } => state.open(*connection, user, device),
            What::Closed { connection } => state.close(*connection),
            What::Sent { connection, frame } => state.sent(*connection, frame),
            What::Received { connection, output } => state.received(*connection, output),
            What::Backend(record) => state.backend(record),
            What::Answered(output) => state.answered(output),
            What::Lost {} => state.lose(),
        }
        std::mem::take(&mut state.found)
    }

    /// What is owed by then, if no line comes before. More lines may follow.
    pub fn finish(&mut self, at: u64) -> Vec<Violation> {
        let at = self.advance(at);
        self.state.pass(at.saturating_add(1));
        std::mem::take(&mut self.state.found)
    }

    /// How much it remembers now.
    pub fn memory(&self) -> Memory {
        self.state.memory()
    }

    fn advance(&mut self, at: u64) -> u64 {
        self.state.now.at = self.state.now.at.max(at);
        self.state.now.at
    }
}
