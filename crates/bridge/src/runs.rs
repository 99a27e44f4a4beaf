//! Random runs of the switchboard. Most inputs are aimed at what the state is: answers to what
//! rings, repeats of what was decided, jumps to a deadline; a share of them is blind. The same
//! seed gives the same run.

mod aim;
mod rng;
mod settings;
mod sketch;

use roomcall::protocol::{Outcome, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};

use self::aim::Aim;
use self::rng::Rng;
use self::sketch::Sketch;

/// How many of each there are to draw from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) users: u64,
    pub(crate) rooms: u64,
    pub(crate) devices: u64,
    /// The longest `joinGrace` (E-20), in seconds; runs have each up to it in turn.
    pub(crate) grace: u32,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { users: 5, rooms: 3, devices: 3, grace: 0 }
    }
}

/// What was said to a switchboard, and what it answered.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) limits: Limits,
    pub(crate) policy: Policy,
    pub(crate) steps: Vec<(Record, Outcome)>,
}

/// Plays one run. The policies come in turn: 48 successive seeds have them all.
pub(crate) fn run(seed: u64, steps: usize, sizes: Sizes) -> Run {
    let mut rng = Rng::new(seed);
    let policy = settings::policy(seed, sizes.grace);
    let limits = settings::limits(&mut rng);
    let mut board = Switchboard::new(limits, policy);
    let mut sketch = Sketch { grace: u64::from(policy.join_grace) * 1_000, ..Sketch::default() };
    // One run in sixteen goes on to the end of time (T-09).
    let ends_time = rng.one_in(16).then(|| steps - steps.min(40));
    let steps = (0..steps).map(|step| {
        let is_late = ends_time.is_some_and(|from| step >= from);
        let line = Aim { rng: &mut rng, sketch: &sketch, sizes, limits: &limits }.line(is_late);
        let turn = board.apply_record(&line);
        sketch.note(&line, &turn);
        (line, turn)
    });
    let steps = steps.collect();
    Run { limits, policy, steps }
}
