//! Lost state (F-18).

use roomcall::Rule;

use super::endings::End;
use super::{LEAP, Model};

/// No life begins above it (F-18).
const LAST_BASE: u64 = (1 << 53) - (1 << 40);

impl Model {
    /// What is overdue ends as ever, and is not logged unless the fact is ignored.
    pub(super) fn pass_time_of_lost_state(&mut self, at: u64, floor: u64) {
        let log = self.log.clone();
        self.pass_time(at);
        if self.next_base(floor) <= LAST_BASE {
            self.log = log;
            self.evict_logged();
        }
    }

    fn next_base(&self, floor: u64) -> u64 {
        // As they are after the revoking: each live attempt ends.
        let revision = self.revision() + self.live.len() as u64;
        let greater = revision.max(self.last_opening());
        if floor > greater { floor } else { greater + LEAP }
    }

    /// What is overdue has happened before any fact is judged (T-03).
    pub(super) fn recovered(&mut self, floor: u64) -> Result<(), Rule> {
        let base = self.next_base(floor);
        if base > LAST_BASE {
            return Err(Rule::F18);
        }
        // In attempt order, each as by E-06; nothing of it is logged.
        let log = self.log.clone();
        let mut attempts: Vec<u64> = self.live.iter().map(|call| call.attempt).collect();
        attempts.sort_unstable();
        for attempt in attempts {
            self.end(attempt, &End::Revoked { operator: None }, Rule::F18);
        }
        self.log = log.of_new_life();
        self.base = base;
        self.made = 0;
        self.ended = 0;
        self.rung = 0;
        self.opened = 0;
        // Nobody is expected anywhere (E-20).
        self.expected.clear();
        // F-02, in the order of the present ones.
        self.rooms.sort_unstable_by_key(|room| room.opening);
        for room in &mut self.rooms {
            room.inside.clear();
            room.presences.clear();
            room.sessions.clear();
            room.outside.clear();
            self.opened += 1;
            room.opening = self.base + self.opened;
        }
        Ok(())
    }
}
