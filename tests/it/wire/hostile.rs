//! Lines that are no lines of a journal (J-01, J-02, J-03, J-06).

use std::fmt::Write;

use roomcall::journal::{JournalError, Replay};
use roomcall::switchboard::Switchboard;

use super::damage::{Damaged, damages};
use super::{MEETING, SAMPLES, whole};

/// What is wrong, and a first line.
const HEADERS: &[(&str, &str)] = &[
    ("blank", ""),
    ("no JSON", "hello"),
    ("an input", r#"{"at":0,"tick":{}}"#),
    ("no version", r#"{"title":"x"}"#),
    ("a version to come", r#"{"journal":2}"#),
    ("no such version", r#"{"journal":0}"#),
    ("an unknown policy", r#"{"journal":1,"policy":{"mayRing":"anyone"}}"#),
    ("an unknown choice", r#"{"journal":1,"policy":{"mayCall":"everyone"}}"#),
    ("a choice as an object", r#"{"journal":1,"policy":{"mayCall":{"admins":null}}}"#),
    ("an unknown limit", r#"{"journal":1,"limits":{"colour":1}}"#),
    ("a limit that is too large", r#"{"journal":1,"limits":{"callees":4294967296}}"#),
    ("cut off", r#"{"journal":1"#),
    ("two headers", r#"{"journal":1}{"journal":1}"#),
    ("a byte order mark", "\u{feff}{\"journal\":1}"),
];

/// What is wrong, and a line after the header. `BY` stands for who asks, as in the samples.
const INPUTS: &[(&str, &str)] = &[
    ("blank", ""),
    ("only spaces", "   "),
    ("no JSON", "hello"),
    ("a comment", "// hello"),
    ("no object", "7"),
    ("a text", r#""tick""#),
    ("a second header", r#"{"journal":1}"#),
    ("single quotes", "{'at':7,'tick':{}}"),
    ("a comma too many", r#"{"at":7,"tick":{},}"#),
    ("a field without quotes", r#"{at:7,"tick":{}}"#),
    ("cut off", r#"{"at":7,"tick":"#),
    ("two inputs", r#"{"at":7,"tick":{}}{"at":8,"tick":{}}"#),
    ("garbage after it", r#"{"at":7,"tick":{}} x"#),
    ("a zero byte after it", "{\"at\":7,\"tick\":{}}\0"),
    ("a control character in a text", "{\"at\":7,\"fact\":{\"userLeft\":{\"roomID\":\"\t\""),
    ("half a surrogate pair", r#"{"at":7,"fact":{"userLeft":{"roomID":"\ud800","userID":"u"}}}"#),
    ("no such number", r#"{"at":NaN,"tick":{}}"#),
    ("a leading zero", r#"{"at":07,"tick":{}}"#),
    ("a plus", r#"{"at":+7,"tick":{}}"#),
    ("a fraction", r#"{"at":7.0,"tick":{}}"#),
    ("an exponent", r#"{"at":7e0,"tick":{}}"#),
    ("below zero", r#"{"at":-1,"tick":{}}"#),
    ("zero below zero", r#"{"at":-0,"tick":{}}"#),
    ("2^64", r#"{"at":18446744073709551616,"tick":{}}"#),
    ("nothing but a time", r#"{"at":7}"#),
    ("no time", r#"{"tick":{}}"#),
    ("a time twice", r#"{"at":7,"at":7,"tick":{}}"#),
    ("a tick that is null", r#"{"at":7,"tick":null}"#),
    ("a tick with content", r#"{"at":7,"tick":{"at":7}}"#),
    ("a tick by somebody", r#"{"at":7,BY,"tick":{}}"#),
    ("a fact by somebody", r#"{"at":7,BY,"fact":{"userLeft":{"roomID":"r","userID":"u"}}}"#),
    ("a tick with a number", r#"{"at":7,"requestID":3,"tick":{}}"#),
    (
        "a fact with a number",
        r#"{"at":7,"requestID":3,"fact":{"userLeft":{"roomID":"r","userID":"u"}}}"#,
    ),
    ("a number that is null", r#"{"at":7,"requestID":null,BY,"query":{"getIncomingCalls":{}}}"#),
    ("a number below zero", r#"{"at":7,"requestID":-1,BY,"query":{"getIncomingCalls":{}}}"#),
    ("two numbers", r#"{"at":7,"requestID":1,"requestID":2,BY,"query":{"getIncomingCalls":{}}}"#),
    ("a fact and a tick", r#"{"at":7,"tick":{},"fact":{"userLeft":{"roomID":"r","userID":"u"}}}"#),
    (
        "a fact and a command",
        concat!(
            r#"{"at":7,BY,"fact":{"userLeft":{"roomID":"r","userID":"u"}},"#,
            r#""command":{"acceptCall":{"roomID":"r"}}}"#
        ),
    ),
    (
        "a command and a query",
        r#"{"at":7,BY,"command":{"acceptCall":{"roomID":"r"}},"query":{"getIncomingCalls":{}}}"#,
    ),
    ("somebody, but no command", r#"{"at":7,BY}"#),
    ("a command by nobody", r#"{"at":7,"command":{"acceptCall":{"roomID":"r"}}}"#),
    ("a query by nobody", r#"{"at":7,"query":{"getIncomingCalls":{}}}"#),
    ("a command by null", r#"{"at":7,"by":null,"command":{"acceptCall":{"roomID":"r"}}}"#),
    (
        "a command by an unknown word",
        r#"{"at":7,"by":"ana","command":{"acceptCall":{"roomID":"r"}}}"#,
    ),
    (
        "a command by a word in another case",
        r#"{"at":7,"by":"Backend","query":{"getIncomingCalls":{}}}"#,
    ),
    ("a user without a device", r#"{"at":7,"by":{"user":"u"},"query":{"getIncomingCalls":{}}}"#),
    ("an unknown fact", r#"{"at":7,"fact":{"roomClosed":{"roomID":"r"}}}"#),
    ("an unknown command", r#"{"at":7,BY,"command":{"inviteUser":{"roomID":"r"}}}"#),
    ("an unknown query", r#"{"at":7,BY,"query":{"getMembers":{"roomID":"r"}}}"#),
    ("a query as a text", r#"{"at":7,BY,"query":"getIncomingCalls"}"#),
    (
        "two facts in one",
        r#"{"at":7,"fact":{"userLeft":{"roomID":"r","userID":"u"},"userLeft":{}}}"#,
    ),
    ("no fact", r#"{"at":7,"fact":{}}"#),
    ("a field in the seed's other case", r#"{"at":7,BY,"command":{"acceptCall":{"RoomID":"r"}}}"#),
    (
        "both spellings of a field",
        r#"{"at":7,BY,"command":{"acceptCall":{"roomID":"r","roomId":"r"}}}"#,
    ),
    ("an unknown role", r#"{"at":7,"fact":{"roleSet":{"roomID":"r","userID":"u","role":"host"}}}"#),
    ("a role's number", r#"{"at":7,"fact":{"roleSet":{"roomID":"r","userID":"u","role":1}}}"#),
    ("an unknown reason", r#"{"at":7,BY,"command":{"rejectCall":{"roomID":"r","reason":"away"}}}"#),
    (
        "an unknown reason's number",
        r#"{"at":7,BY,"command":{"rejectCall":{"roomID":"r","reason":3}}}"#,
    ),
    (
        "a reason that is null",
        r#"{"at":7,BY,"command":{"rejectCall":{"roomID":"r","reason":null}}}"#,
    ),
    ("an unknown status", r#"{"at":7,BY,"query":{"getPendingCalls":{"roomID":"r","status":4}}}"#),
    (
        "a timeout of 2^32 seconds",
        concat!(
            r#"{"at":7,BY,"command":{"callUserToRoom":{"roomID":"r","#,
            r#""userIDList":["u"],"timeout":4294967296}}}"#
        ),
    ),
    (
        "an unknown kind of a user's calls",
        r#"{"at":7,"by":"backend","command":{"revokeUserCalls":{"userID":"u","which":"all"}}}"#,
    ),
    (
        "a mark up to nothing",
        r#"{"at":7,"by":{"user":"u","device":"d"},"command":{"markCallsSeen":{}}}"#,
    ),
    (
        "a mark up to null",
        r#"{"at":7,"by":{"user":"u","device":"d"},"command":{"markCallsSeen":{"upTo":null}}}"#,
    ),
    ("a call that is shown without a number", r#"{"at":7,BY,"command":{"ringing":{}}}"#),
    (
        "a call that is shown in a room",
        r#"{"at":7,BY,"command":{"ringing":{"roomID":"r","attempt":1}}}"#,
    ),
    (
        "a call that is shown of less than nothing",
        r#"{"at":7,BY,"command":{"ringing":{"attempt":-1}}}"#,
    ),
    (
        "a grace of 2^32 seconds",
        r#"{"at":7,"fact":{"rulesChanged":{"policy":{"joinGrace":4294967296}}}}"#,
    ),
    (
        "a log with a cursor",
        r#"{"at":7,"by":{"user":"u","device":"d"},"query":{"getCallLog":{"cursor":"1-2"}}}"#,
    ),
    (
        "a log since less than nothing",
        r#"{"at":7,"by":{"user":"u","device":"d"},"query":{"getCallLog":{"since":-1}}}"#,
    ),
    (
        "the number of a kind of a user's calls",
        r#"{"at":7,"by":"backend","command":{"revokeUserCalls":{"userID":"u","which":0}}}"#,
    ),
    (
        "a list of lists",
        r#"{"at":7,BY,"command":{"cancelCall":{"roomID":"r","userIDList":[["u"]]}}}"#,
    ),
    ("an array for the line", r#"[7,{}]"#),
    ("an array for a fact", r#"{"at":7,"fact":{"userLeft":["r","u"]}}"#),
];

/// Those that are too long, too deep or no text to stand in a table.
fn made() -> Vec<(&'static str, Vec<u8>)> {
    let deep = 100_000;
    let latin = br#"{"at":7,"fact":{"userLeft":{"roomID":"caf"#.as_slice();
    vec![
        ("deep lists", "[".repeat(deep).into()),
        ("deep objects", r#"{"at":"#.repeat(deep).into()),
        ("a deep tick", format!(r#"{{"at":7,"tick":{}"#, "[".repeat(deep)).into()),
        ("a deep unknown field", format!(r#"{{"at":7,"x":{}"#, "[".repeat(deep)).into()),
        ("no UTF-8", [latin, b"\xe9\"}}}"].concat()),
        ("no UTF-8 outside a text", b"{\"at\":7,\"tick\":{}}\xff".to_vec()),
        ("a byte too many for a line", [&vec![b' '; 1 << 20], b"7".as_slice()].concat()),
    ]
}

/// The error that a line is after others, `None` if it is taken. After an error nothing is
/// applied: neither the line, nor what follows (J-06).
fn error_of(before: &[String], bytes: &[u8]) -> Option<JournalError> {
    let mut replay = Replay::new();
    for line in before {
        replay.line(line.as_bytes()).unwrap();
    }
    let stood = replay.board().cloned();
    let hash = stood.as_ref().map(Switchboard::state_hash);
    let error = replay.line(bytes).err()?;
    let after = [r#"{"journal":1}"#, r#"{"at":8,"tick":{}}"#, r#"{"at":99999,"tick":{}}"#, "hello"];
    for line in after {
        assert_eq!(replay.line(line.as_bytes()).as_ref(), Err(&error), "something follows");
    }
    assert_eq!(replay.board(), stood.as_ref(), "something was applied");
    assert_eq!(replay.board().map(Switchboard::state_hash), hash);
    assert_eq!((error.line, replay.lines()), (before.len() as u64 + 1, before.len() as u64 + 1));
    Some(error)
}

/// What is seen of a line in a snapshot.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).escape_debug().to_string().replace("\\\"", "\"");
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}... ({} bytes)", &text[..end], bytes.len()),
        None => text,
    }
}

/// What is wrong, the line, the error, and the rule.
pub(crate) fn table() -> String {
    let meeting = MEETING.map(whole);
    let headers = HEADERS.iter().map(|(what, line)| (*what, line.as_bytes().to_vec()));
    let inputs = INPUTS.iter().map(|(what, line)| (*what, whole(line).into_bytes()));
    let at_first = headers.chain(made()).map(|(what, line)| (&meeting[..0], what, line));
    let later = inputs.chain(made()).map(|(what, line)| (&meeting[..], what, line));
    let mut table = String::new();
    for (before, what, line) in at_first.chain(later) {
        let error = error_of(before, &line).unwrap_or_else(|| panic!("taken: {what}"));
        let rule = error.problem.rule();
        writeln!(table, "{what}\n    {}\n    {rule} {error}", shown(&line)).unwrap();
    }
    table
}

/// A line of each kind cut off anywhere is an error, and so is one with any damage but those that
/// this gives back.
pub(crate) fn harmless_damages() -> String {
    let meeting = MEETING.map(whole);
    let mut harmless = String::new();
    for sample in SAMPLES.map(whole) {
        for end in 0..sample.len() {
            let error = error_of(&meeting, &sample.as_bytes()[..end]);
            assert!(error.is_some(), "{end} bytes of {sample} are taken");
        }
        for Damaged { place, what, text } in damages(&sample) {
            if error_of(&meeting, text.as_bytes()).is_none() {
                writeln!(harmless, "{place}: {what}").unwrap();
            }
        }
    }
    harmless
}
