//! Goal 5, the part that does not depend on what else the machine does: instructions. A script
//! counts them and says so in a table.

use std::process::Command;

use crate::count::Wrong;
use crate::effort::commas;
use crate::report::Row;

/// How many times as many instructions a lifecycle may have at 100,000 pending.
const MOST: f64 = 1.10;

/// How the switchboard is asked.
const FORMS: [&str; 2] = ["handle", "string"];

/// The lines of the goal, if nobody wants to wait for it.
pub fn not_run() -> Vec<Row> {
    FORMS.map(|form| Row::not_run(5, text(form), "only with --instructions")).into()
}

/// Runs the script, and looks at what it says.
///
/// # Errors
///
/// It cannot be run, or says nothing.
pub fn rows() -> Result<Vec<Row>, Wrong> {
    let wrong = |why: &str| Wrong::new("instructions", why);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions");
    let said = Command::new(script).output().map_err(|error| wrong(&error.to_string()))?;
    let said = String::from_utf8_lossy(&said.stdout);
    let row = |form| {
        let row = said.lines().find_map(|line| row(form, line));
        row.ok_or_else(|| wrong(&format!("nothing about {form}:\n{said}")))
    };
    FORMS.into_iter().map(row).collect()
}

/// The row of a line `by <form> <at a thousand> <at a hundred thousand> <ratio>`.
fn row(form: &str, line: &str) -> Option<Row> {
    let mut numbers = line.strip_prefix("by ")?.strip_prefix(form)?.split_whitespace();
    let mut number = || numbers.next()?.replace(',', "").parse::<f64>().ok();
    let (few, many, ratio) = (number()?, number()?, number()?);
    let [few, many] = [few, many].map(|number| commas(number as u64));
    let measured = format!("{ratio:.3}×: {many} beside {few}");
    Some(Row::new(5, text(form), measured, ratio <= MOST))
}

fn text(form: &str) -> String {
    format!("instructions of a lifecycle by {form}, 100,000 pending beside 1,000 ≤ {MOST:.2}×")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    #[test]
    fn a_line_of_the_script_is_read() {
        let line = "by handle                        11,233     15,595  1.388";
        let found = row("handle", line).map(|row| (row.measured, row.verdict));
        assert_eq!(found, Some(("1.388×: 15,595 beside 11,233".to_owned(), Verdict::NotMet)));
        assert!(row("string", line).is_none());
    }
}
