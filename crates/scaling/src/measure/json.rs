//! The path of a real input: a JSON line in, JSON lines out, beside a parse that borrows and a
//! serialization of the same bytes; and numbered requests beside requests without a number.

use crate::board::lines::JsonLines;
use crate::clock::{CpuClock, median};
use crate::count::Wrong;
use crate::engine::CHUNK;
use crate::plain;
use crate::report::{Goal, Row, Unit};
use crate::workload::{Phase, Plan};

/// Calls pending at once.
const CALLEES: u32 = 1_000;

/// What rounds took, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    unnumbered: f64,
    plain: f64,
    numbered: f64,
    plain_numbered: f64,
}

/// Plays rounds on all of them in turn, chunk by chunk.
pub(super) fn rows(is_quick: bool, clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
    let (samples, rounds) = if is_quick { (5, 5) } else { (15, 20) };
    let mut boards = [JsonLines::new(CALLEES, false), JsonLines::new(CALLEES, true)];
    let mut all = Vec::new();
    let mut plan = Plan::new(CALLEES, 1, 0);
    // So many rounds that each host has numbered more requests than are remembered.
    for _ in 0..3 {
        round(&mut boards, &plan, clock, &mut Spent::default())?;
        plan.next();
    }
    let inputs = plan.inputs() as f64 + 1.0;
    for _ in 0..samples {
        let mut spent = Spent::default();
        for _ in 0..rounds {
            round(&mut boards, &plan, clock, &mut spent)?;
            plan.next();
        }
        all.push(spent);
    }
    let of = |figure: fn(&Spent) -> f64| median(&mut all.iter().map(figure).collect::<Vec<_>>());
    let each = f64::from(rounds) * inputs;
    Ok(vec![
        Row::new(
            "JSON lines in and out beside a borrowed parse and serialization",
            of(|spent| spent.unnumbered / spent.plain),
            Unit::Times,
            Goal::AtMost(1.4),
        ),
        Row::new(
            "JSON lines in and out, numbered beside unnumbered requests",
            of(|spent| spent.numbered / spent.unnumbered),
            Unit::Times,
            Goal::AtMost(1.4),
        ),
        Row::figure(
            "JSON lines in and out, numbered, beside its own parse and serialization",
            of(|spent| spent.numbered / spent.plain_numbered),
            Unit::Times,
        ),
        Row::figure("an input as JSON", of(|spent| spent.unnumbered) / each, Unit::Time),
        Row::figure("an input as JSON, numbered", of(|spent| spent.numbered) / each, Unit::Time),
        Row::figure(
            "an input as JSON, borrowed parse and serialization",
            of(|spent| spent.plain) / each,
            Unit::Time,
        ),
    ])
}

/// Plays a round on both boards.
fn round(
    boards: &mut [JsonLines; 2],
    plan: &Plan,
    clock: &CpuClock,
    spent: &mut Spent,
) -> Result<(), Wrong> {
    let [unnumbered, numbered] = boards;
    let mut both = |stage: &dyn Fn(&mut JsonLines) -> Result<(), Wrong>| {
        stage(unnumbered)?;
        stage(numbered)?;
        let [took, plain] = chunk(unnumbered, clock)?;
        spent.unnumbered += took;
        spent.plain += plain;
        let [took, plain] = chunk(numbered, clock)?;
        spent.numbered += took;
        spent.plain_numbered += plain;
        Ok(())
    };
    for phase in [Phase::Call, Phase::Answer, Phase::Enter, Phase::Leave] {
        if matches!(phase, Phase::Leave) {
            both(&|board| {
                board.stage_tick(plan.tick_at());
                Ok(())
            })?;
        }
        let mut done = Ok(());
        plan.chunks(phase, CHUNK, |acts| {
            if done.is_ok() {
                done = both(&|board| board.stage(acts));
            }
        });
        done?;
    }
    Ok(())
}

/// What a chunk takes, and what its baseline takes.
fn chunk(board: &mut JsonLines, clock: &CpuClock) -> Result<[f64; 2], Wrong> {
    let (took, done) = clock.time(|| board.play());
    done?;
    let output = board.output()?;
    let outputs = plain::outputs(output)?;
    let mut out = Vec::with_capacity(output.len());
    let (plain, done) = clock.time(|| plain::play(board.lines(), &outputs, &mut out));
    done?;
    if out != output.as_bytes() {
        return Err(Wrong::new("plain structs", "the lines of the baseline are not the same"));
    }
    Ok([took, plain])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_the_same_lines_in_the_baseline() -> Result<(), Wrong> {
        let mut boards = [JsonLines::new(80, false), JsonLines::new(80, true)];
        let mut spent = Spent::default();
        round(&mut boards, &Plan::new(80, 1, 0), &CpuClock::new(), &mut spent)?;
        assert!(spent.plain > 0.0 && spent.numbered > 0.0);
        Ok(())
    }
}
