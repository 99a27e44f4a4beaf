//! Where a page of a list begins.

use core::fmt;

use super::state::Call;
use crate::Attempt;
use crate::domain::limits::Limits;
use crate::domain::refusal::Refusal;

/// Where the next page begins, and where the pagination ends. Its text form is opaque to clients.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Cursor {
    /// The number of the opening of the room.
    pub(super) opening: u64,
    /// Where that is among the attempts.
    pub(super) attempts: LiveCursor,
}

impl Cursor {
    /// Reads the text form: exactly what [`Display`](fmt::Display) writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (opening, attempts) = text.split_once('-')?;
        Some(Self { opening: number(opening)?, attempts: LiveCursor::parse(attempts)? })
    }
}

/// Where the next page of live calls begins, and where the pagination ends. Its text form is
/// opaque to clients.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LiveCursor {
    /// The last attempt that was listed.
    after: Attempt,
    /// The last attempt that was there when the pagination began.
    until: Attempt,
}

impl LiveCursor {
    /// Reads the text form: exactly what [`Display`](fmt::Display) writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (after, until) = text.split_once('-')?;
        Some(Self { after: Attempt::new(number(after)?), until: Attempt::new(number(until)?) })
    }

    /// That of the first page, when `last` is the last attempt made.
    pub(super) const fn first(last: Attempt) -> Self {
        Self { after: Attempt::new(0), until: last }
    }

    /// Whether it can have been given out.
    pub(super) fn is_up_to(self, last: Attempt) -> bool {
        self.after >= Attempt::new(1) && self.after <= self.until && self.until <= last
    }

    /// The page of so many calls that begins here, and the cursor of the next one if there is a
    /// further call. The calls come in attempt order, and are looked for from the first.
    pub(super) fn page<'a>(
        self,
        calls: impl Iterator<Item = &'a Call>,
        count: u32,
        mut each: impl FnMut(&'a Call),
    ) -> Option<Self> {
        let Self { after, until } = self;
        let mut calls =
            calls.skip_while(|call| call.attempt <= after).take_while(|call| call.attempt <= until);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut last = None;
        for call in calls.by_ref().take(count) {
            last = Some(call.attempt);
            each(call);
        }
        calls.next().and(last).map(|after| Self { after, until })
    }
}

/// How many are asked for at once.
pub(super) const fn check_count(limits: &Limits, count: u32) -> Result<(), Refusal> {
    if count == 0 || count > limits.page_size {
        return Err(Refusal::BadPageSize { limit: limits.page_size });
    }
    Ok(())
}

/// What is asked for with a page: its size, and where it begins.
pub(super) fn read<C>(
    limits: &Limits,
    count: u32,
    cursor: Option<&str>,
    parse: impl FnOnce(&str) -> Option<C>,
) -> Result<Option<C>, Refusal> {
    check_count(limits, count)?;
    cursor.map(|text| parse(text).ok_or(Refusal::BadCursor)).transpose()
}

impl fmt::Display for LiveCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.after.get(), self.until.get())
    }
}

/// A number in lower-case hexadecimal without leading zeros.
fn number(text: &str) -> Option<u64> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_canonical = text == "0" || !text.starts_with('0');
    let is_number = text.bytes().all(is_digit) && is_canonical;
    is_number.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.opening, self.attempts)
    }
}
