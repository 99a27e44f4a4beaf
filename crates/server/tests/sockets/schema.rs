//! The schema is that of what is said: every line of the scenarios fits it, and everything that is
//! answered to them; what is not of the form does not; and the copy in `spec/schema` is the newest.

use roomcall::journal::Replay;
use roomcall_server::schema::wire;
use roomcall_testkit::repository::{files, journal_of, root};
use serde_json::{Value, json};

/// As much of a validator as the schema needs; anything else in a schema is an error.
pub(crate) struct Schema(pub(crate) Value);

impl Schema {
    pub(crate) fn kind(&self, name: &str, value: &Value) -> Result<(), String> {
        self.fits(&json!({"$ref": format!("#/$defs/{name}")}), value)
    }

    fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let rules = schema.as_object().expect("a schema is an object");
        for (rule, says) in rules {
            let is_good = match (&**rule, says) {
                ("description" | "title" | "format" | "default", _) => true,
                ("$ref", Value::String(name)) => {
                    let name = name.strip_prefix("#/$defs/").expect("it is one of ours");
                    self.fits(&self.0["$defs"][name], value)?;
                    true
                }
                ("type", Value::Array(types)) => types.iter().any(|it| is_of_type(it, value)),
                ("type", one) => is_of_type(one, value),
                ("const", one) => one == value,
                ("enum", Value::Array(all)) => all.contains(value),
                ("minimum", least) => value.as_i64().is_none_or(|it| Some(it) >= least.as_i64()),
                ("maximum", most) => value.as_u64().is_none_or(|it| Some(it) <= most.as_u64()),
                ("anyOf", Value::Array(all)) => all.iter().any(|it| self.fits(it, value).is_ok()),
                ("oneOf", Value::Array(all)) => {
                    all.iter().filter(|it| self.fits(it, value).is_ok()).count() == 1
                }
                ("items", each) => {
                    let mut items = value.as_array().into_iter().flatten();
                    items.try_for_each(|it| self.fits(each, it))?;
                    true
                }
                ("required", Value::Array(names)) => names
                    .iter()
                    .all(|name| !value.is_object() || value.get(name.as_str().unwrap()).is_some()),
                ("properties", Value::Object(properties)) => {
                    for (name, schema) in properties {
                        value.get(name).map_or(Ok(()), |it| self.fits(schema, it))?;
                    }
                    true
                }
                ("additionalProperties", others) => {
                    self.others_fit(others, schema, value)?;
                    true
                }
                _ => panic!("this validator does not know {rule}: {says}"),
            };
            if !is_good {
                return Err(format!("{value} breaks {rule}: {says}"));
            }
        }
        Ok(())
    }

    fn others_fit(&self, others: &Value, schema: &Value, value: &Value) -> Result<(), String> {
        let known = |name: &str| schema["properties"].get(name).is_some();
        let fields = value.as_object().into_iter().flatten().filter(|(name, _)| !known(name));
        for (name, value) in fields {
            match others {
                Value::Bool(false) => return Err(format!("there is no field {name}")),
                Value::Bool(true) => {}
                schema => self.fits(schema, value)?,
            }
        }
        Ok(())
    }
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("types are words") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("there is no type {other} in this schema"),
    }
}

#[test]
fn the_scenarios_and_what_is_said_of_them_fit() {
    let schema = Schema(wire());
    let (mut read, mut said) = (0, 0);
    for path in files("spec/scenarios") {
        // Its lines are in other spellings on purpose; as they are written again, they fit.
        let is_otherwise_spelled = path.to_string_lossy().contains("94-other-spellings");
        let text = journal_of(&std::fs::read_to_string(&path).expect("it can be read"));
        let mut replay = Replay::new();
        for (number, text) in (1..).zip(text.lines()) {
            let place = format!("{}:{number}", path.display());
            let Some((line, turn)) = replay.read(text.as_bytes()).expect("it is good") else {
                continue;
            };
            let as_it_is: Value = serde_json::from_str(text).expect("it is JSON");
            let fits = schema.kind("Line", &as_it_is);
            assert!(fits.is_ok() || is_otherwise_spelled, "{place}: {fits:?}");
            let written = json!(line);
            schema.kind("Line", &written).unwrap_or_else(|why| panic!("{place}: {why}"));
            read += 1;
            if let Some(fact) = written.get("fact") {
                schema.kind("Fact", fact).unwrap_or_else(|why| panic!("{place}: {why}"));
            }
            if written.get("by").is_some() {
                let mut frame = written;
                frame
                    .as_object_mut()
                    .expect("it is an object")
                    .retain(|name, _| !matches!(&**name, "at" | "by"));
                schema.kind("Frame", &frame).unwrap_or_else(|why| panic!("{place}: {why}"));
            }
            for output in turn.outputs() {
                let output = json!(output);
                schema.kind("Output", &output).unwrap_or_else(|why| panic!("{place}: {why}"));
                said += 1;
            }
        }
    }
    assert!(read > 500 && said > 500, "{read} lines, {said} outputs");
}

#[test]
fn what_is_not_of_the_form_does_not_fit() {
    let schema = Schema(wire());
    let accept = json!({"acceptCall": {"roomID": "standup"}});
    for (kind, wrong) in [
        ("Frame", json!({"requestID": 1})),
        ("Frame", json!({"requestID": -1, "command": accept})),
        ("Frame", json!({"requestID": 1, "command": accept, "by": "backend"})),
        ("Frame", json!({"command": {"acceptCall": {}}})),
        ("Frame", json!({"command": {"acceptCall": {"roomID": "x", "more": 1}}})),
        ("Frame", json!({"command": {"callUserToRoom": {"roomID": "x", "timeout": 30}}})),
        ("Frame", json!({"command": {"revokeUserCalls": {"userID": "bo", "which": "all"}}})),
        ("Frame", json!({"query": {"getUserCalls": {"pageSize": 20}}})),
        ("Fact", json!({"userLeft": {"roomID": "x"}})),
        ("Fact", json!({"roleSet": {"roomID": "x", "userID": "bo", "role": "king"}})),
        ("Line", json!({"at": 1, "tick": {}, "requestID": 1})),
        ("Line", json!({"at": 1, "requestID": null, "by": "backend", "command": accept})),
        ("Output", json!({"at": 1, "requestID": 1})),
        ("Output", json!({"at": 1, "requestID": 1, "answer": {"acceptCall": {"attempt": null}}})),
        ("Output", json!({"at": 1, "to": {"room": "x"}, "event": {}, "because": "C-01"})),
    ] {
        assert!(schema.kind(kind, &wrong).is_err(), "{kind}: {wrong}");
    }
}

/// `UPDATE_TABLES=1` writes it anew.
#[test]
fn the_copy_is_the_newest() {
    let path = root().join("spec/schema/wire.json");
    let newest = format!("{:#}\n", wire());
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, &newest).expect("it can be written");
    }
    let copy = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(copy == newest, "{} is old: run with UPDATE_TABLES=1", path.display());
    let printed = std::process::Command::new(crate::child::PROGRAM).arg("schema").output();
    assert_eq!(printed.expect("the program starts").stdout, newest.as_bytes());
}
