//! One id from prose to specifications to code to test to what is seen at run time.

mod book;
mod cite;
mod comments;
mod coverage;
mod formal;
mod runs;

use roomcall::Rule;

use self::book::{family, rule_book};
use self::cite::{citing, sources};
use self::formal::citations;
pub(crate) use self::runs::{seen, shown_by};
use roomcall_testkit::repository::{files, read, rules_and_story};

#[test]
fn the_rule_book_is_the_enum() {
    let book = rule_book().rules;
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
    let code = sources("src", "rs");
    let mut tests = sources("tests/it", "rs");
    tests.extend(sources("crates/testkit/src", "rs"));
    let (model, tests): (Vec<_>, Vec<_>) = tests
        .into_iter()
        .partition(|(path, _)| path.components().any(|c| c.as_os_str() == "model"));
    let scenarios: Vec<Rule> = files("spec/scenarios")
        .iter()
        .flat_map(|path| rules_and_story(&read(path).0.title).0)
        .collect();
    let book = rule_book().rules;
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
    let (book, seen) = (rule_book().rules, seen());
    for &rule in Rule::ALL {
        let shown = &book[rule.id()].shown;
        let is_law = shown.iter().any(|shown| shown == "law");
        assert_ne!(seen.contains_key(&rule), is_law, "{rule} is shown as {shown:?}");
    }
}

/// Each rule is in a formal specification, or the rule book says why it is in none.
#[test]
fn every_rule_is_formal_or_says_why() {
    let (book, citations) = (rule_book(), citations());
    let mut wrong = Vec::new();
    for &rule in Rule::ALL {
        let places = citations.get(&rule).map(|places| places.join(" · "));
        match (places, &book.rules[rule.id()].informal, book.reason(rule.id())) {
            (None, _, None) => wrong.push(format!(
                "{rule} is cited by no specification, and spec/rules.md gives no reason, `Formal: none; ...`"
            )),
            (Some(places), Some(reason), _) => wrong.push(format!(
                "{rule} is cited by {places}; spec/rules.md says `Formal: none; {reason}.`"
            )),
            (Some(_), None, _) | (None, _, Some(_)) => {}
        }
    }
    for of in book.families.keys() {
        let needs = |rule: &&Rule| {
            let is_cited = citations.contains_key(rule);
            family(rule.id()) == of && !is_cited && book.rules[rule.id()].informal.is_none()
        };
        if !Rule::ALL.iter().any(|rule| needs(&rule)) {
            wrong.push(format!("no rule of {of} needs the reason that its family gives"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
