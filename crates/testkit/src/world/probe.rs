//! After all that, nobody is stuck: whoever is outside rings again.

use roomcall::handset::{Input, Stage};
use roomcall::protocol::{
    Actor, Answer, Command, Fact, Input as NamedInput, LimitsChange, PolicyChange,
};
use roomcall::{CallResult, CallStatus, Limits};

use super::log::Happened;
use super::simulation::World;
use super::{Checked, ROOMS, violation};

/// Its room.
pub const PROBE: &str = "probe";
const CALLER: &str = "eve";

/// How long it waits at once for the end of quiet, in milliseconds.
const STEP: u64 = 1_000;

impl World {
    /// Ends all calls, and calls everyone who is outside all rooms, once more.
    pub fn probe(&mut self) -> Checked {
        self.note(|| Happened::Note("everybody is called once more"));
        let live_calls_per_room = Some(Limits::DEFAULT.live_calls_per_room);
        let limits = LimitsChange {
            live_calls_per_room,
            calls_per_minute: Some(0),
            ..LimitsChange::default()
        };
        self.change_rules(PolicyChange::default(), limits)?;
        for room in ROOMS {
            let live = |call: &super::agree::PendingCall| call.status == CallStatus::Calling;
            let users: Vec<_> =
                self.list(room).into_iter().filter(live).map(|call| call.callee).collect();
            if !users.is_empty() {
                let command = Command::RevokeCall { room: room.into(), users };
                self.apply_unasked(NamedInput::Ask { by: Actor::Backend, command })?;
            }
        }
        self.flush()?;
        self.agree()?;
        self.quiet_passes()?;
        let outside: Vec<_> =
            self.users.iter().filter(|user| self.is_outside(user)).cloned().collect();
        if outside.is_empty() {
            return self.finish_observed();
        }
        self.fact(Fact::RoomOpened { room: PROBE.into(), owner: CALLER.into() })?;
        let (user, device) = (CALLER.to_owned(), "desk".to_owned());
        self.fact(Fact::user_entered(PROBE.into(), user.clone(), device.clone()))?;
        let by = Actor::Device { user, device };
        let (room, users) = (PROBE.to_owned(), outside.clone());
        let command = Command::CallUserToRoom {
            room,
            users,
            timeout: 60,
            extension: String::new(),
            caller: None,
        };
        let outcome = self.apply(None, NamedInput::Ask { by, command })?;
        let all_rang = match &outcome.answer {
            Some(Ok(Answer::CallUserToRoom(results))) => {
                results.iter().all(|(_, result)| *result == CallResult::Success)
            }
            _ => false,
        };
        if !all_rang {
            let message = format!("{outside:?} called: {:?}", outcome.answer);
            return violation("nobody stays busy", message);
        }
        self.notify(&outcome.effects);
        self.flush()?;
        self.all_ring(&outside)?;
        self.agree()?;
        self.finish_observed()
    }

    /// Every device of these users rings, and one that something else has does as soon as that is over.
    fn all_ring(&mut self, users: &[String]) -> Checked {
        for device in 0..self.devices.len() {
            let of = &self.devices[device];
            if !users.contains(&of.plan.user) || of.state.is_signed_out {
                continue;
            }
            if of.state.is_occupied {
                let waits = of.screen.at(Stage::Waiting) == 1 && of.screen.calls.len() == 1;
                if !waits {
                    let message = format!("{} shows {:?}", of.name(), of.screen.calls);
                    return violation("an occupied device does not ring", message);
                }
                self.feed(device, vec![Input::Occupied(false)])?;
            }
            let of = &self.devices[device];
            let rings = of.screen.at(Stage::Ringing) == 1 && of.screen.calls.len() == 1;
            if !rings {
                let message = format!("{} does not ring: {:?}", of.name(), of.screen.calls);
                return violation("nobody stays busy", message);
            }
        }
        Ok(())
    }

    /// Time passes until no device is quiet any more (D-32).
    fn quiet_passes(&mut self) -> Checked {
        while self.devices.iter().any(|of| of.alive && of.is_quiet(self.now)) {
            self.flow(STEP)?;
        }
        Ok(())
    }

    fn is_outside(&self, user: &str) -> bool {
        ROOMS.iter().all(|room| !self.is_inside(user, room))
    }
}
