//! What gateways and processors say to one another, over core NATS: at most once, and in order as long as nothing breaks.
//!
//! Each direction counts its frames, so that a loss is noticed; what is then done is always the same: the gateway
//! *announces* itself anew, with the next incarnation, and sends again what is not answered.
//!
//! ```text
//! rc.cmd.PARTITION    gateway ─▶ active processor     ToActive
//! rc.gw.GATEWAY       active processor ─▶ gateway     ToGateway
//! rc.alive            gateways ─▶ processors          Alive, every 250 ms
//! rc.beat             processors ─▶ all               Beat, every 100 ms
//! rc.move.PARTITION   operator ─▶ processors          the name of the processor that is to claim
//! ```

use postcard::{from_bytes, to_stdvec};
use roomcall_server::close_code::CloseCode;
use roomcall_server::engine::NotConnected;
use roomcall_server::log::Sequence;
use roomcall_server::sink::Place;
use roomcall_server::token::Claims;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How often a gateway that has gone and come is another one: of one process of a gateway and one partition it only
/// grows.
pub type Incarnation = u64;

/// How often a partition was claimed.
pub type Epoch = u64;

/// A connection of a gateway, numbered by that: of one process never used again.
pub type Connection = u64;

/// A question of a gateway, numbered by that.
pub type Call = u64;

/// From a gateway to the active processor of a partition.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ToActive {
    /// The gateway.
    pub gateway: String,
    /// Which incarnation of it.
    pub incarnation: Incarnation,
    /// Which of its frames, from 0: that is the announcement.
    pub number: u64,
    /// What.
    pub items: Vec<Item>,
}

/// What a gateway says, in order.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum Item {
    /// The first item of a frame 0: the incarnation begins. What comes of the gateway's connections up to this batch it
    /// has; those that follow, up to [`Item::Announced`], are connected all along.
    Announce {
        /// The epoch in which it had all.
        epoch: Epoch,
        /// Up to which batch.
        in_sync: Sequence,
    },
    /// A connection that was let in, and the last output that is not for it.
    Again {
        /// Which.
        connection: Connection,
        /// By which token.
        claims: Claims,
        /// The last output that is not for it.
        since: Place,
    },
    /// All connections were named. What follows is new, or was not answered.
    Announced,
    /// A device asks to be let in.
    Connect {
        /// The number of its connection.
        connection: Connection,
        /// By which token.
        claims: Claims,
    },
    /// A connection is gone.
    Disconnect {
        /// Which.
        connection: Connection,
    },
    /// A request on a connection: a record (J-03) as JSON, whose time is not looked at.
    Request {
        /// Which.
        connection: Connection,
        /// What.
        record: String,
    },
    /// A question that is answered once, by [`Line::Answered`].
    Ask {
        /// Its number.
        call: Call,
        /// What.
        question: Question,
    },
}

/// A question of a gateway, for somebody who is not connected.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum Question {
    /// An input of the backend: a record as JSON. Answered by an output as JSON, or none.
    Backend(String),
    /// Facts that are stated together: a list of facts as JSON. Answered by a list of outputs as JSON.
    Facts(String),
    /// A device, or all of a user, is revoked. Answered by nothing.
    Revoke(String, Option<String>),
    /// The devices of a user that are connected. Answered by a list of names as JSON.
    Connected(String),
    /// A device, or all of a user, is closed. Answered by how many there were.
    Kick(String, Option<String>),
}

/// From the active processor of a partition to a gateway.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ToGateway {
    /// The partition.
    pub partition: String,
    /// In which epoch.
    pub epoch: Epoch,
    /// To which incarnation.
    pub incarnation: Incarnation,
    /// Which frame of these, from 1.
    pub number: u64,
    /// How many frames of the gateway have come: all below this number.
    pub received: u64,
    /// What.
    pub lines: Vec<Line>,
}

/// What a processor says, in order.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum Line {
    /// What a gateway's connections may have missed is lost: it has to close them.
    Reset,
    /// A connection was let in, or it was not.
    Connected {
        /// Which.
        connection: Connection,
        /// The last output that is not for it, or why it was not.
        result: Result<Place, NotConnected>,
    },
    /// A line for connections.
    Text {
        /// Which.
        to: Vec<Connection>,
        /// Which output of the log it is.
        place: Option<Place>,
        /// The line.
        text: String,
    },
    /// The answer to the request of a connection.
    Answer {
        /// Which.
        to: Connection,
        /// The number of the request.
        request_id: Option<u64>,
        /// Which output of the log it is.
        place: Option<Place>,
        /// The line.
        text: String,
    },
    /// A connection is to be closed.
    Cut {
        /// Which.
        connection: Connection,
        /// Why.
        why: CloseCode,
    },
    /// What is answered to a question, as JSON; none if the processor does not know whether it was done.
    Answered {
        /// Which.
        call: Call,
        /// What.
        answer: Option<String>,
    },
}

/// That a gateway lives.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Alive {
    /// Which.
    pub gateway: String,
}

/// That a processor lives.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Beat {
    /// Which.
    pub processor: String,
    /// The partitions of which it is the active one.
    pub partitions: Vec<Active>,
    /// Those of which it has just stopped to be, and wants to be no more: somebody else may claim at once.
    pub leaves: Vec<String>,
    /// The partitions that it follows, and with which rules it is set up: a digest of policy and limits.
    pub follows: Vec<(String, u64)>,
}

/// A partition whose active processor lives.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Active {
    /// Which.
    pub partition: String,
    /// In which epoch.
    pub epoch: Epoch,
    /// The last batch whose outputs all gateways below were sent.
    pub applied: Sequence,
    /// The gateways that it knows.
    pub gateways: Vec<Link>,
}

/// How far a processor and a gateway have come with each other.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Link {
    /// The gateway.
    pub gateway: String,
    /// Which incarnation of it.
    pub incarnation: Incarnation,
    /// The last frame that it was sent.
    pub sent: u64,
    /// How many frames of it have come.
    pub received: u64,
}

/// The subject on which the active processor of a partition hears.
pub fn of_partition(partition: &str) -> String {
    format!("rc.cmd.{partition}")
}

/// The subject on which a gateway hears.
pub fn of_gateway(gateway: &str) -> String {
    format!("rc.gw.{gateway}")
}

/// The subject of a partition's moves.
pub fn of_move(partition: &str) -> String {
    format!("rc.move.{partition}")
}

/// The subject of beats.
pub const BEAT: &str = "rc.beat";
/// The subject of gateways that live.
pub const ALIVE: &str = "rc.alive";

/// The bytes of a message. No type here can refuse.
pub fn write(message: &impl Serialize) -> Vec<u8> {
    to_stdvec(message).unwrap_or_default()
}

/// Reads a message; none if it is not one: it comes from another version of this program, or from somebody else.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    from_bytes(bytes).inspect_err(|why| tracing::warn!(%why, "a message cannot be read")).ok()
}
