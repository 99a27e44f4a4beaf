//! The reducer and the reference model agree on every line of any journal.
#![no_main]

#[path = "../bytes.rs"]
mod bytes;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/it/model/mod.rs"]
mod model;

use std::fmt;

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use roomcall::switchboard::Switchboard;
use roomcall::journal::Header;
use roomcall::protocol::{Outcome, Record};
use roomcall::{Limits, Policy, Tick};

fuzz_target!(|journal: Journal| {
    let mut exchange = Switchboard::new(journal.limits, journal.policy);
    let mut model = model::exchange::Exchange::new(journal.limits, journal.policy);
    for (line, number) in journal.lines.iter().zip(2..) {
        let by_board = (unworded(exchange.apply_record(line)), exchange.next_deadline());
        let by_model = (unworded(model.apply(line)), model.model.next_deadline());
        let by_board = (by_board.0, by_board.1.map(Tick::as_millis));
        assert_eq!(by_board, by_model, "exchange and model, line {number} of{journal:?}");
    }
});

/// The words of a refusal are nobody's contract.
fn unworded(mut turn: Outcome) -> Outcome {
    if let Some(Err(refused)) = &mut turn.answer {
        refused.message.clear();
    }
    turn
}

/// Its `Debug` form is the journal itself, so that a failure can be kept as data: cargo-fuzz
/// prints it for every crash.
struct Journal {
    limits: Limits,
    policy: Policy,
    lines: Vec<Record>,
}

impl<'a> Arbitrary<'a> for Journal {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let (limits, policy, lines) = bytes::journal(bytes.bytes(bytes.len())?);
        Ok(Self { limits, policy, lines })
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = Header::new(self.limits, self.policy);
        writeln!(f, "\n{}", serde_json::to_string(&header).map_err(|_| fmt::Error)?)?;
        for line in &self.lines {
            writeln!(f, "{}", serde_json::to_string(line).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}
