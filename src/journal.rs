//! Journals: a header and one input a line (J-01 to J-06). No file is read here: the host brings
//! bytes.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::protocol::{FrameError, Outcome, Record, read, split_line, without_return};
use crate::switchboard::Switchboard;
use crate::{Limits, Policy, Rule};

/// The version of the form that is read and written here.
pub const VERSION: u32 = 1;

/// The first line of a journal (J-01).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with the field `journal`")]
pub struct Header {
    /// The version of the form: [`VERSION`].
    pub journal: u32,
    /// What the journal is about, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The policy of the switchboard.
    #[serde(default)]
    pub policy: Policy,
    /// The limits of the switchboard.
    #[serde(default)]
    pub limits: Limits,
}

impl Header {
    /// A header without a title.
    pub const fn new(limits: Limits, policy: Policy) -> Self {
        Self { journal: VERSION, title: String::new(), policy, limits }
    }
}

/// A header of any version.
#[derive(Deserialize)]
#[serde(expecting = "an object with the field `journal`")]
struct AnyVersion {
    journal: u32,
}

/// What is wrong with a journal. Nothing of the line, nor of what follows it, was applied (J-06).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct JournalError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it, and what was expected.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is no header (J-01).
    #[error("{0}")]
    NoHeader(FrameError),
    /// The header is of another version (J-01).
    #[error("the journal is of version {0}, and this reads version 1")]
    Version(u32),
    /// It is not an input (J-02).
    #[error("{0}")]
    InvalidInput(FrameError),
    /// It is longer than any input can be (J-03).
    #[error("the line is longer than {limit} bytes")]
    TooLong {
        /// The longest line, in bytes.
        limit: usize,
    },
}

impl Problem {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::NoHeader(_) | Self::Version(_) => Rule::J01,
            Self::InvalidInput(_) => Rule::J02,
            Self::TooLong { .. } => Rule::J03,
        }
    }
}

/// A journal being applied, line by line. After an error nothing more is applied (J-06).
///
/// ```
/// use roomcall::journal::Replay;
///
/// let mut replay = Replay::new();
/// let journal = "{\"journal\":1}\n{\"at\":7,\"tick\":{}}\n";
/// for line in journal.lines() {
///     if let Some(turn) = replay.line(line.as_bytes())? {
///         assert_eq!(turn.at, 7);
///     }
/// }
/// assert_eq!(replay.line(b"oops").unwrap_err().line, 3);
/// # Ok::<(), roomcall::journal::JournalError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Replay {
    line: u64,
    header: Option<Header>,
    board: Option<Switchboard>,
    broken: Option<JournalError>,
}

impl Replay {
    /// A journal of which nothing was read.
    pub const fn new() -> Self {
        Self { line: 0, header: None, board: None, broken: None }
    }

    /// Reads the next line, without its line end, and applies it. `None` for the header.
    ///
    /// # Errors
    ///
    /// The line is malformed, or an earlier one was.
    pub fn line(&mut self, bytes: &[u8]) -> Result<Option<Outcome>, JournalError> {
        self.read(bytes).map(|read| read.map(|(_, turn)| turn))
    }

