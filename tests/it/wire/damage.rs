//! JSON, damaged in one place: a field that nobody knows, one too few, one twice, a value of
//! another type.

use std::mem::discriminant;

use serde_json::Value;

/// One damage: where, what, and the text that comes of it.
pub(crate) struct Damaged {
    pub(crate) place: String,
    pub(crate) what: String,
    pub(crate) text: String,
}

/// Every text that one damage makes of a text.
pub(crate) fn damages(text: &str) -> Vec<Damaged> {
    in_place("", &serde_json::from_str(text).unwrap())
}

fn in_place(place: &str, value: &Value) -> Vec<Damaged> {
    let new = |what: String, text: String| Damaged { place: place.to_owned(), what, text };
    let mut damaged: Vec<Damaged> = others(value)
        .into_iter()
        .map(|other| new(format!("{other} in the place of {value}"), other))
        .collect();
    match value {
        Value::Object(object) => {
            let fields: Vec<String> =
                object.iter().map(|(key, value)| field(key, &value.to_string())).collect();
            let whole = |fields: &[String]| format!("{{{}}}", fields.join(","));
            let more = [&fields[..], &[field("nobodyKnows", "0")]].concat();
            damaged.push(new("an unknown field".to_owned(), whole(&more)));
            for (at, (key, value)) in object.iter().enumerate() {
                let with =
                    |field: &[String]| whole(&[&fields[..at], field, &fields[at + 1..]].concat());
                let twice = [fields[at].clone(), fields[at].clone()];
                damaged.push(new(format!("no {key}"), with(&[])));
                damaged.push(new(format!("{key} twice"), with(&twice)));
                let inside = in_place(&format!("{place}/{key}"), value).into_iter();
                damaged.extend(inside.map(|inner| {
                    let text = with(&[field(key, &inner.text)]);
                    Damaged { text, ..inner }
                }));
            }
        }
        // The lists of the form are of one kind of value, so one damaged value is enough.
        Value::Array(list) => {
            let inside = list.iter().take(1).flat_map(|value| in_place(place, value));
            damaged.extend(inside.map(|inner| {
                let text = format!("[{}]", inner.text);
                Damaged { text, ..inner }
            }));
        }
        _ => {}
    }
    damaged
}

fn field(key: &str, value: &str) -> String {
    format!("\"{key}\":{value}")
}

/// Values of the other types, numbers that are nowhere good, and an array for an object.
fn others(value: &Value) -> Vec<String> {
    let is_other = |text: &&str| {
        discriminant(&serde_json::from_str::<Value>(text).unwrap()) != discriminant(value)
    };
    let types = ["null", "true", "7", "\"7\"", "[]", "{}"].into_iter().filter(is_other);
    let numbers = ["-1", "1.5", "1e3", "18446744073709551616"];
    let fields = value.as_object().map(|object| Value::from_iter(object.values().cloned()));
    types.chain(numbers).map(str::to_owned).chain(fields.map(|list| list.to_string())).collect()
}
