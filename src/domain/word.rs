//! Values that are one word of the wire form (J-04).

use core::fmt;

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

/// Reads one of some words; where the seed numbers them, its place among them as well.
///
/// A derived enum also takes `{"word":null}`, which is not of the form.
pub(crate) struct Words<T: 'static> {
    pub(crate) words: &'static [(&'static str, T)],
    pub(crate) are_numbered: bool,
    pub(crate) expected: &'static str,
}

impl<T: Copy> Words<T> {
    pub(crate) fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        // Only a form that describes itself can say which of the two comes.
        if self.are_numbered && deserializer.is_human_readable() {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_str(self)
        }
    }
}

impl<T: Copy> Visitor<'_> for Words<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        let found = self.words.iter().find(|(known, _)| *known == word);
        found.map(|(_, value)| *value).ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        let at = usize::try_from(number).ok().filter(|_| self.are_numbered);
        let found = at.and_then(|at| self.words.get(at));
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

/// Gives an enum its words. `numbered` if their order is that of the seed's numbers.
macro_rules! words {
    (@ numbered) => { true };
    (@) => { false };
    ($name:ident: $expected:literal, $($numbered:ident)? { $($variant:ident $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word of the wire form (J-04).
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::domain::word::Words {
                    words: &[$(($word, Self::$variant)),+],
                    are_numbered: $crate::domain::word::words!(@ $($numbered)?),
                    expected: $expected,
                }
                .read(deserializer)
            }
        }
    };
}

pub(crate) use words;
