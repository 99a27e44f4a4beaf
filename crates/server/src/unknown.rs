//! Requests of newer clients: a field that this server does not know is left out, and named.
//!
//! The library takes no field that it does not know (J-02), since a journal has to mean the same to
//! everybody who reads it. A device may be newer than its server, and its request means the same
//! without the new field. Whatever else is wrong with a request is wrong.

use std::sync::LazyLock;

use roomcall::protocol::{Frame, FrameError};
use serde_json::{Map, Value};

/// The schema of what is sent.
static WIRE: LazyLock<Value> = LazyLock::new(roomcall_schema::wire);

/// What the server says itself: a request that says it is refused, for it would not mean what it says.
const OF_THE_SERVER: [&str; 2] = ["at", "by"];

/// Older spellings of fields (J-04), which are not in the schema.
const OTHER_SPELLINGS: [(&str, &str); 2] = [("roomId", "roomID"), ("userIdList", "userIDList")];

/// A request, and the fields of it that are not known, as in `command.acceptCall.colour`.
///
/// # Errors
///
/// It is no request, without those fields, too.
pub fn read(line: &[u8]) -> Result<(Frame, Vec<String>), FrameError> {
    let why = match Frame::read(line) {
        Ok(frame) => return Ok((frame, Vec::new())),
        Err(why) => why,
    };
    let Ok(mut value) = serde_json::from_slice::<Value>(line) else { return Err(why) };
    // A field that is there twice is there once now: that was no unknown field.
    if has_twice(line, &value) {
        return Err(why);
    }
    let mut unknown = Vec::new();
    prune(&WIRE["$defs"]["Frame"], &mut value, "", &mut unknown);
    if unknown.is_empty() {
        return Err(why);
    }
    Ok((Frame::read(value.to_string().as_bytes())?, unknown))
}

/// Whether a field is there twice: then fewer are left than there are.
fn has_twice(line: &[u8], value: &Value) -> bool {
    fn fields(value: &Value) -> usize {
        match value {
            Value::Object(all) => all.values().map(|it| fields(it).saturating_add(1)).sum(),
            Value::Array(all) => all.iter().map(fields).sum(),
            _ => 0,
        }
    }
    // Outside texts there is a colon for each field.
    let (mut colons, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in line {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b':' if !is_text => colons = colons.saturating_add(1),
            _ => {}
        }
    }
    colons != fields(value)
}

/// Takes the fields out that the schema does not know.
fn prune(schema: &Value, value: &mut Value, path: &str, unknown: &mut Vec<String>) {
    let Value::Object(fields) = value else { return };
    let Some(properties) = properties(schema, fields) else { return };
    let known = |name: &str| {
        let spelled = OTHER_SPELLINGS.iter().find(|(other, _)| *other == name);
        properties.get(spelled.map_or(name, |(_, name)| name))
    };
    fields.retain(|name, value| {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match known(name) {
            Some(schema) => prune(schema, value, &path, unknown),
            None if path == *name && OF_THE_SERVER.contains(&&**name) => {}
            None => {
                unknown.push(path);
                return false;
            }
        }
        true
    });
}

/// The fields of the form that an object has: of several the only one whose field is there.
fn properties<'a>(
    schema: &'a Value,
    fields: &Map<String, Value>,
) -> Option<&'a Map<String, Value>> {
    if let Some(name) = schema["$ref"].as_str() {
        return properties(WIRE.pointer(name.strip_prefix('#')?)?, fields);
    }
    if let Some(forms) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let mut fitting = forms.iter().filter_map(|form| properties(form, fields));
        // What says two things at once says neither.
        return fitting.next().filter(|_| fitting.next().is_none());
    }
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    // What a field is called in a form of its own decides; in others strict reading does.
    let is_form = required.len() != 1
        || required.iter().filter_map(Value::as_str).all(|name| {
            let other = OTHER_SPELLINGS.iter().find(|(_, it)| *it == name).map(|(other, _)| *other);
            fields.contains_key(name) || other.is_some_and(|other| fields.contains_key(other))
        });
    schema["properties"].as_object().filter(|_| is_form)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left out, where the rest is the request that is meant.
    fn left_out(line: &str, meant: &str) -> Vec<String> {
        let (frame, unknown) = read(line.as_bytes()).expect(line);
        assert_eq!(frame, Frame::read(meant).expect(meant), "{line}");
        unknown
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let meant = r#"{"requestID":1,"command":{"acceptCall":{"roomID":"a","attempt":2}}}"#;
        assert_eq!(left_out(meant, meant), [""; 0]);
        let more = r#"{"requestID":1,"trace":{"id":"x:y"},"command":{"acceptCall":{"roomId":"a","attempt":2,"colour":[1]},"more":1}}"#;
        let named = ["command.acceptCall.colour", "command.more", "trace"];
        assert_eq!(left_out(more, meant), named);
        let meant =
            r#"{"command":{"callUserToRoom":{"roomID":"a","userIDList":["bo"],"timeout":5}}}"#;
        let more = r#"{"command":{"callUserToRoom":{"roomId":"a","userIdList":["bo"],"timeout":5,"video":true}}}"#;
        assert_eq!(left_out(more, meant), ["command.callUserToRoom.video"]);
        let meant = r#"{"requestID":7,"query":{"getMyCalls":{"since":3}}}"#;
        let more = r#"{"requestID":7,"query":{"getMyCalls":{"since":3,"deep":true}}}"#;
        assert_eq!(left_out(more, meant), ["query.getMyCalls.deep"]);
    }

    #[test]
    fn what_is_wrong_stays_wrong() {
        for line in [
            "",
            "[]",
            r#"{"requestID":1}"#,
            r#"{"requestID":1,"command":{"juggle":{}}}"#,
            r#"{"requestID":1,"more":1,"command":{"acceptCall":{}}}"#,
            r#"{"requestID":1,"more":1,"command":{"acceptCall":{"roomID":7}}}"#,
            r#"{"requestID":1,"more":1,"command":{"acceptCall":["a"]}}"#,
            r#"{"requestID":1,"by":"backend","command":{"acceptCall":{"roomID":"a"}}}"#,
            r#"{"at":1,"more":1,"command":{"acceptCall":{"roomID":"a"}}}"#,
            r#"{"more":1,"command":{"acceptCall":{"roomID":"a","roomID":"b"}}}"#,
            r#"{"more":1,"more":1,"command":{"acceptCall":{"roomID":"a"}}}"#,
            r#"{"command":{"acceptCall":{"roomID":"a"},"rejectCall":{"roomID":"a"}}}"#,
        ] {
            assert!(read(line.as_bytes()).is_err(), "{line}");
        }
    }
}
