//! What pushes bring, mostly rings: of calls that live and that are over, twice, for somebody else,
//! and other events.

use roomcall::handset::Input;
use roomcall::protocol::{Event, NamedCall};

use super::director::{Director, received};
use super::world::{chance, pick};
use super::{Dice, USER};

impl Director {
    pub(super) fn push(&mut self, dice: Dice) -> Input {
        let event = match self.pushed.clone() {
            // The same once more.
            Some(event) if chance(dice[1], 3) => event,
            Some(_) | None if chance(dice[2], 1) => self.notice(dice),
            Some(_) | None => self.pushed_ring(dice),
        };
        let is_ring = matches!(event, Event::CallReceived { .. });
        self.pushed = Some(event.clone()).filter(|_| is_ring);
        let age = age(&event, dice[8]);
        Input::Push { event, age }
    }

    /// A ring of a call that is live, as often of one that is over, seldom of one to somebody else.
    fn pushed_ring(&mut self, dice: Dice) -> Event {
        let all: Vec<NamedCall> = self.world.calls().cloned().collect();
        let is_strange = chance(dice[3], 1);
        let mut calls: Vec<NamedCall> =
            all.iter().filter(|call| (call.callee == USER) != is_strange).cloned().collect();
        let is_here = |call: &NamedCall| Some(&*call.room) == self.room();
        if calls.iter().any(is_here) && chance(dice[4], 3) {
            calls.retain(is_here);
        }
        let is_live = |call: &NamedCall| !self.world.is_over(call.attempt);
        if calls.iter().any(is_live) && chance(dice[4] / 10, 5) {
            calls.retain(is_live);
        }
        let call = pick(&calls, dice[5]).or_else(|| pick(&all, dice[5])).unwrap();
        self.world.make(call.attempt, dice[7]);
        received(call, dice)
    }
}

/// How long ago it was: mostly nothing that anybody knows of, or a part of the time left, or more.
fn age(event: &Event, die: u8) -> u64 {
    let Event::CallReceived { time_left, .. } = event else {
        return u64::from(die);
    };
    let left = time_left.unwrap_or(5_000);
    match die % 8 {
        0..=2 => 0,
        3 => left / 2,
        4 => left.saturating_sub(500),
        5 => left,
        6 => left + 1,
        _ if die < 32 => u64::MAX,
        _ => 500,
    }
}
