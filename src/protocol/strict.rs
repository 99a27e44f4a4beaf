//! Reading JSON as it is meant (J-02): serde also takes an array of fields for an object, and this
//! does not.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::error::Category;

use super::{Fact, Frame, Input, Output, Record, Request};

/// What is wrong with a line or a frame, and what was expected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected {expected}: {found}")]
pub struct FrameError {
    expected: &'static str,
    /// What serde found, and at which column.
    found: String,
    kind: Category,
    column: usize,
}

impl FrameError {
    /// Where it is wrong, for a log: unlike the error as a text it repeats nothing of what was
    /// sent, which may have people's names in it.
    pub fn place(&self) -> String {
        format!("{:?} at column {}", self.kind, self.column)
    }

    /// The byte, from 1, after which it is wrong; 0 if no one place is.
    pub const fn column(&self) -> usize {
        self.column
    }

    fn new(expected: &'static str, error: &serde_json::Error) -> Self {
        let (text, column) = (error.to_string(), error.column());
        // There is one line: serde's idea of lines helps nobody.
        let found = match text.strip_suffix(&format!(" at line {} column {column}", error.line())) {
            Some(what) => format!("{what} at column {column}"),
            None => text,
        };
        Self { expected, found, kind: error.classify(), column }
    }

    fn array(expected: &'static str, column: usize) -> Self {
        Self { expected, found: array_found(column), kind: Category::Data, column }
    }
}

/// What is wrong where an array stands for an object.
pub(crate) fn array_found(column: usize) -> String {
    format!("an array stands where an object has to be at column {column}")
}

/// Reads one JSON object in which there is no array. `expected` says what, after "expected".
///
/// [`Record::read`], [`Frame::read`] and [`Output::read`] know what they expect, and which arrays.
///
/// # Errors
///
/// It is not of the form.
///
/// ```
/// use roomcall::protocol::{Fact, read};
///
/// let fact: Fact = read(r#"{"userLeft":{"roomID":"standup","userID":"dee"}}"#, "a fact")?;
/// let array = read::<Fact>(r#"{"userLeft":["standup","dee"]}"#, "a fact").unwrap_err();
/// assert_eq!(array.place(), "Data at column 13");
/// # Ok::<(), roomcall::protocol::FrameError>(())
/// ```
pub fn read<'a, T: Deserialize<'a>>(
    json: &'a (impl AsRef<[u8]> + ?Sized),
    expected: &'static str,
) -> Result<T, FrameError> {
    with_lists(json.as_ref(), expected, |_| 0)
}

