//! What is printed of the verdicts: failures, a table of rules, and a file in the form of JUnit.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use roomcall::Rule;

use super::case::{Case, Level};
use super::runner::{Fault, Verdict};

/// A case with what came of it.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The case.
    pub case: &'a Case,
    /// What came of it.
    pub verdict: Verdict,
    /// Whether it is on the list of known failures.
    pub is_known: bool,
    /// How long it took.
    pub took: Duration,
}

impl Judged<'_> {
    /// Whether it came out as it should: a known failure fails.
    pub const fn is_as_expected(&self) -> bool {
        matches!(
            (&self.verdict, self.is_known),
            (Verdict::Passed, false) | (Verdict::Failed(_), true) | (Verdict::Skipped(_), _)
        )
    }

    /// What is printed if it did not.
    pub fn complaint(&self, again: &str) -> String {
        let setup = &self.case.setup;
        match &self.verdict {
            Verdict::Failed(fault) => {
                format!("FAILED {}: {}\n{}  {again}\n", setup.case, setup.title, told(fault))
            }
            Verdict::Passed | Verdict::Skipped(_) => {
                format!("PASSED {}, a known failure: take it off the list\n", setup.case)
            }
        }
    }
}

fn told(fault: &Fault) -> String {
    let mut text = String::new();
    for rule in &fault.rules {
        let _ = writeln!(text, "  {rule} {}", rule.title());
    }
    let _ = writeln!(text, "  step {}: {}", fault.step, fault.problem);
    let _ = writeln!(text, "  > {}", fault.sent);
    let is_common = |line: &String, others: &[String]| others.contains(line);
    for (sign, lines, others) in
        [("-", &fault.expected, &fault.came), ("+", &fault.came, &fault.expected)]
    {
        for line in lines {
            let sign = if is_common(line, others) { " " } else { sign };
            let _ = writeln!(text, "  {sign} {line}");
        }
        if sign == "-" {
            let _ = writeln!(text, "  -- above what was expected (-), below what came (+)");
        }
    }
    text
}

/// How often the cases of a rule passed, failed and were skipped.
pub type Table = BTreeMap<Rule, [usize; 3]>;

/// The table of rules. A case that failed counts for the rules of the step where it did; what it has to say of its
/// others is unknown, and counts as skipped.
pub fn table(all: &[Judged<'_>]) -> Table {
    let mut table = Table::new();
    for judged in all {
        let failed = match &judged.verdict {
            Verdict::Failed(fault) => fault.rules.clone(),
            Verdict::Passed | Verdict::Skipped(_) => Default::default(),
        };
        for rule in &failed {
            table.entry(*rule).or_default()[1] += 1;
        }
        let column = if judged.verdict == Verdict::Passed { 0 } else { 2 };
        for rule in judged.case.setup.rules.iter().filter(|rule| !failed.contains(rule)) {
            table.entry(*rule).or_default()[column] += 1;
        }
    }
    table
}

/// How many cases passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sums {
    /// Every answer was right.
    pub passed: usize,
    /// An answer was wrong, known to be or not.
    pub failed: usize,
    /// The testee does without a part.
    pub skipped: usize,
}

