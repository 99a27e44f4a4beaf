//! What an engine does, and how one round of the workload is played on it.

use crate::clock::CpuClock;
use crate::count::{Counts, Wrong};
use crate::workload::{Act, Phase, Plan};

/// Inputs that are prepared together, so that they are in the cache when they are timed.
pub const CHUNK: usize = 128;

/// Something that does the work of the workload.
pub trait Engine {
    /// Its name in tables.
    fn name(&self) -> &'static str;

    /// Prepares inputs, names included. This is not timed.
    fn stage(&mut self, acts: &[Act]);

    /// Applies what was prepared, in order, and counts the effects from the buffer that they are
    /// put into. This is timed.
    fn play(&mut self, counts: &mut Counts);

    /// Lets the clock be `at`, and counts the effects likewise. This is timed.
    fn tick(&mut self, at: u64, counts: &mut Counts);
}

/// What rounds took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// CPU time, in nanoseconds.
    pub ns: f64,
    /// Calls from their beginning to their end.
    pub lifecycles: f64,
    /// Inputs.
    pub inputs: f64,
}

/// Plays one round, and checks its effects.
///
/// # Errors
///
/// The effects are not what they must be.
pub fn round(
    engine: &mut dyn Engine,
    plan: &Plan,
    clock: &CpuClock,
    spent: &mut Spent,
) -> Result<(), Wrong> {
    let mut counts = Counts::default();
    let mut phase = |phase, counts: &mut Counts| {
        plan.chunks(phase, CHUNK, |acts| {
            engine.stage(acts);
            spent.ns += clock.time(|| engine.play(counts)).0;
        });
    };
    for before in [Phase::Call, Phase::Answer, Phase::Enter] {
        phase(before, &mut counts);
    }
    spent.ns += clock.time(|| engine.tick(plan.tick_at(), &mut counts)).0;
    plan.chunks(Phase::Leave, CHUNK, |acts| {
        engine.stage(acts);
        spent.ns += clock.time(|| engine.play(&mut counts)).0;
    });
    spent.lifecycles += f64::from(plan.callees());
    spent.inputs += plan.inputs() as f64 + 1.0;
    Wrong::unless_equal(engine.name(), &counts, &plan.expected())
}

/// Prepares the inputs of a round, and does not apply them.
pub fn stage_only(engine: &mut dyn Engine, plan: &Plan) {
    for phase in [Phase::Call, Phase::Answer, Phase::Enter, Phase::Leave] {
        plan.chunks(phase, CHUNK, |acts| engine.stage(acts));
    }
}
