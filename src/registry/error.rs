//! Why the host may not intern a name.

use crate::Rule;

/// Why a name cannot be interned.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The name is empty or too long (L-01).
    #[error("an id must be 1 to {limit} bytes of UTF-8")]
    BadName {
        /// The longest name, in bytes.
        limit: u32,
    },
    /// The host has interned as many names of this kind as it may (L-12).
    #[error("{limit} names of one kind are interned, which is the limit: release some first")]
    TooManyInterned {
        /// The most interned names of one kind.
        limit: u32,
    },
}

impl NameError {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::BadName { .. } => Rule::L01,
            Self::TooManyInterned { .. } => Rule::L12,
        }
    }
}
