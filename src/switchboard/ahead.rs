//! Reading ahead: what the inputs of a batch will touch is read for all of them first, so that the
//! misses of the caches overlap (O-03). It changes nothing, and means nothing.
//!
//! It goes in rounds, each of reads that need nothing but what an earlier round has brought: first
//! users and rooms, then the records that they lead to, then what lies next to those in lists.

use core::hint::black_box;

use super::Switchboard;
use super::state::{Call, Room, Seat};
use crate::store::{Lanes as _, NONE};
use crate::{Actor, Command, Fact, Input, RoomId, Tick, UserId};

/// The user whose calls an input is about, and its room, by slot; [`NONE`] for nobody.
type About = (u32, u32);

/// So many users fit into the caches, with all that is known of them: there is nothing to wait for.
/// Where code is tested rather than used they are few, so that small states are read ahead, too.
const NEAR: usize = if cfg!(debug_assertions) { 2 } else { 8_192 };

impl Switchboard {
    /// Whether reading ahead of so many inputs is worth its while.
    pub(super) fn is_worth_it(&self, inputs: usize) -> bool {
        inputs > 1 && self.names.users.slots().len() > NEAR
    }

    pub(super) fn read_ahead(&self, inputs: &[(Tick, Input<'_>)]) {
        if !self.is_worth_it(inputs.len()) {
            return;
        }
        let about = || inputs.iter().map(|(_, input)| about(input));
        let names = inputs.iter().fold(0, |sum, (_, input)| sum ^ self.names_near(input));
        let records = about().fold(0, |sum, about| sum ^ self.records_near(about));
        let neighbours = about().fold(0, |sum, about| sum ^ self.neighbours_near(about));
        black_box((names, records, neighbours));
    }

    /// The lines of everyone who is named.
    fn names_near(&self, input: &Input<'_>) -> u32 {
        let (user, room) = about(input);
        let by = match *input {
            Input::Ask { by: Actor::Device { user, .. }, .. } => self.user_near(user.0.slot()),
            Input::Ask { .. } | Input::Fact(_) | Input::Tick => 0,
        };
        by ^ self.user_near(user) ^ self.room_near(room)
    }

    fn user_near(&self, user: u32) -> u32 {
        self.names.users.at(user).map_or(0, |slot| slot.uses)
    }

    /// A room is more than one line of a cache.
    fn room_near(&self, room: u32) -> u32 {
        let slot = self.names.rooms.at(room);
        slot.map_or(0, |slot| slot.uses ^ slot.state.live ^ slot.state.admins)
    }

    /// The first records of a user and the last of a room.
    pub(super) fn records_near(&self, (user, room): About) -> u32 {
        let user = self.user(user);
        let ends =
            self.names.rooms.state(room).map_or([NONE; 3], |room: &Room| {
                [room.list.last, room.ended.last, room.seats.last]
            });
        let seats = [user.seats.first, ends[2]];
        let seat = |at| self.seats.arena.get(at).map_or(0, |seat: &Seat| seat.room);
        [user.live.first, user.ended.last, ends[0], ends[1]]
            .into_iter()
            .map(|at| self.call_near(at))
            .chain(seats.into_iter().map(seat))
            .fold(0, |sum, read| sum ^ read)
    }

    fn call_near(&self, at: u32) -> u32 {
        self.call(at).map_or(0, |call| call.room)
    }

    /// What lies next to the user's live attempt, or to the last one that ended.
    pub(super) fn neighbours_near(&self, (user, _): About) -> u32 {
        let user = self.user(user);
        let first = if user.live.is_empty() { user.ended.last } else { user.live.first };
        let Some(call) = self.call(first) else { return 0 };
        let (room, order) = (call.links(Call::IN_ROOM), call.links(Call::IN_ORDER));
        let next_to = [room.prev, room.next, order.prev, order.next];
        let caller = self.user_near(call.caller);
        next_to.into_iter().fold(caller, |sum, at| sum ^ self.call_near(at))
    }
}

/// Whose calls an input is about: of a list of callees the first.
fn about(input: &Input<'_>) -> About {
    let slots = |user: Option<UserId>, room: RoomId| {
        (user.map_or(NONE, |user| user.0.slot()), room.0.slot())
    };
    match *input {
        Input::Tick => (NONE, NONE),
        Input::Fact(
            Fact::RoomOpened { room, owner: user }
            | Fact::UserEntered { room, user, .. }
            | Fact::UserLeft { room, user }
            | Fact::RoleSet { room, user, .. },
        ) => slots(Some(user), room),
        Input::Fact(Fact::RoomDissolved { room, .. }) => slots(None, room),
        Input::Ask { by, command } => match command {
            Command::CallUserToRoom { room, callees, .. }
            | Command::CancelCall { room, callees }
            | Command::RevokeCall { room, callees } => slots(callees.first().copied(), room),
            Command::AcceptCall { room, .. } | Command::RejectCall { room, .. } => {
                let user = match by {
                    Actor::Device { user, .. } => Some(user),
                    Actor::Backend => None,
                };
                slots(user, room)
            }
        },
    }
}

/// The same for inputs by name.
impl Switchboard {
    /// `abouts` are what was found of the users and rooms that inputs are about.
    pub(crate) fn found_near(&self, abouts: &[About]) {
        let records = abouts.iter().fold(0, |sum, about| sum ^ self.records_near(*about));
        let neighbours = abouts.iter().fold(0, |sum, about| sum ^ self.neighbours_near(*about));
        black_box((records, neighbours));
    }
}
