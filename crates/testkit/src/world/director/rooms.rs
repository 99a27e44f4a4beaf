//! Who goes into rooms and out of them, and what becomes of the rooms.

use roomcall::protocol::{Fact, LimitsChange, PolicyChange};
use roomcall::{ActiveCalls, CallerLeft, InOtherRoom, Limits, MayCall, OutcomesTo, Role, Which};

use super::super::simulation::{Body, Packet, World};
use super::super::{Action, ROOMS};
use super::Director;

impl Director {
    /// Whether two calls ring for a user, which one policy does not let.
    pub(super) fn rings_twice(world: &World) -> bool {
        let live = world.truth.attempts.values().filter(|it| it.rings());
        let mut callees: Vec<&String> = live.map(|it| &it.callee).collect();
        callees.sort_unstable();
        callees.windows(2).any(|two| two[0] == two[1])
    }

    /// Other values of what plans differ in.
    pub(super) fn change_rules(&mut self, world: &World) -> Action {
        let (dice, usual) = (&mut self.dice, Limits::DEFAULT);
        let ends_some = Self::rings_twice(world).then_some(ActiveCalls::PerUser);
        let any = dice.one_in(2).then(|| dice.pick(ActiveCalls::ALL));
        let policy = PolicyChange {
            active_calls: ends_some.or(any),
            in_other_room: dice.one_in(2).then(|| dice.pick(InOtherRoom::ALL)),
            caller_left: dice.one_in(3).then(|| dice.pick(CallerLeft::ALL)),
            may_call: dice.one_in(6).then(|| dice.pick(MayCall::ALL)),
            outcomes_to: dice.one_in(3).then(|| dice.pick(OutcomesTo::ALL)),
            join_grace: dice.one_in(3).then(|| dice.pick(&[0, 1, 3, 8])),
        };
        let calls_per_minute = dice.one_in(6).then(|| dice.pick(&[0, 1, 2, 4]));
        let logged_for = dice.one_in(6).then(|| dice.pick(&[usual.logged_for, 20, 2]));
        let mut some = |usual: u32| dice.one_in(3).then(|| dice.pick(&[usual, 0, 1, 2]));
        let limits = LimitsChange {
            kept_per_room: some(usual.kept_per_room),
            ended_per_room: some(usual.ended_per_room),
            live_calls_per_room: some(usual.live_calls_per_room),
            requesters: some(usual.requesters).map(|it| it.max(1)),
            logged_per_user: some(usual.logged_per_user),
            calls_per_minute,
            logged_for,
            ..LimitsChange::default()
        };
        Action::ChangeRules { policy, limits }
    }

    /// Who called by one policy hears by another what becomes of it.
    pub(super) fn change_audience(&mut self) -> Action {
        let outcomes_to = Some(self.dice.pick(OutcomesTo::ALL));
        let policy = PolicyChange { outcomes_to, ..PolicyChange::default() };
        Action::ChangeRules { policy, limits: LimitsChange::default() }
    }

    /// Of a room, or of what goes on while somebody is away.
    pub(super) fn room(&mut self, world: &World) -> Action {
        let room = self.dice.below(ROOMS.len());
        let user = self.dice.below(4);
        match self.dice.below(5) {
            0 => {
                self.next.push_back(Action::Open { room, owner: user });
                Action::Dissolve { room }
            }
            1 => Action::Dissolve { room },
            2 => Action::Open { room, owner: user },
            3 => Action::SetRole { user, room, role: self.dice.pick(&Role::ALL) },
            _ => {
                let device = self.inside(world);
                let name = world.devices[device].room.as_deref();
                let of = ROOMS.iter().position(|room| Some(*room) == name);
                let room = of.unwrap_or(room);
                self.next.push_back(Action::Dissolve { room });
                self.next.push_back(Action::Open { room, owner: user });
                if self.dice.one_in(2) {
                    self.next.push_back(Action::Heal { device });
                }
                Action::Cut { device, late: true }
            }
        }
    }

    /// One that is in a room, if there is any.
    fn inside(&mut self, world: &World) -> usize {
        let inside = |at: &usize| world.devices[*at].room.is_some();
        let inside: Vec<usize> = (0..world.devices.len()).filter(inside).collect();
        if inside.is_empty() {
            self.dice.below(world.devices.len())
        } else {
            self.dice.pick(&inside)
        }
    }

