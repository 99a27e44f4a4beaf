//! Random runs: the same for the same seed, on every machine.

use super::director::Director;
use super::random_plan::random_plan;
use super::{Run, Seen, World};
use crate::dice::Dice;

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
    let count = 20 + dice.below(90);
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
