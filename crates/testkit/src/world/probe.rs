//! After all that, nobody is stuck: whoever is outside rings again.

use roomcall::handset::Stage;
use roomcall::protocol::{Actor, Answer, Command, Fact, Input};
use roomcall::{CallResult, CallStatus};

use super::log::Happened;
use super::simulation::World;
use super::{Checked, ROOMS, violation};

/// Its room.
pub const PROBE: &str = "probe";
const CALLER: &str = "eve";

impl World {
    /// Ends all calls, and calls everyone who is outside all rooms, once more.
    pub fn probe(&mut self) -> Checked {
        self.note(|| Happened::Note("everybody is called once more"));
        for room in ROOMS {
            let live = |call: &super::agree::PendingCall| call.status == CallStatus::Calling;
            let users: Vec<_> =
                self.list(room).into_iter().filter(live).map(|call| call.callee).collect();
            if !users.is_empty() {
                let command = Command::RevokeCall { room: room.into(), users };
                self.apply_unasked(Input::Ask { by: Actor::Backend, command })?;
            }
        }
        self.flush()?;
        self.agree()?;
        let outside: Vec<_> =
            self.users.iter().filter(|user| self.is_outside(user)).cloned().collect();
        if outside.is_empty() {
            return Ok(());
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
        let outcome = self.apply(None, Input::Ask { by, command })?;
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
        for of in &self.devices {
            let rings = of.screen.at(Stage::Ringing) == 1 && of.screen.calls.len() == 1;
            if outside.contains(&of.plan.user) && !rings {
                let message = format!("{} does not ring: {:?}", of.name(), of.screen.calls);
                return violation("nobody stays busy", message);
            }
        }
        self.agree()
    }

    fn is_outside(&self, user: &str) -> bool {
        ROOMS.iter().all(|room| !self.is_inside(user, room))
    }
}
