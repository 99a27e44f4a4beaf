//! What one connection is sent: its text, and what of it matters to who may read it.

use std::collections::BTreeSet;

use roomcall::protocol::Outcome;
use serde_json::Value;

use super::table::DETAILS;
use super::value;

/// One line to one connection.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// All of it.
    pub text: String,
    /// The name of its event, of the command or query that it answers, or `refused`.
    pub(super) about: String,
    /// The number of the request that it says it answers.
    pub(super) request_id: Option<u64>,
    /// The attempts in it.
    pub(super) attempts: BTreeSet<u64>,
    /// The details in it.
    pub(super) details: BTreeSet<&'static str>,
    /// Its words: names are among them, in keys, in values, and within a message for people.
    pub(super) words: BTreeSet<String>,
}

impl Line {
    /// What one input makes a host send: the answer to who asked, if there is one, then each effect to its audience. A host
    /// may send whole outputs, so these are judged, with their audiences.
    pub fn all(outcome: &Outcome) -> (Option<Self>, Vec<Self>) {
        let mut lines = outcome.clone().outputs().map(|output| Self::read(&value(&output)));
        let answer = outcome.answer.as_ref().and_then(|_| lines.next());
        (answer, lines.collect())
    }

    fn read(sent: &Value) -> Self {
        let said = sent.get("answer").or(sent.get("event"));
        let about = said.map_or("refused".to_owned(), name);
        let text = sent.to_string();
        let is_of_a_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let words = text.split(|c| !is_of_a_word(c)).filter(|word| !word.is_empty());
        let words = words.map(str::to_owned).collect();
        let mut line = Self { words, about, ..Self::default() };
        line.look_into(sent);
        Self { text, ..line }
    }

    fn look_into(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.look_into(item)),
            Value::Object(fields) => {
                for (key, item) in fields {
                    self.look_at(key, item);
                    self.look_into(item);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn look_at(&mut self, key: &str, item: &Value) {
        // That it is not so, or that there is none, says nothing.
        let says = !matches!(item, Value::Null | Value::Bool(false));
        self.details.extend(DETAILS.into_iter().filter(|detail| *detail == key && says));
        match (key, item) {
            ("attempt", item) => self.attempts.extend(item.as_u64()),
            ("attempts", Value::Array(all)) => {
                self.attempts.extend(all.iter().filter_map(Value::as_u64));
            }
            ("attempts", Value::Object(all)) => {
                self.attempts.extend(all.values().filter_map(Value::as_u64));
            }
            ("requestID", item) => self.request_id = item.as_u64(),
            _ => {}
        }
    }
}

/// The one key of an object.
fn name(value: &Value) -> String {
    value.as_object().and_then(|fields| fields.keys().next()).cloned().unwrap_or_default()
}
