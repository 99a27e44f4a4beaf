//! A switchboard with its rooms open and its hosts inside, and the handles of all names.

use roomcall::switchboard::Switchboard;
use roomcall::{
    Actor, CallRejectionReason, Command, DeviceId, Fact, Input, Limits, NameError, Outcome, Policy,
    RoomId, Tick, Timeout, UserId,
};

pub use roomcall::HashKey;
pub use roomcall::switchboard::{Capacity, Work};

use crate::names::{self, PHONE, TABLET, named};
use crate::workload::{Act, RINGS_S, Verb, room_of, rooms};

/// Limits that are in nobody's way.
pub const LIMITS: Limits = Limits {
    live_calls: 100_000_000,
    rooms: 10_000_000,
    held_names: 100_000_000,
    ..Limits::DEFAULT
};

/// How much a board is made ready for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Names of users.
    pub users: u32,
    /// Names of rooms.
    pub rooms: u32,
    /// Names of devices.
    pub devices: u32,
    /// Calls at once.
    pub calls: u32,
}

impl Size {
    /// What the workload needs.
    pub const fn of(callees: u32) -> Self {
        // While a callee rings, how the last call to the same ended is remembered, too.
        let calls = callees * 2;
        Self { users: callees + rooms(callees), rooms: rooms(callees), devices: 2, calls }
    }
}

/// A board that was made ready for a size.
pub fn sized(limits: Limits, size: Size) -> Switchboard {
    let Size { users, rooms, devices, calls } = size;
    let capacity = Capacity { users, rooms, devices, calls };
    Switchboard::with_capacity(limits, Policy::DEFAULT, HashKey::default(), capacity)
}

/// A switchboard and the step that all its inputs share.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The switchboard.
    pub board: Switchboard,
    /// What the last input brought about.
    pub step: Outcome,
}

impl Desk {
    /// A desk of a board.
    pub const fn new(board: Switchboard) -> Self {
        Self { board, step: Outcome::new() }
    }

    /// Applies one input.
    #[inline]
    pub fn apply(&mut self, at: Tick, input: Input<'_>) {
        self.board.apply_into(at, input, &mut self.step);
    }
}

/// The handles of all names.
#[derive(Clone, Debug)]
pub struct Handles {
    callees: Vec<UserId>,
    hosts: Vec<UserId>,
    rooms: Vec<RoomId>,
    phone: DeviceId,
    tablet: DeviceId,
}

impl Handles {
    /// Opens the rooms of so many callees, lets their hosts enter, and learns the callees' names.
    ///
    /// # Errors
    ///
    /// A name is refused.
    pub fn open(desk: &mut Desk, callees: u32) -> Result<Self, NameError> {
        let mut handles = Self::devices(&mut desk.board)?;
        for number in 0..rooms(callees) {
            handles.open_room(desk, number)?;
        }
        for callee in 0..callees {
            handles.add_callee(desk, callee)?;
        }
        Ok(handles)
    }

    /// Only the names of the devices.
    ///
    /// # Errors
    ///
    /// A name is refused.
    pub fn devices(board: &mut Switchboard) -> Result<Self, NameError> {
        let (phone, tablet) = (board.intern_device(PHONE)?, board.intern_device(TABLET)?);
        Ok(Self { callees: Vec::new(), hosts: Vec::new(), rooms: Vec::new(), phone, tablet })
    }

    /// Makes room for so many callees, so that nothing here grows while it is measured.
    pub fn reserve(&mut self, callees: u32) {
        self.callees.reserve(callees as usize);
        self.hosts.reserve(rooms(callees) as usize);
        self.rooms.reserve(rooms(callees) as usize);
    }

    /// Opens the next room, and its host enters.
    ///
    /// # Errors
    ///
    /// A name is refused.
    pub fn open_room(&mut self, desk: &mut Desk, number: u32) -> Result<(), NameError> {
        let room = desk.board.intern_room(&named(names::room, number))?;
        let owner = desk.board.intern_user(&named(names::host, number))?;
        self.rooms.push(room);
        self.hosts.push(owner);
        desk.apply(desk.board.clock(), Input::Fact(Fact::RoomOpened { room, owner }));
        let entered = Fact::UserEntered { room, user: owner, device: self.phone };
        desk.apply(desk.board.clock(), Input::Fact(entered));
        Ok(())
    }

    /// Learns the name of the next callee.
    ///
    /// # Errors
    ///
    /// A name is refused.
    pub fn add_callee(&mut self, desk: &mut Desk, number: u32) -> Result<(), NameError> {
        self.callees.push(desk.board.intern_user(&named(names::user, number))?);
        Ok(())
    }

    /// An input by handle.
    pub fn input(&self, act: &Act) -> (Tick, Input<'_>) {
        let number = act.callee as usize;
        let room = self.rooms[room_of(act.callee) as usize];
        let by_host =
            Actor::Device { user: self.hosts[room_of(act.callee) as usize], device: self.phone };
        let (user, callees) = (self.callees[number], &self.callees[number..=number]);
        let by = |device| Actor::Device { user, device };
        let ask = |by, command| Input::Ask { by, request_id: None, command };
        let (attempt, reason) = (None, CallRejectionReason::Rejected);
        let input = match act.verb {
            Verb::Call => {
                let timeout = Timeout::from_seconds(RINGS_S);
                let extension = "";
                ask(by_host, Command::CallUserToRoom { room, callees, timeout, extension })
            }
            Verb::Accept => ask(by(self.tablet), Command::AcceptCall { room, attempt }),
            Verb::Reject => ask(by(self.phone), Command::RejectCall { room, attempt, reason }),
            Verb::Cancel => ask(by_host, Command::CancelCall { room, callees }),
            Verb::Enter => Input::Fact(Fact::UserEntered { room, user, device: self.tablet }),
            Verb::Leave => Input::Fact(Fact::UserLeft { room, user }),
        };
        (Tick::from_millis(act.at), input)
    }
}
