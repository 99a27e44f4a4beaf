//! The schemas are those of what is said: every line of the scenarios and of the conformance cases fits, and
//! everything that is answered to them; what is not of the form does not; and what is generated is the newest.

use std::process::Command;

use roomcall::journal::Replay;
use roomcall_schema::validate::Schema;
use roomcall_schema::{handset, wire};
use roomcall_testkit::conformance::case::{Case, Role};
use roomcall_testkit::repository::{files, journal_of};
use serde_json::{Value, json};

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

/// Every input of the cases of a handset, and every effect.
#[test]
fn the_cases_of_a_handset_fit() {
    let schema = Schema(handset());
    let (mut inputs, mut effects) = (0, 0);
    for case in Case::all(Role::Handset) {
        let id = &case.setup.case;
        for step in &case.steps {
            let (send, expect) = (step.send.get(), step.expect.get());
            let [send, expect]: [Value; 2] =
                [send, expect].map(|it| serde_json::from_str(it).expect("it is JSON"));
            for input in send["inputs"].as_array().into_iter().flatten() {
                schema.kind("Input", input).unwrap_or_else(|why| panic!("{id}: {why}"));
                inputs += 1;
            }
            for effect in expect["effects"].as_array().into_iter().flatten() {
                schema.kind("Effect", effect).unwrap_or_else(|why| panic!("{id}: {why}"));
                effects += 1;
            }
        }
    }
    assert!(inputs > 1_000 && effects > 1_000, "{inputs} inputs, {effects} effects");
}

#[test]
fn what_is_generated_is_the_newest() {
    let said = Command::new(env!("CARGO_BIN_EXE_roomcall-schema")).arg("--check").output();
    let said = said.expect("the program starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
