//! The wire and journal form: J-01 to J-06, and O-02 as it is seen from outside.

mod damage;
mod hostile;
mod messages;

use roomcall::journal::{Header, JournalError, Lines, Problem, Replay};
use roomcall::protocol::Record;

use roomcall_testkit::repository::{files, journal_of};

/// A journal in which bo's devices ring, so that a line that is applied after all shows.
pub(crate) const MEETING: [&str; 4] = [
    r#"{"journal":1}"#,
    r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
    r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"phone"}}}"#,
    concat!(
        r#"{"at":1,BY,"command":{"callUserToRoom":{"roomID":"standup","#,
        r#""userIDList":["bo"],"timeout":9}}}"#
    ),
];

/// A line of each kind with all its fields, each spelled as it is written.
pub(crate) const SAMPLES: [&str; 22] = [
    r#"{"at":7,"tick":{}}"#,
    r#"{"at":7,"fact":{"roomOpened":{"roomID":"r","owner":"u"}}}"#,
    r#"{"at":7,"fact":{"roomDissolved":{"roomID":"r","by":{"user":"u","device":"d"},"opening":9}}}"#,
    concat!(
        r#"{"at":7,"fact":{"userEntered":{"roomID":"r","userID":"u","#,
        r#""deviceID":"d","sessionID":"s","opening":9}}}"#
    ),
    concat!(
        r#"{"at":7,"fact":{"userLeft":{"roomID":"r","userID":"u","#,
        r#""deviceID":"d","sessionID":"s","opening":9}}}"#
    ),
    concat!(
        r#"{"at":7,"fact":{"presenceListed":{"roomID":"r","#,
        r#""present":[{"userID":"u","deviceID":"d","sessionID":"s"}],"opening":9}}}"#
    ),
    concat!(
        r#"{"at":7,"fact":{"userRemoved":{"roomID":"r","userID":"u","#,
        r#""by":{"user":"v","device":"d"},"opening":9}}}"#
    ),
    r#"{"at":7,"fact":{"roleSet":{"roomID":"r","userID":"u","role":"admin","opening":9}}}"#,
    concat!(
        r#"{"at":7,BY,"command":{"callUserToRoom":{"roomID":"r","#,
        r#""userIDList":["u"],"timeout":9,"extensionInfo":"x"}}}"#
    ),
    r#"{"at":7,BY,"command":{"cancelCall":{"roomID":"r","userIDList":["u","v"]}}}"#,
    r#"{"at":7,"by":"backend","command":{"revokeCall":{"roomID":"r","userIDList":["u"]}}}"#,
    r#"{"at":7,BY,"command":{"acceptCall":{"roomID":"r","attempt":9}}}"#,
    r#"{"at":7,BY,"command":{"rejectCall":{"roomID":"r","attempt":9,"reason":"rejected"}}}"#,
    concat!(
        r#"{"at":7,BY,"query":{"getPendingCalls":{"roomID":"r","#,
        r#""cursor":"1-1-1","count":9,"status":"calling"}}}"#
    ),
    r#"{"at":7,BY,"query":{"getIncomingCalls":{}}}"#,
    r#"{"at":7,BY,"query":{"getIncomingCalls":{"since":9}}}"#,
    r#"{"at":7,"requestID":3,BY,"command":{"acceptCall":{"roomID":"r"}}}"#,
    r#"{"at":7,"requestID":3,BY,"query":{"getIncomingCalls":{}}}"#,
    concat!(
        r#"{"at":7,"by":"backend","command":{"callUserToRoom":{"roomID":"r","#,
        r#""userIDList":["u"],"timeout":9,"extensionInfo":"x","caller":"v"}}}"#
    ),
    r#"{"at":7,"by":"backend","command":{"revokeUserCalls":{"userID":"u","which":"both"}}}"#,
    concat!(
        r#"{"at":7,"by":"backend","query":{"getUserCalls":{"userID":"u","#,
        r#""cursor":"1-1","pageSize":9}}}"#
    ),
    r#"{"at":7,"by":"backend","query":{"getLiveCalls":{"cursor":"1-1","pageSize":9}}}"#,
];

