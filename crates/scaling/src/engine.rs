//! What is measured, and how one round of it is.

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

/// CPU time by part of a round, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// All calls.
    pub call: f64,
    /// All answers.
    pub answer: f64,
    /// All that enter.
    pub enter: f64,
    /// The one tick.
    pub tick: f64,
    /// All that leave.
    pub leave: f64,
    /// Lifecycles that were played.
    pub lifecycles: f64,
    /// Inputs that were played.
    pub inputs: f64,
}

impl Spent {
    /// All of it.
    pub const fn total(&self) -> f64 {
        self.call + self.answer + self.enter + self.tick + self.leave
    }

    /// For one call from its beginning to its end.
    pub const fn per_lifecycle(&self) -> f64 {
        self.total() / self.lifecycles
    }

    /// For one input.
    pub const fn per_input(&self) -> f64 {
        self.total() / self.inputs
    }
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
    let moves = |engine: &mut dyn Engine, phase, counts: &mut Counts| {
        let mut took = 0.0;
        plan.chunks(phase, CHUNK, |acts| {
            engine.stage(acts);
            took += clock.time(|| engine.play(counts)).0;
        });
        took
    };
    spent.call += moves(engine, Phase::Call, &mut counts);
    spent.answer += moves(engine, Phase::Answer, &mut counts);
    spent.enter += moves(engine, Phase::Enter, &mut counts);
    spent.tick += clock.time(|| engine.tick(plan.tick_at(), &mut counts)).0;
    spent.leave += moves(engine, Phase::Leave, &mut counts);
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
