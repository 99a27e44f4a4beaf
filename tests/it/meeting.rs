//! The program `meeting`, as it is run.

use std::process::{Command, Output};

use roomcall::Rule;

use crate::cli::{program, text};

fn meeting(arguments: &[&str]) -> Output {
    Command::new(program("meeting")).args(arguments).output().unwrap()
}

const AGREED: &str = "\nall 9 screens agree with the switchboard\n";

/// What it prints, having ended well.
fn played(arguments: &[&str]) -> String {
    let output = meeting(arguments);
    let (said, complaints) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complaints}");
    assert!(complaints.is_empty() && said.ends_with(AGREED), "{arguments:?}: {complaints}");
    assert!(!said.contains('\x1b'), "colours are for terminals");
    said.to_owned()
}

#[test]
fn the_first_meeting() {
    insta::assert_snapshot!(played(&[]));
}

const ENDINGS: [&str; 7] =
    ["accepted", "rejected", "in other room", "timed out", "cancelled", "revoked", "entered"];

#[test]
fn every_meeting_agrees() {
    let mut meetings = Vec::new();
    for seed in 1..=20 {
        let said = played(&["--seed", &seed.to_string()]);
        for ending in ENDINGS {
            let start = format!("{ending:<14}#");
            assert!(said.lines().any(|line| line.starts_with(&start)), "seed {seed}: {ending}");
        }
        let widest = said.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(160), "seed {seed}: {widest:?} columns");
        meetings.push(said);
    }
    meetings.sort();
    meetings.dedup();
    assert_eq!(meetings.len(), 20, "each seed is another meeting");
}

#[test]
fn a_seed_is_one_meeting() {
    for arguments in [&["--seed", "7"][..], &["--seed", "7", "--explain"]] {
        assert_eq!(played(arguments), played(arguments));
    }
    assert_eq!(played(&[]), played(&["--seed", "1"]));
}

/// The rules under the lines are the only difference.
#[test]
fn a_meeting_explained() {
    let is_of_rules = |line: &&str| line.trim_start().starts_with('↳');
    let explained = played(&["--explain"]);
    let plain: Vec<&str> = explained.lines().filter(|line| !is_of_rules(line)).collect();
    assert_eq!(plain, played(&[]).lines().collect::<Vec<_>>());
    let known: Vec<String> =
        Rule::ALL.iter().map(|rule| format!("{} {}", rule.id(), rule.title())).collect();
    let mut named = Vec::new();
    for line in explained.lines().filter(is_of_rules) {
        for rule in line.trim_start().trim_start_matches("↳ ").split(" · ") {
            assert!(known.iter().any(|known| known == rule), "{rule}");
            named.push(rule.to_owned());
        }
    }
    named.sort();
    named.dedup();
    assert!(named.len() >= 25, "{named:?}");
}

#[test]
fn a_usage_error() {
    for arguments in [&["now"][..], &["--seed"], &["--seed", "x"], &["--explian"]] {
        let output = meeting(arguments);
        assert_eq!(output.status.code(), Some(2));
        // A value that is wrong or missing is named, anything else is answered by the usage.
        let said = text(&output.stderr);
        let is_named = said.contains("'--seed <SEED>'");
        assert!(is_named || said.contains("Usage: meeting"), "{said}");
        assert!(output.stdout.is_empty());
    }
}
