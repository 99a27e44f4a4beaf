//! One order of what several connections heard.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde_json::{Value, json};

/// Whom an effect is for: in this order it is told of one attempt (O-01).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Told {
    Callee,
    Caller,
    Room,
}

/// What connections heard, each in its order.
pub(crate) type Connections = BTreeMap<Who, VecDeque<String>>;

/// A user and a device.
pub(crate) type Who = (String, String);

/// A line, and who heard it: nobody if it is an answer over HTTP.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) line: String,
    pub(crate) by: Vec<Who>,
}

/// The line with who heard it, as a field more: so it is compared, too.
impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.strip_suffix('}').unwrap_or(&self.line);
        write!(f, r#"{line},"heardBy":{}}}"#, json!(self.by))
    }
}

/// The lines that connections heard. One that several heard is one; where no connection heard two lines, no device knows
/// which came first, and they come as O-01 has them: an answer, and then by attempt.
pub(crate) fn merged(mut connections: Connections) -> Vec<Heard> {
    let mut lines = Vec::new();
    while let Some(line) = next(&connections).map(str::to_owned) {
        let mut by = Vec::new();
        for (who, heard) in &mut connections {
            if heard.front() == Some(&line) {
                heard.pop_front();
                by.push(who.clone());
            }
        }
        lines.push(Heard { line, by });
    }
    lines
}

/// The line that comes next: one before which no connection heard another, unless they contradict each other.
fn next(connections: &Connections) -> Option<&str> {
    let is_behind =
        |line: &String| connections.values().any(|it| it.iter().skip(1).any(|it| it == line));
    let heads = connections.values().filter_map(VecDeque::front);
    heads.min_by_key(|line| (is_behind(line), place(line))).map(String::as_str)
}

/// Where a line comes among those of its step: an answer first, and an effect by the attempt that it is about, and for whom
/// it is.
fn place(line: &str) -> Option<(u64, Told)> {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let event = line["event"].as_object()?.values().next()?;
    let told = match &line["to"]["user"] {
        Value::Null => Told::Room,
        user if *user == event["call"]["caller"] => Told::Caller,
        _ => Told::Callee,
    };
    Some((event["attempt"].as_u64().unwrap_or_default(), told))
}
