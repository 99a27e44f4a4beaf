//! Every variant in all three kinds of text, and lines that are none.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Debug;

use serde::Serialize;

use super::{Body, Command, Effect, Frame, Input, Output, Record, Refused, Request, Text};
use crate::{NameError, Rule};

const RECORDS: &str = include_str!("tests/records.ndjson");

const OUTPUTS: &str = include_str!("tests/outputs.ndjson");

/// What is read of a line is written as that line, and owned it is the same in each kind of text.
fn is_read_back<T: Serialize, U: Serialize, V: Serialize + Eq + Debug>(
    line: &str,
    (text, owned_text): (T, V),
    (str, owned_str): (U, V),
    owned: V,
) {
    assert_eq!(serde_json::to_string(&text).unwrap(), line);
    assert_eq!(serde_json::to_string(&str).unwrap(), line);
    assert_eq!(serde_json::to_string(&owned).unwrap(), line);
    assert_eq!((&owned_text, &owned_str), (&owned, &owned));
}

#[test]
fn every_record_in_each_kind_of_text() {
    for line in RECORDS.lines() {
        let (text, str) = (Record::<Text<'_>>::read(line), Record::<&str>::read(line));
        let (text, str) = (text.unwrap(), str.unwrap());
        let owned = (text.clone().into_owned(), str.clone().into_owned());
        is_read_back(line, (text, owned.0), (str, owned.1), Record::read(line).unwrap());
    }
}

#[test]
fn every_output_in_each_kind_of_text() {
    for line in OUTPUTS.lines() {
        let (text, str) = (Output::<Text<'_>>::read(line), Output::<&str>::read(line));
        let (text, str) = (text.unwrap(), str.unwrap());
        let owned = (text.clone().into_owned(), str.clone().into_owned());
        is_read_back(line, (text, owned.0), (str, owned.1), Output::read(line).unwrap());
    }
}

/// A request without `at` and `by`: what they add is what the server adds.
#[test]
fn every_request_as_a_frame() {
    for line in RECORDS.lines() {
        let record: Record = Record::read(line).unwrap();
        let (request, by) = match record.input.clone() {
            Input::Ask { by, command } => (Request::Command(command), by),
            Input::Query { by, query } => (Request::Query(query), by),
            Input::Tick | Input::Fact(_) => continue,
        };
        let frame = Frame { request_id: record.request_id, request };
        let sent = serde_json::to_string(&frame).unwrap();
        let (text, str) = (Frame::<Text<'_>>::read(&sent), Frame::<&str>::read(&sent));
        let (text, str) = (text.unwrap(), str.unwrap());
        let owned = (text.clone().into_owned(), str.clone().into_owned());
        is_read_back(&sent, (text, owned.0), (str, owned.1), Frame::read(&sent).unwrap());
        assert_eq!(frame.record(7, by), record);
    }
}

/// The first word of what `Debug` says of an enum is its variant.
fn variant(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(text.len());
    text.split_at(end).0.into()
}

/// The lines above have every variant: 1 tick, 5 facts, 8 commands, 6 queries; 14 answers, 12 events,
/// 4 audiences.
#[test]
fn no_variant_is_left_out() {
    let inputs: BTreeSet<String> = RECORDS
        .lines()
        .map(|line| match Record::<&str>::read(line).unwrap().input {
            Input::Tick => "Tick".into(),
            Input::Fact(fact) => variant(&fact),
            Input::Ask { command, .. } => variant(&command),
            Input::Query { query, .. } => variant(&query),
        })
        .collect();
    assert_eq!(inputs.len(), 1 + 5 + 8 + 6);
    let (mut answers, mut events, mut audiences) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for line in OUTPUTS.lines() {
        match Output::<&str>::read(line).unwrap().body {
            Body::Answer(answer) => _ = answers.insert(variant(&answer)),
            Body::Effect(Effect { to, event, .. }) => {
                assert!(line.contains(&format!(r#""{}":"#, event.name())));
                let about = if matches!(event, super::Event::CallsSeen { .. }) {
                    (None, 0)
                } else {
                    (Some("r"), 9)
                };
                assert_eq!((event.room(), event.attempt()), about);
                audiences.insert(variant(&to));
                events.insert(variant(&event));
            }
            Body::Refused(_) | Body::Reply(_) => {}
        }
    }
    assert_eq!((answers.len(), events.len(), audiences.len()), (14, 12, 4));
}

/// A text with an escape does not lie in the line: it alone is copied, and `&str` cannot have it.
#[test]
fn a_text_with_an_escape_is_copied() {
    let line = r#"{"command":{"cancelCall":{"roomID":"caf\u00e9","userIDList":["v"]}}}"#;
    let frame = Frame::<Text<'_>>::read(line).unwrap();
    let Request::Command(Command::CancelCall { room, users }) = frame.request else {
        panic!("it is a cancel")
    };
    assert_eq!((&*room, room.is_borrowed()), ("caf\u{e9}", false));
    assert!(users.iter().all(Text::is_borrowed));
    let error = Frame::<&str>::read(line).unwrap_err();
    assert!(error.to_string().contains("expected a borrowed string"), "{error}");
}

/// What an output cannot be, and what is said of it.
#[test]
fn hostile_outputs() {
    let mut lines = include_str!("tests/hostile.txt").lines();
    while let (Some(line), Some(expected)) = (lines.next(), lines.next()) {
        let expected = expected.trim_start();
        let text = Output::<Text<'_>>::read(line).map(Output::into_owned);
        let owned = Output::<String>::read(line);
        assert_eq!(text, owned, "{line}");
        let error = owned.expect_err(line).to_string();
        assert!(error.starts_with("expected an output as one JSON object: "), "{error}");
        assert!(error.contains(expected), "{line}\n{error}");
    }
}

/// What a client may not send (J-02), and where a log says that it is wrong, without a name of it.
#[test]
fn hostile_frames() {
    for (frame, expected, place) in [
        ("", "EOF while parsing", "Eof at column 0"),
        ("[]", "expected one of `command` and `query`", "Data at column 0"),
        (r#"{"requestID":3}"#, "expected one of `command` and `query`", "Data at column 0"),
        (
            r#"{"requestID":3,"command":{"acceptCall":["ana"]}}"#,
            "an array stands",
            "Data at column 40",
        ),
        (
            r#"{"requestID":3,"query":{"getPendingCalls":{"roomID":"ana","count":"ana"}}}"#,
            "invalid type: string",
            "Data at column 71",
        ),
        (
            r#"{"requestID":3,"by":"backend","query":{"getIncomingCalls":{}}}"#,
            "unknown field `by`",
            "Data at column 19",
        ),
        (r#"{"at":3,"query":{"getIncomingCalls":{}}}"#, "unknown field `at`", "Data at column 5"),
        (
            r#"{"command":{"acceptCall":{"roomID":"ana"}},"query":{"getIncomingCalls":{}}}"#,
            "expected one of `command` and `query`",
            "Data at column 0",
        ),
    ] {
        let error = Frame::<Text<'_>>::read(frame).expect_err(frame);
        assert!(error.to_string().contains(expected), "{frame}\n{error}");
        assert_eq!(error.place(), place, "{frame}");
        assert!(!error.place().contains("ana"));
    }
}

/// A bracket in a text is no array, and a list is one however its name is spelled.
#[test]
fn brackets() {
    for frame in [
        r#"{"command":{"acceptCall":{"roomID":"[\"[[\\"}}}"#,
        r#"{"command":{"cancelCall":{"roomID":"[","userIDLi\u0073t":["[","]["]}}}"#,
        r#"{"command":{"callUserToRoom":{"extensionInfo":"{\"a\":[1]}","userIdList" : [ "v" ],"roomId":"r","timeout":9}}}"#,
    ] {
        assert!(Frame::<Text<'_>>::read(frame).is_ok(), "{frame}");
    }
    let frame = r#"{"command":["[",{"cancelCall":["r",["v"]]}]}"#;
    assert!(Frame::<Text<'_>>::read(frame).is_err());
    let frame = r#"{"command":{"cancelCall":["r",["v"]]}}"#;
    assert_eq!(Frame::<Text<'_>>::read(frame).unwrap_err().column(), 26);
    let frame = r#"{"command":{"cancelCall":["userIDList",["v"]]}}"#;
    assert_eq!(Frame::<Text<'_>>::read(frame).unwrap_err().column(), 26);
}

#[test]
fn refusals_are_errors() {
    let error = NameError::TooManyInterned { limit: 8 };
    let refused: Refused = error.into();
    assert_eq!((refused.rule, refused.code), (Rule::L12, -2));
    assert_eq!(refused.to_string(), error.to_string());
    let refused: Refused<&str> = NameError::BadName { limit: 8 }.into();
    assert_eq!((refused.rule, refused.code), (Rule::L01, -1001));
}

/// A list of attempts is one in the answer of `revokeUserCalls`, and beside an answer they are by user.
#[test]
fn attempts_are_a_list_or_by_user() {
    let reply = |answer: &str, more: &str| {
        let json = format!(r#"{{"reply":{{"requestID":1,"answer":{answer}{more}}}}}"#);
        crate::handset::Input::read(&json)
    };
    let revoked = r#"{"revokeUserCalls":{"attempts":[3,4],"more":false}}"#;
    assert!(reply(revoked, "").is_ok());
    let called = r#"{"callUserToRoom":{"bo":"success"}}"#;
    assert!(reply(called, r#","attempts":{"bo":3}"#).is_ok());
    assert!(reply(called, r#","attempts":[["bo",3]]"#).is_err());
}
