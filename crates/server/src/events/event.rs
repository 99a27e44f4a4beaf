//! Events: what happened to calls, for the application's backend.

use std::fmt;
use std::str::FromStr;

use roomcall::{CallRejectionReason, Rule};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Which event: the sequence of the batch in the log, and the place among the events of that batch. It
/// is written `SEQUENCE-INDEX`, and orders the events of a tenant.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EventId {
    /// The sequence of the batch, from 1.
    pub sequence: u64,
    /// The place in the batch, from 0.
    pub index: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.sequence, self.index)
    }
}

/// A text that is no id of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an id of an event is SEQUENCE-INDEX, as in 12-0")]
pub struct NoEventId;

impl FromStr for EventId {
    type Err = NoEventId;

    fn from_str(text: &str) -> Result<Self, NoEventId> {
        let (sequence, index) = text.split_once('-').ok_or(NoEventId)?;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(sequence) || !is_number(index) {
            return Err(NoEventId);
        }
        let sequence = sequence.parse().map_err(|_| NoEventId)?;
        Ok(Self { sequence, index: index.parse().map_err(|_| NoEventId)? })
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// One thing that happened to a call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Which event.
    pub id: EventId,
    /// When, in milliseconds since 1970 by the clock of the log.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// The room's id.
    #[serde(rename = "roomID")]
    pub room: String,
    /// The id of the user who called.
    pub caller: String,
    /// The id of the user who is called.
    pub callee: String,
    /// The attempt.
    pub attempt: u64,
    /// By which rule.
    pub because: Rule,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum What {
    /// A call rings (C-01).
    Ring {
        /// The extension text (C-11).
        extension_info: String,
        /// Milliseconds from `at` to the deadline; `None` for never.
        time_left: Option<u64>,
    },
    /// The callee accepted, or entered the room (E-01, E-07).
    Accepted {
        /// The device, if it is known.
        #[serde(rename = "deviceID", default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// The callee rejected, or is in another room (E-02, E-03, C-08). By C-08 it never rang.
    Rejected {
        /// Which of the two.
        reason: CallRejectionReason,
        /// The device that rejected, if one did.
        #[serde(rename = "deviceID", default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// Nobody answered in time (E-04).
    Missed,
    /// The caller withdrew the call, or left (E-05, F-07, F-08).
    Cancelled,
    /// An owner, an admin or the backend ended the call (E-06).
    Revoked {
        /// Who did.
        operator: Operator,
    },
    /// Who accepted is in the room: within the grace (E-20), or because entering was the answer (E-07).
    Joined {
        /// The device, if it is known.
        #[serde(rename = "deviceID", default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// Who accepted did not enter the room in time (E-21).
    NotJoined,
}

/// Who ended a call: `"backend"` or `{"user":..}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Operator {
    /// This user.
    User(String),
    /// The application's own backend.
    Backend,
}

/// The kinds of events, by name only.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// See [`What::Ring`].
    Ring,
    /// See [`What::Accepted`].
    Accepted,
    /// See [`What::Rejected`].
    Rejected,
    /// See [`What::Missed`].
    Missed,
    /// See [`What::Cancelled`].
    Cancelled,
    /// See [`What::Revoked`].
    Revoked,
    /// See [`What::Joined`].
    Joined,
    /// See [`What::NotJoined`].
    NotJoined,
}

impl Kind {
    /// The word of the wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
            Self::Joined => "joined",
            Self::NotJoined => "notJoined",
        }
    }

    /// Whether it ends the attempt.
    pub const fn is_ending(self) -> bool {
        match self {
            Self::Accepted | Self::Rejected | Self::Missed | Self::Cancelled | Self::Revoked => {
                true
            }
            Self::Ring | Self::Joined | Self::NotJoined => false,
        }
    }
}

impl What {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Ring { .. } => Kind::Ring,
            Self::Accepted { .. } => Kind::Accepted,
            Self::Rejected { .. } => Kind::Rejected,
            Self::Missed => Kind::Missed,
            Self::Cancelled => Kind::Cancelled,
            Self::Revoked { .. } => Kind::Revoked,
            Self::Joined { .. } => Kind::Joined,
            Self::NotJoined => Kind::NotJoined,
        }
    }
}

impl Event {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.what.kind()
    }

    /// For a ring: when it is over by itself, in milliseconds since 1970; `None` for never, and for the
    /// others.
    pub const fn deadline(&self) -> Option<u64> {
        match &self.what {
            What::Ring { time_left: Some(left), .. } => Some(self.at.saturating_add(*left)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_ordered_and_read_as_they_are_written() {
        let ids = [(1, 0), (1, 1), (1, 10), (2, 0), (10, 0)];
        let ids = ids.map(|(sequence, index)| EventId { sequence, index });
        assert!(ids.is_sorted());
        for id in ids {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "1", "-", "1-", "-1", "+1-0", "1-+0", "1-0-0", "1-4294967296"] {
            assert_eq!(text.parse::<EventId>(), Err(NoEventId), "{text}");
        }
    }

    #[test]
    fn the_form_has_the_words_of_the_wire() {
        let of = |what, because| Event {
            id: EventId { sequence: 12, index: 3 },
            at: 2500,
            what,
            room: "standup".into(),
            caller: "ana".into(),
            callee: "bo".into(),
            attempt: 9,
            because,
        };
        let ring = of(What::Ring { extension_info: "hi".into(), time_left: None }, Rule::C01);
        let ring_form = json!({
            "id": "12-3", "at": 2500, "kind": "ring", "roomID": "standup", "caller": "ana",
            "callee": "bo", "attempt": 9, "because": "C-01", "extensionInfo": "hi", "timeLeft": null,
        });
        let revoked = of(What::Revoked { operator: Operator::Backend }, Rule::E06);
        let accepted = of(What::Accepted { device: Some("tablet".into()) }, Rule::E01);
        let by = of(What::Revoked { operator: Operator::User("cy".into()) }, Rule::E06);
        assert_eq!(json!(ring), ring_form);
        assert_eq!(json!(revoked)["operator"], json!("backend"));
        assert_eq!(json!(by)["operator"], json!({ "user": "cy" }));
        assert_eq!(json!(accepted)["deviceID"], json!("tablet"));
        for event in [ring, revoked, by, accepted, of(What::NotJoined, Rule::E21)] {
            assert_eq!(json!(event)["kind"], json!(event.kind().name()));
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }
}
