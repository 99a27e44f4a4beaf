//! Where a page of a list begins.

use core::fmt;

use crate::Attempt;

/// Where the next page begins, and where the pagination ends. Its text form is opaque to clients.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Cursor {
    /// The number of the opening of the room.
    pub(super) opening: u64,
    /// The last attempt that was listed.
    pub(super) after: Attempt,
    /// The last attempt that was there when the pagination began.
    pub(super) until: Attempt,
}

impl Cursor {
    /// Reads the text form: exactly what [`Display`](fmt::Display) writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.splitn(3, '-').map(number);
        let (opening, after, until) = (numbers.next()??, numbers.next()??, numbers.next()??);
        Some(Self { opening, after: Attempt::new(after), until: Attempt::new(until) })
    }
}

/// Where the next page of live calls begins, and where the pagination ends. Its text form is
/// opaque to clients.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LiveCursor {
    /// The last attempt that was listed.
    pub(super) after: Attempt,
    /// The last attempt that was there when the pagination began.
    pub(super) until: Attempt,
}

impl LiveCursor {
    /// Reads the text form: exactly what [`Display`](fmt::Display) writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.splitn(2, '-').map(number);
        let (after, until) = (numbers.next()??, numbers.next()??);
        Some(Self { after: Attempt::new(after), until: Attempt::new(until) })
    }

    /// Whether it can have been given out.
    pub(super) fn is_up_to(self, last: Attempt) -> bool {
        self.after >= Attempt::new(1) && self.after <= self.until && self.until <= last
    }
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
        write!(f, "{:x}-{:x}-{:x}", self.opening, self.after.get(), self.until.get())
    }
}
