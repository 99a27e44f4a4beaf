//! Snapshots with a byte changed.

use proptest::prelude::*;
use proptest::sample::Index;
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use roomcall_testkit::forge::forge;

/// S-02: damage at any place is found, and so is an end that is missing. With a checksum that is made
/// to fit, what is restored works: it goes on with these inputs, every one of which verifies the
/// invariants, and is given back.
pub(crate) fn damage(
    board: &Switchboard,
    (at, flip): (Index, u8),
    inputs: &[Record],
) -> Result<Option<Switchboard>, TestCaseError> {
    let snapshot = board.snapshot();
    let at = at.index(snapshot.len());
    let mut damaged = snapshot.clone();
    damaged[at] ^= flip;
    prop_assert!(Switchboard::restore(&damaged).is_err());
    prop_assert!(Switchboard::restore(&snapshot[..at]).is_err());
    let Ok(mut forged) = Switchboard::restore(&forge(damaged)) else { return Ok(None) };
    for input in inputs {
        let _ = forged.apply_record(input);
        prop_assert_eq!(forged.verify(), Ok(()));
    }
    Ok(Some(forged))
}
