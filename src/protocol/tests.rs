//! Every variant in all three kinds of text, and lines that are none.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Debug;

use serde::Serialize;

use super::{Body, Command, Effect, Frame, Input, Output, Record, Refused, Request, Text};
use crate::{NameError, Rule};

const RECORDS: [&str; 14] = [
    r#"{"at":7,"tick":{}}"#,
    r#"{"at":7,"fact":{"roomOpened":{"roomID":"r","owner":"u"}}}"#,
    r#"{"at":7,"fact":{"roomDissolved":{"roomID":"r","by":{"user":"u","device":"d"}}}}"#,
    r#"{"at":7,"fact":{"userEntered":{"roomID":"r","userID":"u","deviceID":"d"}}}"#,
    r#"{"at":7,"fact":{"userLeft":{"roomID":"r","userID":"u"}}}"#,
    r#"{"at":7,"fact":{"roleSet":{"roomID":"r","userID":"u","role":"admin"}}}"#,
    r#"{"at":7,"by":{"user":"u","device":"d"},"command":{"callUserToRoom":{"roomID":"r","userIDList":["v","w"],"timeout":9,"extensionInfo":"x"}}}"#,
    r#"{"at":7,"requestID":3,"by":{"user":"u","device":"d"},"command":{"cancelCall":{"roomID":"r","userIDList":["v"]}}}"#,
    r#"{"at":7,"by":"backend","command":{"revokeCall":{"roomID":"r","userIDList":[]}}}"#,
    r#"{"at":7,"by":"backend","command":{"acceptCall":{"roomID":"r","attempt":9}}}"#,
    r#"{"at":7,"by":"backend","command":{"rejectCall":{"roomID":"r","attempt":9,"reason":"inOtherRoom"}}}"#,
    r#"{"at":7,"by":"backend","query":{"getPendingCalls":{"roomID":"r","cursor":"1-1-1","count":9,"status":"calling"}}}"#,
    r#"{"at":7,"by":"backend","query":{"getPendingCalls":{"roomID":"r","cursor":null,"count":9,"status":null}}}"#,
    r#"{"at":7,"requestID":3,"by":"backend","query":{"getIncomingCalls":{"since":4}}}"#,
];

const OUTPUTS: [&str; 21] = [
    r#"{"at":7,"answer":{"callUserToRoom":{"w":"success","v":"alreadyInCalling","u":"alreadyInRoom"}}}"#,
    r#"{"at":7,"answer":{"cancelCall":{"v":"cancelled","w":"notCalling","x":"notYours","y":"alreadyAccepted"}}}"#,
    r#"{"at":7,"answer":{"revokeCall":{"v":"revoked","w":"alreadyTimedOut"}}}"#,
    r#"{"at":7,"answer":{"acceptCall":{"attempt":9}}}"#,
    r#"{"at":7,"answer":{"rejectCall":{"attempt":9}}}"#,
    r#"{"at":7,"answer":{"getPendingCalls":{"calls":[{"caller":"u","callee":"v","status":"calling","attempt":9,"timeLeft":5,"extensionInfo":"[x]"},{"caller":"u","callee":"w","status":"timeout","attempt":10,"timeLeft":null,"extensionInfo":null}],"nextCursor":"1-1-1"}}}"#,
    r#"{"at":7,"answer":{"getIncomingCalls":{"calls":[{"roomID":"r","caller":"u","callee":"v","status":"calling","attempt":9,"timeLeft":null,"extensionInfo":"x"}],"revision":4}}}"#,
    r#"{"at":7,"requestID":3,"answer":{"getIncomingCalls":{"calls":[],"revision":4,"ended":[{"roomID":"r","caller":"u","how":"accepted","attempt":8,"user":"v","deviceID":"d"}],"lastAttempt":9}},"nextRequestID":4}"#,
    r#"{"at":7,"requestID":3,"answer":{"callUserToRoom":{"v":"success"}},"attempts":{"v":9}}"#,
    r#"{"at":7,"refused":{"code":100004,"rule":"R-02","message":"there is no such room"}}"#,
    r#"{"at":7,"requestID":3,"refused":{"code":-2311,"rule":"E-09","message":"[late]","ended":{"how":"timedOut","attempt":9}}}"#,
    r#"{"at":7,"to":{"user":"v"},"event":{"onCallReceived":{"roomID":"r","call":{"caller":"u","callee":"v","status":"calling"},"attempt":9,"extensionInfo":"x","timeLeft":5}},"because":"C-01"}"#,
    r#"{"at":7,"to":{"user":"v"},"event":{"onCallCancelled":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9}},"because":"E-05"}"#,
    r#"{"at":7,"to":{"user":"v"},"event":{"onCallRevokedByAdmin":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9,"operator":{"user":"w"}}},"because":"E-06"}"#,
    r#"{"at":7,"to":{"user":"u","device":"d"},"event":{"onCallRevokedByAdmin":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9,"operator":"backend"}},"because":"E-06"}"#,
    r#"{"at":7,"to":{"user":"v"},"event":{"onCallTimeout":{"roomID":"r","call":{"caller":"u","callee":"v","status":"timeout"},"attempt":9}},"because":"E-04"}"#,
    r#"{"at":7,"to":{"user":"u","device":"d"},"event":{"onCallAccepted":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9}},"because":"E-01"}"#,
    r#"{"at":7,"to":{"user":"u"},"event":{"onCallRejected":{"roomID":"r","call":{"caller":"u","callee":"v","status":"rejected"},"attempt":9,"reason":"rejected"}},"because":"E-02"}"#,
    r#"{"at":7,"to":{"user":"v","exceptDevice":"d"},"event":{"onCallHandledByOtherDevice":{"roomID":"r","isAccepted":true,"attempt":9,"deviceID":"d"}},"because":"E-01"}"#,
    r#"{"at":7,"to":{"room":"r"},"event":{"onPendingCallChanged":{"roomID":"r","call":{"caller":"u","callee":"v","status":"calling"},"attempt":9}},"because":"C-02"}"#,
    r#"{"at":7,"to":{"room":"r"},"event":{"onPendingCallRemoved":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9}},"because":"E-05"}"#,
];

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
    for line in RECORDS {
        let (text, str) = (Record::<Text<'_>>::read(line), Record::<&str>::read(line));
        let (text, str) = (text.unwrap(), str.unwrap());
        let owned = (text.clone().into_owned(), str.clone().into_owned());
        is_read_back(line, (text, owned.0), (str, owned.1), Record::read(line).unwrap());
    }
}

