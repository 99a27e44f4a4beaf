//! Random runs: the same for the same seed, on every machine.

use super::direct::Director;
use super::random_plan::random_plan;
use super::{Run, Seen, World};

/// A small generator (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// Whether one of `many` came.
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// The place of one of several weights, with that weight.
    pub fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        0
    }
}

/// The run of a seed. It is made by playing it, so that most actions meet the state; a violation
/// ends it, and [`play`](super::play) finds it again.
pub fn random_run(seed: u64) -> Run {
    random_world(seed).0
}

/// As [`random_run`], and plays it to its end.
pub fn play_seed(seed: u64) -> Result<Seen, Box<Run>> {
    let (run, mut world, goes_on) = random_world(seed);
    let agrees = goes_on && world.settle().and_then(|()| world.probe()).is_ok();
    if agrees { Ok(world.seen) } else { Err(Box::new(run)) }
}

fn random_world(seed: u64) -> (Run, World, bool) {
    let mut dice = Dice::new(seed);
    let plan = random_plan(&mut dice);
    let mut world = World::new(&plan);
    let count = 20 + dice.below(60);
    let mut director = Director::new(dice, &plan);
    let mut actions = Vec::new();
    while actions.len() < count {
        let action = director.next(&world);
        let goes_on = world.perform(&action).is_ok();
        actions.push(action);
        if !goes_on {
            return (Run { plan, actions }, world, false);
        }
    }
    (Run { plan, actions }, world, true)
}
