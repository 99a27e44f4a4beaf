//! Why a server closes a connection: WebSocket close codes, and what they mean for a client.

use serde::{Deserialize, Serialize};

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CloseCode {
    /// The server stops, its state was lost (F-18), or whoever runs it has closed this one. Connect again, a
    /// little later.
    GoingAway,
    /// The same device has connected anew. Do not connect again.
    Replaced,
    /// What came is not of the WebSocket protocol. Do not send it again.
    NoWebSocket,
    /// A text was not in UTF-8. Do not send it again.
    NotText,
    /// A message was no text. Do not send it again.
    Malformed,
    /// The token has expired. Connect again with a new one.
    Expired,
    /// The device was revoked. Do not connect again, until its user has signed in again.
    Revoked,
    /// Nothing was heard for too long. Connect again.
    Stalled,
    /// A message was too large. Do not send it again.
    TooLarge,
    /// Too many messages came in too short a time. Connect again, later.
    TooFast,
    /// The client did not read what it was told for too long, or more slowly than others while too much
    /// waited. Connect again, and ask what rings.
    TooSlow,
}

impl CloseCode {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::GoingAway,
        Self::Replaced,
        Self::NoWebSocket,
        Self::NotText,
        Self::Malformed,
        Self::Expired,
        Self::Revoked,
        Self::Stalled,
        Self::TooLarge,
        Self::TooFast,
        Self::TooSlow,
    ];

    /// The close code.
    pub const fn code(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::NoWebSocket => 1002,
            Self::NotText => 1007,
            Self::TooLarge => 1009,
            Self::Malformed => 4400,
            Self::Expired => 4401,
            Self::Revoked => 4403,
            Self::Stalled => 4408,
            Self::Replaced => 4409,
            Self::TooFast => 4429,
            Self::TooSlow => 4431,
        }
    }

    /// What a person reads.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "the server ends this connection: connect again",
            Self::NoWebSocket => "this is not the WebSocket protocol",
            Self::NotText => "the text is not in UTF-8",
            Self::TooLarge => "the message is too large",
            Self::Malformed => "the message is not a text",
            Self::Expired => "the token has expired: connect with a new one",
            Self::Revoked => "the device was revoked: sign in again",
            Self::Stalled => "nothing was heard: connect again",
            Self::Replaced => "this device has connected anew",
            Self::TooFast => "too many messages: connect again later",
            Self::TooSlow => "the client reads too slowly: connect again and ask what rings",
        }
    }

    /// The word in metrics and logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::NoWebSocket => "no_websocket",
            Self::NotText => "not_text",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Stalled => "stalled",
            Self::Replaced => "replaced",
            Self::TooFast => "too_fast",
            Self::TooSlow => "too_slow",
        }
    }
}
