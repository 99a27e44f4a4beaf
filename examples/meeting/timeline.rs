//! The timeline: a column for each device and one for the switchboard, a row for each moment.

use std::collections::BTreeMap;

use roomcall::Rule;

use crate::roster::{BOARD, ROSTER};

const CELL: usize = 12;
const LAST: usize = 28;
const WIDTH: usize = 153;
/// What comes within so many milliseconds stands in one row, if there is room.
const MOMENT: u64 = 10;

#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Ring,
    Yes,
    No,
    Dim,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Ring => "\x1b[1;33m",
            Self::Yes => "\x1b[32m",
            Self::No => "\x1b[31m",
            Self::Dim => "\x1b[2m",
        }
    }
}

#[derive(Default)]
struct Row {
    at: u64,
    cells: BTreeMap<usize, Vec<(String, Tone)>>,
    marks: BTreeMap<usize, char>,
    rules: Vec<Rule>,
}

pub(crate) struct Timeline {
    pub(crate) text: String,
    row: Row,
    /// What a column shows where nothing is said.
    idle: [char; BOARD],
    explains: bool,
    colours: bool,
}

impl Timeline {
    pub(crate) fn new(explains: bool, colours: bool) -> Self {
        let (text, row, idle) = (String::new(), Row::default(), [' '; BOARD]);
        Self { text, row, idle, explains, colours }
    }

    /// Something to be read in a column.
    pub(crate) fn say(&mut self, at: u64, column: usize, text: &str, tone: Tone, rules: &[Rule]) {
        let is_later = at > self.row.at + MOMENT;
        let is_taken = self.row.cells.contains_key(&column) && at > self.row.at;
        if is_later || is_taken {
            self.flush();
        }
        if self.row.cells.is_empty() {
            self.row.at = at;
        }
        self.row.cells.entry(column).or_default().push((text.to_owned(), tone));
        for rule in rules {
            if !self.row.rules.contains(rule) {
                self.row.rules.push(*rule);
            }
        }
    }

    /// One more rule behind what is being said.
    pub(crate) fn cite(&mut self, rule: Rule) {
        if !self.row.cells.is_empty() && !self.row.rules.contains(&rule) {
            self.row.rules.push(rule);
        }
    }

    /// A mark beside what is said at this time: a message that is lost or doubled.
    pub(crate) fn mark(&mut self, at: u64, column: usize, mark: char) {
        if at == self.row.at || (at <= self.row.at + MOMENT && !self.row.cells.is_empty()) {
            self.row.marks.entry(column).or_insert(mark);
        }
    }

    pub(crate) fn idle(&mut self, column: usize, mark: char) {
        if let Some(idle) = self.idle.get_mut(column) {
            *idle = mark;
        }
    }

    /// A line across all columns.
    pub(crate) fn heading(&mut self, text: &str) {
        self.flush();
        let rest = WIDTH.saturating_sub(text.chars().count() + 4);
        let line = format!("── {text} {}", "─".repeat(rest));
        self.line(&line, Tone::Plain);
    }

    pub(crate) fn note(&mut self, at: u64, text: &str, rules: &[Rule]) {
        self.flush();
        self.line(&format!("{} ── {text}", seconds(at)), Tone::Dim);
        self.explain(rules);
    }

    pub(crate) fn line(&mut self, text: &str, tone: Tone) {
        let painted = self.paint(text.trim_end(), tone);
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    /// The names of the columns.
    pub(crate) fn columns(&mut self) {
        let user = |at: usize| {
            let (user, _) = ROSTER.get(at).copied().unwrap_or(("switchboard", ""));
            let before = at.checked_sub(1).and_then(|at| ROSTER.get(at));
            if before.is_some_and(|(before, _)| *before == user) { "" } else { user }
        };
        let device = |at: usize| ROSTER.get(at).map_or("", |(_, device)| device);
        let names = (0..=BOARD).map(|at| [user(at), device(at)]);
        let names: Vec<[&str; 2]> = names.collect();
        for row in 0..2 {
            let name = |names: &[&str; 2]| names.get(row).copied().unwrap_or("").to_owned();
            let cells: Vec<(String, Tone)> =
                names.iter().map(|names| (name(names), Tone::Plain)).collect();
            let line = self.cells("", &cells);
            self.line(&line, Tone::Plain);
        }
    }

    pub(crate) fn flush(&mut self) {
        let row = std::mem::take(&mut self.row);
        if row.cells.is_empty() {
            return;
        }
        let wrapped: Vec<Vec<(String, Tone)>> =
            (0..=BOARD).map(|column| self.cell(&row, column)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let time = if at == 0 { seconds(row.at) } else { String::new() };
            let cells: Vec<(String, Tone)> = wrapped
                .iter()
                .enumerate()
                .map(|(column, lines)| {
                    let idle = self.idle.get(column).copied().unwrap_or(' ').to_string();
                    let is_said = !lines.is_empty();
                    let blank = if is_said { String::new() } else { idle };
                    lines.get(at).cloned().unwrap_or((blank, Tone::Dim))
                })
                .collect();
            let line = self.cells(&time, &cells);
            self.line(&line, Tone::Plain);
        }
        self.explain(&row.rules);
    }

    /// The lines of one cell.
    fn cell(&self, row: &Row, column: usize) -> Vec<(String, Tone)> {
        let width = if column == BOARD { LAST } else { CELL };
        let said = row.cells.get(&column);
        let said = said.into_iter().flatten();
        let mut lines: Vec<(String, Tone)> = said
            .flat_map(|(text, tone)| wrap(text, width).into_iter().map(|line| (line, *tone)))
            .collect();
        if let Some(mark) = row.marks.get(&column) {
            match lines.last_mut() {
                Some((last, _)) if last.chars().count() + 2 <= width => {
                    last.push(' ');
                    last.push(*mark);
                }
                Some(_) | None => lines.push((mark.to_string(), Tone::No)),
            }
        }
        lines
    }

    fn cells(&self, time: &str, cells: &[(String, Tone)]) -> String {
        let mut line = format!("{time:>7} ");
        for (column, (text, tone)) in cells.iter().enumerate() {
            let user = |at: usize| ROSTER.get(at).map(|(user, _)| *user);
            let is_same = column.checked_sub(1).is_some_and(|before| user(before) == user(column));
            line.push(if is_same { ' ' } else { '│' });
            let width = if column == BOARD { LAST } else { CELL };
            let padded = format!("{text:<width$}");
            line.push_str(&self.paint(&padded, *tone));
        }
        line
    }

    fn explain(&mut self, rules: &[Rule]) {
        if !self.explains || rules.is_empty() {
            return;
        }
        let cited: Vec<String> =
            rules.iter().map(|rule| format!("{} {}", rule.id(), rule.title())).collect();
        let mut line = String::new();
        for rule in cited {
            if !line.is_empty() && line.chars().count() + rule.chars().count() + 14 > WIDTH {
                self.line(&format!("        ↳ {line}"), Tone::Dim);
                line.clear();
            }
            if !line.is_empty() {
                line.push_str(" · ");
            }
            line.push_str(&rule);
        }
        self.line(&format!("        ↳ {line}"), Tone::Dim);
    }

    fn paint(&self, text: &str, tone: Tone) -> String {
        if self.colours && tone != Tone::Plain {
            format!("{}{text}\x1b[0m", tone.code())
        } else {
            text.to_owned()
        }
    }
}

pub(crate) fn seconds(millis: u64) -> String {
    format!("{:>3}.{:03}", millis / 1_000, millis % 1_000)
}

/// Words into lines.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}