    /// As [`line`](Self::line), with the input as it was read.
    ///
    /// # Errors
    ///
    /// The line is malformed, or an earlier one was.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Option<(Record, Outcome)>, JournalError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        self.line = self.line.saturating_add(1);
        let applied = self.apply(bytes);
        applied.map_err(|problem| {
            let error = JournalError { line: self.line, problem };
            self.broken = Some(error.clone());
            error
        })
    }

    fn apply(&mut self, bytes: &[u8]) -> Result<Option<(Record, Outcome)>, Problem> {
        let limit = self.line_bytes();
        if bytes.len() > limit {
            return Err(Problem::TooLong { limit });
        }
        let Some(board) = &mut self.board else {
            let expected = r#"a header like {"journal":1}"#;
            // First the version alone: another one may have other fields.
            let AnyVersion { journal } = read(bytes, expected).map_err(Problem::NoHeader)?;
            if journal != VERSION {
                return Err(Problem::Version(journal));
            }
            let header: Header = read(bytes, expected).map_err(Problem::NoHeader)?;
            self.board = Some(Switchboard::new(header.limits, header.policy));
            self.header = Some(header);
            return Ok(None);
        };
        let line = Record::read(bytes).map_err(Problem::InvalidInput)?;
        let turn = board.apply_record(&line);
        Ok(Some((line, turn)))
    }

    /// The longest line, in bytes, that is read next: what the limits in force can need, at least 1 MiB
    /// and at most 8 MiB (J-03).
    pub fn line_bytes(&self) -> usize {
        const LEAST: u64 = 1 << 20;
        const MOST: u64 = 1 << 23;
        // A byte may be written as `\u00xx`, an id has quotes and a comma around it. Twice that,
        // so that a list that is somewhat too long is refused by its own rule.
        let limits = self.board.as_ref().map_or(&Limits::DEFAULT, Switchboard::limits);
        let escaped = |bytes: u32| u64::from(bytes).saturating_mul(6);
        // The callees, the room, and whoever asks.
        let ids = u64::from(limits.callees).saturating_add(3);
        let list = ids.saturating_mul(escaped(limits.id_bytes).saturating_add(3));
        let line = list.saturating_add(escaped(limits.extension_bytes)).saturating_mul(2);
        usize::try_from(line.clamp(LEAST, MOST)).unwrap_or(usize::MAX)
    }

    /// Lines read so far, the malformed one included.
    pub const fn lines(&self) -> u64 {
        self.line
    }

    /// The header; `None` before it was read.
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The switchboard as it stands; `None` before the header was read.
    pub const fn board(&self) -> Option<&Switchboard> {
        self.board.as_ref()
    }
}

/// Bytes into lines, never storing more than one line's worth (J-03).
///
/// ```
/// use roomcall::journal::Lines;
///
/// let mut lines = Lines::new();
/// let mut seen = Vec::new();
/// for chunk in [&b"one\nt"[..], b"wo\nthree"] {
///     lines.feed(chunk, 100, |line| {
///         seen.push(String::from_utf8_lossy(line).into_owned());
///         Ok::<usize, ()>(100)
///     })?;
/// }
/// seen.extend(lines.rest().map(|line| String::from_utf8_lossy(line).into_owned()));
/// assert_eq!(seen, ["one", "two", "three"]);
/// # Ok::<(), ()>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lines {
    part: Vec<u8>,
    /// The line was given out as too long; what is left of it is dropped.
    is_over: bool,
}

impl Lines {
    /// No bytes yet.
    pub const fn new() -> Self {
        Self { part: Vec::new(), is_over: false }
    }

    /// Takes the next bytes and gives out each line that they complete, without its line end. A
    /// line that grows longer than `limit` bytes is given out once, as far as it was read, which
    /// is more than `limit` bytes, so that whoever reads it refuses it; the rest of it is dropped.
    /// `each` answers with the limit for the next line.
    ///
    /// # Errors
    ///
    /// The first error of `each`; the rest of the bytes is not looked at.
    pub fn feed<E>(
        &mut self,
        mut bytes: &[u8],
        mut limit: usize,
        mut each: impl FnMut(&[u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        while let Some((line, rest)) = split_line(bytes) {
            bytes = rest;
            if core::mem::replace(&mut self.is_over, false) {
                continue;
            }
            limit = if self.part.is_empty() {
                each(without_return(line))?
            } else {
                self.part.extend_from_slice(line);
                let next = each(without_return(&self.part));
                self.part.clear();
                next?
            };
        }
        if self.is_over {
            return Ok(limit);
        }
        self.part.extend_from_slice(bytes);
        if without_return(&self.part).len() > limit {
            let next = each(&self.part);
            self.part = Vec::new();
            self.is_over = true;
            limit = next?;
        }
        Ok(limit)
    }

    /// The last line, if no line end follows it.
    pub fn rest(&self) -> Option<&[u8]> {
        (!self.part.is_empty()).then_some(&self.part)
    }
}
