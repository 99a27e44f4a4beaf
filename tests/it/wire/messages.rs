//! What is said: every message once, byte for byte (J-04, J-05, O-02).

use std::collections::BTreeSet;
use std::fmt::Write;

use roomcall::journal::{Header, Replay};
use roomcall::protocol::{Input, Output};
use roomcall::{Limits, Policy};
use serde_json::Value;

use super::damage::{Damaged, damages};

/// What each line of a journal after the header brings about. The answer is first, and there is
/// one for asks and queries only; the time is the clock's (J-05).
fn said(journal: &str) -> Vec<(&str, Vec<String>)> {
    let mut replay = Replay::new();
    let mut said = Vec::new();
    for text in journal.lines() {
        let Some((line, turn)) = replay.read(text.as_bytes()).unwrap() else { continue };
        let outputs: Vec<_> =
            turn.outputs().map(|output| serde_json::to_string(&output).unwrap()).collect();
        outputs.iter().for_each(|output| is_read_back(output));
        let has_answer = !matches!(line.input, Input::Tick);
        let clock = replay.board().unwrap().clock().as_millis();
        for (place, output) in outputs.iter().enumerate() {
            let (answer, effect) =
                (format!(r#"{{"at":{clock},"#), format!(r#"{{"at":{clock},"to":{{"#));
            let is_answer = has_answer && place == 0;
            assert!(output.starts_with(if is_answer { &answer } else { &effect }), "{output}");
            assert_eq!(output.contains(r#","because":""#), !is_answer, "{output}");
        }
        assert!(!has_answer || !outputs.is_empty(), "no answer to {text}");
        said.push((text, outputs));
    }
    said
}

/// A device reads it, and it says the same.
fn is_read_back(text: &str) {
    let output: Output = Output::read(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(serde_json::to_string(&output).unwrap(), text);
}

/// Every damage of a message that a device does not notice: a field that may be absent, a number
/// for a word, another number.
pub(crate) fn harmless_damages() -> String {
    let journals =
        [include_str!("messages.ndjson"), include_str!("messages-to-all-devices.ndjson")];
    let mut harmless = BTreeSet::new();
    for output in journals.into_iter().flat_map(said).flat_map(|(_, outputs)| outputs) {
        for end in 0..output.len() {
            assert!(Output::<String>::read(&output[..end]).is_err(), "cut off: {output}");
        }
        for Damaged { place, what, text } in damages(&output) {
            if Output::<String>::read(&text).is_ok() {
                harmless.insert(format!("{place}: {what}"));
            }
        }
    }
    harmless.into_iter().map(|damage| damage + "\n").collect()
}

/// The names of the fields of an object, sorted.
fn fields(object: &Value) -> String {
    let names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.join(" ")
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Each event with each audience that it can have. The fields of an audience are sorted.
const EVENTS: [&str; 22] = [
    "onCallAccepted to device user",
    "onCallAccepted to user",
    "onCallCancelled to device user",
    "onCallCancelled to exceptDevice user",
    "onCallCancelled to user",
    "onCallHandledByOtherDevice to exceptDevice user",
    "onCallHandledByOtherDevice to user",
    "onCallNotJoined to device user",
    "onCallNotJoined to room",
    "onCallNotJoined to user",
    "onCallReceived to user",
    "onCallRejected to device user",
    "onCallRejected to user",
    "onCallRevokedByAdmin to device user",
    "onCallRevokedByAdmin to user",
    "onCallRinging to device user",
    "onCallRinging to user",
    "onCallTimeout to device user",
    "onCallTimeout to user",
    "onCallsSeen to exceptDevice user",
    "onPendingCallChanged to room",
    "onPendingCallRemoved to room",
];

/// Every message: fifteen answers, a refusal with each ending and one with none, twelve events, four
/// audiences.
pub(crate) fn table() -> String {
    let journals =
        [include_str!("messages.ndjson"), include_str!("messages-to-all-devices.ndjson")];
    let mut table = String::new();
    let (mut answers, mut events, mut endings) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (line, outputs) in journals.into_iter().flat_map(said) {
        writeln!(table, "> {line}").unwrap();
        for output in outputs {
            writeln!(table, "{output}").unwrap();
            let message: Value = serde_json::from_str(&output).unwrap();
            if let Some(answer) = message.get("answer") {
                answers.insert(fields(answer));
            } else if let Some(event) = message.get("event") {
                events.insert(format!("{} to {}", fields(event), fields(&message["to"])));
            } else {
                let ended = &message["refused"]["ended"];
                endings.insert(ended["how"].as_str().unwrap_or("none").to_owned());
            }
        }
    }
    let asked = [
        "acceptCall",
        "callUserToRoom",
        "cancelCall",
        "fact",
        "getCallLog",
        "getIncomingCalls",
        "getLiveCalls",
        "getMyCalls",
        "getPendingCalls",
        "getUserCalls",
        "markCallsSeen",
        "rejectCall",
        "revokeCall",
        "revokeUserCalls",
        "ringing",
    ];
    let how = [
        "accepted",
        "cancelled",
        "entered",
        "inOtherRoom",
        "none",
        "rejected",
        "revoked",
        "timedOut",
    ];
    assert_eq!((answers, events, endings), (set(&asked), set(&EVENTS), set(&how)));
    table
}

/// The inputs of the design are read, and written as they stand there; its outputs are what the
/// journal before them brings about, in that order and byte for byte.
pub(crate) fn check_design(text: &str) {
    let sections: Vec<&str> = text.split("\n\n").collect();
    let (inputs, journals) = sections.split_first().unwrap();
    let mut replay = Replay::new();
    for text in inputs.lines() {
        if let Some((line, _)) = replay.read(text.as_bytes()).unwrap() {
            assert_eq!(serde_json::to_string(&line).unwrap(), text);
        }
    }
    let defaults = Header::new(Limits::DEFAULT, Policy::DEFAULT);
    assert_eq!(replay.header(), Some(&defaults), "its header names the defaults");
    assert_eq!(journals.len(), 6, "three journals and their outputs");
    for pair in journals.chunks(2) {
        let said: Vec<String> = said(pair[0]).into_iter().flat_map(|(_, said)| said).collect();
        let mut rest = said.iter();
        for expected in pair[1].lines() {
            assert!(rest.any(|output| output == expected), "{expected}\nis missing in {said:#?}");
        }
    }
}
