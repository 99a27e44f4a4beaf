//! The documents for authors of clients and backends around the schemas, `spec/schema/asyncapi.json` and
//! `spec/schema/openapi.json`, say what is there, and nothing else.

use std::collections::BTreeSet;

use roomcall_testkit::repository::root;
use serde_json::{Value, json};

use crate::close_code::CloseCode;
use roomcall_schema::webhook::events;
use roomcall_schema::wire;

type Set = BTreeSet<String>;

fn document(name: &str) -> Value {
    let path = root().join("spec/schema").join(name);
    let text = std::fs::read_to_string(&path).expect("it can be read");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Calls `with` for each `$ref`.
fn refs<'a>(value: &'a Value, with: &mut impl FnMut(&'a str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(to) if name == "$ref" => with(to),
                    value => refs(value, with),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| refs(item, with)),
        _ => {}
    }
}

/// What a `$ref` of a document is of, where these are the schemas.
fn resolved<'a>(
    document: &'a Value,
    [wire, events]: [&'a Value; 2],
    to: &str,
) -> Option<&'a Value> {
    let (file, pointer) = to.split_once('#')?;
    match file {
        "" => document.pointer(pointer),
        "wire.json" => wire.pointer(pointer),
        "events.json" => events.pointer(pointer),
        _ => None,
    }
}

/// The kinds of an enumeration of the schema, by the one field that each has.
fn kinds(wire: &Value, name: &str) -> Set {
    let kinds = wire["$defs"][name]["oneOf"].as_array().expect("it has kinds");
    kinds
        .iter()
        .map(|kind| kind["required"][0].as_str().expect("it has a name").to_owned())
        .collect()
}

#[test]
fn every_reference_leads_somewhere() {
    let (wire, events) = (wire(), events());
    for name in ["asyncapi.json", "openapi.json"] {
        let (document, mut count) = (document(name), 0);
        refs(&document, &mut |to| {
            assert!(
                resolved(&document, [&wire, &events], to).is_some(),
                "{name}: {to} leads nowhere"
            );
            count += 1;
        });
        assert!(count > 20, "{name} has {count} references");
    }
}

/// Each kind of command, query and event is a message, in the direction in which it goes, and refers to
/// its own form.
#[test]
fn every_kind_is_a_message_of_the_socket() {
    let (wire, events, document) = (wire(), events(), document("asyncapi.json"));
    let of_backend = ["revokeUserCalls", "getUserCalls", "getLiveCalls"].map(str::to_owned);
    let mut sent = kinds(&wire, "Command");
    sent.append(&mut kinds(&wire, "Query"));
    sent.retain(|kind| !of_backend.contains(kind));
    let mut heard = kinds(&wire, "Event");
    heard.extend(["reply", "replyRefused", "answered", "answerRefused"].map(str::to_owned));
    for (operation, expected) in [("fromDevice", &sent), ("toDevice", &heard)] {
        let messages = document["operations"][operation]["messages"].as_array().expect("a list");
        let name = |it: &Value| {
            it["$ref"].as_str()?.strip_prefix("#/channels/socket/messages/").map(str::to_owned)
        };
        let named: Option<Set> = messages.iter().map(name).collect();
        assert_eq!(named.as_ref(), Some(expected), "{operation}");
    }
    let messages = document["components"]["messages"].as_object().expect("messages");
    let all: Set = sent.union(&heard).cloned().collect();
    assert_eq!(messages.keys().cloned().collect::<Set>(), all);
    for (name, message) in messages {
        assert_eq!(message["title"], json!(name));
        let payload = &message["payload"];
        for field in ["command", "query", "event"] {
            let to = &payload["allOf"][1]["properties"][field]["$ref"];
            if let Some(form) = to.as_str().and_then(|to| resolved(&document, [&wire, &events], to))
            {
                assert_eq!(form["required"], json!([name]), "{name} refers to the form of another");
            }
        }
    }
}

#[test]
fn every_close_code_is_in_the_document_of_the_socket() {
    let document = document("asyncapi.json");
    let listed = document["channels"]["socket"]["x-close-codes"].as_array().expect("codes");
    let listed: BTreeSet<_> =
        listed.iter().map(|it| (it["code"].as_u64(), it["reason"].as_str())).collect();
    let codes = CloseCode::ALL.map(|it| (Some(it.code().into()), Some(it.reason())));
    assert_eq!(listed, BTreeSet::from(codes));
}

/// The routes, as the source of the router has them: a line `.route("/path", get(..))` each.
fn routes(source: &str) -> Set {
    let mut routes = Set::new();
    for route in source.split("        .route(").skip(1) {
        let route = route.split("\n        .").next().unwrap_or_default();
        let path = route.split('"').nth(1).expect("a path is a text");
        let words = route.split(|it: char| !(it.is_alphanumeric() || "_(".contains(it)));
        for method in ["get", "post", "put", "patch", "delete"] {
            if words.clone().any(|word| word.starts_with(&format!("{method}("))) {
                routes.insert(format!("{method} {path}"));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_in_the_document_of_http() {
    let listed = listed(&document("openapi.json"));
    assert!(listed.contains("post /v1/facts"));
    assert_eq!(listed, routes(include_str!("http.rs")));
}

#[test]
fn every_route_is_in_the_document_of_administration() {
    let listed = listed(&document("admin.json"));
    assert!(listed.contains("delete /admin/v1/connections"));
    assert_eq!(listed, routes(include_str!("admin/mod.rs")));
}

fn listed(document: &Value) -> Set {
    let mut listed = Set::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            listed.insert(format!("{method} {path}"));
            assert!(operation["responses"].is_object(), "{method} {path}");
        }
    }
    listed
}
