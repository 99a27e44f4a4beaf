//! Allocations of an input, once everything has been there before.

use std::cell::RefCell;
use std::rc::Rc;

use roomcall_scaling::board::by_handle::ByHandle;
use roomcall_scaling::board::by_name::ByName;
use roomcall_scaling::board::fixture::Fixture;
use roomcall_scaling::board::handles::Handles;
use roomcall_scaling::board::lines::JsonLines;
use roomcall_scaling::count::{Counts, Wrong};
use roomcall_scaling::engine::{CHUNK, Engine};
use roomcall_scaling::names::Names;
use roomcall_scaling::workload::{Act, Phase, Plan};

use crate::allocations_of;

const CALLEES: u32 = 8_000;
/// Rounds before allocations are counted.
const BEFORE: u64 = 12;

pub(crate) fn print() -> Result<(), Wrong> {
    let mut fixture = Fixture::grown();
    let handles = Handles::open(&mut fixture, CALLEES, Names::USUAL)?;
    let fixture = Rc::new(RefCell::new(fixture));
    let by_handle = &mut ByHandle::new(Rc::clone(&fixture), &handles);
    println!("allocations-handle {:.6}", of_engine(by_handle, 0)?);
    let by_name = &mut ByName::new(fixture, Names::USUAL);
    println!("allocations-name {:.6}", of_engine(by_name, BEFORE + 1)?);
    for (name, is_numbered) in [("json", false), ("json-numbered", true)] {
        println!("allocations-{name} {:.6}", of_lines(is_numbered)?);
    }
    Ok(())
}

/// What is done with a round, part by part.
enum Step<'a> {
    Acts(&'a [Act]),
    Tick(u64),
}

/// Plays rounds, and gives the allocations of an input in the last one.
fn rounds(
    start: u64,
    mut step: impl FnMut(&Step<'_>) -> Result<usize, Wrong>,
    mut check: impl FnMut(&Plan) -> Result<(), Wrong>,
) -> Result<f64, Wrong> {
    let (mut allocations, mut inputs) = (0, 0);
    for number in start..=start + BEFORE {
        let plan = Plan::new(CALLEES, number, number);
        (allocations, inputs) = (0, plan.inputs() + 1);
        let mut done = Ok(());
        for phase in [Phase::Call, Phase::Answer, Phase::Enter, Phase::Leave] {
            if matches!(phase, Phase::Leave) {
                allocations += step(&Step::Tick(plan.tick_at()))?;
            }
            plan.chunks(phase, CHUNK, |acts| match step(&Step::Acts(acts)) {
                Ok(made) => allocations += made,
                Err(wrong) => done = Err(wrong),
            });
        }
        done?;
        check(&plan)?;
    }
    Ok(allocations as f64 / inputs as f64)
}

fn of_engine(engine: &mut dyn Engine, start: u64) -> Result<f64, Wrong> {
    let counts = RefCell::new(Counts::default());
    let name = engine.name();
    let step = |step: &Step<'_>| {
        let counts = &mut counts.borrow_mut();
        match step {
            Step::Acts(acts) => {
                engine.stage(acts);
                Ok(allocations_of(|| engine.play(counts)).0)
            }
            Step::Tick(at) => Ok(allocations_of(|| engine.tick(*at, counts)).0),
        }
    };
    rounds(start, step, |plan| Wrong::unless_equal(name, &counts.take(), &plan.expected()))
}

fn of_lines(is_numbered: bool) -> Result<f64, Wrong> {
    let mut board = JsonLines::new(CALLEES, is_numbered);
    let step = |step: &Step<'_>| {
        match step {
            Step::Acts(acts) => board.stage(acts)?,
            Step::Tick(at) => board.stage_tick(*at),
        }
        let (made, done) = allocations_of(|| board.play());
        done?;
        board.output()?;
        Ok(made)
    };
    rounds(0, step, |_| Ok(()))
}
