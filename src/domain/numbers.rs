//! The numbers of attempts, openings, revisions and requests: where they end, and how far they leap.

/// The greatest number there is: 2^53 - 1, up to which every client can read numbers (L-16, X-04).
pub(crate) const LAST: u64 = (1 << 53) - 1;

/// How far numbers leap where nobody knows how many were given (F-18), and how far the numbers of a
/// requester may.
pub(crate) const LEAP: u64 = 1 << 32;

/// No life of a switchboard begins above it: 2^53 - 2^40, so that one that begins has numbers
/// (F-18).
pub(crate) const LAST_BASE: u64 = (1 << 53) - (1 << 40);
