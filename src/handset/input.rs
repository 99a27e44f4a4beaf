//! What a handset is told.

use alloc::string::String;
use alloc::vec::Vec;

use crate::CallRejectionReason;
use crate::protocol::{Event, Reply};

/// One input. When it came, by the device's own clock, is an argument of
/// [`Handset::apply`](crate::handset::Handset::apply).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Input {
    /// Nothing but time (D-02).
    Tick,
    /// The switchboard told this device something; each notice may come late, twice or never.
    Notice(Event),
    /// The switchboard answered a request of this device; it may come late, twice or never.
    Reply(Reply),
    /// A person did something.
    Tap(Tap),
    /// The connection to the switchboard came up, anew, or went down (D-16).
    Link(Link),
    /// The room that this device is in now, if any (D-08).
    InRoom(Option<String>),
}

/// Whether there is a connection to the switchboard.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
pub enum Link {
    /// There is none: nothing is sent.
    Down,
    /// There is one.
    Up,
}

/// What a person does.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Tap {
    /// Says yes to a call on the screen (D-11).
    Accept {
        /// Which.
        attempt: u64,
    },
    /// Says no to a call on the screen (D-11).
    Reject {
        /// Which.
        attempt: u64,
        /// Why.
        reason: CallRejectionReason,
    },
    /// Calls users into a room (D-20).
    Call {
        /// The room.
        room: String,
        /// Whom.
        users: Vec<String>,
        /// How long to ring, in whole seconds; 0 for never.
        timeout: u32,
        /// Opaque text for the callees.
        extension: String,
    },
    /// Withdraws this user's calls (D-20).
    Cancel {
        /// The room.
        room: String,
        /// Calls to whom.
        users: Vec<String>,
    },
    /// Ends anybody's calls, as owner or admin (D-20).
    Revoke {
        /// The room.
        room: String,
        /// Calls to whom.
        users: Vec<String>,
    },
}
