//! What is said of traffic in a log: the form, and no names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use roomcall_testkit::observer::Traffic;
use serde_json::{Value, json};

use crate::redact::{Redacted, are_shown};

/// The words of the wire form, which are nobody's name.
static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let of_traffic = ["opened", "closed", "sent", "received", "backend", "answered", "lost"];
    let of_traffic = of_traffic.into_iter().chain(["connection", "frame", "output", "user"]);
    let mut words: BTreeSet<String> = of_traffic.map(str::to_owned).collect();
    collect(&roomcall_schema::wire(), &mut words);
    words
});

/// The names of fields, and the words that are values.
fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                words.extend(properties.keys().cloned());
            }
            let values = fields.get("enum").and_then(Value::as_array).into_iter().flatten();
            let values = values.chain(fields.get("const")).filter_map(Value::as_str);
            words.extend(values.map(str::to_owned));
            fields.values().for_each(|it| collect(it, words));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, words)),
        _ => {}
    }
}

/// A line of traffic, without names.
pub(super) fn describe(line: &Traffic) -> String {
    let said = json!(line);
    if are_shown() { said.to_string() } else { redacted("", &said).to_string() }
}

fn redacted(field: &str, value: &Value) -> Value {
    let word = |text: &String| match KNOWN.contains(text) {
        true => text.clone(),
        false => Redacted(text).to_string(),
    };
    match value {
        Value::String(_) if matches!(field, "because" | "rule") => value.clone(),
        Value::String(text) => json!(word(text)),
        Value::Array(items) => items.iter().map(|it| redacted(field, it)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, it)| (word(name), redacted(name, it)));
            Value::Object(fields.collect())
        }
        _ => value.clone(),
    }
}

/// What is wrong, without the names that are in these lines.
pub(super) fn without_names(what: &str, lines: &[&Traffic]) -> String {
    if are_shown() {
        return what.to_owned();
    }
    let mut names = BTreeSet::new();
    lines.iter().for_each(|line| collect_names(&json!(line), &mut names));
    let mut names: Vec<String> = names.into_iter().collect();
    // One name may be in another.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.iter().fold(what.to_owned(), |what, name| what.replace(name, &Redacted(name).to_string()))
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    let is_name = |text: &String| !text.is_empty() && !KNOWN.contains(text);
    match value {
        Value::String(text) if is_name(text) => _ = names.insert(text.clone()),
        Value::Array(items) => items.iter().for_each(|it| collect_names(it, names)),
        Value::Object(fields) => {
            names.extend(fields.keys().filter(|name| is_name(name)).cloned());
            fields.values().for_each(|it| collect_names(it, names));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_in_what_is_said() {
        let lines = [
            r#"{"at":0,"opened":{"connection":1,"user":"bogdan","device":"phone-7"}}"#,
            concat!(
                r#"{"at":5,"sent":{"connection":1,"frame":{"requestID":3,"command":{"callUserToRoom":{"roomID":"standup","#,
                r#""userIDList":["bogdan"],"timeout":30,"extensionInfo":"lunch at noon"}}}}}"#,
            ),
            r#"{"at":5,"received":{"connection":1,"output":{"at":5,"requestID":3,"answer":{"callUserToRoom":{"bogdan":"success"}},"attempts":{"bogdan":7}}}}"#,
        ];
        let lines = lines.map(|line| serde_json::from_str::<Traffic>(line).unwrap());
        let text: String = lines.iter().map(describe).collect();
        for name in ["bogdan", "phone-7", "standup", "lunch"] {
            assert!(!text.contains(name), "{text}");
        }
        for word in ["callUserToRoom", "success", "connection", "attempts", "requestID"] {
            assert!(text.contains(word), "{word} is not in {text}");
        }
        let what = without_names("bogdan/phone-7 hears of attempt 7", &[&lines[0]]);
        assert!(!what.contains("bogdan") && !what.contains("phone-7"), "{what}");
        assert!(what.ends_with(" hears of attempt 7"), "{what}");
    }
}
