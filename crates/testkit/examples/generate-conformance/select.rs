//! Picks of many histories the shortest parts that show something new.

use std::collections::BTreeSet;

use roomcall_testkit::conformance::case::{Begin, Case, Level, Role, Setup, Step, VERSION};
use roomcall_testkit::conformance::{needs, rules};
use serde_json::Value;

use crate::coverage::{Coverage, Key, Keys};

/// What happened, step by step.
pub(crate) trait History: Sized {
    /// How many inputs there are.
    fn len(&self) -> usize;
    /// The history of the inputs that `keeps` names.
    fn part(&self, keeps: &[bool]) -> Self;
    /// The same with what is usual in the place of what is not, one thing after another.
    fn plainer(&self) -> Vec<Self>;
    /// What each step shows.
    fn keys(&self) -> Vec<Keys>;
    /// How it begins, and its steps as they are written.
    fn written(&self) -> (Begin, Vec<Step>);
    /// Whether it could have happened: what is left of a history may have answers to what nobody asked.
    fn is_possible(&self) -> bool {
        true
    }
    /// Demands that the library and the model agree on it.
    fn check(&self);
}

/// Goes through the histories, and makes a case of each thing that is new.
pub(crate) fn select<H: History>(
    histories: impl IntoIterator<Item = H>,
    coverage: &mut Coverage,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for history in histories {
        for key in history.keys().iter().flatten() {
            if coverage.has(key) {
                continue;
            }
            let part = shrunk(&history, key);
            if !part.is_possible() {
                continue;
            }
            let Some(case) = case_of(&part, &key.id, &key.title) else { continue };
            part.check();
            coverage.add(part.keys().into_iter().flatten());
            cases.push(case);
        }
    }
    cases
}

/// Keeps the stories that show something new, and those of the core that are not told yet, whole.
pub(crate) fn keep<H: History>(
    stories: impl IntoIterator<Item = (String, String, H)>,
    coverage: &mut Coverage,
) -> Vec<Case> {
    let (mut cases, mut told) = (Vec::new(), BTreeSet::new());
    for (id, title, story) in stories {
        let keys: Keys = story.keys().into_iter().flatten().collect();
        let Some(case) = case_of(&story, &id, &title) else { continue };
        let steps: String = case.steps.iter().map(|step| step.send.get()).collect();
        let is_new = told.insert(steps);
        let is_core = is_new && case.setup.level == Level::Core;
        if is_core || keys.iter().any(|key| !coverage.has(key)) {
            story.check();
            coverage.add(keys);
            cases.push(case);
        }
    }
    cases
}

/// What is left of a history if all is dropped that is not needed to show something.
fn shrunk<H: History>(history: &H, key: &Key) -> H {
    let shows = |part: &H| part.is_possible() && part.keys().iter().any(|keys| keys.contains(key));
    let mut keeps = vec![true; history.len()];
    let mut size = history.len().next_power_of_two();
    while size > 0 {
        let mut end = history.len();
        while end > 0 {
            let begin = end.saturating_sub(size);
            let mut fewer = keeps.clone();
            fewer[begin..end].fill(false);
            if fewer != keeps && shows(&history.part(&fewer)) {
                keeps = fewer;
            }
            end = begin;
        }
        size /= 2;
    }
    let mut part = history.part(&keeps);
    let mut at = 0;
    while let Some(plainer) = part.plainer().into_iter().nth(at) {
        if shows(&plainer) {
            part = plainer;
        }
        at += 1;
    }
    part
}

/// The case of a history; none if it has numbers that not every language can read.
fn case_of(history: &impl History, id: &str, title: &str) -> Option<Case> {
    let (begin, steps) = history.written();
    is_portable(&steps).then(|| case(id, title, begin, steps, &[]))
}

/// A case, with the rules that its steps show and those that its title names.
pub(crate) fn case(
    id: &str,
    title: &str,
    begin: Begin,
    steps: Vec<Step>,
    named: &[roomcall::Rule],
) -> Case {
    let shown = rules::shown(&begin, &steps).unwrap_or_else(|error| panic!("{id}: {error}"));
    let rules: BTreeSet<_> = shown.into_iter().flatten().chain(named.iter().copied()).collect();
    let role = match begin {
        Begin::Switchboard { .. } => Role::Switchboard,
        Begin::Handset { .. } => Role::Handset,
    };
    let needs = needs::of(&begin, &steps);
    let level = if needs.is_empty() { Level::Core } else { Level::Optional };
    let setup = Setup {
        conformance: VERSION,
        role,
        case: format!("{}/{id}", role.word()),
        title: title.to_owned(),
        rules: rules.into_iter().collect(),
        level,
        needs,
        begin,
    };
    Case { setup, steps }
}

/// Whether no number is above 2^53 - 1.
pub(crate) fn is_portable(steps: &[Step]) -> bool {
    let texts = steps.iter().flat_map(|step| [step.send.get(), step.expect.get()]);
    texts.map(|text| serde_json::from_str(text).unwrap()).all(|value| has_small_numbers(&value))
}

fn has_small_numbers(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_none_or(|number| number < 1 << 53),
        Value::Array(items) => items.iter().all(has_small_numbers),
        Value::Object(fields) => fields.values().all(has_small_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}
