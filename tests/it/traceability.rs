//! One id from prose to code to test to what is seen at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use roomcall::device::Handset;
use roomcall::journal::Replay;
use roomcall::server::Switchboard;
use roomcall::wire::{Answer, Turn};
use roomcall::{Actor, Fact, Input, Limits, Policy, Rule, Tick};

use crate::journals::{files, read};
use crate::play;
use crate::scenarios::rules_of;
use crate::tables::keep;

/// A rule as the rule book has it.
struct Written {
    title: String,
    text: String,
    shown: Vec<String>,
    checked: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rule_book() -> BTreeMap<String, Written> {
    let book = fs::read_to_string(root().join("spec/rules.md")).unwrap();
    let (rules, _) = book.split_once("\n## Appendix").unwrap_or((&book, ""));
    let mut written = BTreeMap::new();
    for section in rules.split("\n### ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap();
        let (id, title) = heading.split_once(' ').unwrap();
        let (text, rest) =
            body.split_once("\nFrom: ").unwrap_or_else(|| panic!("{id} does not say whence"));
        let (_, rest) = rest.split_once(" Shown: ").unwrap_or_else(|| panic!("{id} is not shown"));
        let (shown, checked) =
            rest.split_once(". Checked: ").unwrap_or_else(|| panic!("{id} is not checked"));
        let rule = Written {
            title: title.to_owned(),
            text: text.to_owned(),
            shown: shown.split(", ").map(str::to_owned).collect(),
            checked: checked.lines().next().unwrap_or_default().to_owned(),
        };
        assert!(written.insert(id.to_owned(), rule).is_none(), "{id} is there twice");
    }
    written
}

/// All Rust files below a folder, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// Whether a text cites a rule: by its id, as a variant, or within a span such as `E-01 to E-07`.
fn cites(text: &str, rule: Rule) -> bool {
    let variant = format!("Rule::{rule:?}");
    text.contains(rule.id())
        || text.match_indices(&variant).any(|(at, _)| {
            !text[at + variant.len()..].starts_with(|next: char| next.is_ascii_digit())
        })
        || spans(text).iter().any(|(first, last)| (first..=last).contains(&&rule))
}

fn spans(text: &str) -> Vec<(Rule, Rule)> {
    let rule = |id: &str| Rule::ALL.iter().copied().find(|rule| rule.id() == id);
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|w| !w.is_empty())
        .collect();
    words
        .windows(3)
        .filter(|words| words[1] == "to")
        .filter_map(|words| Some((rule(words[0])?, rule(words[2])?)))
        .filter(|(first, last)| first.id().split('-').next() == last.id().split('-').next())
        .collect()
}

/// Files of `sources` that cite a rule.
fn citing(sources: &[(PathBuf, String)], rule: Rule) -> Vec<String> {
    sources
        .iter()
        .filter(|(path, text)| !path.ends_with("src/rule.rs") && cites(text, rule))
        .map(|(path, _)| path.display().to_string())
        .collect()
}

/// The rules that a turn shows.
pub(crate) fn shown_by(turn: &Turn) -> BTreeSet<Rule> {
    let mut rules: BTreeSet<Rule> = turn.effects.iter().map(|effect| effect.because).collect();
    rules.extend(turn.unchanged);
    match &turn.answer {
        Some(Err(refused)) => drop(rules.insert(refused.rule)),
        Some(Ok(Answer::CallUserToRoom(results))) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
        }
        Some(Ok(Answer::CancelCall(results) | Answer::RevokeCall(results))) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
        }
        _ => {}
    }
    rules
}

/// The scenarios in which each rule is seen.
pub(crate) fn seen() -> BTreeMap<Rule, BTreeSet<String>> {
    let mut seen: BTreeMap<Rule, BTreeSet<String>> = BTreeMap::new();
    for path in files("spec/scenarios") {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for rule in play::play(&read(&path).1).1.iter().flat_map(shown_by) {
            seen.entry(rule).or_default().insert(name.clone());
        }
    }
    for rule in seen_outside_journals() {
        seen.entry(rule).or_default();
    }
    seen
}

/// What no journal can show: stale handles, and errors outside the reducer.
fn seen_outside_journals() -> BTreeSet<Rule> {
    let limits = Limits { held_names: 1, ..Limits::DEFAULT };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    let user = board.hold_user("ana").unwrap();
    let (room, device) = (board.hold_room("r").unwrap(), board.hold_device("phone").unwrap());
    let too_many = board.hold_user("bo").unwrap_err().rule();
    board.release_user(user);
    let by = Actor::Device { user, device };
    let command = roomcall::Command::AcceptCall { room, attempt: None };
    let stale = board.apply(Tick::START, Input::Ask { by, command }).answer.unwrap_err().rule();
    let fact = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: user }));
    assert_eq!(fact.answer, Ok(roomcall::Answer::Ignored(stale)));
    let restore = Switchboard::restore(b"").unwrap_err().rule();
    let lines: [&[&[u8]]; 3] =
        [&[b"{}"], &[b"{\"journal\":1}", b"{}"], &[b"{\"journal\":1}", &[b' '; 2 << 20]]];
    let journal = lines.map(|lines| {
        let mut replay = Replay::new();
        let error = lines.iter().find_map(|line| replay.line(line).err());
        error.unwrap().problem.rule()
    });
    let saved = Handset::restore("").unwrap_err().rule();
    let handset = crate::handset::rules_seen();
    [too_many, stale, restore, saved].into_iter().chain(journal).chain(handset).collect()
}