/// A line in which `BY` stands for who asks.
pub(crate) fn whole(line: &str) -> String {
    line.replace("BY", r#""by":{"user":"ana","device":"phone"}"#)
}

#[test]
fn hostile_lines() {
    insta::assert_snapshot!(hostile::table());
}

/// What does no harm is what may be absent or null (J-04).
#[test]
fn damaged_lines() {
    insta::assert_snapshot!(hostile::harmless_damages());
}

#[test]
fn messages() {
    insta::assert_snapshot!(messages::table());
}

/// What a device takes for another message (J-04).
#[test]
fn damaged_messages() {
    insta::assert_snapshot!(messages::harmless_damages());
}

#[test]
fn design_examples() {
    messages::check_design(include_str!("wire/design.txt"));
}

/// J-03. A line of the longest length is read. One that grows longer is found out at once, and a
/// host that goes on reading all the same stores no more of it.
#[test]
fn a_hundred_megabyte_line_is_not_stored() {
    const CHUNK: usize = 64 << 10;
    let mut replay = Replay::new();
    let mut limit = replay.line_bytes();
    let tick = r#"{"at":7,"tick":{}}"#;
    let longest_line = tick.to_owned() + &" ".repeat(limit - tick.len());
    let head = format!("{{\"journal\":1}}\n{longest_line}\n{{\"at\":8,\"tick\":{{}}");
    let spaces = [b' '; CHUNK];
    let chunks = head.as_bytes().chunks(CHUNK).chain((0..1600).map(|_| spaces.as_slice()));
    let (mut lines, mut most, mut read, mut found_at) = (Lines::new(), 0, 0, None);
    for chunk in chunks {
        read += chunk.len();
        let fed = lines.feed(chunk, limit, |line| {
            most = most.max(line.len());
            replay.line(line)?;
            Ok(replay.line_bytes())
        });
        limit = fed.unwrap_or_else(|error: JournalError| {
            assert_eq!(error.to_string(), "line 3: the line is longer than 1048576 bytes");
            found_at.get_or_insert(read);
            limit
        });
        most = most.max(lines.rest().map_or(0, <[u8]>::len));
    }
    assert!(read > 100_000_000);
    assert!(found_at.unwrap() <= head.len() + limit + CHUNK, "found at {found_at:?}");
    assert!(most <= limit + CHUNK, "{most} bytes were stored");
    assert_eq!(replay.board().unwrap().clock().as_millis(), 7, "line 2 is the last one applied");
}

/// J-03: the longest line is what the limits can need, within bounds.
#[test]
fn the_longest_line_follows_the_limits() {
    let check = |callees: u32, longest: usize| {
        let mut replay = Replay::new();
        let header = format!(r#"{{"journal":1,"limits":{{"callees":{callees}}}}}"#);
        replay.line(header.as_bytes()).unwrap();
        assert_eq!(replay.line_bytes(), longest, "for {callees} callees");
        let line = |length: usize| " ".repeat(length - 18) + r#"{"at":7,"tick":{}}"#;
        assert!(replay.line(line(longest).as_bytes()).is_ok());
        let error = replay.line(line(longest + 1).as_bytes()).unwrap_err();
        assert_eq!(error.problem, Problem::TooLong { limit: longest });
    };
    check(0, 1 << 20);
    check(100, 1 << 20);
    // Every byte of every id as `\u00xx`, with quotes and a comma, and the extension text.
    check(9_000, 2 * (9_003 * (64 * 6 + 3) + 2_048 * 6));
    check(u32::MAX, 8 << 20);
}

/// The lines that come of chunks of some size where none may be longer than `limit` bytes, the
/// one that is to be refused cut off right after that.
fn lines_of(text: &str, size: usize, limit: usize) -> Vec<String> {
    let (mut lines, mut given) = (Lines::new(), Vec::new());
    for chunk in text.as_bytes().chunks(size) {
        let fed = lines.feed(chunk, limit, |line| {
            let line = String::from_utf8_lossy(line);
            let is_long = line.len() > limit;
            given.push(line.chars().take(limit + 1).collect());
            if is_long { Err(()) } else { Ok(limit) }
        });
        if fed.is_err() {
            return given;
        }
    }
    given.extend(lines.rest().map(|rest| String::from_utf8_lossy(rest).into_owned()));
    given
}

/// Where a chunk ends is nobody's business, also if that is between the two bytes of a line end.
#[test]
fn chunks_change_nothing() {
    let text = "{}\r\n\n12345\r\n\r\n1234\r5\n123456\r\n7\n";
    for limit in [4, 5, 6, 100] {
        let whole = lines_of(text, text.len(), limit);
        for size in 1..text.len() {
            assert_eq!(lines_of(text, size, limit), whole, "limit {limit}, chunks of {size}");
        }
    }
    let all = ["{}", "", "12345", "", "1234\r5", "123456", "7"];
    assert_eq!(lines_of(text, text.len(), 100), all);
}

/// A line as a journal has it.
fn read(text: &str) -> Record {
    let mut replay = Replay::new();
    replay.line(b"{\"journal\":1}").unwrap();
    let read = replay.read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    read.unwrap().0
}

/// What clients say of one command or query, and how that is written.
const SPELLINGS: [(&str, &str); 13] = [
    (
        r#""callUserToRoom":{"roomID":"r","userIDList":[],"caller":null}"#,
        r#""callUserToRoom":{"roomID":"r","userIDList":[],"timeout":30,"extensionInfo":""}"#,
    ),
    (
        r#""getUserCalls":{"userID":"u"}"#,
        r#""getUserCalls":{"userID":"u","cursor":null,"pageSize":20}"#,
    ),
    (r#""getLiveCalls":{}"#, r#""getLiveCalls":{"cursor":null,"pageSize":20}"#),
    (
        r#""callUserToRoom":{"timeout":9,"userIDList":["\u0075"],"roomID":"r"}"#,
        r#""callUserToRoom":{"roomID":"r","userIDList":["u"],"timeout":9,"extensionInfo":""}"#,
    ),
    (
        r#""callUserToRoom":{"roomID":"r","userIDList":[],"timeout":0,"extensionInfo":null}"#,
        r#""callUserToRoom":{"roomID":"r","userIDList":[],"timeout":0,"extensionInfo":""}"#,
    ),
    (r#" "acceptCall" : { "roomID" : "r" } "#, r#""acceptCall":{"roomID":"r"}"#),
    (r#""acceptCall":{"roomID":"r","attempt":null}"#, r#""acceptCall":{"roomID":"r"}"#),
    (r#""rejectCall":{"roomID":"r"}"#, r#""rejectCall":{"roomID":"r","reason":"rejected"}"#),
    (
        r#""rejectCall":{"roomID":"r","reason":0}"#,
        r#""rejectCall":{"roomID":"r","reason":"rejected"}"#,
    ),
    (
        r#""rejectCall":{"roomID":"r","reason":1}"#,
        r#""rejectCall":{"roomID":"r","reason":"inOtherRoom"}"#,
    ),
    (
        r#""getPendingCalls":{"roomID":"r"}"#,
        r#""getPendingCalls":{"roomID":"r","cursor":null,"count":20,"status":null}"#,
    ),
    (
        r#""getPendingCalls":{"status":null,"cursor":null,"roomID":"r"}"#,
        r#""getPendingCalls":{"roomID":"r","cursor":null,"count":20,"status":null}"#,
    ),
    (
        r#""getPendingCalls":{"roomID":"r","cursor":"","count":9,"status":0}"#,
        r#""getPendingCalls":{"roomID":"r","cursor":"","count":9,"status":"none"}"#,
    ),
];

/// J-04: what is read from a spelling is what is read from the canonical one, and is written in
/// that.
fn is_spelling_of(spelling: &str, canonical: &str) {
    let line = read(spelling);
    assert_eq!(line, read(canonical), "{spelling}");
    assert_eq!(serde_json::to_string(&line).unwrap(), canonical);
}

#[test]
fn spellings() {
    for (spelling, canonical) in SPELLINGS {
        let kind = if canonical.contains("\"get") { "query" } else { "command" };
        let [spelling, canonical] = [spelling, canonical]
            .map(|asked| whole(&format!(r#"{{"at":7,BY,"{kind}":{{{asked}}}}}"#)));
        is_spelling_of(&spelling, &canonical);
    }
    for sample in SAMPLES.map(whole) {
        is_spelling_of(&sample, &sample);
        let older = sample.replace("roomID", "roomId").replace("userIDList", "userIdList");
        is_spelling_of(&older, &sample);
    }
    let list = whole(SAMPLES[11]);
    for (number, word) in ["none", "calling", "timeout", "rejected"].into_iter().enumerate() {
        let [spelling, canonical] = [number.to_string(), format!("\"{word}\"")]
            .map(|status| list.replace("\"calling\"", &status));
        is_spelling_of(&spelling, &canonical);
    }
    let nobody = r#"{"at":7,"fact":{"roomDissolved":{"roomID":"r"}}}"#;
    let backend = r#"{"at":7,"fact":{"roomDissolved":{"roomID":"r","by":"backend"}}}"#;
    is_spelling_of(nobody, backend);
}

/// Whatever is read of the scenarios is written, and read again as the same.
#[test]
fn what_is_written_is_read_again() {
    for path in files("spec/scenarios") {
        let text = journal_of(&std::fs::read_to_string(&path).unwrap());
        let (header, lines) = text.split_once('\n').unwrap();
        let header: Header = serde_json::from_str(header).unwrap();
        let written = serde_json::to_string(&header).unwrap();
        assert_eq!(serde_json::from_str::<Header>(&written).unwrap(), header);
        for line in lines.lines().map(read) {
            let written = serde_json::to_string(&line).unwrap();
            is_spelling_of(&written, &written);
        }
    }
}
