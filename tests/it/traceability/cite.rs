//! Which rules a text cites.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use roomcall::Rule;

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder whose names end like this, with their text.
pub(super) fn sources(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for input in fs::read_dir(folder).into_iter().flatten() {
            let path = input.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
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

/// All rules that a text cites.
pub(super) fn cited(text: &str) -> BTreeSet<Rule> {
    Rule::ALL.iter().copied().filter(|rule| cites(text, *rule)).collect()
}

/// Files of `sources` that cite a rule.
pub(super) fn citing(sources: &[(PathBuf, String)], rule: Rule) -> Vec<String> {
    sources
        .iter()
        .filter(|(path, text)| !path.ends_with("src/domain/rule.rs") && cites(text, rule))
        .map(|(path, _)| path.display().to_string())
        .collect()
}
