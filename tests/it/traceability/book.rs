//! The rule book as data.

use std::collections::BTreeMap;
use std::fs;

use super::cite::root;

/// A rule as the rule book has it.
pub(super) struct Written {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) shown: Vec<String>,
    pub(super) checked: String,
    /// Why no specification has it.
    pub(super) informal: Option<String>,
}

/// The rules by id, and by family why no specification has those without a reason of their own.
#[derive(Default)]
pub(super) struct Book {
    pub(super) rules: BTreeMap<String, Written>,
    pub(super) families: BTreeMap<String, String>,
}

impl Book {
    /// Why no specification has a rule: its own reason, or that of its family.
    pub(super) fn reason(&self, id: &str) -> Option<&str> {
        let family = self.families.get(family(id));
        self.rules[id].informal.as_ref().or(family).map(String::as_str)
    }

    fn section(&mut self, section: &str) {
        let (rule, next) = section.split_once("\n## ").unwrap_or((section, ""));
        let (heading, body) = rule.split_once('\n').unwrap();
        let (id, title) = heading.split_once(' ').unwrap();
        // A rule that was withdrawn keeps its id, and holds no more.
        if body.starts_with("*Withdrawn*") {
            return self.family(next);
        }
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
            informal: informal(id, checked),
        };
        assert!(self.rules.insert(id.to_owned(), rule).is_none(), "{id} is there twice");
        self.family(next);
    }

    /// What stands between the heading of a family and its first rule.
    fn family(&mut self, text: &str) {
        if let Some((family, text)) = text.split_once(". ") {
            self.families.extend(informal(family, text).map(|reason| (family.to_owned(), reason)));
        }
    }
}

/// The family of a rule.
pub(super) fn family(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

pub(super) fn rule_book() -> Book {
    let text = fs::read_to_string(root().join("spec/rules.md")).unwrap();
    let (text, _) = text.split_once("\n## Appendix").unwrap_or((&text, ""));
    let mut sections = text.split("\n### ");
    let (_, first) = sections.next().unwrap().split_once("\n## ").unwrap();
    let mut book = Book::default();
    book.family(first);
    sections.for_each(|section| book.section(section));
    book
}

/// The reason on a line of the form `Formal: none; <reason>.`
fn informal(whose: &str, text: &str) -> Option<String> {
    let mut lines = text.lines().filter(|line| line.starts_with("Formal:"));
    let line = lines.next()?;
    assert_eq!(lines.next(), None, "{whose} says twice why no specification has it");
    let reason = line.strip_prefix("Formal: none; ").and_then(|line| line.strip_suffix('.'));
    assert!(reason.is_some(), "{whose}: `{line}` is not `Formal: none; <reason>.`");
    reason.map(str::to_owned)
}
