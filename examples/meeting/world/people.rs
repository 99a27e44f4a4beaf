//! What people do.

use roomcall::Rule;
use roomcall::handset::Tap;
use roomcall::protocol::Actor;
use roomcall_testkit::world;

use super::{Checked, Happening, World};
use crate::roster::{ROSTER, STANDUP};
use crate::timeline::Tone;

impl World {
    pub(crate) fn enter(&mut self, at: usize, room: String) {
        let wait = self.dice.between(50, 150);
        self.after(wait, Happening::Enters(at, room));
    }

    /// The newest missed call that a device told as news and that its user has not seen.
    pub(crate) fn missed(&self, at: usize) -> Option<u64> {
        let log = &self.world.devices[at].log;
        let (number, _) = log.entries.iter().rfind(|(_, (_, is_news))| *is_news)?;
        (*number > log.seen).then_some(*number)
    }

    /// An admin puts somebody out of the standup, who need not be in it.
    pub(crate) fn remove(&mut self, at: usize, user: &str) -> Checked {
        self.say(at, &format!("removes {user}"), Tone::Plain, &[Rule::F16]);
        let (by, device) = ROSTER[at];
        let by = Actor::Device { user: by.to_owned(), device: device.to_owned() };
        self.world.remove(user.to_owned(), STANDUP.to_owned(), by)
    }

    /// A user leaves a room, on whichever device it is.
    pub(crate) fn leave(&mut self, at: usize, room: &str) {
        let user = ROSTER[at].0;
        if !self.world.is_inside(user, room) {
            return;
        }
        let devices = self.world.devices.iter();
        let is_there = |device: &world::Device| {
            device.plan.user == user && device.room.as_deref() == Some(room)
        };
        if let Some(at) = devices.clone().position(is_there) {
            self.say(at, "leaves", Tone::Plain, &[]);
        }
        self.after(20, Happening::Leaves(user, room.to_owned()));
    }

    pub(crate) fn tap(&mut self, at: usize, text: &str, rule: Rule, tap: Tap) -> Checked {
        self.say(at, text, Tone::Plain, &[rule]);
        self.world.touch(at, tap)
    }
}
