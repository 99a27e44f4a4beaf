//! Goal 4, the other half: a batch has the same answers and effects as its inputs one by one.

use std::fmt::Debug;

use roomcall::{Input, Outcome, Tick};

use crate::count::Wrong;
use crate::effort::commas;
use crate::goals::pending::refused;
use crate::ours::batch::BATCH;
use crate::ours::desk::{self, Desk, Handles};
use crate::ours::lines::line;
use crate::report::Row;
use crate::workload::{Act, Phase, Plan};

/// What is held.
const TEXT: &str = "answers and effects of batches, by handle and by string: as one by one";

/// Callees of the boards that are compared.
const CALLEES: u32 = 1_000;
/// Rounds that are compared.
const ROUNDS: u64 = 10;

/// Three boards that are told the same, each in its own way.
struct Boards {
    one_by_one: Desk,
    by_handle: Desk,
    by_name: Desk,
    handles: Handles,
    compared: usize,
}

/// Compares every step of both forms of batches with those of one by one.
///
/// # Errors
///
/// A step differs.
pub fn rows() -> Result<Vec<Row>, Wrong> {
    let mut boards = Boards::new()?;
    for round in 0..ROUNDS {
        let plan = Plan::new(CALLEES, round, round);
        for phase in [Phase::Call, Phase::Answer, Phase::Enter, Phase::Leave] {
            if matches!(phase, Phase::Leave) {
                boards.tick(plan.tick_at());
            }
            let mut done = Ok(());
            plan.chunks(phase, BATCH, |acts| {
                if done.is_ok() {
                    done = boards.apply(acts);
                }
            });
            done?;
        }
    }
    let measured = format!("{} steps are the same", commas(boards.compared as u64));
    Ok(vec![Row::new(4, TEXT, measured, true)])
}

impl Boards {
    fn new() -> Result<Self, Wrong> {
        let new = || Desk::new(desk::sized(desk::LIMITS, desk::Size::of(CALLEES)));
        let [mut one_by_one, mut by_handle, mut by_name] = [new(), new(), new()];
        let handles = Handles::open(&mut one_by_one, CALLEES).map_err(refused)?;
        // What is told to equal boards in equal order has equal handles.
        for desk in [&mut by_handle, &mut by_name] {
            Handles::open(desk, CALLEES).map_err(refused)?;
        }
        Ok(Self { one_by_one, by_handle, by_name, handles, compared: 0 })
    }

    fn tick(&mut self, at: u64) {
        for desk in [&mut self.one_by_one, &mut self.by_handle, &mut self.by_name] {
            desk.apply(Tick::from_millis(at), Input::Tick);
        }
    }

    fn apply(&mut self, acts: &[Act]) -> Result<(), Wrong> {
        let inputs: Vec<_> = acts.iter().map(|act| self.handles.input(act)).collect();
        let lines: Vec<_> = acts.iter().map(line).collect();
        let board = &mut self.one_by_one.board;
        let steps: Vec<Outcome> =
            inputs.iter().map(|&(at, input)| board.apply(at, input)).collect();
        let Desk { board, step } = &mut self.by_handle;
        let mut by_handle: Vec<Outcome> = Vec::new();
        board.apply_batch(&inputs, step, |_, step| by_handle.push(step.clone()));
        let Desk { board, step } = &mut self.by_name;
        let mut by_name: Vec<Outcome> = Vec::new();
        board.apply_records(&lines, step, |_, step| by_name.push(step.clone()));
        self.compared += steps.len();
        are_equal("by handle", acts, &by_handle, &steps)?;
        are_equal("by string", acts, &by_name, &steps)
    }
}

/// Says which step differs, if one does.
fn are_equal(form: &str, acts: &[Act], found: &[Outcome], steps: &[Outcome]) -> Result<(), Wrong> {
    let mut pairs = acts.iter().zip(found.iter().map(told).zip(steps.iter().map(told)));
    match pairs.find(|(_, (found, step))| found != step) {
        Some((act, (found, step))) => {
            let what = format!("{act:?} in a batch {form} is\n  {found:?}\nand alone\n  {step:?}");
            Err(Wrong::new("roomcall", what))
        }
        None if found.len() == steps.len() => Ok(()),
        None => Err(Wrong::new("roomcall", format!("a batch {form} is too short"))),
    }
}

/// All that a step says.
fn told(step: &Outcome) -> impl PartialEq + Debug + use<'_> {
    (&step.answer, &step.called, &step.withdrawn, &step.effects)
}
