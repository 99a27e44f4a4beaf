//! Random requests that say that it rings (C-14), and what befalls those who are expected (E-20): they are called again, come,
//! are removed, or nothing is heard of them.

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{Actor, Answer, Command, Fact, Input, Outcome};
use roomcall::{Rule, protocol};

use super::director::{Dice, Director, Ringing};
use super::journal::{DEVICES, USERS, actor};
use crate::play::device;

/// Seconds for which who accepts is expected. Half of the time nobody is.
pub(super) fn grace() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0), 4 => select(&[1, 1, 2, 2, 3, 5, 5, 30][..])]
}

pub(super) fn ringing() -> impl Strategy<Value = Input> {
    (actor(), 0..12_u64)
        .prop_map(|(by, attempt)| Input::Ask { by, command: Command::Ringing { attempt } })
}

impl Director {
    /// Mostly by a device of the callee of a call that rings, often not the first one; now and then of somebody else, of a
    /// call that is over, or by the backend.
    pub(super) fn rings(&self, by: Actor, attempt: u64, dice: Dice) -> (Actor, Command) {
        let on = DEVICES[usize::from(dice[1]) % DEVICES.len()];
        let live = self.ringing.get(usize::from(dice[0]) % self.ringing.len().max(1));
        let (call, is_other) = match dice[2] % 16 {
            0 | 1 => (self.last_over(dice), false),
            2 | 3 => (live, true),
            _ => (live, false),
        };
        let Some(call) = call else { return (by, Command::Ringing { attempt }) };
        let by = match by {
            Actor::Backend => Actor::Backend,
            Actor::Device { .. } if is_other => {
                device(USERS[usize::from(dice[3]) % USERS.len()], on)
            }
            Actor::Device { .. } => device(&call.callee, on),
        };
        (by, Command::Ringing { attempt: call.attempt })
    }

    /// Remembers who is expected, before what a line ends is forgotten.
    pub(super) fn expect(&mut self, line: &protocol::Record, outcome: &Outcome) {
        for effect in outcome.effects.iter().filter(|effect| effect.because == Rule::E21) {
            self.expected.retain(|call| call.attempt != effect.event.attempt());
        }
        match (&line.input, &outcome.answer) {
            (Input::Ask { .. }, Some(Ok(Answer::AcceptCall { attempt })))
                if outcome.unchanged.is_none() && self.board.policy().join_grace > 0 =>
            {
                let call = self.ringing.iter().find(|call| call.attempt == *attempt);
                self.expected.extend(call.cloned());
            }
            (Input::Fact(Fact::Recovered { .. }), _) if outcome.unchanged.is_none() => {
                self.expected.clear();
            }
            (Input::Fact(fact), _) if outcome.unchanged.is_none() => {
                let is_over = |call: &Ringing| match fact {
                    Fact::RoomDissolved { room, .. } => *room == call.room,
                    Fact::UserEntered { room, user, .. } | Fact::UserRemoved { room, user, .. } => {
                        (room, user) == (&call.room, &call.callee)
                    }
                    Fact::UserErased { user } => [&call.callee, &call.caller].contains(&user),
                    Fact::PresenceListed { room, present, .. } => {
                        *room == call.room && present.iter().any(|it| it.user == call.callee)
                    }
                    _ => false,
                };
                self.expected.retain(|call| !is_over(call));
            }
            _ => {}
        }
    }

    /// The one who is expected and accepted last, if chance has it.
    fn awaited(&self, chance: bool) -> Option<&Ringing> {
        self.expected.last().filter(|_| chance)
    }

    /// A call of somebody who is expected, by somebody who is in that room, or now and then in another one (C-05).
    pub(super) fn calls_awaited(&self, dice: Dice) -> Option<(Actor, String, String)> {
        let call = self.awaited(dice[3] % 4 == 3)?;
        let is_same = dice[2] % 4 > 0;
        let callers = self.inside.iter().filter(|(_, room)| (*room == call.room) == is_same);
        let callers: Vec<_> = callers.collect();
        let (caller, room) = callers.get(usize::from(dice[0]) % callers.len().max(1))?;
        let on = DEVICES[usize::from(dice[1]) % DEVICES.len()];
        Some((device(caller, on), room.clone(), call.callee.clone()))
    }

    /// Who comes where expected, or is removed from there; mostly it stays as it is.
    pub(super) fn awaited_in(&self, dice: Dice) -> Option<(String, String)> {
        let call = self.awaited(dice[1] % 4 == 1)?;
        Some((call.room.clone(), call.callee.clone()))
    }
}
