//! The scenarios of `spec/scenarios`: each is played on the reducer and the model, and has the transcript that stands in it.

use std::{env, fs};

use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::play;
use roomcall_testkit::repository::{files, read, rules_and_story, transcribe};

/// `UPDATE_SCENARIOS=1 cargo test scenarios` writes the transcripts anew.
#[test]
fn transcripts() {
    let files = files("spec/scenarios");
    assert!(files.len() >= 30, "only {} scenarios", files.len());
    for path in files {
        let stored = fs::read_to_string(&path).unwrap();
        let (_, outcomes) = play::play(&read(&path).1);
        let current = transcribe(&stored, outcomes);
        if current == stored {
            continue;
        }
        if env::var_os("UPDATE_SCENARIOS").is_some() {
            fs::write(&path, current).unwrap();
            continue;
        }
        let same = stored.lines().zip(current.lines()).take_while(|(then, now)| then == now);
        let number = 1 + same.count();
        let line = |text: &str| text.lines().nth(number - 1).unwrap_or("(nothing)").to_owned();
        panic!(
            "{}:{number} is not what happens now:\n  stored: {}\n  now:    {}\nIf this is wanted: UPDATE_SCENARIOS=1 cargo test scenarios",
            path.display(),
            line(&stored),
            line(&current)
        );
    }
}

#[test]
fn scenarios_agree_with_the_model() {
    for path in files("spec/scenarios") {
        let (_, journal) = read(&path);
        compare_switchboard(&journal).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

#[test]
fn titles_name_rules() {
    for path in files("spec/scenarios") {
        let (header, _) = read(&path);
        let (ids, _) = header.title.split_once(": ").unwrap();
        let races = ids.split(' ').filter(|id| !id.contains('-')).count();
        let rules = rules_and_story(&header.title).0;
        assert!(!rules.is_empty(), "{}", path.display());
        assert_eq!(rules.len() + races, ids.split(' ').count(), "{}: {ids}", path.display());
    }
}
