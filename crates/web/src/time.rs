//! Times of JavaScript, which are numbers.

/// Milliseconds. A number that is none counts as 0; a fraction is left out.
#[cfg(feature = "handset")]
#[allow(clippy::as_conversions, reason = "it saturates, which is what is meant")]
pub(crate) const fn millis(number: f64) -> u64 {
    number as u64
}

/// No time of roomcall that JavaScript is told is above 2^53 - 1, but for clocks that were set back.
#[allow(clippy::as_conversions, reason = "it rounds, which is what is meant")]
pub(crate) const fn number(millis: u64) -> f64 {
    millis as f64
}
