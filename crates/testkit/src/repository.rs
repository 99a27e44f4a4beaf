//! The journals and scenarios that the repository keeps.
//!
//! A *journal* (`.ndjson`) is what the library reads: a header, then one input a line. A *scenario* (`.scenario`) is a journal
//! with its transcript: each input follows `> `, and the lines below it are what it brings about. [`read`] takes both.

use std::fs;
use std::path::{Path, PathBuf};

use roomcall::Rule;
use roomcall::journal::Header;
use roomcall::protocol::{Outcome, Record};

use crate::strategies::journal::Journal;

/// What stands before an input of a scenario.
const INPUT: &str = "> ";

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The journals and scenarios of a folder, in the order of their names. The folder is named from the root.
///
/// # Panics
///
/// The folder cannot be read.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let is_kept = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "ndjson" || extension == "scenario")
    };
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(is_kept)
        .collect();
    files.sort();
    files
}

/// A journal or scenario as data.
///
/// # Panics
///
/// The file cannot be read, or a line of it is malformed.
pub fn read(path: &Path) -> (Header, Journal) {
    let text = fs::read_to_string(path).unwrap();
    let text = if is_scenario(path) { journal_of(&text) } else { text };
    let mut lines = text.lines();
    let header: Header = serde_json::from_str(lines.next().unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |line: &str| {
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{}: {error}: {line}", path.display()))
    };
    let lines = lines.map(line).collect();
    (header.clone(), Journal { limits: header.limits, policy: header.policy, lines })
}

/// The rules that the title of a scenario names, and its story.
///
/// # Panics
///
/// It names nothing.
pub fn rules_and_story(title: &str) -> (Vec<Rule>, &str) {
    let (ids, story) = title.split_once(": ").unwrap_or_else(|| panic!("no `ids: ` in {title}"));
    let rule = |id| Rule::ALL.iter().copied().find(|rule| rule.id() == id);
    (ids.split(' ').filter_map(rule).collect(), story)
}

/// Whether a file is a scenario, by its name.
pub fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "scenario")
}

/// The journal of a scenario: its header and its inputs, without the transcript.
pub fn journal_of(scenario: &str) -> String {
    let mut lines = scenario.lines();
    let header = lines.next().unwrap_or_default();
    let inputs = lines.filter_map(|line| line.strip_prefix(INPUT));
    std::iter::once(header).chain(inputs).flat_map(|line| [line, "\n"]).collect()
}

/// A scenario with the transcript that its inputs have now: under each input its form with all defaults, if it was written
/// in another one, then the outputs, then a remark if nothing changed.
///
/// # Panics
///
/// There is not one outcome for each input, or an input is malformed.
pub fn transcribe(scenario: &str, outcomes: Vec<Outcome>) -> String {
    let journal = journal_of(scenario);
    let mut lines = journal.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    assert_eq!(lines.clone().count(), outcomes.len(), "one outcome for each input");
    for (input, outcome) in lines.zip(outcomes) {
        text += &format!("{INPUT}{input}\n");
        let record: Record = serde_json::from_str(input).unwrap();
        let written = serde_json::to_string(&record).unwrap();
        if written != input {
            text += &format!("= read as {written}\n");
        }
        let unchanged = outcome.unchanged;
        for output in outcome.outputs() {
            text += &format!("{}\n", serde_json::to_string(&output).unwrap());
        }
        if let Some(rule) = unchanged {
            text += &format!("= nothing changes: {rule} {}\n", rule.title());
        }
    }
    text
}
