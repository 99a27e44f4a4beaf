//! A webhook of LiveKit as it is read: the JSON form of its `WebhookEvent`.
//!
//! As in every JSON form of protocol buffers, a field may be spelled in either way, a 64-bit number may
//! be a text, an enumeration may be a number, what has the default is left out, and there may be fields
//! that are not known here.

use serde::{Deserialize, Deserializer};

/// A webhook.
#[derive(Clone, Debug, Deserialize)]
pub struct Webhook {
    /// What happened.
    #[serde(default)]
    pub event: String,
    /// In which room.
    pub room: Option<Room>,
    /// To whom.
    pub participant: Option<Participant>,
    /// How many webhooks were dropped before this one.
    #[serde(default, alias = "numDropped", rename = "num_dropped")]
    pub dropped: u32,
}

/// A room: one of its lives, from when it is made until it is finished.
#[derive(Clone, Debug, Deserialize)]
pub struct Room {
    /// The id of this life of the room.
    #[serde(default)]
    pub sid: String,
    /// Its name, which the next one may have, too.
    #[serde(default)]
    pub name: String,
    /// When it was made, in seconds since 1970; 0 if that is not said.
    #[serde(default, alias = "creationTime", deserialize_with = "number")]
    creation_time: u64,
    /// The same in milliseconds.
    #[serde(default, alias = "creationTimeMs", deserialize_with = "number")]
    creation_time_ms: u64,
}

/// A connection of somebody to a room.
#[derive(Clone, Debug, Deserialize)]
pub struct Participant {
    /// The id of this connection.
    #[serde(default)]
    pub sid: String,
    /// Who it is, by the token with which they joined.
    #[serde(default)]
    pub identity: String,
    /// What it is.
    #[serde(default)]
    kind: Kind,
}

/// What a participant is, as a word or a number.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Kind {
    Word(String),
    Number(i64),
}

/// What is wrong with a webhook.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WebhookError {
    /// It is not of the form.
    #[error("{0}")]
    Form(String),
    /// A field is not there, or is empty.
    #[error("{0} is missing or empty")]
    Missing(&'static str),
    /// An identity names no user.
    #[error("participant.identity has no user before its separator")]
    NoUser,
}

impl Default for Kind {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Webhook {
    /// Reads the body of a webhook.
    ///
    /// # Errors
    ///
    /// It is not of the form; the error names the field.
    pub fn read(body: &[u8]) -> Result<Self, WebhookError> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let webhook: Self = serde_path_to_error::deserialize(&mut json)
            .map_err(|why| WebhookError::Form(why.to_string()))?;
        json.end().map_err(|why| WebhookError::Form(why.to_string()))?;
        if webhook.event.is_empty() { Err(WebhookError::Missing("event")) } else { Ok(webhook) }
    }

    /// The name of the room, for a log.
    pub fn room_name(&self) -> &str {
        self.room.as_ref().map_or("", |room| &room.name)
    }

    /// The room.
    ///
    /// # Errors
    ///
    /// It is not there, or has no name or no id.
    pub fn room(&self) -> Result<&Room, WebhookError> {
        let room = self.room.as_ref().ok_or(WebhookError::Missing("room"))?;
        match (&*room.sid, &*room.name) {
            ("", _) => Err(WebhookError::Missing("room.sid")),
            (_, "") => Err(WebhookError::Missing("room.name")),
            _ => Ok(room),
        }
    }

    /// The participant.
    ///
    /// # Errors
    ///
    /// There is none, or it has no identity or no id.
    pub fn participant(&self) -> Result<&Participant, WebhookError> {
        let participant = self.participant.as_ref().ok_or(WebhookError::Missing("participant"))?;
        match (&*participant.sid, &*participant.identity) {
            ("", _) => Err(WebhookError::Missing("participant.sid")),
            (_, "") => Err(WebhookError::Missing("participant.identity")),
            _ => Ok(participant),
        }
    }
}

impl Room {
    /// When it was made, in milliseconds since 1970; 0 if that is not said.
    pub fn made(&self) -> u64 {
        match self.creation_time_ms {
            0 => self.creation_time.saturating_mul(1_000),
            made => made,
        }
    }
}

impl Participant {
    /// Whether it is a person, and not a recorder, a stream or an agent.
    pub fn is_person(&self) -> bool {
        match &self.kind {
            Kind::Word(word) => !matches!(&**word, "INGRESS" | "EGRESS" | "AGENT"),
            Kind::Number(number) => !matches!(number, 1 | 2 | 4),
        }
    }
}

/// A 64-bit number, which may be written as a text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number, or one as a text")]
    enum Number {
        Plain(u64),
        Text(String),
    }
    match Number::deserialize(deserializer)? {
        Number::Plain(number) => Ok(number),
        Number::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        let text = r#"{"event":"participant_joined","id":"EV_1","createdAt":"1764490000","numDropped":2,"new":{},
            "room":{"sid":"RM_1","name":"standup","creationTime":"1764489990","creationTimeMs":"1764489990123"},
            "participant":{"sid":"PA_1","identity":"ana","state":"ACTIVE","kind":"AGENT"}}"#;
        let one = Webhook::read(text.as_bytes()).unwrap();
        let plain = r#"{"event":"participant_joined","num_dropped":2,
            "room":{"sid":"RM_1","name":"standup","creation_time":1764489990,"creation_time_ms":1764489990123},
            "participant":{"sid":"PA_1","identity":"ana","kind":4}}"#;
        let other = Webhook::read(plain.as_bytes()).unwrap();
        for webhook in [one, other] {
            assert_eq!(webhook.dropped, 2);
            assert_eq!(webhook.room().unwrap().made(), 1_764_489_990_123);
            assert!(!webhook.participant().unwrap().is_person());
        }
        let seconds = br#"{"event":"e","room":{"sid":"RM_1","name":"a","creationTime":"7"}}"#;
        assert_eq!(Webhook::read(seconds).unwrap().room().unwrap().made(), 7_000);
    }

    #[test]
    fn what_is_wrong_names_the_field() {
        for (text, named) in [
            ("{", "EOF"),
            (r#"{"room":{}}"#, "event is missing"),
            (r#"{"event":"e","room":{"sid":7}}"#, "room.sid: invalid type"),
            (r#"{"event":"e","room":{"creationTime":"soon"}}"#, "room.creationTime: invalid digit"),
            (r#"{"event":"e"}{}"#, "trailing"),
        ] {
            let said = Webhook::read(text.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(named), "{text}: {said}");
        }
        for (text, named) in [
            (r#"{"event":"e"}"#, "room"),
            (r#"{"event":"e","room":{"name":"a"}}"#, "room.sid"),
            (r#"{"event":"e","room":{"sid":"RM_1"}}"#, "room.name"),
        ] {
            let webhook = Webhook::read(text.as_bytes()).unwrap();
            assert_eq!(webhook.room().unwrap_err(), WebhookError::Missing(named));
        }
    }
}
