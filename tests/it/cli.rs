//! The program `replay`, as it is run (J-03, J-06).

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::wire::{MEETING, whole};
use roomcall_testkit::play::example_binary;
use roomcall_testkit::repository::journal_of;

/// Runs a program with this input. That it may end before it has read all is its own business.
fn fed(program: &mut Command, input: &[u8]) -> Output {
    let pipes = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

/// The program. `cargo test --test it` does not build it, and an old one proves nothing.
pub(crate) fn program(name: &str) -> PathBuf {
    let program = example_binary(name);
    let built = program.metadata().unwrap().modified().unwrap();
    // What it was built from, by cargo's own account.
    let list = fs::read_to_string(program.with_extension("d")).unwrap();
    let sources = list.split_once(": ").expect("a list of what it depends on").1;
    let is_code = |source: &&Path| source.extension().is_some_and(|it| it == "rs");
    for source in sources.split_whitespace().map(Path::new).filter(is_code) {
        let is_older = source.metadata().unwrap().modified().unwrap() <= built;
        assert!(is_older, "{} is newer: cargo build --example {name}", source.display());
    }
    program
}

fn replay(arguments: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(program("replay"));
    fed(program.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")), input)
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What it says that is wrong, which must be one line; it must have failed for it.
fn complaint(output: &Output) -> &str {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line = said.strip_suffix('\n').unwrap_or_else(|| panic!("no line end: {said}"));
    assert!(!line.contains('\n') && !line.contains("panicked"), "{said}");
    line
}

/// It ends at the bad line, names it, and has shown what came before and nothing after.
#[test]
fn a_bad_line_ends_it() {
    let good = MEETING.map(whole).join("\n") + "\n";
    let deep = "[".repeat(100_000);
    let long = " ".repeat(2 << 20);
    let bad: [(&[u8], &str); 6] = [
        (b"\n", "EOF while parsing a value at column 0"),
        (b"{\"at\":7,\"tick\":{}", "EOF while parsing an object at column 17"),
        (
            b"{\"at\":7,\"fact\":{\"userLeft\":{\"roomID\":\"\xff\"}}}\n",
            "invalid unicode code point",
        ),
        (b"{\"at\":7,\"tick\":{},\"tock\":{}}\n", "unknown field `tock`"),
        (deep.as_bytes(), "invalid type: sequence"),
        (long.as_bytes(), "the line is longer than 1048576 bytes"),
    ];
    for format in [&["-"][..], &["-", "--explain"]] {
        let shown = replay(format, good.as_bytes());
        assert!(shown.status.success() && shown.stderr.is_empty());
        assert!(text(&shown.stdout).lines().count() >= 3);
        for (line, why) in bad {
            for after in [&b""[..], b"\n{\"at\":99999,\"tick\":{}}\n"] {
                let output = replay(format, &[good.as_bytes(), line, after].concat());
                let complaint = complaint(&output);
                assert!(complaint.starts_with("-: line 5: "), "{complaint}");
                assert!(complaint.contains(why), "{complaint}");
                assert_eq!(text(&output.stdout), text(&shown.stdout));
            }
        }
    }
}

#[test]
fn a_journal_begins_with_its_header() {
    for (journal, why) in [
        ("", "expected a header like {\"journal\":1}, but there is no line"),
        ("\n", "expected a header like {\"journal\":1}: "),
        ("{\"at\":0,\"tick\":{}}\n", "expected a header like {\"journal\":1}: "),
        ("{\"journal\":2}\n", "the journal is of version 2, and this reads version 1"),
    ] {
        let output = replay(&["-"], journal.as_bytes());
        let complaint = complaint(&output);
        assert!(complaint.starts_with(&format!("-: line 1: {why}")), "{complaint}");
        assert!(output.stdout.is_empty());
    }
    let output = replay(&["-"], b"{\"journal\":1}");
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
}

const A_MEETING: &str = "spec/scenarios/00-a-meeting.scenario";

/// A file, standard input, and other line ends, with the last of them or without, are the same.
#[test]
fn a_journal_is_the_same_from_anywhere() {
    let file = replay(&[A_MEETING], b"");
    assert!(file.status.success() && file.stderr.is_empty());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(A_MEETING);
    let journal = journal_of(&fs::read_to_string(path).unwrap());
    for journal in [&journal, journal.trim_end(), &journal.replace('\n', "\r\n")] {
        assert_eq!(replay(&["-"], journal.as_bytes()), file);
    }
}

#[test]
fn a_file_that_cannot_be_read() {
    for path in ["spec/no-such-file.ndjson", "spec"] {
        let output = replay(&[path], b"");
        let complaint = complaint(&output);
        let start = format!("{path}: cannot read or write: ");
        assert!(complaint.starts_with(&start) && complaint.len() > start.len(), "{complaint}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_usage_error() {
    for arguments in [&[][..], &["-", "-"], &["-", "--explian"]] {
        let output = replay(arguments, b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("Usage: replay"), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

/// A whole meeting; a clock that goes back; evictions by the clock and by an input; odd ids.
#[test]
fn explained() {
    for name in
        ["00-a-meeting", "24-the-clock-goes-back", "71-the-oldest-record-is-evicted", "84-ids"]
    {
        let output = replay(&[&format!("spec/scenarios/{name}.scenario"), "--explain"], b"");
        assert!(output.status.success() && output.stderr.is_empty());
        insta::assert_snapshot!(format!("explained-{name}"), text(&output.stdout));
    }
}

/// Whoever reads the output has seen enough: that is no failure.
#[test]
fn a_closed_output_ends_it() {
    let tick = "{\"at\":0,\"fact\":{\"userLeft\":{\"roomID\":\"r\",\"userID\":\"u\"}}}\n";
    let journal = "{\"journal\":1}\n".to_owned() + &tick.repeat(100_000);
    let mut program = Command::new(program("replay"));
    let pipes = program.args(["-", "--explain"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut first = [0; 1];
    thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(journal.as_bytes()));
        // Dropped after a byte.
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    });
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
}

/// J-03: with 64 MiB of memory in all, 100 MB of one line end with an error, long before they
/// are read.
#[cfg(target_os = "linux")]
#[test]
fn a_hundred_megabytes_through_a_pipe() {
    let mut shell = Command::new("sh");
    let limited = "ulimit -v 65536 && exec timeout 20 \"$0\" -";
    let pipes = shell.args(["-c", limited]).arg(program("replay"));
    let mut child =
        pipes.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let good = MEETING.map(whole).join("\n") + "\n";
    let mut written = 0;
    stdin.write_all(good.as_bytes()).unwrap();
    while written < 100_000_000 && stdin.write_all(&[b' '; 1 << 16]).is_ok() {
        written += 1 << 16;
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(complaint(&output), "-: line 5: the line is longer than 1048576 bytes");
    assert!(text(&output.stdout).contains("onCallReceived"), "what came before is shown");
    assert!(written < 4 << 20, "{written} bytes were read");
}
