//! Answers as tables for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The columns of which tables come first, as far as there are such.
const FIRST: [&str; 8] =
    ["tenant", "user", "device", "roomID", "userID", "caller", "status", "attempt"];

/// An answer: a list as a table, anything else as a line for each field.
pub(super) fn of(answer: &Value) -> String {
    let Some(fields) = answer.as_object() else { return format!("{answer}\n") };
    let mut text = String::new();
    for (name, value) in fields {
        match value.as_array() {
            Some(rows) if rows.iter().all(Value::is_object) && !rows.is_empty() => {
                text += &table(&rows.iter().filter_map(Value::as_object).collect::<Vec<_>>());
            }
            Some(rows) if rows.is_empty() => text += &format!("{name}: none\n"),
            _ => text += &format!("{name}: {}\n", cell(value)),
        }
    }
    text
}

fn table(rows: &[&Map<String, Value>]) -> String {
    let mut widths: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (name, value) in rows.iter().flat_map(|row| row.iter()) {
        let place = FIRST.iter().position(|it| it == name).unwrap_or(FIRST.len());
        let width = widths.entry((place, name)).or_insert(name.chars().count());
        *width = (*width).max(cell(value).chars().count());
    }
    let line = |cells: &dyn Fn(&str) -> String| {
        let mut line = String::new();
        for ((_, name), width) in &widths {
            // Writing to a text cannot fail.
            let _ = write!(line, "{:<width$}  ", cells(name));
        }
        format!("{}\n", line.trim_end())
    };
    let mut text = line(&|name| name.to_owned());
    for row in rows {
        text += &line(&|name| row.get(name).map_or(String::new(), cell));
    }
    text
}

/// A value in one line: what somebody chose moves no cursor.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.escape_debug().to_string(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_table() {
        let answer = json!({"connections": [
            {"device": "phone", "user": "ana", "waitingBytes": 7},
            {"device": "a\u{1b}[2J", "user": "bo"},
        ]});
        let expected = "user  device      waitingBytes\n\
                        ana   phone       7\n\
                        bo    a\\u{1b}[2J\n";
        assert_eq!(of(&answer), expected);
        assert_eq!(of(&json!({"closed": 2})), "closed: 2\n");
        assert_eq!(of(&json!({"calls": []})), "calls: none\n");
    }
}
