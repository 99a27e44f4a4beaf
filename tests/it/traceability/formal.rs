//! Where the formal specifications cite the rules: the TLA+ modules by definition, the parts of the
//! proof by file.

use std::collections::BTreeMap;

use roomcall::Rule;

use super::cite::{cited, sources};
use super::comments::{PYTHON, Row, TLA, rows};

/// By rule the places of a specification that cite it, `words.tla: Ending, Refused` or `proof: handset`.
pub(super) type Citations = BTreeMap<Rule, Vec<String>>;

/// A specification or a module of one, with a part of it and the text of that part.
type Part = (String, String, String);

/// What cites each rule, in all specifications.
pub(super) fn citations() -> Citations {
    let mut found: BTreeMap<Rule, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for (of, part, text) in parts() {
        for rule in cited(&text) {
            let places = found.entry(rule).or_default();
            match places.last_mut() {
                Some((last, parts)) if *last == of => parts.push(part.clone()),
                _ => places.push((of.clone(), vec![part.clone()])),
            }
        }
    }
    let line = |(of, parts): (String, Vec<String>)| format!("{of}: {}", parts.join(", "));
    found.into_iter().map(|(rule, places)| (rule, places.into_iter().map(line).collect())).collect()
}

fn parts() -> Vec<Part> {
    let mut parts = Vec::new();
    for (path, text) in sources("spec", "tla") {
        let file = path.file_name().unwrap().to_str().unwrap();
        // What TLC leaves behind.
        if !file.contains("_TTrace_") {
            let part = |(name, text)| (file.to_owned(), name, text);
            parts.extend(definitions(&text).into_iter().map(part));
        }
    }
    for (path, text) in sources("spec/proof", "py") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // The head of a file tells what it is about, and what not.
        let body = rows(&text, PYTHON).into_iter().skip_while(|row| row.code.trim().is_empty());
        let text: String = body.map(|row| row.said()).collect();
        parts.push(("proof".to_owned(), name.to_owned(), text));
    }
    parts
}

/// The definitions of a TLA+ module, with all that is said in and of each. A comment belongs to
/// the definition that it stands in. One that begins at the margin belongs to the definitions
/// below it, up to the next blank line; one above `EXTENDS` is about the module.
fn definitions(text: &str) -> Vec<(String, String)> {
    let mut found = Definitions::default();
    rows(text, TLA).iter().for_each(|row| found.row(row));
    found.found
}

#[derive(Default)]
struct Definitions {
    found: Vec<(String, String)>,
    /// What was said at the margin, and to which definitions it has gone so far, if to any.
    above: String,
    is_given: bool,
    /// Within the last definition; within a list of names.
    is_within: bool,
    is_list: bool,
}

impl Definitions {
    fn row(&mut self, row: &Row) {
        let at_margin = !row.code.starts_with(' ');
        let words = row.code.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let mut words = words.filter(|word| !word.is_empty());
        if row.is_blank() {
            self.forget_if(self.is_given);
        } else if at_margin && row.is_comment() {
            self.forget_if(self.is_given);
            self.above.push_str(&row.said());
        } else if at_margin && row.code.starts_with(['-', '=']) {
            self.forget_if(true);
            (self.is_within, self.is_list) = (false, false);
        } else {
            if at_margin {
                self.open(words);
            } else if let (true, Some(name)) = (self.is_list, words.next()) {
                self.found.push((name.to_owned(), String::new()));
            }
            if let (true, Some((_, text))) = (self.is_within, self.found.last_mut()) {
                text.push_str(&row.said());
            }
        }
    }

    /// A line of code at the margin begins a definition, or a list of names.
    fn open<'a>(&mut self, mut words: impl Iterator<Item = &'a str>) {
        let first = words.next().unwrap_or_default();
        self.is_list = ["CONSTANT", "CONSTANTS", "VARIABLE", "VARIABLES"].contains(&first);
        self.is_within = first != "EXTENDS";
        if !self.is_within {
            self.forget_if(true);
            return;
        }
        let is_keyword = ["RECURSIVE", "LOCAL", "THEOREM", "LEMMA", "ASSUME"].contains(&first);
        let name = if self.is_list || is_keyword { words.next().unwrap_or(first) } else { first };
        // `RECURSIVE` comes before the definition of the same name.
        if self.found.last().is_none_or(|(last, _)| last != name) {
            self.found.push((name.to_owned(), self.above.clone()));
        }
        self.is_given = true;
    }

    fn forget_if(&mut self, is_over: bool) {
        if is_over {
            self.above.clear();
            self.is_given = false;
        }
    }
}

#[test]
fn citations_belong_to_definitions() {
    let module = r#"
---- MODULE some ----
(* About all: T-01. *)
EXTENDS Naturals

VARIABLES one,   \* T-02
          two    \* "T-03"

----
(* A part.
   E-01 to E-03 (* of them *) *)

First(a) == a = "K-01"
  (* E-04 is not modelled. E-05 is. *)
  /\ TRUE      \* E-06
\* E-07
RECURSIVE Second(_)
Second(b) ==
  /\ b  \* a long remark
        \* T-04
Third == 1

Fourth == 2

(* Of nothing: T-05. *)
====
"#;
    let expected = [
        ("one", vec![Rule::T02]),
        ("two", vec![Rule::T03]),
        ("First", vec![Rule::E01, Rule::E02, Rule::E03, Rule::E05, Rule::E06, Rule::K01]),
        ("Second", vec![Rule::T04, Rule::E07]),
        ("Third", vec![Rule::E07]),
        ("Fourth", vec![]),
    ];
    let found: Vec<(String, Vec<Rule>)> = definitions(module)
        .into_iter()
        .map(|(name, text)| (name, cited(&text).into_iter().collect()))
        .collect();
    assert_eq!(found, expected.map(|(name, rules)| (name.to_owned(), rules)));
}
