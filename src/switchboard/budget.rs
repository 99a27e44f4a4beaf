//! Work in pieces: a tick that has much to end, and the dissolving of a full room (T-11, F-12).

use super::Switchboard;
use super::commit::Change;
use crate::{Actor, Answer, Outcome, RoomId, Tick};

/// Whether a piece of work was the last.
#[must_use = "what is left must be asked for"]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Work {
    /// It is done.
    Done,
    /// There is more: ask again, in the same way.
    Left,
}

impl Switchboard {
    /// A tick that ends at most `budget` attempts, at least one (T-11). Asked again until it is
    /// [`Done`](Work::Done) it has the effects of [`Input::Tick`](crate::Input::Tick), in the same
    /// order. Whatever else is applied meanwhile finishes it first.
    ///
    /// ```
    /// use roomcall::switchboard::{Switchboard, Work};
    /// use roomcall::{Limits, Policy, Outcome, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (now, mut step) = (Tick::from_millis(1_000), Outcome::new());
    /// while board.tick_within(now, 1_000, &mut step) == Work::Left {
    ///     // Deliver step.effects, and look after connections.
    /// }
    /// ```
    pub fn tick_within(&mut self, at: Tick, budget: u32, step: &mut Outcome) -> Work {
        let (work, _) = self.elapse_within(at, budget, step);
        self.debug_check();
        work
    }

    /// Dissolves a room, at most `budget` pieces of it, at least one: an attempt that ends, an
    /// ending that is forgotten, a person who goes (F-12). Asked again with the same arguments until
    /// it is [`Done`](Work::Done) it has the effects of
    /// [`RoomDissolved`](crate::Fact::RoomDissolved), in the same order. Deadlines that have passed
    /// come first, within the same budget, and so does another room that is half dissolved. Once this
    /// room has begun to go, whatever else is applied finishes it first.
    ///
    /// ```
    /// use roomcall::switchboard::{Switchboard, Work};
    /// use roomcall::{Actor, Fact, Input, Limits, Policy, Outcome, Tick};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let (ana, room) = (board.intern_user("ana")?, board.intern_room("standup")?);
    /// let (now, mut step) = (Tick::START, Outcome::new());
    /// board.apply_into(now, Input::Fact(Fact::RoomOpened { room, owner: ana }), &mut step);
    /// while board.dissolve_within(now, room, Actor::Backend, 100, &mut step) == Work::Left {}
    /// assert!(!board.is_open(room));
    /// # Ok::<(), roomcall::NameError>(())
    /// ```
    pub fn dissolve_within(
        &mut self,
        at: Tick,
        room: RoomId,
        by: Actor,
        budget: u32,
        step: &mut Outcome,
    ) -> Work {
        let work = self.dissolve_some(at, (room, by), budget, step);
        self.debug_check();
        work
    }

    fn dissolve_some(
        &mut self,
        at: Tick,
        (room, by): (RoomId, Actor),
        budget: u32,
        step: &mut Outcome,
    ) -> Work {
        let is_under_way = self.dissolving.is_some_and(|(other, _)| other == room);
        let (work, left) = self.elapse_within(at, budget, step);
        if work == Work::Left || is_under_way {
            return work;
        }
        let noted = self.room_dissolved(room, by, step);
        let dissolve = step.plan.pop();
        match (noted, dissolve) {
            (Ok(()), Some(Change::Dissolve { room, by })) => self.begin_dissolving(room, by),
            (Err(rule), _) => step.answer = Ok(Answer::Ignored(rule)),
            (Ok(()), _) => debug_assert!(false, "dissolving is what was planned"),
        }
        self.dissolve_pieces(left, step).0
    }

    /// Goes on with what is left of earlier work, and then with the deadlines up to `at`. What is
    /// left of the budget is given back.
    fn elapse_within(&mut self, at: Tick, budget: u32, step: &mut Outcome) -> (Work, u32) {
        step.clear();
        let (work, mut left) = self.dissolve_pieces(budget.max(1), step);
        if work == Work::Left {
            return (work, left);
        }
        self.clock = self.clock.max(at);
        loop {
            self.is_behind = self.next_deadline().is_some_and(|deadline| deadline <= self.clock);
            if left == 0 || !self.is_behind {
                break;
            }
            if !self.fire(step) {
                break;
            }
            left = left.saturating_sub(1);
        }
        (if self.is_behind { Work::Left } else { Work::Done }, left)
    }

    /// Goes on dissolving, if a room is being dissolved.
    fn dissolve_pieces(&mut self, budget: u32, step: &mut Outcome) -> (Work, u32) {
        let Some((room, by)) = self.dissolving else {
            return (Work::Done, budget);
        };
        let mut left = budget;
        while left > 0 {
            left = left.saturating_sub(1);
            if !self.dissolve_more(room, by, &mut step.effects) {
                self.end_dissolving(by);
                self.turn(step);
                return (Work::Done, left);
            }
        }
        (Work::Left, left)
    }

    /// Who dissolves a room is named in what is told of it, and remembered by what ends: until the
    /// room is gone these names are in use.
    fn begin_dissolving(&mut self, room: RoomId, by: Actor) {
        if let Actor::Device { user, device } = by {
            self.names.users.retain(user.0.slot());
            self.names.devices.retain(device.0.slot());
        }
        self.dissolving = Some((room, by));
    }

    fn end_dissolving(&mut self, by: Actor) {
        self.dissolving = None;
        if let Actor::Device { user, device } = by {
            self.names.users.release(user.0.slot());
            self.names.devices.release(device.0.slot());
        }
    }

    /// Finishes the dissolving of a room.
    #[cold]
    pub(super) fn finish_dissolving(&mut self, step: &mut Outcome) {
        while self.dissolve_pieces(u32::MAX, step).0 == Work::Left {}
    }
}
