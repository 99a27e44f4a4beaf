//! The handles of all names of the workload.

use roomcall::switchboard::Switchboard;
use roomcall::{
    Actor, CallRejectionReason, Command, DeviceId, Fact, Input, NameError, RoomId, Tick, Timeout,
    UserId,
};

use super::fixture::Fixture;
use crate::count::Wrong;
use crate::names::{Names, named};
use crate::workload::{Act, RINGS_S, Verb, room_of, rooms};

/// A callee.
#[derive(Clone, Copy, Debug)]
struct Callee {
    phone: DeviceId,
    tablet: DeviceId,
}

/// A room and its host.
#[derive(Clone, Copy, Debug)]
struct Room {
    room: RoomId,
    host: UserId,
    desktop: DeviceId,
}

/// The handles of all names.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    users: Vec<UserId>,
    callees: Vec<Callee>,
    rooms: Vec<Room>,
}

/// A refused name means that the engine is wrong.
pub fn refused(why: NameError) -> Wrong {
    Wrong::new("roomcall", why.to_string())
}

impl Handles {
    /// Opens the rooms of so many callees, lets their hosts enter, and interns all names.
    ///
    /// # Errors
    ///
    /// A name is refused.
    pub fn open(fixture: &mut Fixture, callees: u32, names: Names) -> Result<Self, Wrong> {
        let mut handles = Self::default();
        for number in 0..rooms(callees) {
            handles.open_room(fixture, number, names).map_err(refused)?;
        }
        for callee in 0..callees {
            handles.add_callee(&mut fixture.board, callee, names).map_err(refused)?;
        }
        Ok(handles)
    }

    fn open_room(
        &mut self,
        fixture: &mut Fixture,
        number: u32,
        names: Names,
    ) -> Result<(), NameError> {
        let board = &mut fixture.board;
        let room = board.intern_room(&named(Names::room, names, number))?;
        let host = board.intern_user(&named(Names::host, names, number))?;
        let desktop = board.intern_device(&named(Names::desktop, names, number))?;
        self.rooms.push(Room { room, host, desktop });
        let at = fixture.board.clock();
        fixture.apply(at, Input::Fact(Fact::RoomOpened { room, owner: host }));
        let entered = Fact::user_entered(room, host, desktop);
        fixture.apply(at, Input::Fact(entered));
        Ok(())
    }

    fn add_callee(
        &mut self,
        board: &mut Switchboard,
        number: u32,
        names: Names,
    ) -> Result<(), NameError> {
        self.users.push(board.intern_user(&named(Names::user, names, number))?);
        let phone = board.intern_device(&named(Names::phone, names, number))?;
        let tablet = board.intern_device(&named(Names::tablet, names, number))?;
        self.callees.push(Callee { phone, tablet });
        Ok(())
    }

    /// An input by handle.
    pub fn input(&self, act: &Act) -> (Tick, Input<'_>) {
        let number = act.callee as usize;
        let Room { room, host, desktop } = self.rooms[room_of(act.callee) as usize];
        let Callee { phone, tablet } = self.callees[number];
        let (user, callees) = (self.users[number], &self.users[number..=number]);
        let ask = |user, device, command| {
            let by = Actor::Device { user, device };
            Input::Ask { by, request_id: None, command }
        };
        let (attempt, reason) = (None, CallRejectionReason::Rejected);
        let input = match act.verb {
            Verb::Call => {
                let (timeout, extension) = (Timeout::from_seconds(RINGS_S), "");
                let command =
                    Command::CallUserToRoom { room, callees, timeout, extension, caller: None };
                ask(host, desktop, command)
            }
            Verb::Accept => ask(user, tablet, Command::AcceptCall { room, attempt }),
            Verb::Reject => ask(user, phone, Command::RejectCall { room, attempt, reason }),
            Verb::Cancel => ask(host, desktop, Command::CancelCall { room, callees }),
            Verb::Enter => Input::Fact(Fact::user_entered(room, user, tablet)),
            Verb::Leave => Input::Fact(Fact::user_left(room, user)),
        };
        (Tick::from_millis(act.at), input)
    }
}
