//! The table of all rules: `spec/tables/coverage.md`.

use std::fmt::Write;

use roomcall::Rule;

use super::book::rule_book;
use super::cite::{citing, sources};
use super::formal::citations;
use super::runs::seen;
use crate::tables::keep;
use roomcall_testkit::repository::{files, read, rules_and_story};

const HEAD: &str = "<!-- Generated: UPDATE_TABLES=1 cargo test table -->

# Coverage

*formal* is what cites the rule in the specifications: a TLA+ module with its definitions, files of
the proof; or why nothing does.

| rule | title | formal | code | checked by | scenarios that show it | seen in |
|---|---|---|---|---|---|---|
";

/// `UPDATE_TABLES=1 cargo test table` writes the table anew.
#[test]
fn the_coverage_table_is_up_to_date() {
    let (book, citations, seen, code) = (rule_book(), citations(), seen(), sources("src", "rs"));
    let titles: Vec<(String, Vec<Rule>)> = files("spec/scenarios")
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            (name.to_owned(), rules_and_story(&read(path).0.title).0)
        })
        .collect();
    let mut table = String::from(HEAD);
    for &rule in Rule::ALL {
        let written = &book.rules[rule.id()];
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
        let formal = match citations.get(&rule) {
            Some(places) => places.join(" · "),
            None => format!("none; {}", book.reason(rule.id()).unwrap_or("no reason is given")),
        };
        let (title, checked) = (&written.title, written.checked.trim_end_matches('.'));
        let (anchor, shown) = (anchor(&format!("{rule} {title}")), shown.join(" "));
        writeln!(
            table,
            "| {rule} | [{title}](../rules.md#{anchor}) | {formal} | {code} | {checked} | {shown} | {seen} |"
        )
        .unwrap();
    }
    keep("coverage.md", &table);
}

/// Where a heading is found on its page.
fn anchor(heading: &str) -> String {
    let heading = heading.to_lowercase().replace(' ', "-");
    heading.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}