    /// Somewhere, or to where it or another device of its user is.
    pub(super) fn enter(&mut self, world: &World, device: usize) -> Action {
        let room = self.dice.below(ROOMS.len());
        if !self.dice.one_in(3) {
            return Action::Enter { device, room };
        }
        let there = self.inside(world);
        let of = &world.devices[there];
        let room = ROOMS.iter().position(|room| Some(*room) == of.room.as_deref()).unwrap_or(room);
        let is_same = |at: &usize| *at != there && world.devices[*at].plan.user == of.plan.user;
        let other = (0..world.devices.len()).find(is_same).filter(|_| self.dice.one_in(2));
        // What it says of the new session comes before what it said of the one before.
        if self.dice.one_in(2) {
            self.next.push_back(Action::Deliver { packet: world.flight.len() });
        }
        Action::Enter { device: other.unwrap_or(there), room }
    }

    pub(super) fn depart(&mut self, world: &World) -> Action {
        Action::Depart { device: self.inside(world) }
    }

    /// One of the users, who is in a room, if anybody is.
    fn participant(&mut self, world: &World) -> (usize, usize) {
        let (users, rooms) = (world.users.len(), ROOMS.len());
        let all = (0..users).flat_map(|user| (0..rooms).map(move |room| (user, room)));
        let is_there =
            |(user, room): &(usize, usize)| world.is_inside(&world.users[*user], ROOMS[*room]);
        let there: Vec<(usize, usize)> = all.filter(is_there).collect();
        if there.is_empty() || self.dice.one_in(8) {
            return (self.dice.below(users), self.dice.below(rooms));
        }
        self.dice.pick(&there)
    }

    pub(super) fn leave(&mut self, world: &World) -> Action {
        let (user, room) = self.participant(world);
        Action::Leave { user, room }
    }

    /// An entering comes, its user is removed, and it comes again.
    fn remove_between(&mut self, world: &World, by: Option<usize>) -> Option<Action> {
        let entering = |(at, packet): (usize, &Packet)| match &packet.body {
            Body::Fact { fact: Fact::UserEntered { room, .. }, .. } => {
                let user = &world.devices[packet.device].plan.user;
                let user = world.users.iter().position(|it| it == user)?;
                Some((at, user, ROOMS.iter().position(|it| it == room)?))
            }
            _ => None,
        };
        let (packet, user, room) = world.flight.iter().enumerate().find_map(entering)?;
        self.next.push_back(Action::Deliver { packet });
        self.next.push_back(Action::Remove { user, room, by });
        self.next.push_back(Action::Deliver { packet: world.flight.len() - 1 });
        Some(Action::Duplicate { packet })
    }

    /// Often of somebody who is there, rings or calls.
    pub(super) fn remove(&mut self, world: &World) -> Action {
        let by = self.dice.below(world.devices.len());
        let by = Some(by).filter(|_| !self.dice.one_in(3));
        if let Some(action) = self.remove_between(world, by) {
            return action;
        }
        let (mut user, mut room) = self.participant(world);
        let mut live = world.truth.attempts.values().filter(|it| it.rings());
        if let Some(call) = live.next().filter(|_| self.dice.one_in(2)) {
            let who = if self.dice.one_in(3) { &call.caller } else { &call.callee };
            user = world.users.iter().position(|user| user == who).unwrap_or(user);
            room = ROOMS.iter().position(|room| *room == call.room).unwrap_or(room);
        }
        self.soon(4);
        Action::Remove { user, room, by }
    }

    pub(super) fn call_for(&mut self, world: &World) -> Action {
        let (user, room) = self.participant(world);
        let count = 1 + self.dice.below(2);
        let users = (0..count).map(|_| self.dice.below(world.users.len())).collect();
        self.soon(6);
        let timeout = self.dice.pick(&[1, 3, 5, 30, 30, 0]);
        Action::CallFor { user, room, users, timeout }
    }

    pub(super) fn revoke_all(&mut self) -> Action {
        let which = self.dice.pick(&Which::ALL);
        Action::RevokeAll { user: self.dice.below(4), which }
    }
}
