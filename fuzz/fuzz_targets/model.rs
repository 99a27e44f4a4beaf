//! The switchboard and the reference model agree on every line of any journal.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::strategies::{bytes, journal};

fuzz_target!(|journal: Journal| {
    if let Err(difference) = compare_switchboard(&journal.0) {
        panic!("{difference}\n{journal:?}");
    }
});

/// Its `Debug` form is the journal itself, which cargo-fuzz prints for every crash.
#[derive(Debug)]
struct Journal(journal::Journal);

impl<'a> Arbitrary<'a> for Journal {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(bytes::journal(bytes.bytes(bytes.len())?)))
    }
}
