//! The words that only outputs have: in one spelling, and never as numbers (J-04).

use core::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{CallResult, EndingKind, Rule, WithdrawResult};

/// Reads the word of one of some values.
struct Word<T: 'static> {
    all: &'static [T],
    word: fn(T) -> &'static str,
    expected: &'static str,
}

impl<T: Copy> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        let found = self.all.iter().copied().find(|value| (self.word)(*value) == word);
        found.ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
    }
}

impl<'de> Deserialize<'de> for CallResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "success, alreadyInCalling or alreadyInRoom";
        deserializer.deserialize_str(Word { all: &Self::ALL, word: Self::word, expected })
    }
}

impl<'de> Deserialize<'de> for WithdrawResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // One value for each word: what is told of two endings alike is read as the first of them.
        const ALL: &[WithdrawResult] = &[
            WithdrawResult::Cancelled,
            WithdrawResult::Revoked,
            WithdrawResult::NotCalling,
            WithdrawResult::NotYours,
            WithdrawResult::Already(EndingKind::Accepted),
            WithdrawResult::Already(EndingKind::Rejected),
            WithdrawResult::Already(EndingKind::TimedOut),
            WithdrawResult::Already(EndingKind::Cancelled),
            WithdrawResult::Already(EndingKind::Revoked),
        ];
        let expected = "cancelled, revoked, notCalling, notYours, alreadyAccepted, \
                        alreadyRejected, alreadyTimedOut, alreadyCancelled or alreadyRevoked";
        deserializer.deserialize_str(Word { all: ALL, word: Self::word, expected })
    }
}

impl<'de> Deserialize<'de> for EndingKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "accepted, rejected, inOtherRoom, timedOut, cancelled, revoked or entered";
        deserializer.deserialize_str(Word { all: &Self::ALL, word: Self::word, expected })
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "the id of a rule, like E-04";
        deserializer.deserialize_str(Word { all: Self::ALL, word: Self::id, expected })
    }
}
