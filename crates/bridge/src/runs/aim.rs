//! The next input: aimed at the state, or blind.

use roomcall::protocol::{Actor, Command, Fact, Input, NamedCall, Record};
use roomcall::{CallRejectionReason, Limits, Role};

use super::Sizes;
use super::rng::Rng;
use super::sketch::Sketch;

pub(super) struct Aim<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) sketch: &'a Sketch,
    pub(super) sizes: Sizes,
    pub(super) limits: &'a Limits,
}

impl Aim<'_> {
    pub(super) fn line(mut self, is_late: bool) -> Record {
        let at = if is_late { self.late() } else { self.at() };
        let input = self.input();
        Record { at, request_id: None, input }
    }

    fn input(&mut self) -> Input {
        if self.sketch.rooms.is_empty() {
            return self.open();
        }
        let weights = [16, 16, 6, 6, 5, 10, 5, 2, 2, 3, 4, 6];
        let aimed = match self.rng.weighted(&weights) {
            0 => self.call(),
            1 => self.answer(),
            2 => self.repeat(),
            3 => self.cancel(),
            4 => self.revoke(),
            5 => self.enter(),
            6 => self.leave(),
            7 => Some(self.open()),
            8 => self.dissolve(),
            9 => self.set_role(),
            10 => Some(Input::Tick),
            _ => Some(self.blind()),
        };
        // Where there is nothing to aim at, something is made to be there.
        let aimed = aimed.or_else(|| self.call()).or_else(|| self.enter());
        aimed.unwrap_or_else(|| self.blind())
    }

    // When.

    fn at(&mut self) -> u64 {
        let clock = self.sketch.clock;
        let ringing = self.sketch.ringing.iter().filter_map(|r| r.deadline);
        let deadlines: Vec<u64> = ringing.chain(self.sketch.expected.iter().copied()).collect();
        match self.rng.weighted(&[30, 35, 18, 3, 5, 1]) {
            0 => clock,
            1 => clock.saturating_add(self.rng.between(1, 700)),
            2 => self.rng.pick(&deadlines).copied().unwrap_or(clock),
            3 => self.rng.pick(&deadlines).map_or(clock, |deadline| deadline.saturating_sub(1)),
            4 => clock.saturating_sub(self.rng.between(1, 5_000)),
            _ => clock.saturating_add(self.rng.between(1, 60_000)),
        }
    }

    /// Around the end of time (T-09).
    fn late(&mut self) -> u64 {
        const END: u64 = (1 << 63) - 1;
        match self.rng.below(4) {
            0 => self.sketch.clock,
            1 => END - self.rng.below(3_000),
            2 => END + self.rng.below(3),
            _ => u64::MAX,
        }
    }

    // Who, where.

    fn user(&mut self) -> String {
        format!("user{}", self.rng.below(self.sizes.users))
    }

    fn device(&mut self) -> String {
        format!("device{}", self.rng.below(self.sizes.devices))
    }

    fn room(&mut self) -> String {
        format!("room{}", self.rng.below(self.sizes.rooms))
    }

    fn open_room(&mut self) -> Option<String> {
        let rooms: Vec<&String> = self.sketch.rooms.keys().collect();
        self.rng.pick(&rooms).map(|room| String::clone(room))
    }

    fn on_device(&mut self, user: &str) -> Actor {
        Actor::Device { user: user.to_owned(), device: self.device() }
    }

    fn anybody(&mut self) -> Actor {
        if self.rng.one_in(8) {
            return Actor::Backend;
        }
        let user = self.user();
        self.on_device(&user)
    }

    /// Who is in a room, with it.
    fn somebody_inside(&mut self) -> Option<(String, String)> {
        let present = self.sketch.present();
        self.rng.pick(&present).map(|(room, user)| (String::clone(room), String::clone(user)))
    }

    fn live(&mut self) -> Option<NamedCall> {
        self.rng.pick(&self.sketch.ringing).map(|ring| ring.call.clone())
    }

    fn past(&mut self) -> Option<NamedCall> {
        self.rng.pick(&self.sketch.past).cloned()
    }

    /// A call that rings, or, less often, one that is over.
    fn some_call(&mut self) -> Option<NamedCall> {
        if self.rng.one_in(4) { self.past() } else { self.live() }
    }

    /// A user first, and now and then others, some twice.
    fn and_others(&mut self, first: String) -> Vec<String> {
        let mut users = vec![first];
        while self.rng.one_in(2) && users.len() < 6 {
            users.push(self.user());
        }
        if self.rng.one_in(2) {
            users.reverse();
        }
        users
    }

    // What.

    fn call(&mut self) -> Option<Input> {
        let (room, mut caller) = self.somebody_inside()?;
        let place =
            self.sketch.rooms.get(&room).filter(|place| place.inside.contains_key(&place.owner));
        // Who surely may (P-02).
        if let Some(place) = place.filter(|_| self.rng.one_in(2)) {
            caller.clone_from(&place.owner);
        }
        let duplicate = self.past().filter(|past| past.room == room).map(|past| past.callee);
        let first = match duplicate {
            Some(callee) if self.rng.one_in(3) => callee,
            _ => self.user(),
        };
        let users = self.and_others(first);
        let by = self.on_device(&caller);
        let timeout = self.timeout();
        let command = Command::CallUserToRoom {
            room,
            users,
            timeout,
            extension: String::new(),
            caller: None,
        };
        Some(Input::Ask { by, command })
    }

    fn timeout(&mut self) -> u32 {
        let most = self.limits.timeout_max;
        match self.rng.weighted(&[70, 10, 10, 5, 3]) {
            0 => u32::try_from(self.rng.between(1, 4)).unwrap_or(1).min(most.max(1)),
            1 => 30,
            2 => 0,
            3 => most,
            _ => most.saturating_add(1),
        }
    }

    fn answer(&mut self) -> Option<Input> {
        let call = self.some_call()?;
        let user = if self.rng.one_in(12) { self.user() } else { call.callee };
        let by = self.on_device(&user);
        let attempt = match self.rng.weighted(&[60, 30, 5, 5]) {
            0 => Some(call.attempt),
            1 => None,
            2 => self.past().map(|past| past.attempt),
            _ => Some(self.rng.below(self.sketch.made.saturating_add(3))),
        };
        let room = if self.rng.one_in(15) { self.room() } else { call.room };
        let command = self.yes_or_no(room, attempt);
        Some(Input::Ask { by, command })
    }

    fn yes_or_no(&mut self, room: String, attempt: Option<u64>) -> Command {
        match self.rng.below(5) {
            0 | 1 => Command::AcceptCall { room, attempt },
            2 => Command::RejectCall { room, attempt, reason: CallRejectionReason::InOtherRoom },
            _ => Command::RejectCall { room, attempt, reason: CallRejectionReason::Rejected },
        }
    }

    /// The same answer again, or the same device's other answer, or another device's.
    fn repeat(&mut self) -> Option<Input> {
        let (by, command) = self.rng.pick(&self.sketch.decided)?.clone();
        let (Command::AcceptCall { room, attempt } | Command::RejectCall { room, attempt, .. }) =
            &command
        else {
            return None;
        };
        let (room, attempt) = (room.clone(), *attempt);
        let attempt = if self.rng.one_in(4) { None } else { attempt };
        let (by, command) = match (self.rng.below(4), by) {
            (0, Actor::Device { user, .. }) => (self.on_device(&user), command),
            (1, by) => (by, self.yes_or_no(room, attempt)),
            (_, by) => (by, command),
        };
        Some(Input::Ask { by, command })
    }

    fn cancel(&mut self) -> Option<Input> {
        let call = self.some_call()?;
        let by = if self.rng.one_in(5) { self.anybody() } else { self.on_device(&call.caller) };
        let users = self.and_others(call.callee);
        Some(Input::Ask { by, command: Command::CancelCall { room: call.room, users } })
    }

    fn revoke(&mut self) -> Option<Input> {
        let call = self.some_call()?;
        let by = if self.rng.one_in(4) { Actor::Backend } else { self.anybody() };
        let users = self.and_others(call.callee);
        Some(Input::Ask { by, command: Command::RevokeCall { room: call.room, users } })
    }

    /// Callees into the room that calls them or into another; others, the owner first, while there
    /// are few inside.
    fn enter(&mut self) -> Option<Input> {
        let (room, user) = if self.sketch.present().len() < 3 || self.rng.one_in(8) {
            let room = self.open_room()?;
            let owner = self.sketch.rooms.get(&room).map(|place| place.owner.clone());
            let user = owner.filter(|_| self.rng.one_in(2)).unwrap_or_else(|| self.user());
            (room, user)
        } else {
            let call = self.some_call()?;
            let room = if self.rng.one_in(2) { self.open_room()? } else { call.room };
            (room, call.callee)
        };
        Some(self.entered(room, user))
    }

    /// A user enters. The specifications have one presence of a user in a room: who is there enters on the same
    /// device again.
    fn entered(&mut self, room: String, user: String) -> Input {
        let device = self.device();
        let place = self.sketch.rooms.get(&room);
        let device = place.and_then(|place| place.inside.get(&user)).cloned().unwrap_or(device);
        Input::Fact(Fact::user_entered(room, user, device))
    }

    /// Callers, and others while there are many inside.
    fn leave(&mut self) -> Option<Input> {
        let caller = self.live().filter(|_| self.rng.one_in(3));
        let (room, user) = match caller {
            Some(call) => (call.room, call.caller),
            None => self.somebody_inside()?,
        };
        Some(Input::Fact(Fact::user_left(room, user)))
    }

    /// Mostly a room that is not open.
    fn open(&mut self) -> Input {
        let (first, other, owner) = (self.room(), self.room(), self.user());
        let room = if self.sketch.rooms.contains_key(&first) { other } else { first };
        Input::Fact(Fact::RoomOpened { room, owner })
    }

    fn dissolve(&mut self) -> Option<Input> {
        // Seldom, so that rooms have a history.
        if !self.rng.one_in(3) {
            return None;
        }
        let (room, by) = (self.open_room()?, self.anybody());
        Some(Input::Fact(Fact::room_dissolved(room, by)))
    }

    fn set_role(&mut self) -> Option<Input> {
        let (room, user) = (self.open_room()?, self.user());
        let role = *self.rng.pick(&Role::ALL)?;
        Some(Input::Fact(Fact::role_set(room, user, role)))
    }

    /// Anything about anything.
    fn blind(&mut self) -> Input {
        let (room, user) = (self.room(), self.user());
        let users = (0..self.rng.below(5)).map(|_| self.user()).collect();
        let attempt =
            self.rng.one_in(2).then(|| self.rng.below(self.sketch.made.saturating_add(2)));
        let command = match self.rng.below(12) {
            0 => return self.open(),
            1 => return self.entered(room, user),
            2 => return Input::Fact(Fact::user_left(room, user)),
            3 | 4 => {
                let role = Role::ALL[usize::try_from(self.rng.below(3)).unwrap_or(0)];
                return Input::Fact(Fact::role_set(room, user, role));
            }
            5 if self.rng.one_in(3) => {
                return Input::Fact(Fact::room_dissolved(room, self.anybody()));
            }
            5 | 6 => {
                let timeout = self.timeout();
                Command::CallUserToRoom {
                    room,
                    users,
                    timeout,
                    extension: String::new(),
                    caller: None,
                }
            }
            7 | 8 => Command::CancelCall { room, users },
            9 => Command::RevokeCall { room, users },
            _ => self.yes_or_no(room, attempt),
        };
        Input::Ask { by: self.anybody(), command }
    }
}
