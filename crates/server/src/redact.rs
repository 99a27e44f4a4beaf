//! Ids in logs: people's names are nobody's business there.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

static SHOWN: AtomicBool = AtomicBool::new(false);
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// From now on ids are logged as they are.
pub fn show_ids() {
    SHOWN.store(true, Ordering::Relaxed);
}

/// Whether ids are logged as they are.
pub(crate) fn are_shown() -> bool {
    SHOWN.load(Ordering::Relaxed)
}

/// An id in a log: the same one looks the same while the process lives, and says nothing else.
#[derive(Clone, Copy)]
pub struct Redacted<'a>(pub &'a str);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if are_shown() {
            // Whoever chose it might have chosen a line of a log, or what a terminal obeys.
            return fmt::Display::fmt(&self.0.escape_debug(), f);
        }
        write!(f, "~{:08x}", KEY.hash_one(self.0) >> 32)
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_not_shown() {
        let ana = Redacted("ana").to_string();
        assert!(!ana.contains("ana") && ana.starts_with('~'));
        assert_eq!(ana, Redacted("ana").to_string());
        assert_ne!(ana, Redacted("bo").to_string());
    }
}
