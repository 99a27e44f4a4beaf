//! Each block of `wrong.txt` is a log, below a line that says which rule it violates, and in which of its lines.

use roomcall::Rule;
use roomcall_testkit::observer::{Observer, Settings, Traffic, Violation};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    rule: Rule,
    lines: Vec<u64>,
    title: String,
    #[serde(default)]
    settings: Settings,
    /// When all is due.
    end: Option<u64>,
}

fn judge(expected: &Expected, log: &str) -> Vec<Violation> {
    let mut observer = Observer::new(expected.settings);
    let read = |line: &str| -> Traffic {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    let mut found: Vec<_> = log.lines().flat_map(|line| observer.see(&read(line))).collect();
    found.extend(expected.end.into_iter().flat_map(|end| observer.finish(end)));
    found
}

#[test]
fn each_law_finds_what_violates_it() {
    let (mut rules, mut wrong) = (std::collections::BTreeSet::new(), Vec::new());
    for block in include_str!("wrong.txt").trim().split("\n\n") {
        let (head, log) = block.trim_start_matches("# ").split_once('\n').unwrap();
        let expected: Expected = serde_json::from_str(head).unwrap();
        let found = judge(&expected, log);
        let told: Vec<_> = found.iter().map(|it| (it.rule, it.lines.clone())).collect();
        let wanted = (expected.rule, expected.lines.clone());
        let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
        let name = format!("{} {}: at ", expected.rule.id(), expected.rule.title());
        let is_told = |text: &String| text.starts_with(&name) && text.ends_with(')');
        if told != [wanted] || !texts.iter().all(is_told) {
            wrong.push((expected.title, expected.rule, expected.lines, texts));
        }
        rules.insert(expected.rule);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(rules.len() >= 24, "{}", rules.len());
}