impl<'a, S: Deserialize<'a> + Default> Record<S> {
    /// Reads one line of a journal, without its line end.
    ///
    /// Cost: one pass; with `Text` or `&str` for its text it allocates the list of a call, cancel or
    /// revoke, and nothing else unless a text has an escape.
    ///
    /// # Errors
    ///
    /// It is not an input (J-02): an unknown field, one that is missing or there twice, a
    /// value of another type, an array in the place of an object.
    pub fn read(line: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, FrameError> {
        with_lists(line.as_ref(), "an input as one JSON object", |record: &Self| {
            match &record.input {
                Input::Ask { command, .. } => command.lists(),
                Input::Fact(fact) => fact.lists(),
                Input::Tick | Input::Query { .. } => 0,
            }
        })
    }
}

impl<'a, S: Deserialize<'a>> Fact<S> {
    /// Reads a fact that a backend states.
    ///
    /// # Errors
    ///
    /// It is not a fact (J-02).
    pub fn read(fact: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, FrameError> {
        with_lists(fact.as_ref(), r#"a fact like {"userLeft":{..}}"#, Self::lists)
    }

    /// Reads a list of facts that a backend states together.
    ///
    /// ```
    /// use roomcall::protocol::Fact;
    ///
    /// let facts = r#"[{"roomOpened":{"roomID":"a","owner":"ana"}},{"userEntered":{"roomID":"a","userID":"ana"}}]"#;
    /// let facts: Vec<Fact> = Fact::read_list(facts)?;
    /// assert_eq!(facts.len(), 2);
    /// # Ok::<(), roomcall::protocol::FrameError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It is not a list of facts (J-02).
    pub fn read_list(facts: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Vec<Self>, FrameError> {
        let json = facts.as_ref();
        let before = json.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        // The bracket of the list itself.
        let skipped = before.saturating_add(1).min(json.len());
        let lists = |facts: &Vec<Self>| facts.iter().map(Self::lists).sum();
        with_lists_after(skipped, json, r#"a list of facts like [{"userLeft":{..}}]"#, lists)
    }

    /// The arrays of its wire form.
    const fn lists(&self) -> usize {
        match self {
            Self::PresenceListed { .. } => 1,
            Self::RoomOpened { .. }
            | Self::RoomDissolved { .. }
            | Self::UserEntered { .. }
            | Self::UserLeft { .. }
            | Self::UserRemoved { .. }
            | Self::RoleSet { .. }
            | Self::UserErased { .. }
            | Self::RulesChanged { .. }
            | Self::Recovered { .. } => 0,
        }
    }
}

impl<'a, S: Deserialize<'a> + Default> Frame<S> {
    /// Reads what a client sent.
    ///
    /// # Errors
    ///
    /// It is not a request (J-02), or says when it came or who sent it.
    pub fn read(frame: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, FrameError> {
        let expected = r#"{"requestID":1,"command":{..}} or {"requestID":1,"query":{..}}"#;
        with_lists(frame.as_ref(), expected, |frame: &Self| match &frame.request {
            Request::Command(command) => command.lists(),
            Request::Query(_) => 0,
        })
    }
}

impl<'a, S: Deserialize<'a> + AsRef<str>> Output<S> {
    /// Reads what a switchboard sent.
    ///
    /// # Errors
    ///
    /// It is not an output (J-04).
    pub fn read(line: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, FrameError> {
        with_lists(line.as_ref(), "an output as one JSON object", Self::lists)
    }
}

/// Reads a value whose form has as many arrays as `lists` says. If there are no more in the JSON,
/// none of them stands for an object.
fn with_lists<'a, T: Deserialize<'a>>(
    json: &'a [u8],
    expected: &'static str,
    lists: impl FnOnce(&T) -> usize,
) -> Result<T, FrameError> {
    with_lists_after(0, json, expected, lists)
}

/// As [`with_lists`], where `lists` says what there is after the first `skipped` bytes.
fn with_lists_after<'a, T: Deserialize<'a>>(
    skipped: usize,
    json: &'a [u8],
    expected: &'static str,
    lists: impl FnOnce(&T) -> usize,
) -> Result<T, FrameError> {
    // All at once, UTF-8 is checked much faster than text by text.
    let value = match core::str::from_utf8(json) {
        Ok(json) => serde_json::from_str(json),
        Err(_) => serde_json::from_slice(json),
    };
    let value = value.map_err(|error| FrameError::new(expected, &error))?;
    let lists = lists(&value);
    let json = json.get(skipped..).unwrap_or_default();
    // A text may have some as well, so that there are more says nothing yet.
    if brackets(json) <= lists {
        return Ok(value);
    }
    match misplaced_array(json, lists) {
        None => Ok(value),
        Some(column) => Err(FrameError::array(expected, column.saturating_add(skipped))),
    }
}

/// Reads a value in whose form arrays are the values of these keys only.
pub(crate) fn read_lists<'a, T: Deserialize<'a>>(
    json: &'a str,
    expected: &'static str,
    lists: &[&[u8]],
) -> Result<T, FrameError> {
    let value = serde_json::from_str(json).map_err(|error| FrameError::new(expected, &error))?;
    let is_list = |key: &Option<&[u8]>| key.is_some_and(|key| lists.contains(&key));
    match arrays(json.as_bytes()).find(|(_, key)| !is_list(key)) {
        None => Ok(value),
        Some((column, _)) => Err(FrameError::array(expected, column)),
    }
}

/// How many `[` there are, texts included. In chunks whose count fits into a byte it takes some
/// instructions for 16 bytes, where the plain count takes some for each.
fn brackets(json: &[u8]) -> usize {
    let count = |chunk: &[u8]| {
        chunk.iter().fold(0_u8, |count, byte| count.wrapping_add(u8::from(*byte == b'[')))
    };
    json.chunks(255).map(|chunk| usize::from(count(chunk))).sum()
}

/// The names of the lists of the wire form, in its own spelling.
pub(crate) const LISTS: [&[u8]; 9] = [
    b"attempts",
    b"userIDList",
    b"present",
    b"calls",
    b"ended",
    b"incoming",
    b"outgoing",
    b"endings",
    b"entries",
];

/// The column of an array that stands for an object, in JSON of a form that has so many lists;
/// `None` if there are no more arrays than that.
fn misplaced_array(json: &[u8], lists: usize) -> Option<usize> {
    let is_list =
        |key: &Option<&[u8]>| key.is_some_and(|key| key == b"userIdList" || LISTS.contains(&key));
    let first = arrays(json).find(|(_, key)| !is_list(key)).or(arrays(json).last());
    // A list whose name has an escape is taken for no list, so the count decides.
    first.map(|(column, _)| column).filter(|_| arrays(json).count() > lists)
}

/// The first array that is neither the value of one of the `lists` nor an entry of an array: it stands for an object.
pub(crate) fn array_for_object(json: &str, lists: &[&[u8]]) -> Option<usize> {
    let is_misplaced = |key: &[u8]| !lists.contains(&key);
    arrays(json.as_bytes()).find(|(_, key)| key.is_some_and(is_misplaced)).map(|(column, _)| column)
}

/// The column of each array, and the key whose value it is; `None` for an entry of an array.
fn arrays(json: &[u8]) -> impl Iterator<Item = (usize, Option<&[u8]>)> {
    let (mut rest, mut key, mut before) = (json, &b""[..], b' ');
    core::iter::from_fn(move || {
        while let Some((byte, others)) = rest.split_first() {
            let column = json.len().saturating_sub(others.len());
            rest = others;
            let follows = before;
            if *byte == b'"' {
                (key, rest) = text(others);
            }
            if !byte.is_ascii_whitespace() {
                before = *byte;
            }
            if *byte == b'[' {
                return Some((column, (follows == b':').then_some(key)));
            }
        }
        None
    })
}

/// The rest of a text after its first quote, and what follows its last.
fn text(json: &[u8]) -> (&[u8], &[u8]) {
    let mut is_escaped = false;
    let end = json.iter().position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    let (text, rest) = json.split_at_checked(end.unwrap_or(json.len())).unwrap_or((json, b""));
    (text, rest.get(1..).unwrap_or_default())
}
