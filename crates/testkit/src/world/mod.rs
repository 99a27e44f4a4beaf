//! One switchboard, several handsets, and everything that can happen to what they send each other (D-28).
//!
//! A [`World`] holds the real switchboard and the real handsets, and plays their hosts: it finds recipients, carries requests
//! and replies, shows on a [`screen`](screen::Screen) what a handset says, and states who is in which room, as far as a
//! [`media_server`] has told it. After every step it judges what it sees by the [`truth`], which is what the switchboard did;
//! [`World::settle`] heals the network and demands that every screen, list and progress agrees with the switchboard, and the
//! switchboard with who really is in which room.
//!
//! A scheduler decides what happens next:
//!
//! * **random**: [`play_seed`] and [`random_run`]. A [`Run`] is a plan and a list of [`Action`]s, all of it data, so that a
//!   failure is kept as a file, made small by [`shrink`], and replayed by [`play`]. Actions are total: any list of them is a run.
//! * **scripted**: a [`Script`](scripted::Script) of a test. Other programs, as the example `meeting`, call the methods of
//!   [`World`] as their own schedule demands, and read in its [`Log`] what came of it.
//! * **[`exhaustive`]**: every order of everything in a small scope. Its states are numbers of interned switchboards and
//!   handsets, so it steps them itself; with the world it shares the hosts' part, [`hosting`](crate::hosting).

mod action;
mod agree;
mod backend;
mod call_log;
mod changes;
mod delivered;
mod device;
mod device_state;
mod director;
mod disclosure;
mod erasure;
pub mod exhaustive;
mod host;
pub mod kind;
pub mod log;
mod loss;
pub mod media_server;
pub mod observed;
mod perform;
mod plan;
pub mod presence;
mod probe;
mod progress;
mod pushes;
mod random;
mod random_plan;
mod requests;
mod ringing;
mod said;
pub mod screen;
pub mod scripted;
mod settle;
mod shrink;
pub mod simulation;
pub mod sometimes;
mod told_log;
pub mod truth;

use std::collections::BTreeMap;
use std::fmt;

pub use action::Action;
pub use device::Device;
pub use device_state::DeviceState;
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
    play_to_end(World::new(&run.plan), &run.actions).1
}

/// As [`play`], with all that happened.
pub fn play_logged(run: &Run) -> (Log, Result<Seen, Violation>) {
    let (world, result) = play_to_end(World::logged(&run.plan), &run.actions);
    (world.log.unwrap_or_default(), result)
}

fn play_to_end(mut world: World, actions: &[Action]) -> (World, Result<Seen, Violation>) {
    for (after, action) in actions.iter().enumerate() {
        if let Err(wrong) = world.perform(action) {
            return (world, Err(Violation { after: after + 1, ..wrong }));
        }
    }
    let done = world.settle().and_then(|()| world.probe());
    let seen = world.seen.clone();
    (world, done.map_err(|wrong| Violation { after: actions.len(), ..wrong }).map(|()| seen))
}
