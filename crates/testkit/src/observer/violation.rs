//! What an observer finds.

use std::fmt;

use roomcall::Rule;

/// A rule that was violated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// When it was found, in milliseconds of the observer's clock.
    pub at: u64,
    /// How.
    pub what: String,
    /// The numbers of the lines that show it, in order. The first line that the observer is fed has number 1.
    pub lines: Vec<u64>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, at, what, lines } = self;
        write!(f, "{} {}: at {at}: {what}", rule.id(), rule.title())?;
        for (nth, line) in lines.iter().enumerate() {
            write!(f, "{}{line}", if nth == 0 { " (lines " } else { ", " })?;
        }
        if lines.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}
