//! TLA+ values as JSON, and back: records are objects, sequences and sets are lists.
//!
//! What is null or absent on the wire has a value of the type of its place in the specification
//! (`words.tla`), since TLC compares only values of one type.

use serde_json::{Map, Value, json};

/// Reads one value as TLC prints it.
///
/// # Errors
///
/// What was expected, and where.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text };
    let value = reader.value()?;
    if reader.rest.trim().is_empty() { Ok(value) } else { Err(reader.expected("the end")) }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn expected(&self, what: &str) -> String {
        let rest: String = self.rest.chars().take(40).collect();
        format!("expected {what} at: {rest}")
    }

    fn takes(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Result<Value, String> {
        if self.takes("<<") {
            return self.list(">>").map(Value::Array);
        }
        if self.takes("{") {
            // A set has no order of its own: that of the texts.
            let mut members = self.list("}")?;
            members.sort_by_key(Value::to_string);
            return Ok(Value::Array(members));
        }
        if self.takes("[") {
            return self.record().map(Value::Object);
        }
        if self.takes("\"") {
            let (text, rest) = self.rest.split_once('"').ok_or_else(|| self.expected("a quote"))?;
            self.rest = rest;
            return Ok(Value::from(text));
        }
        match self.word() {
            "TRUE" => Ok(Value::Bool(true)),
            "FALSE" => Ok(Value::Bool(false)),
            word => word.parse().map(|number: i64| json!(number)).map_err(|_| {
                format!("expected a value, and not {word:?}, before: {}", self.expected("more"))
            }),
        }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = rest;
        word
    }

    fn list(&mut self, end: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        while !self.takes(end) {
            if !items.is_empty() && !self.takes(",") {
                return Err(self.expected(&format!("a comma or {end}")));
            }
            items.push(self.value()?);
        }
        Ok(items)
    }

    fn record(&mut self) -> Result<Map<String, Value>, String> {
        let mut fields = Map::new();
        while !self.takes("]") {
            if !fields.is_empty() && !self.takes(",") {
                return Err(self.expected("a comma or ]"));
            }
            let name = self.word().to_owned();
            if name.is_empty() || !self.takes("|->") {
                return Err(self.expected("a field"));
            }
            fields.insert(name, self.value()?);
        }
        Ok(fields)
    }
}

/// Says what the specification says as the wire says it.
pub(crate) fn to_wire(value: Value) -> Value {
    match value {
        Value::String(text) if text == "null" => Value::Null,
        Value::Array(items) => items.into_iter().map(to_wire).collect(),
        Value::Object(fields) => {
            let named = |(name, value): (String, Value)| {
                let value = match (name.as_str(), to_wire(value)) {
                    ("timeLeft", Value::Number(left)) if left.as_i64() == Some(-1) => Value::Null,
                    ("attempt", Value::Number(none)) if none.as_i64() == Some(0) => Value::Null,
                    ("by" | "operator", Value::Object(actor)) if actor["user"].is_null() => {
                        json!("backend")
                    }
                    ("answer", noted) if noted == json!({ "noted": true }) => Value::Null,
                    ("ended", none) if none["how"] == "none" => Value::Null,
                    ("tick", _) => json!({}),
                    (_, value) => value,
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(named).collect())
        }
        other => other,
    }
}

/// Says what the wire says as the specification says it.
pub(crate) fn from_wire(value: Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Array(items) => items.into_iter().map(from_wire).collect(),
        Value::Object(fields) => {
            let named = |(name, value): (String, Value)| {
                let value = match (name.as_str(), value) {
                    ("timeLeft", Value::Null) => json!(-1),
                    ("attempt", Value::Null) => json!(0),
                    // Somebody names the attempt 0, which is none either.
                    ("attempt", attempt) if attempt == json!(0) => json!(-1),
                    ("by", actor) if actor == "backend" => {
                        json!({ "user": "null", "device": "null" })
                    }
                    ("operator", actor) if actor == "backend" => json!({ "user": "null" }),
                    ("answer", Value::Null) => json!({ "noted": true }),
                    ("ended", Value::Null) => {
                        json!({ "how": "none", "attempt": 0, "user": "null", "deviceID": "null" })
                    }
                    ("tick", _) => json!("now"),
                    (_, value) => from_wire(value),
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(named).collect())
        }
        other => other,
    }
}

/// Writes a value as TLA+.
pub(crate) fn write(value: &Value) -> String {
    match value {
        Value::Null => "\"null\"".to_owned(),
        Value::Bool(true) => "TRUE".to_owned(),
        Value::Bool(false) => "FALSE".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("\"{text}\""),
        Value::Array(items) => {
            format!("<<{}>>", items.iter().map(write).collect::<Vec<_>>().join(","))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}|->{}", write(value)));
            format!("[{}]", fields.collect::<Vec<_>>().join(","))
        }
    }
}

/// The parts of a tuple, as texts.
pub(crate) fn parts(tuple: &str) -> Vec<&str> {
    let inner = tuple.trim().strip_prefix("<<").and_then(|text| text.strip_suffix(">>"));
    let inner = inner.unwrap_or_default();
    let (mut parts, mut start, mut depth, mut is_text) = (Vec::new(), 0, 0_u32, false);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'<' | b'[' | b'{' | b'(' => depth += 1,
            b'>' if inner.as_bytes().get(at.wrapping_sub(1)) == Some(&b'-') => {}
            b'>' | b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(inner[start..].trim());
    parts
}
