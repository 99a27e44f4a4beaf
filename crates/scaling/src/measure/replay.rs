//! A journal replayed by `Replay`, beside its parts: a record that is read, and applied by name.

use std::hint::black_box;

use roomcall::journal::Replay;
use roomcall::protocol::{Outcome, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};

use crate::board::records::{opening, record};
use crate::clock::{CpuClock, median};
use crate::count::Wrong;
use crate::engine::CHUNK;
use crate::names::Names;
use crate::report::{Goal, Row, Unit, commas};
use crate::workload::{Phase, Plan};

/// Calls pending at once.
const CALLEES: u32 = 10_000;

fn wrong(why: impl std::fmt::Display) -> Wrong {
    Wrong::new("replay", why.to_string())
}

/// Replays a journal in each way, in turn.
pub(super) fn rows(is_quick: bool, clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
    let (rounds, repeats) = if is_quick { (2, 3) } else { (32, 5) };
    let journal = journal(rounds)?;
    let lines: Vec<&[u8]> = journal.lines().map(str::as_bytes).collect();
    let (mut replay_ns, mut ratios, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..repeats {
        let (whole, effects) = clock.time(|| by_replay(&lines));
        let (parts, of_parts) = clock.time(|| by_parts(&lines));
        let (with_output, done) = clock.time(|| to_json(&lines));
        if effects? != of_parts? || done? == 0 {
            return Err(wrong("the ways do not have the same effects"));
        }
        replay_ns.push(whole);
        ratios.push(whole / parts);
        written.push(with_output);
    }
    let all = commas(lines.len() as u64);
    let rate = |mut took: Vec<f64>| lines.len() as f64 * 1e9 / median(&mut took);
    Ok(vec![
        Row::new(
            "a journal by `Replay` beside its parts",
            median(&mut ratios),
            Unit::Times,
            Goal::AtMost(1.1),
        ),
        Row::figure(format!("a journal of {all} lines by `Replay`"), rate(replay_ns), Unit::Rate),
        Row::new(
            format!("a journal of {all} lines by `Replay`, to JSON"),
            rate(written),
            Unit::Rate,
            Goal::AtLeast(0.4e6),
        ),
    ])
}

/// A journal of so many rounds of the workload.
fn journal(rounds: u32) -> Result<String, Wrong> {
    let mut text = "{\"journal\":1}\n".to_owned();
    let mut push = |record: &Record| {
        text.push_str(&serde_json::to_string(record)?);
        text.push('\n');
        Ok(())
    };
    opening(CALLEES, Names::USUAL)
        .try_for_each(|record| push(&record))
        .map_err(|why: serde_json::Error| wrong(why))?;
    let mut plan = Plan::new(CALLEES, 1, 0);
    for _ in 0..rounds {
        for phase in [Phase::Call, Phase::Answer, Phase::Enter, Phase::Leave] {
            let mut done = Ok(());
            plan.chunks(phase, CHUNK, |acts| {
                for act in acts {
                    if done.is_ok() {
                        done = push(&record(act, Names::USUAL));
                    }
                }
            });
            done.map_err(wrong)?;
        }
        plan.next();
    }
    Ok(text)
}

/// Counts the effects.
fn by_replay(lines: &[&[u8]]) -> Result<usize, Wrong> {
    let (mut replay, mut effects) = (Replay::new(), 0);
    for line in lines {
        if let Some(outcome) = replay.line(line).map_err(wrong)? {
            effects += black_box(outcome).effects.len();
        }
    }
    Ok(effects)
}

/// Likewise; the first line is the header.
fn by_parts(lines: &[&[u8]]) -> Result<usize, Wrong> {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let mut effects = 0;
    for line in lines.iter().skip(1) {
        let record = Record::<String>::read(*line).map_err(wrong)?;
        let outcome: Outcome = board.apply_record(&record);
        effects += black_box(outcome).effects.len();
    }
    Ok(effects)
}

/// Counts the bytes of the lines that come of it.
fn to_json(lines: &[&[u8]]) -> Result<usize, Wrong> {
    let (mut replay, mut out, mut bytes) = (Replay::new(), Vec::new(), 0);
    for line in lines {
        out.clear();
        if let Some(outcome) = replay.line(line).map_err(wrong)? {
            for output in outcome.outputs() {
                serde_json::to_writer(&mut out, &output).map_err(wrong)?;
                out.push(b'\n');
            }
        }
        bytes += black_box(&out).len();
    }
    Ok(bytes)
}
