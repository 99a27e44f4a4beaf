//! The scenarios of `spec/scenarios`: each is played on the reducer and the model, and its
//! transcript is a snapshot.

use std::fmt::Write;

use roomcall::Rule;
use roomcall::protocol::{Outcome, Record};

use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::play;
use roomcall_testkit::repository::{files, read};

/// What a line brought about: the outputs, and a remark where nothing changed.
fn transcript(line: &Record, turn: Outcome) -> String {
    let mut text = format!("> {}\n", serde_json::to_string(line).unwrap());
    let unchanged = turn.unchanged;
    for output in turn.outputs() {
        writeln!(text, "{}", serde_json::to_string(&output).unwrap()).unwrap();
    }
    if let Some(rule) = unchanged {
        writeln!(text, "= nothing changes: {rule} {}", rule.title()).unwrap();
    }
    text
}

#[test]
fn transcripts() {
    let files = files("spec/scenarios");
    assert!(files.len() >= 30, "only {} scenarios", files.len());
    for path in files {
        let (header, journal) = read(&path);
        let (_, turns) = play::play(&journal);
        let lines = journal.lines.iter().zip(turns);
        let said: String = lines.map(|(line, turn)| transcript(line, turn)).collect();
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::with_settings!({
            snapshot_path => "snapshots/scenarios",
            prepend_module_to_snapshot => false,
            omit_expression => true,
            description => header.title,
        }, {
            insta::assert_snapshot!(name, said);
        });
    }
}

#[test]
fn scenarios_agree_with_the_model() {
    for path in files("spec/scenarios") {
        let (_, journal) = read(&path);
        compare_switchboard(&journal).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// The rules that a title names.
pub(crate) fn rules_of(title: &str) -> Vec<Rule> {
    let (ids, _) = title.split_once(": ").unwrap_or_else(|| panic!("no `ids: ` in {title}"));
    ids.split(' ').filter_map(|id| Rule::ALL.iter().copied().find(|rule| rule.id() == id)).collect()
}

#[test]
fn titles_name_rules() {
    for path in files("spec/scenarios") {
        let (header, _) = read(&path);
        let (ids, _) = header.title.split_once(": ").unwrap();
        let races = ids.split(' ').filter(|id| !id.contains('-')).count();
        let rules = rules_of(&header.title);
        assert!(!rules.is_empty(), "{}", path.display());
        assert_eq!(rules.len() + races, ids.split(' ').count(), "{}: {ids}", path.display());
    }
}
