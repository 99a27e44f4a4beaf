//! The record: the table, the throughput, the machine, how it is measured, and notes that people
//! write and that stay.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::chart;
use crate::effort::commas;
use crate::report::{Row, markdown, rate};
use crate::side::{Form, Side};

/// Between these two lines belongs to people.
const NOTES: (&str, &str) = ("<!-- notes: begin -->", "<!-- notes: end -->");

const TITLE: &str = "# Measured figures\n\n\
    `cargo run --profile bench -p roomcall-scaling -- --record` measures everything anew and writes this \
    file and the picture;\nonly the notes at the end are written by hand, and stay. `--help` says \
    what else it can do.\n\n";

const METHOD: &str = "## How it is measured

*The workload.* N users are called, 8 into each room, each by the host of the room and on two devices, so that N calls
are pending at once. Then, in random order, 60 % accept, 20 % reject, 10 % are cancelled and 10 % are left alone;
those who accepted enter; one tick ends the 10 %; those inside leave. That is 3.1 inputs a call, one after another, and
4.9 effects, each of which is put into a buffer and counted from there. Every engine must have exactly the effects
that the workload asks for, in every round, or nothing is reported. A first round does not count.

*The engines.* *Naive maps* is what a careful beginner writes: one thread, maps of strings, owned strings in events.
*tokio task per call* is a task for each call that waits for a word or for its time, with concurrent maps and a channel
of events, on one thread. The *floor* is not usable: no rule, no check, no allocation, dense arrays and intrusive lists,
names of at most 24 bytes in the slots of a table that is a quarter full. It tells what the machine takes.

*The time* is CPU time of the thread, so that other programs count less. Inputs are prepared in chunks of 128
outside the timed part; what reading the clock costs is taken off. The engines take turns, and a ratio is the median
of the ratios of turns. Single inputs are timed by the real clock; groups in which the kernel took the core away are
left out. Where the longest of many is asked for, the same is played three times and of each the shortest counts.

*Heap and allocations* are counted by an allocator that counts, in a program of its own. *Instructions* are counted by
`crates/scaling/instructions`.

";

/// Writes the record and the picture into a folder.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn write(folder: &Path, facts: &str, rows: &[Row], sides: &[Side]) -> io::Result<()> {
    let path = folder.join("RECORD.md");
    let notes = match fs::read_to_string(&path) {
        Ok(text) => notes(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => "\n".to_owned(),
        Err(error) => return Err(error),
    };
    let (begin, end) = NOTES;
    let mut out = TITLE.to_owned();
    let _ = writeln!(out, "## Goals\n\n{}", markdown(rows));
    if !sides.is_empty() {
        out.push_str(&throughput(sides));
        fs::write(folder.join("scaling.svg"), chart::svg(sides))?;
    }
    let _ = write!(out, "## The machine\n\n{facts}\n{METHOD}## Notes\n\n{begin}{notes}{end}\n");
    fs::write(path, out)
}

/// What people wrote: what is between the two lines, and all of a file that has none.
fn notes(text: &str) -> String {
    let (begin, end) = NOTES;
    let between = text.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
    between.map_or_else(|| format!("\n{text}\n"), |(notes, _)| notes.to_owned())
}

/// Throughput and time by size.
fn throughput(sides: &[Side]) -> String {
    let mut out = "## Throughput\n\n![inputs a second by calls pending at once](scaling.svg)\n\n\
        Inputs a second on one core, and nanoseconds for a whole call, at so many calls pending at \
        once:\n\n| engine |"
        .to_owned();
    for side in sides {
        let _ = write!(out, " {} |", commas(side.callees.into()));
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(sides.len()));
    out.push('\n');
    for form in Form::ALL {
        if sides.iter().all(|side| side.of(form).is_none()) {
            continue;
        }
        let _ = write!(out, "| {} |", form.name());
        for side in sides {
            match side.input_ns(form).zip(side.lifecycle_ns(form)) {
                None => out.push_str(" |"),
                Some((input, lifecycle)) => {
                    let _ = write!(out, " {}, {lifecycle:.0} ns |", rate(input));
                }
            }
        }
        out.push('\n');
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_stay() {
        let (begin, end) = NOTES;
        assert_eq!(notes(&format!("a\n{begin}\nmine\n{end}\nb")), "\nmine\n");
        assert_eq!(notes("all of it"), "\nall of it\n");
    }
}
