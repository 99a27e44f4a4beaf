//! Who accepted, and is expected (E-20), until the callee comes or did not come in time (E-21), as an observer
//! sees it.

use std::collections::BTreeSet;

use roomcall::protocol::{Answer, Audience, Command, Effect, Event, Fact, Input, Outcome};
use roomcall::{CallResult, CallStatus, Rule};

use super::history::{History, Seen};
use super::scopes::{ATTEMPTS, Plan};

/// Who is expected, by attempt less one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Expected {
    /// The last second in which the callee does not come in time; 0 for nobody.
    until: [u8; ATTEMPTS],
}

impl Expected {
    /// When the first of them is late, in seconds.
    pub fn first(&self) -> Option<u8> {
        self.until.iter().copied().filter(|until| *until > 0).min()
    }

    /// One input to the switchboard.
    pub fn follow(
        &mut self,
        input: &Input,
        outcome: &Outcome,
        plan: &Plan,
        history: &History,
        seen: &mut Seen,
    ) {
        if plan.policy.join_grace == 0 {
            return;
        }
        self.late(outcome, seen);
        match input {
            Input::Fact(Fact::UserEntered { room, user, .. }) if user == CALLEE => {
                self.forget(plan.room(room), history, "who is expected comes in time", seen);
            }
            Input::Fact(Fact::UserRemoved { room, user, .. }) if user == CALLEE => {
                self.forget(plan.room(room), history, "who is expected is removed", seen);
            }
            Input::Fact(Fact::RoomDissolved { room, .. }) => {
                self.forget(
                    plan.room(room),
                    history,
                    "a room is dissolved into which somebody comes",
                    seen,
                );
            }
            Input::Ask { command: Command::CallUserToRoom { room, .. }, .. } => {
                self.called(room, outcome, plan, history, seen);
            }
            _ => {}
        }
        for effect in outcome.effects.iter().filter(|effect| effect.because == Rule::E01) {
            let at = effect.event.attempt() as usize - 1;
            self.until[at] = (outcome.at / 1_000) as u8 + plan.policy.join_grace as u8;
        }
    }

    /// Whoever did not come in time is told of, once, to the caller and to the room, and nobody else is.
    fn late(&mut self, outcome: &Outcome, seen: &mut Seen) {
        let clock = (outcome.at / 1_000) as u8;
        let late: BTreeSet<u64> = (1..=ATTEMPTS as u64)
            .filter(|attempt| (1..=clock).contains(&self.until[*attempt as usize - 1]))
            .collect();
        let is_it = |effect: &&Effect| matches!(effect.event, Event::CallNotJoined(_));
        let told: Vec<&Effect> = outcome.effects.iter().filter(is_it).collect();
        let named: BTreeSet<u64> = told.iter().map(|effect| effect.event.attempt()).collect();
        let to_caller = told.iter().filter(|effect| {
            effect.event.call().is_some_and(|call| {
                call.status == CallStatus::None
                    && effect.to
                        == Audience::Device { user: call.caller.clone(), device: "phone".into() }
            })
        });
        let to_room = told.iter().filter(|effect| {
            effect.event.call().is_some_and(|call| effect.to == Audience::Room(call.room.clone()))
        });
        let counts = [to_caller.count(), to_room.count()];
        if named != late || counts != [late.len(); 2] || told.len() != 2 * late.len() {
            seen.breaks("who did not come is told of, once, in time");
        }
        for attempt in late {
            self.until[attempt as usize - 1] = 0;
            seen.situations.insert("who is expected does not come");
        }
    }

    /// Whether the callee of an attempt is expected in this room.
    fn is_expected(&self, at: usize, room: u8, history: &History) -> bool {
        self.until[at] > 0 && history.room(at as u64 + 1) == room
    }

    /// Nobody is expected in a room any more.
    fn forget(&mut self, room: u8, history: &History, why: &'static str, seen: &mut Seen) {
        for at in 0..ATTEMPTS {
            if self.is_expected(at, room, history) {
                self.until[at] = 0;
                seen.situations.insert(why);
            }
        }
    }

    /// C-05: who is expected in a room is called there, and nowhere else.
    fn called(
        &self,
        room: &str,
        outcome: &Outcome,
        plan: &Plan,
        history: &History,
        seen: &mut Seen,
    ) {
        let (Some(Ok(Answer::CallUserToRoom(results))), None) =
            (&outcome.answer, outcome.unchanged)
        else {
            return;
        };
        let is_expected = (0..ATTEMPTS).any(|at| self.is_expected(at, plan.room(room), history));
        for (_, result) in results {
            let is_called = *result == CallResult::AlreadyInCalling;
            if is_expected && !is_called {
                seen.breaks("who is expected is called already");
            }
            if is_called && !is_expected && !history.is_called() {
                seen.breaks("who is called already rings, or is expected there");
            }
            if is_expected {
                seen.situations.insert("who is expected is called again");
            } else if self.first().is_some() && *result == CallResult::Success {
                seen.situations.insert("who is expected is called into another room");
            }
        }
    }
}

/// The callee of all scopes.
const CALLEE: &str = "bo";