impl Sums {
    /// Those of a run.
    pub fn of(all: &[Judged<'_>]) -> Self {
        let count =
            |is: fn(&Verdict) -> bool| all.iter().filter(|judged| is(&judged.verdict)).count();
        Self {
            passed: count(|verdict| *verdict == Verdict::Passed),
            failed: count(|verdict| matches!(verdict, Verdict::Failed(_))),
            skipped: count(|verdict| matches!(verdict, Verdict::Skipped(_))),
        }
    }

    /// Whether skips are all there is besides failures that are known: such a run shows nothing.
    pub const fn show_nothing(&self) -> bool {
        self.passed == 0 && self.skipped > 0
    }
}

/// The table as text, and the sums below it.
pub fn summary(all: &[Judged<'_>]) -> String {
    let mut text = format!("{:5} {:>6} {:>6} {:>7}\n", "rule", "passed", "failed", "skipped");
    for (rule, [passed, failed, skipped]) in table(all) {
        let _ = writeln!(text, "{rule:5} {passed:>6} {failed:>6} {skipped:>7}  {}", rule.title());
    }
    let sums = Sums::of(all);
    let Sums { passed, failed, skipped } = sums;
    let _ = writeln!(text, "{passed} passed, {failed} failed, {skipped} skipped");
    if skipped > 0 {
        let _ = writeln!(text, "of {} cases {skipped} show nothing: they were skipped", all.len());
    }
    text.push_str(&verdict(all));
    text
}

/// What the cases say of the testee as a whole.
fn verdict(all: &[Judged<'_>]) -> String {
    let is_core = |judged: &&Judged<'_>| judged.case.setup.level == Level::Core;
    let core: Vec<_> = all.iter().filter(is_core).cloned().collect();
    let Sums { passed, failed, skipped } = Sums::of(&core);
    let count = core.len();
    if Sums::of(all).show_nothing() {
        "FAILED: the testee passes no case at all\n".to_owned()
    } else if passed == count {
        format!("it passes all {count} core cases that were played\n")
    } else {
        let rest = format!("{failed} failed and {skipped} were skipped");
        format!(
            "INCOMPLETE: it passes {passed} of {count} core cases, which everybody has to pass: {rest}\n"
        )
    }
}

/// A text without the characters that XML cannot have, such as those that make a terminal show colours.
fn in_xml(text: &str) -> String {
    let is_allowed = |it: char| !it.is_control() || matches!(it, '\t' | '\n' | '\r');
    text.chars().map(|it| if is_allowed(it) { it } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// The verdicts as JUnit's XML, which most CI systems show.
///
/// # Errors
///
/// It cannot be written.
pub fn junit(all: &[Judged<'_>], output: impl io::Write) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(output, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let count = |is: fn(&Judged<'_>) -> bool| all.iter().filter(|it| is(it)).count().to_string();
    let failures = count(|judged| !judged.is_as_expected());
    let skipped = count(|judged| matches!(judged.verdict, Verdict::Skipped(_)));
    writer
        .create_element("testsuite")
        .with_attribute(("name", "roomcall-conformance"))
        .with_attribute(("tests", all.len().to_string().as_str()))
        .with_attribute(("failures", failures.as_str()))
        .with_attribute(("skipped", skipped.as_str()))
        .write_inner_content(|writer| all.iter().try_for_each(|judged| element(writer, judged)))?;
    Ok(())
}

fn element(writer: &mut Writer<impl io::Write>, judged: &Judged<'_>) -> io::Result<()> {
    let setup = &judged.case.setup;
    let time = judged.took.as_secs_f64().to_string();
    let case = writer
        .create_element("testcase")
        .with_attribute(("classname", setup.role.word()))
        .with_attribute(("name", setup.case.as_str()))
        .with_attribute(("time", time.as_str()));
    if let Verdict::Skipped(why) = &judged.verdict {
        case.write_inner_content(|writer| {
            writer
                .create_element("skipped")
                .with_attribute(("message", &*in_xml(why)))
                .write_empty()?;
            Ok(())
        })?;
    } else if judged.is_as_expected() {
        case.write_empty()?;
    } else {
        case.write_inner_content(|writer| {
            let text = judged.complaint("");
            let failure =
                writer.create_element("failure").with_attribute(("message", &*setup.title));
            failure.write_text_content(BytesText::new(&in_xml(&text)))?;
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::in_xml;

    #[test]
    fn colours_of_a_terminal_are_not_in_xml() {
        assert_eq!(
            in_xml("a \u{1b}[31mred\u{1b}[0m\tline\n"),
            "a \u{fffd}[31mred\u{fffd}[0m\tline\n"
        );
    }
}
