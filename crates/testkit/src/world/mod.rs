//! The network: one exchange, several handsets, and everything that can happen to what they send
//! each other (D-28).
//!
//! A [`Run`] is a plan and a list of [`Action`]s, all of it data, so that a failure can be kept as
//! a file and replayed for ever. [`play`] plays one: after every action the invariants must hold,
//! and at the end the network is healed, and everybody must agree. Actions are total: any list of
//! them is a run, which keeps shrinking simple.
//!
//! The `World` also plays the part of the hosts: it resolves audiences, carries requests and
//! replies, shows on a `Screen` what a handset says, and states that users entered rooms.
//!
mod action;
mod agree;
mod delivered;
mod device;
mod director;
pub mod exhaustive;
mod host;
pub mod hosting;
pub mod kind;
pub mod log;
mod perform;
mod plan;
mod probe;
mod random;
mod random_plan;
pub mod screen;
pub mod scripted;
mod settle;
mod shrink;
pub mod simulation;
pub mod truth;

use std::collections::BTreeMap;
use std::fmt;

pub use action::Action;
pub use device::Device;
pub use log::Log;
pub use plan::{DevicePlan, Plan, Run};
pub use random::{play_seed, random_run};
pub use shrink::shrink;
pub use simulation::{Body, Packet, World};

/// The rooms that actions name by index.
pub const ROOMS: [&str; 2] = ["standup", "lounge"];

/// What happened how often.
pub type Seen = BTreeMap<&'static str, u64>;

/// Something that must not happen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// What must hold; shrinking keeps it.
    pub name: &'static str,
    /// How it does not.
    pub message: String,
    /// After how many actions.
    pub after: usize,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} actions: {}: {}", self.after, self.name, self.message)
    }
}

/// What most steps come to.
pub type Checked = Result<(), Violation>;

/// A violation, in a place that does not know how many actions there were.
pub fn violation<T>(name: &'static str, message: String) -> Result<T, Violation> {
    Err(Violation { name, message, after: 0 })
}

/// Plays a run to its end, and gives what was seen on the way.
pub fn play(run: &Run) -> Result<Seen, Violation> {
    finish(World::new(&run.plan), &run.actions).1
}

/// As [`play`], with all that happened.
pub fn play_logged(run: &Run) -> (Log, Result<Seen, Violation>) {
    let (world, result) = finish(World::logged(&run.plan), &run.actions);
    (world.log.unwrap_or_default(), result)
}

fn finish(mut world: World, actions: &[Action]) -> (World, Result<Seen, Violation>) {
    for (after, action) in actions.iter().enumerate() {
        if let Err(wrong) = world.perform(action) {
            return (world, Err(Violation { after: after + 1, ..wrong }));
        }
    }
    let done = world.settle().and_then(|()| world.probe());
    let seen = world.seen.clone();
    (world, done.map_err(|wrong| Violation { after: actions.len(), ..wrong }).map(|()| seen))
}
