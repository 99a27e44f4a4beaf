//! Random histories: the same on every machine.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use roomcall_testkit::strategies::handset::{self, handset_journal};
use roomcall_testkit::strategies::journal::{Journal, journal};
use roomcall_testkit::strategies::{changing_journal, numbered_journal, presence_journal};

/// Random journals of a switchboard, kind by kind.
pub(crate) fn switchboard(count: u32) -> Vec<Box<dyn Iterator<Item = Journal>>> {
    vec![
        Box::new(values(journal(), 1, count)),
        Box::new(values(numbered_journal(), 2, count)),
        Box::new(values(presence_journal(), 3, count)),
        Box::new(values(changing_journal(), 4, count)),
    ]
}

/// Random journals of a handset.
pub(crate) fn handset(count: u32) -> impl Iterator<Item = handset::Journal> {
    values(handset_journal(), 5, count.saturating_mul(2))
}

fn values<S: Strategy>(strategy: S, seed: u8, count: u32) -> impl Iterator<Item = S::Value> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(move |_| {
        let value = strategy.new_tree(&mut runner);
        value.unwrap_or_else(|why| panic!("no value: {why}")).current()
    })
}
