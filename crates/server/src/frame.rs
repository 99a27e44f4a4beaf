//! What a device sends: a request as in the wire form, without `at` and `by`. When it came is for
//! the server's clock to say, and who sent it for the token.

use roomcall::protocol::{Actor, Command, Input, Query};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One message of a device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `requestID` and `command` or `query`")]
pub struct Frame {
    /// The number of the request (X-01).
    #[serde(rename = "requestID", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<u64>,
    /// What is asked for; or
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// what is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Query>,
}

/// Why a message is none.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is not JSON of this form.
    #[error(
        "expected {{\"requestID\":1,\"command\":{{..}}}} or {{\"requestID\":1,\"query\":{{..}}}}: {0}"
    )]
    Json(#[from] serde_json::Error),
    /// It has neither or both.
    #[error("expected one of `command` and `query`")]
    NotOne,
}

impl FrameError {
    /// Where it is wrong, for a log: what a client sends may have people's names in it.
    pub fn place(&self) -> String {
        match self {
            Self::Json(error) => format!("{:?} at column {}", error.classify(), error.column()),
            Self::NotOne => self.to_string(),
        }
    }
}

impl Frame {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// It is none: what was expected.
    pub fn read(text: &str) -> Result<Self, FrameError> {
        let frame: Self = strict(text)?;
        if frame.command.is_some() == frame.query.is_some() {
            return Err(FrameError::NotOne);
        }
        Ok(frame)
    }

    /// The input that it is when `by` sends it; a message that was read is one.
    pub fn input(self, by: Actor) -> Input {
        match (self.command, self.query) {
            (Some(command), _) => Input::Ask { by, command },
            (None, Some(query)) => Input::Query { by, query },
            (None, None) => Input::Tick,
        }
    }
}

/// Reads JSON in which arrays stand only where the form has lists: serde would take one for an
/// object (J-02).
///
/// # Errors
///
/// It is not of the form.
pub fn strict<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let read = serde_json::from_str(text)?;
    if text.contains('[') && is_array_for_object(&serde_json::from_str(text)?) {
        return Err(serde_json::Error::custom("an array stands where an object has to be"));
    }
    Ok(read)
}

fn is_array_for_object(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            !matches!(&**name, "userIDList" | "userIdList") && is_array_for_object(value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_says_who_they_are() {
        let accept = r#"{"requestID":3,"command":{"acceptCall":{"roomID":"standup"}}}"#;
        assert_eq!(Frame::read(accept).unwrap().request_id, Some(3));
        for wrong in [
            r#"{"requestID":3,"by":{"user":"eve","device":"x"},"command":{"acceptCall":{"roomID":"standup"}}}"#,
            r#"{"at":9,"requestID":3,"command":{"acceptCall":{"roomID":"standup"}}}"#,
            r#"{"requestID":3}"#,
            r#"{"requestID":3,"command":{"acceptCall":{"roomID":"x"}},"query":{"getIncomingCalls":{}}}"#,
            r#"[3,{"acceptCall":{"roomID":"standup"}}]"#,
            r#"{"requestID":3,"command":{"acceptCall":["standup"]}}"#,
            "[]",
            "",
        ] {
            assert!(Frame::read(wrong).is_err(), "{wrong}");
        }
    }
}
