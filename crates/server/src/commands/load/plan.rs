//! What a load is to be, how it stands, and why there is none.

use std::fmt;
use std::time::Duration;

/// Why there is no load.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("{0} is not an address of a server: give one like --url ws://127.0.0.1:7400")]
    Url(String),
    #[error(
        "nobody listens at {0}: {1}. Start a server with `roomcall-server serve`, or give its --url"
    )]
    Nobody(String, std::io::Error),
    #[error(
        "{0} of {1} devices are connected after {2} s: is there a server at this address \
         (`roomcall-server serve`), and may this process have so many files open (`ulimit -n`)?"
    )]
    Connect(usize, usize, u64),
    #[error("the server does not let {0}/{1} in: {2}. Is it the secret, or a key, of this server?")]
    Over(String, String, String),
    #[error("the server does not take a fact of the backend: {0}")]
    Fact(String),
}

impl LoadError {
    /// The server does not let a device in, and says why: in words, or as JSON with words in it.
    pub(crate) fn over(user: String, device: String, why: &str) -> Self {
        let json: Option<serde_json::Value> = serde_json::from_str(why).ok();
        let words = json.as_ref().and_then(|it| it.get("error")?.as_str()).unwrap_or(why);
        Self::Over(user, device, words.to_owned())
    }
}

/// How long calls are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// Until so many were made.
    Calls(u64),
    /// Until so much time has passed.
    Passed(Duration),
}

impl Until {
    /// How much there is to do: calls, or milliseconds.
    pub(crate) fn length(self) -> u64 {
        match self {
            Self::Calls(calls) => calls,
            Self::Passed(length) => u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What a load is to be.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) url: String,
    pub(crate) users: usize,
    /// Calls a second.
    pub(crate) rate: u32,
    pub(crate) until: Until,
    pub(crate) seed: u64,
}

/// How things stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    /// How much of what is to be done is done.
    pub(crate) done: u64,
    pub(crate) calls: u64,
    /// Calls of the last second.
    pub(crate) rate: u64,
    /// Calls that are not over.
    pub(crate) open: usize,
    pub(crate) connected: usize,
    pub(crate) devices: usize,
    /// How often a connection has broken.
    pub(crate) broken: u64,
    /// Whether all is over.
    pub(crate) is_quiet: bool,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, rate, open, connected, devices, .. } = self;
        write!(
            f,
            "{calls} calls, {rate}/s, {open} open, {connected} of {devices} devices connected"
        )
    }
}
