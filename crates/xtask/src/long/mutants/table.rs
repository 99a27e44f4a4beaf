//! What came of the mutants, which of the missed ones are explained, and the table of it all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::root;

/// The table.
pub(super) const FILE: &str = "spec/mutants/rust.md";
const EXPLAINED: &str = "spec/mutants/explained.txt";

const HEAD: &str = "# Mutants of the code

Written by `cargo xtask long mutants`, which breaks `src/` in every small way that cargo-mutants knows, one at a time, and runs
the quick tests. `.cargo/mutants.toml` says what is left out and why.
*Timed out* is a mutant that hung until it was stopped, which counts as caught; *unviable* is one that does not compile.

| File | Mutants | Caught | Timed out | Unviable | Missed |
|---|--:|--:|--:|--:|--:|
";

/// The words of outcomes, in the order of the table's columns.
const WORDS: [&str; 4] = ["caught", "timeout", "unviable", "missed"];

/// The word for a summary of cargo-mutants.
pub(super) fn word(summary: &str) -> Option<&'static str> {
    match summary {
        "CaughtMutant" => Some("caught"),
        "Timeout" => Some("timeout"),
        "Unviable" => Some("unviable"),
        "MissedMutant" => Some("missed"),
        _ => None,
    }
}

/// What came of each mutant, by its name.
#[derive(Default)]
pub(super) struct Outcomes(pub(super) BTreeMap<String, &'static str>);

impl Outcomes {
    /// A line for each: the word and the name.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(name, word)| format!("{word} {name}\n")).collect()
    }

    /// Adds what such lines say.
    pub(super) fn add(&mut self, text: &str) {
        for (word, name) in text.lines().filter_map(|line| line.split_once(' ')) {
            if let Some(word) = WORDS.into_iter().find(|known| *known == word) {
                self.0.insert(name.to_owned(), word);
            }
        }
    }

    pub(super) fn counts(&self) -> String {
        let count = |word: &str| self.0.values().filter(|it| **it == word).count();
        WORDS.map(|word| format!("{} {word}", count(word))).join(", ")
    }

    fn missed(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|(_, word)| **word == "missed").map(|(name, _)| name)
    }

    /// A row of the table, for the mutants whose name begins so.
    fn row(&self, title: &str, begin: &str) -> String {
        let words: Vec<_> = self.0.iter().filter(|(name, _)| name.starts_with(begin)).collect();
        let counts =
            WORDS.map(|word| words.iter().filter(|(_, it)| **it == word).count().to_string());
        format!("| {title} | {} | {} |\n", words.len(), counts.join(" | "))
    }
}

/// Why mutants are missed, by the mutant without its place and the line of code that it changes.
pub(super) struct Explanations(BTreeMap<(String, String), String>);

impl Explanations {
    /// Blocks of lines: the mutant, its line of code, and why, in as many lines as it takes.
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(root().join(EXPLAINED)).context(EXPLAINED)?;
        let blocks = text.split("\n\n").filter_map(|block| {
            let mut lines = block.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            let key = (lines.next()?.to_owned(), lines.next()?.to_owned());
            Some((key, lines.collect::<Vec<_>>().join(" ")))
        });
        Ok(Self(blocks.collect()))
    }

    /// The missed mutants of `outcomes` that nothing explains.
    pub(super) fn lacking(&self, outcomes: &Outcomes, sources: &Path) -> Result<Vec<String>> {
        let mut lacking = Vec::new();
        for name in outcomes.missed() {
            if !self.0.contains_key(&key(name, sources)?) {
                lacking.push(name.clone());
            }
        }
        Ok(lacking)
    }
}

/// `file:line:column: what` as `file: what` and the text of that line.
fn key(name: &str, sources: &Path) -> Result<(String, String)> {
    let mut parts = name.splitn(4, ':');
    let mut part = || parts.next().with_context(|| format!("not the name of a mutant: {name}"));
    let (file, line, _, what) = (part()?, part()?, part()?, part()?);
    let text = fs::read_to_string(sources.join(file)).with_context(|| file.to_owned())?;
    let at = line.parse::<usize>()?.saturating_sub(1);
    let code = text.lines().nth(at).with_context(|| format!("{file} has no line {line}"))?;
    Ok((format!("{file}:{what}"), code.trim().to_owned()))
}

/// Writes the table of all mutants.
pub(super) fn write(outcomes: &Outcomes) -> Result<()> {
    let explanations = Explanations::read()?;
    let files: BTreeSet<&str> =
        outcomes.0.keys().filter_map(|name| name.split(':').next()).collect();
    let rows: String =
        files.iter().map(|file| outcomes.row(&format!("`{file}`"), &format!("{file}:"))).collect();
    let mut text = format!("{HEAD}{rows}{}\n## Missed\n\n", outcomes.row("all", ""));
    let mut used = BTreeSet::new();
    for name in outcomes.missed() {
        let key = key(name, root())?;
        let why = explanations.0.get(&key).map_or("**not explained**", String::as_str);
        writeln!(text, "* `{}`, of `{}`: {why}", key.0, key.1)?;
        used.insert(key);
    }
    if used.is_empty() {
        text += "None.\n";
    }
    fs::write(root().join(FILE), text)?;
    println!("{FILE} is written: {}", outcomes.counts());
    let idle: Vec<_> = explanations.0.keys().filter(|key| !used.contains(*key)).collect();
    if !idle.is_empty() {
        bail!("{EXPLAINED} explains what is not missed: {idle:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Outcomes;

    #[test]
    fn outcomes_are_read_as_they_were_written() {
        let text = "missed src/a.rs:3:4: replace f with ()\ncaught src/b.rs:1:2: delete ! in g\n";
        let (mut first, mut second) = (Outcomes::default(), Outcomes::default());
        first.add(text);
        second.add(&first.text());
        assert_eq!(
            second.text(),
            "missed src/a.rs:3:4: replace f with ()\ncaught src/b.rs:1:2: delete ! in g\n"
        );
        assert_eq!(second.counts(), "1 caught, 0 timeout, 0 unviable, 1 missed");
        assert_eq!(second.row("b", "src/b.rs:"), "| b | 1 | 1 | 0 | 0 | 0 |\n");
        assert_eq!(second.missed().count(), 1);
    }
}
