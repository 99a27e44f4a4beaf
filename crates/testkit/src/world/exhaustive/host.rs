//! What a host knows: who is signed in where, who is in which room, what rings for whom.

use std::collections::BTreeSet;

use roomcall::protocol::{Actor, Audience};
use roomcall::switchboard::{LiveCall, Switchboard};

use super::world::World;
use crate::hosting;

impl World {
    pub(super) fn device_of(&self, by: &Actor) -> Option<usize> {
        let Actor::Device { user, device } = by else {
            return None;
        };
        self.plan.devices.iter().position(|(u, d)| u == user && d == device)
    }

    /// The devices that an effect is for.
    pub(super) fn recipients(&self, board: u32, to: &Audience) -> Vec<usize> {
        let board = self.boards.get(board);
        let is_recipient = |at: &usize| hosting::is_recipient(board, to, self.plan.devices[*at]);
        (0..self.plan.devices.len()).filter(is_recipient).collect()
    }
}

fn incoming<'a>(board: &'a Switchboard, user: &str) -> Vec<LiveCall<'a>> {
    let ids = board.lookup_user(user).zip(board.lookup_device("phone"));
    let Some((user, device)) = ids else { return Vec::new() };
    let calls = board.incoming_calls(roomcall::Actor::Device { user, device });
    calls.map(|incoming| incoming.calls).unwrap_or_default()
}

/// Whether the switchboard says of a live attempt that it has rung.
pub(super) fn has_rung(board: &Switchboard, user: &str, attempt: u64) -> bool {
    incoming(board, user).iter().any(|call| call.attempt.get() == attempt && call.rung)
}

/// The live attempts of a user, each with its room, by the switchboard's own account.
pub(super) fn live(board: &Switchboard, user: &str) -> BTreeSet<(u64, String)> {
    let room = |room| board.room_name(room).unwrap_or_default().to_owned();
    incoming(board, user).into_iter().map(|call| (call.attempt.get(), room(call.room))).collect()
}
