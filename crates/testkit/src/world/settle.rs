//! Messages flow again: everybody is there, has a new connection, and nothing is lost.

use super::log::Happened;
use super::simulation::{Body, CONGESTED, Packet, World};
use super::{Checked, ROOMS};

/// How time then passes, in milliseconds: past retries, refreshes and the ends of calls.
const STEPS: [u64; 6] = [0, 400, 1_000, 1_700, 3_000, 10_000];

/// Past everything that is ever due, in milliseconds.
const LONG: u64 = 61_000;

impl World {
    /// Heals everything, and checks that all agree, now and while time passes.
    pub fn settle(&mut self) -> Checked {
        self.note(|| Happened::Note("messages flow again"));
        if self.flight.len() > CONGESTED / 2 {
            self.flush()?;
        }
        self.facts_come()?;
        self.devices.iter_mut().for_each(|device| device.crowded = false);
        self.crowd();
        for device in 0..self.devices.len() {
            if !self.devices[device].alive {
                self.restart(device)?;
            }
            self.heal(device)?;
        }
        self.flush()?;
        self.agree()?;
        // Whatever was still on its way is over by now, and everybody asks once more.
        (0..self.devices.len()).try_for_each(|device| self.heal(device))?;
        self.flush()?;
        self.has_asked_again = true;
        self.agree_after_snapshots()?;
        for ms in STEPS {
            self.flow(ms)?;
            self.agree()?;
        }
        // Where nobody asks all the time, a long time is cheap.
        let seldom = |refresh: Option<u64>| refresh.is_none_or(|length| length >= 5_000);
        if self.devices.iter().all(|device| seldom(device.settings.refresh)) {
            self.flow(LONG)?;
            self.agree()?;
        }
        Ok(())
    }

    /// All facts in flight come, and then the host states who is in each room.
    fn facts_come(&mut self) -> Checked {
        self.is_at_rest = true;
        let is_fact = |packet: &Packet| matches!(packet.body, Body::Fact { .. });
        while let Some(fact) = self.flight.iter().position(is_fact) {
            self.flight.remove(fact).map_or(Ok(()), |fact| self.arrive(fact))?;
        }
        ROOMS.iter().try_for_each(|room| self.list_presence(room))
    }

    /// Time passes, and whatever is sent arrives at once.
    pub fn flow(&mut self, ms: u64) -> Checked {
        let until = self.now.saturating_add(ms);
        while let Some(due) = self.next_due().filter(|due| *due <= until) {
            self.tick(due)?;
            self.flush()?;
        }
        self.now = until;
        self.look_at_clocks()
    }
}
