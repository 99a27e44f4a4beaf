//! What an observer is fed: one line for each thing that a live system sent, received, or did with a connection.

use roomcall::protocol::{Frame, Output, Record};
use serde::{Deserialize, Serialize};

/// One thing that happened. Its serde form is one line of NDJSON.
///
/// ```
/// use roomcall_testkit::observer::{Traffic, What};
///
/// let line = r#"{"at":1200,"sent":{"connection":7,"frame":{"requestID":3,"query":{"getMyCalls":{"since":0}}}}}"#;
/// let traffic: Traffic = serde_json::from_str(line)?;
/// assert!(matches!(traffic.what, What::Sent { connection: 7, .. }));
/// assert_eq!(serde_json::to_string(&traffic)?, line);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Traffic {
    /// When, in milliseconds of the observer's clock. One that is earlier than the line before counts as that.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// A device has a connection from now on. No other has its number, ever.
    Opened {
        /// Its number.
        connection: u64,
        /// The device's user.
        user: String,
        /// The device.
        device: String,
    },
    /// A connection is gone.
    Closed {
        /// Its number.
        connection: u64,
    },
    /// A device asks something of the authority.
    Sent {
        /// On which connection.
        connection: u64,
        /// What.
        frame: Frame,
    },
    /// The authority answers a device, or notifies it.
    Received {
        /// On which connection.
        connection: u64,
        /// What.
        output: Output,
    },
    /// The backend states a fact, asks or commands: a line of a journal, of which `at` is not looked at.
    Backend(Record),
    /// The backend is answered.
    Answered(Output),
    /// The authority has lost state (F-18): what it knew may be older than what it told, or nothing. Connections that are
    /// open then say nothing more that counts. The fact `recovered` is the same.
    Lost {},
}
