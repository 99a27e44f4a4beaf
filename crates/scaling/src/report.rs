//! The one table that a person reads.

use std::fmt::Write as _;

/// Whether a goal is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// It was not looked at.
    NotRun,
    /// There is no goal: a figure to know.
    Figure,
}

impl Verdict {
    /// Met if so.
    pub const fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "NOT MET",
            Self::NotRun => "not run",
            Self::Figure => "",
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number of the goal.
    pub goal: u8,
    /// What is to be reached.
    pub text: String,
    /// What was measured.
    pub measured: String,
    /// Whether that is enough.
    pub verdict: Verdict,
}

impl Row {
    /// A line.
    pub fn new(goal: u8, text: impl Into<String>, measured: impl Into<String>, met: bool) -> Self {
        let (text, measured) = (text.into(), measured.into());
        Self { goal, text, measured, verdict: Verdict::of(met) }
    }

    /// A line of a goal that was not looked at, and why.
    pub fn not_run(goal: u8, text: impl Into<String>, why: &str) -> Self {
        Self { goal, text: text.into(), measured: why.to_owned(), verdict: Verdict::NotRun }
    }

    /// A line without a goal.
    pub fn figure(goal: u8, text: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { goal, text: text.into(), measured: measured.into(), verdict: Verdict::Figure }
    }
}

/// The table as plain text, its columns in line.
pub fn plain(rows: &[Row]) -> String {
    let width = |cell: fn(&Row) -> &str, title: &str| {
        let cells = rows.iter().map(|row| cell(row).chars().count());
        cells.chain([title.len()]).max().unwrap_or(0)
    };
    let texts = width(|row| &row.text, "what");
    let measures = width(|row| &row.measured, "measured");
    let mut out = format!("{:>4}  {:texts$}  {:measures$}  verdict\n", "goal", "what", "measured");
    for row in rows {
        let Row { goal, text, measured, verdict } = row;
        let verdict = verdict.word();
        let _ = writeln!(out, "{goal:>4}  {text:texts$}  {measured:measures$}  {verdict}");
    }
    out
}

/// The table in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = "| goal | what | measured | verdict |\n|---|---|---|---|\n".to_owned();
    for Row { goal, text, measured, verdict } in rows {
        let verdict = match verdict {
            Verdict::NotMet => "**not met**",
            Verdict::Met | Verdict::NotRun | Verdict::Figure => verdict.word(),
        };
        let _ = writeln!(out, "| {goal} | {text} | {measured} | {verdict} |");
    }
    out
}

/// Nanoseconds in the unit that suits them.
pub fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.1} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

/// A rate of something that takes so many nanoseconds each.
pub fn rate(ns: f64) -> String {
    match 1e9 / ns {
        rate if rate >= 1e6 => format!("{:.1} M/s", rate / 1e6),
        rate => format!("{:.0} k/s", rate / 1e3),
    }
}
