//! What a host knows: who is signed in where, who is in which room, what rings for whom.

use std::collections::BTreeSet;

use roomcall::protocol::{Actor, Audience};

use super::world::World;

impl World {
    pub(super) fn device_of(&self, by: &Actor) -> Option<usize> {
        let Actor::Device { user, device } = by else {
            return None;
        };
        self.plan.devices.iter().position(|(u, d)| u == user && d == device)
    }

    /// The devices that a host would tell.
    pub(super) fn audience(&self, board: u32, to: &Audience) -> Vec<usize> {
        let board = self.boards.get(board).board();
        let is_inside = |user: &str, room: &str| {
            let both = board.lookup_room(room).zip(board.lookup_user(user));
            both.is_some_and(|(room, user)| board.is_inside(room, user))
        };
        let is_told = |(user, device): &(&str, &str)| match to {
            Audience::User(to) => to == user,
            Audience::Device { user: to, device: on } => to == user && on == device,
            Audience::OtherDevices { user: to, than } => to == user && than != device,
            Audience::Room(room) => is_inside(user, room),
        };
        let devices = self.plan.devices.iter().enumerate();
        devices.filter(|(_, device)| is_told(device)).map(|(at, _)| at).collect()
    }
}

/// The live attempts of a user, each with its room, by the switchboard's own account.
pub(super) fn live(
    board: &roomcall::switchboard::Switchboard,
    user: &str,
) -> BTreeSet<(u64, String)> {
    let ids = board.lookup_user(user).zip(board.lookup_device("phone"));
    let Some((user, device)) = ids else {
        return BTreeSet::new();
    };
    let calls = board.incoming_calls(roomcall::Actor::Device { user, device });
    let calls = calls.map(|incoming| incoming.calls).unwrap_or_default();
    let room = |room| board.room_name(room).unwrap_or_default().to_owned();
    calls.into_iter().map(|call| (call.attempt.get(), room(call.room))).collect()
}
