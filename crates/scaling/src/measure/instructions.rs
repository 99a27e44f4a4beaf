//! Instructions, which a script counts.

use std::process::Command;

use crate::count::Wrong;
use crate::report::{Goal, Row, Unit};

/// Runs the script, and reads its table.
pub(super) fn rows() -> Result<Vec<Row>, Wrong> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions");
    let run = Command::new(script).arg("--baseline").output();
    let run = run.map_err(|error| Wrong::new("instructions", error.to_string()))?;
    let table = String::from_utf8_lossy(&run.stdout);
    let rows: Vec<_> = table.lines().skip(1).filter_map(row).collect();
    if rows.is_empty() {
        let said = String::from_utf8_lossy(&run.stderr);
        return Err(Wrong::new("instructions", format!("no table, but\n{table}{said}")));
    }
    Ok(rows)
}

/// The row of a line `what  count  [limit  [goal]]`, whose columns are two spaces or more apart.
fn row(line: &str) -> Option<Row> {
    let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    let what = cells.next()?;
    let mut number = || cells.next()?.replace(',', "").parse::<f64>().ok();
    let (value, limit, goal) = (number()?, number(), number());
    let unit = if value < 10.0 { Unit::Times } else { Unit::Count };
    let at_most = |value: Option<f64>| value.map_or(Goal::None, Goal::AtMost);
    let what = format!("instructions of a call, {what}");
    Some(Row::new(what, value, unit, at_most(goal)).gate(at_most(limit)))
}

#[cfg(test)]
mod tests {
    use super::row;
    use crate::report::{markdown, plain};

    #[test]
    fn a_line_of_the_script_is_read() {
        let line = "by handle                                        2,814     2,700     1,900";
        let rows = Vec::from_iter(row(line));
        assert!(rows.iter().all(|row| !row.passes()));
        let expected = "| instructions of a call, by handle | 2,814 | ≤ 1,900 | MISSED |";
        assert!(markdown(&rows).contains(expected), "{}", plain(&rows));
        assert!(row("counted in 20 s").is_none());
    }
}
