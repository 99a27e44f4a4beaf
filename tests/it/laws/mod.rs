//! The laws: each rule that no single output shows, as a property of random journals.
//!
//! A law of journals alone is also held against every journal that is kept in `tests/journals/`.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use roomcall::protocol::{Command, Input};

use roomcall_testkit::strategies::journal::{Journal, journal, settings};

/// What a law says of one journal.
pub(crate) type Law = fn(&Journal) -> Result<(), TestCaseError>;

/// The journal without what depends on the largest page by itself: revoking by pages (E-19), and whether another
/// largest page is smaller, so that the whole change is ignored (F-19).
pub(crate) fn without_revokes_by_page(journal: &Journal) -> Journal {
    let mut journal = journal.clone();
    journal.lines.retain(|line| {
        !matches!(line.input, Input::Ask { command: Command::RevokeUserCalls { .. }, .. })
    });
    journal.with_changes(|_, limits| limits.page_size = None)
}

/// Defines laws of journals: a test for each, and `LAWS`, their list.
macro_rules! laws {
    ($($(#[$about:meta])* fn $name:ident($journal:ident) $body:block)+) => {
        mod holds {
            use super::*;
            $(pub(super) fn $name($journal: &roomcall_testkit::strategies::journal::Journal) -> Result<(), proptest::prelude::TestCaseError> {
                $body
                #[allow(unreachable_code, reason = "some laws return early")]
                Ok(())
            })+
        }

        $($(#[$about])* #[test] fn $name() {
            crate::laws::hold_for_random_journals(holds::$name);
        })+

        pub(crate) const LAWS: &[(&str, crate::laws::Law)] =
            &[$((stringify!($name), holds::$name)),+];
    };
}

mod answers;
mod batch;
mod calls;
mod erasure;
pub(crate) mod expected;
mod handles;
mod key;
mod lists;
mod log;
mod long;
mod my_calls;
mod names;
mod outputs;
mod pieces;
mod presence;
mod privacy;
mod rates;
mod recovery;
mod ringing;
mod rules;
pub(crate) mod state;
mod storage;
mod time;
mod told;
mod turnover;

fn hold_for_random_journals(law: Law) {
    let held = TestRunner::new(settings()).run(&journal(), |journal| law(&journal));
    held.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Every law of journals alone, by name.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Law)> {
    let laws = [
        answers::LAWS,
        calls::LAWS,
        erasure::LAWS,
        expected::LAWS,
        handles::LAWS,
        lists::LAWS,
        log::LAWS,
        my_calls::LAWS,
        names::LAWS,
        outputs::LAWS,
        privacy::LAWS,
        rates::LAWS,
        ringing::LAWS,
        state::LAWS,
        time::LAWS,
    ];
    laws.into_iter().flatten().copied()
}
