//! What was measured, beside its goal, in one table.

use std::fmt::Write as _;

/// How a value is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// A ratio.
    Times,
    /// Bytes.
    Bytes,
    /// Nanoseconds, in the unit that suits them.
    Time,
    /// Things a second.
    Rate,
    /// A number of things.
    Count,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match (self, value) {
            (Self::Times, ratio) => format!("{ratio:.2}×"),
            (Self::Bytes, bytes) => format!("{bytes:.0} B"),
            (Self::Time, ns) if ns < 1e3 => format!("{ns:.0} ns"),
            (Self::Time, ns) if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
            (Self::Time, ns) => format!("{:.2} ms", ns / 1e6),
            (Self::Rate, rate) => format!("{:.2} M/s", rate / 1e6),
            (Self::Count, count) if count < 100.0 => format!("{count:.2}"),
            (Self::Count, count) => commas(count as u64),
        }
    }
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Nothing: it is a figure to know.
    None,
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::None => true,
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }

    fn write(self, unit: Unit) -> String {
        match self {
            Self::None => String::new(),
            Self::AtMost(most) => format!("≤ {}", unit.write(most)),
            Self::AtLeast(least) => format!("≥ {}", unit.write(least)),
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    what: String,
    value: f64,
    unit: Unit,
    /// What is to be reached.
    goal: Goal,
    /// What was reached, where that is not the goal: the gate.
    limit: Goal,
}

impl Row {
    /// A value, and what is to be reached.
    pub fn new(what: impl Into<String>, value: f64, unit: Unit, goal: Goal) -> Self {
        Self { what: what.into(), value, unit, goal, limit: goal }
    }

    /// A value without a goal.
    pub fn figure(what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self::new(what, value, unit, Goal::None)
    }

    /// The same, where the gate is not the goal: what was reached is.
    #[must_use]
    pub fn gate(mut self, limit: Goal) -> Self {
        self.limit = limit;
        self
    }

    /// Whether the gate lets it pass.
    pub fn passes(&self) -> bool {
        self.limit.is_met(self.value)
    }

    /// What was measured.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The value, as text.
    pub fn measured(&self) -> String {
        self.unit.write(self.value)
    }

    fn cells(&self) -> [String; 4] {
        let verdict = match self.goal {
            Goal::None => "",
            goal @ (Goal::AtMost(_) | Goal::AtLeast(_)) => {
                if goal.is_met(self.value) {
                    "met"
                } else {
                    "MISSED"
                }
            }
        };
        let (measured, goal) = (self.measured(), self.goal.write(self.unit));
        [self.what.clone(), measured, goal, verdict.to_owned()]
    }
}

/// The titles of the columns.
const TITLES: [&str; 4] = ["what", "measured", "goal", "verdict"];

/// The table as plain text.
pub fn plain(rows: &[Row]) -> String {
    let all: Vec<[String; 4]> =
        std::iter::once(TITLES.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| all.iter().map(|cells| cells[column].chars().count()).max();
    let widths = [0, 1, 2].map(|column| width(column).unwrap_or(0));
    let mut out = String::new();
    for [what, measured, goal, verdict] in &all {
        let [a, b, c] = widths;
        let _ = writeln!(out, "{what:a$}  {measured:>b$}  {goal:>c$}  {verdict}");
    }
    out
}

/// The table in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = format!("| {} |\n|---|---|---|---|\n", TITLES.join(" | "));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.cells().join(" | "));
    }
    out
}

/// A number with commas.
pub fn commas(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_not_a_goal() {
        let row = Row::new("it", 3.0, Unit::Times, Goal::AtMost(2.0));
        assert!(!row.passes());
        let row = row.gate(Goal::AtMost(3.1));
        assert!(row.passes());
        assert_eq!(row.cells(), ["it", "3.00×", "≤ 2.00×", "MISSED"]);
        assert!(!Row::new("it", 3.0, Unit::Rate, Goal::AtLeast(4.0)).passes());
    }

    #[test]
    fn numbers_are_written_with_commas() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(commas), ["0", "999", "1,000", "12,345,678"]);
    }
}
