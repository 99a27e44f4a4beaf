//! The switchboard loses state, and is set back to any copy of it or to nothing. Its host closes all connections, states
//! that it was (F-18), and states anew which rooms are open and who is in them.

use std::collections::BTreeSet;

use roomcall::protocol::{Actor, Fact};
use roomcall::switchboard::{LivePage, Switchboard};

use super::simulation::{Body, World};
use super::{Checked, ROOMS, violation};

/// What the clock of the switchboard's host shows when the world begins, in milliseconds since 1970.
const NOW: u64 = 1_800_000_000_000;

impl World {
    /// The switchboard is set back. What was in flight on connections is lost, or arrives some time; but no request does:
    /// its connection is closed.
    pub(super) fn lose_state(&mut self, copy: usize, late: bool) -> Checked {
        for device in 0..self.devices.len() {
            self.cut(device, late)?;
        }
        self.flight.retain(|packet| !matches!(packet.body, Body::Request { .. }));
        self.highest = self.highest.max(self.revision());
        self.set_back(copy)?;
        self.losses += 1;
        let floor = (NOW + self.now + self.losses) << 10;
        self.fact(Fact::Recovered { floor })?;
        if self.revision() <= self.highest {
            let message = format!("{} after {} by {floor}", self.revision(), self.highest);
            return violation("no number comes back", message);
        }
        self.state_anew()
    }

    /// The state of an earlier time, or none.
    fn set_back(&mut self, copy: usize) -> Checked {
        let copy = copy % self.copies.len().max(1);
        let Some(bytes) = self.copies.get(copy).cloned() else { return Ok(()) };
        let board = match Switchboard::restore(&bytes) {
            Ok(board) => board,
            Err(error) => return violation("a snapshot can be read", error.to_string()),
        };
        let (rang, known) = (self.switchboard.live_count(), board.live_count());
        self.sometimes(true, "state is lost");
        self.sometimes(copy == 0, "all state is lost");
        self.sometimes(copy > 0 && self.losses > 0, "state is lost again");
        self.sometimes(rang > 0, "state is lost while a call rings");
        self.sometimes(known > 0, "a call of the backup is revoked");
        (self.switchboard, self.snapshot) = (board, bytes);
        self.clear_journal();
        self.commands.clear();
        let live: BTreeSet<u64> =
            self.users.iter().flat_map(|user| self.rings(user).into_keys()).collect();
        self.truth.set_back(&live);
        (self.truth.expected, self.truth.rates) = self.known.get(copy).cloned().unwrap_or_default();
        self.truth.rates.forget_who_waits();
        Ok(())
    }

    /// What really is so: which rooms are open, and who is in them.
    fn state_anew(&mut self) -> Checked {
        let open: Vec<(String, u64)> = self.presence.openings.clone().into_iter().collect();
        for room in ROOMS {
            // One that the backup has, and that was dissolved since.
            if self.opening(room).is_none() {
                self.fact(Fact::room_dissolved(room.to_owned(), Actor::Backend))?;
            }
        }
        self.presence.set_back();
        for (room, before) in open {
            let owner = self.user(0);
            self.fact(Fact::RoomOpened { room: room.clone(), owner })?;
            let Some(opening) = self.opening(&room).filter(|opening| *opening > before) else {
                let message =
                    format!("{room} was open as {before}, and is as {:?}", self.opening(&room));
                return violation("no number comes back", message);
            };
            let sessions = self.devices.iter_mut().filter_map(|of| of.session.as_mut());
            let of_room = sessions.filter(|it| it.room == room && it.opening == before);
            of_room.for_each(|session| session.opening = opening);
            self.doubt_all(&room);
            self.list_presence(&room)?;
        }
        Ok(())
    }

    /// What everybody who asks is told.
    pub(super) fn revision(&self) -> u64 {
        let page = LivePage { cursor: None, count: 1 };
        self.switchboard.live_calls(roomcall::Actor::Backend, page).map_or(0, |page| page.revision)
    }
}