#[test]
fn the_rule_book_is_the_enum() {
    let book = rule_book();
    let written: Vec<(&str, &str)> =
        book.iter().map(|(id, rule)| (id.as_str(), rule.title.as_str())).collect();
    let mut declared: Vec<(&str, &str)> =
        Rule::ALL.iter().map(|rule| (rule.id(), rule.title())).collect();
    declared.sort_unstable();
    assert_eq!(written, declared);
    for (id, rule) in book {
        assert!(format!("{} {}", rule.text, rule.checked).contains("MUST"), "{id} has no MUST");
        for shown in &rule.shown {
            let known = ["effect", "refusal", "answer", "ignored", "error", "law"];
            assert!(known.contains(&shown.as_str()), "{id} is shown as {shown}");
        }
    }
}

#[test]
fn every_rule_is_in_code_and_tests() {
    let (code, tests) = (sources("src"), sources("tests/it"));
    let (model, tests): (Vec<_>, Vec<_>) = tests
        .into_iter()
        .partition(|(path, _)| path.components().any(|c| c.as_os_str() == "model"));
    let scenarios: Vec<Rule> =
        files("spec/scenarios").iter().flat_map(|path| rules_of(&read(path).0.title)).collect();
    let book = rule_book();
    let mut missing = Vec::new();
    for &rule in Rule::ALL {
        let checked = &book[rule.id()].checked;
        let mut require = |holds: bool, what: &str| {
            if !holds {
                missing.push(format!("{rule} is {what}"));
            }
        };
        require(!citing(&code, rule).is_empty(), "nowhere in src");
        let is_tested = !citing(&tests, rule).is_empty() || scenarios.contains(&rule);
        require(is_tested, "in no test and no scenario");
        let is_in_title = !checked.contains("scenario") || scenarios.contains(&rule);
        require(is_in_title, "in no title of a scenario");
        let is_modelled = !checked.contains("model") || !citing(&model, rule).is_empty();
        require(is_modelled, "nowhere in the model");
        for name in checked.split('`').skip(1).step_by(2) {
            let test = |name: &str| [format!("fn {name}("), format!("fn {name}<")];
            let is_there = |(_, text): &(_, String)| test(name).iter().any(|t| text.contains(t));
            require(tests.iter().any(is_there), &format!("checked by {name}, which is no test"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_rule_is_seen() {
    let (book, seen) = (rule_book(), seen());
    for &rule in Rule::ALL {
        let shown = &book[rule.id()].shown;
        let is_law = shown.iter().any(|shown| shown == "law");
        assert_ne!(seen.contains_key(&rule), is_law, "{rule} is shown as {shown:?}");
    }
}

/// `UPDATE_TABLES=1 cargo test traceability` writes the table anew.
#[test]
fn the_coverage_table_is_up_to_date() {
    let (book, seen, code) = (rule_book(), seen(), sources("src"));
    let titles: Vec<(String, Vec<Rule>)> = files("spec/scenarios")
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            (name.to_owned(), rules_of(&read(path).0.title))
        })
        .collect();
    let mut table = String::from(
        "<!-- Generated: UPDATE_TABLES=1 cargo test traceability -->\n\n# Coverage\n\n\
         | rule | title | code | checked by | scenarios that show it | seen in |\n|---|---|---|---|---|---|\n",
    );
    for &rule in Rule::ALL {
        let written = &book[rule.id()];
        let code = citing(&code, rule).join(", ").replace("src/", "");
        let shown: Vec<&str> = titles
            .iter()
            .filter(|(_, rules)| rules.contains(&rule))
            .map(|(name, _)| name.split('-').next().unwrap_or(name))
            .collect();
        let seen = match seen.get(&rule) {
            Some(scenarios) if scenarios.is_empty() => "outside journals".to_owned(),
            Some(scenarios) => format!("{} scenarios", scenarios.len()),
            None => "law".to_owned(),
        };
        let (title, checked) = (&written.title, written.checked.trim_end_matches('.'));
        writeln!(table, "| {rule} | {title} | {code} | {checked} | {} | {seen} |", shown.join(" "))
            .unwrap();
    }
    keep("coverage.md", &table);
}
