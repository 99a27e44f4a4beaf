//! The switchboard and the reference model agree on every line of any journal. The `Debug` form of an
//! input is the journal itself, which cargo-fuzz prints for every crash.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::strategies::journal::Journal;

fuzz_target!(|journal: Journal| {
    if let Err(difference) = compare_switchboard(&journal) {
        panic!("{difference}\n{journal:?}");
    }
});