#[test]
fn every_output_in_each_kind_of_text() {
    for line in OUTPUTS {
        let (text, str) = (Output::<Text<'_>>::read(line), Output::<&str>::read(line));
        let (text, str) = (text.unwrap(), str.unwrap());
        let owned = (text.clone().into_owned(), str.clone().into_owned());
        is_read_back(line, (text, owned.0), (str, owned.1), Output::read(line).unwrap());
    }
}

/// A request without `at` and `by`: what they add is what the server adds.
#[test]
fn every_request_as_a_frame() {
    for line in RECORDS {
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

/// The lines above have every variant: 1 tick, 5 facts, 5 commands, 2 queries; 7 answers, 9 events,
/// 4 audiences.
#[test]
fn no_variant_is_left_out() {
    let inputs: BTreeSet<String> = RECORDS
        .iter()
        .map(|line| match Record::<&str>::read(*line).unwrap().input {
            Input::Tick => "Tick".into(),
            Input::Fact(fact) => variant(&fact),
            Input::Ask { command, .. } => variant(&command),
            Input::Query { query, .. } => variant(&query),
        })
        .collect();
    assert_eq!(inputs.len(), 1 + 5 + 5 + 2);
    let (mut answers, mut events, mut audiences) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for line in OUTPUTS {
        match Output::<&str>::read(line).unwrap().body {
            Body::Answer(answer) => _ = answers.insert(variant(&answer)),
            Body::Effect(Effect { to, event, .. }) => {
                assert!(line.contains(&format!(r#""{}":"#, event.name())));
                assert_eq!((event.room(), event.attempt()), ("r", 9));
                audiences.insert(variant(&to));
                events.insert(variant(&event));
            }
            Body::Refused(_) | Body::Reply(_) => {}
        }
    }
    assert_eq!((answers.len(), events.len(), audiences.len()), (7, 9, 4));
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
    for (line, expected) in [
        ("", "EOF while parsing a value at column 0"),
        ("[]", "invalid length 0"),
        (r#"{"at":7}"#, "expected `at` with one of"),
        (r#"{"at":7,"to":{"room":"r"},"because":"C-02"}"#, "expected `at` with one of"),
        (r#"{"at":7,"to":{"room":"r","user":"u"}}"#, "expected one of `user`, `user` and `device`"),
        (r#"{"at":7,"to":{}}"#, "expected one of `user`, `user` and `device`"),
        (r#"{"at":7,"answer":{}}"#, "expected value"),
        (r#"{"at":7,"answer":{"acceptCall":{"attempt":9},"x":1}}"#, "expected value"),
        (r#"{"at":7,"answer":{"acceptCall":{"attempt":9,"x":1}}}"#, "unknown field `x`"),
        (
            r#"{"at":7,"answer":{"acceptCall":[9]}}"#,
            "an array stands where an object has to be at column 32",
        ),
        (
            r#"{"at":7,"answer":{"cancelCall":{"v":"cancelled","v":"cancelled"}}}"#,
            "a user is there twice",
        ),
        (r#"{"at":7,"answer":{"cancelCall":{"v":"gone"}}}"#, "expected cancelled, revoked"),
        (r#"{"at":7,"answer":{"cancelCall":{"v":0}}}"#, "invalid type: integer"),
        (
            r#"{"at":7,"answer":{"getIncomingCalls":{"calls":[],"revision":4,"ended":[]}}}"#,
            "expected both `ended` and `lastAttempt`",
        ),
        (
            r#"{"at":7,"answer":{"getPendingCalls":{"calls":[["u","v","calling",9,5,"x"]],"nextCursor":""}}}"#,
            "has to be at column 47",
        ),
        (
            r#"{"at":7,"answer":{"getIncomingCalls":{"calls":[{"roomID":"r","caller":"u","callee":"v","status":"timeout","attempt":9,"timeLeft":null,"extensionInfo":"x"}],"revision":4}}}"#,
            "expected a call that rings",
        ),
        (
            r#"{"at":7,"refused":{"code":-1,"rule":"E-99","message":""}}"#,
            "expected the id of a rule",
        ),
        (
            r#"{"at":7,"refused":{"code":-1,"rule":"E-09","message":"","ended":null}}"#,
            "invalid type: null",
        ),
        (
            r#"{"at":7,"refused":{"code":-1,"rule":"E-09","message":"","ended":["timedOut",9,"u","d"]}}"#,
            "has to be at column 66",
        ),
        (
            r#"{"at":7,"answer":{"acceptCall":{"attempt":9}},"refused":{"code":-1,"rule":"R-02","message":""}}"#,
            "expected `at` with one of",
        ),
        (
            r#"{"at":7,"answer":{"acceptCall":{"attempt":9}},"attempts":{"v":9}}"#,
            "with `requestID` only",
        ),
        (
            r#"{"at":7,"requestID":3,"answer":{"acceptCall":{"attempt":9}},"attempts":{}}"#,
            "an answer to a call, cancel or revoke only",
        ),
        (
            r#"{"at":7,"requestID":3,"answer":{"acceptCall":{"attempt":9}},"nextRequestID":4}"#,
            "an answer to `getIncomingCalls` only",
        ),
        (
            r#"{"at":7,"requestID":3,"to":{"room":"r"},"event":{"onCallTimeout":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9}},"because":"E-04"}"#,
            "expected `at` with one of",
        ),
        (
            r#"{"at":7,"to":{"room":"r"},"event":{"onCallTimeout":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9,"reason":"rejected"}},"because":"E-04"}"#,
            "unknown field `reason`",
        ),
        (
            r#"{"at":7,"to":{"room":"r"},"event":{"onCallTimeout":{"roomID":"r","call":["u","v","none"],"attempt":9}},"because":"E-04"}"#,
            "has to be at column 75",
        ),
        (
            r#"{"at":7,"to":{"room":"r"},"event":{"onCallHandledByOtherDevice":{"roomID":"r","isAccepted":true,"attempt":9}},"because":"E-01"}"#,
            "missing field `deviceID`",
        ),
        (
            r#"{"at":7,"to":{"room":"r"},"event":{"onCallRevokedByAdmin":{"roomID":"r","call":{"caller":"u","callee":"v","status":"none"},"attempt":9,"operator":"u"}},"because":"E-06"}"#,
            r#"expected "backend" or {"user":..}"#,
        ),
        (
            r#"{"at":7,"to":{"room":"r"},"event":{"onCallReceived":{"roomID":"r","call":{"caller":"u","callee":"v","status":"calling"},"attempt":9,"extensionInfo":"x"}},"because":"C-01"}"#,
            "missing field `timeLeft`",
        ),
    ] {
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
