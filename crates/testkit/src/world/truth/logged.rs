//! What call logs are of, besides endings: calls in vain, and marks (H-01, H-04).

use roomcall::CallResult;
use roomcall::protocol::{Actor, Answer, Audience, Command, Event, Input, Outcome, Record};

use super::Truth;

impl Truth {
    /// The switchboard did something that a log may say.
    pub(super) fn log_is_made(&mut self, line: &Record, outcome: &Outcome) {
        for effect in &outcome.effects {
            if let (Event::CallsSeen { up_to }, Audience::OtherDevices { user, .. }) =
                (&effect.event, &effect.to)
            {
                self.marks.insert((user.clone(), *up_to));
            }
        }
        let Input::Ask { by, command } = &line.input else { return };
        let user = match by {
            Actor::Device { user, .. } => Some(user),
            Actor::Backend => None,
        };
        match (&outcome.answer, command) {
            (
                Some(Ok(Answer::CallUserToRoom(results))),
                Command::CallUserToRoom { room, caller, .. },
            ) => {
                let Some(caller) = caller.as_ref().or(user) else { return };
                let in_vain =
                    |(_, result): &&(String, CallResult)| *result == CallResult::AlreadyInCalling;
                for (callee, _) in results.iter().filter(in_vain) {
                    let of = (caller.clone(), room.clone(), callee.clone());
                    *self.tries.entry(of).or_default() += 1;
                }
            }
            (Some(Ok(Answer::MarkCallsSeen { seen })), _) => {
                self.marks.extend(user.map(|user| (user.clone(), *seen)));
            }
            _ => {}
        }
    }

    /// How often at most a caller called somebody into a room in vain, without being erased between.
    pub fn tries(&self, caller: &str, room: &str, callee: &str) -> u64 {
        let of = (caller.to_owned(), room.to_owned(), callee.to_owned());
        let before = self.tries_before.get(&of).copied().unwrap_or_default();
        before.max(self.tries_since(caller, room, callee))
    }

    /// Whether a user has ever seen the log up to there.
    pub fn has_marked(&self, user: &str, mark: u64) -> bool {
        self.marks.contains(&(user.to_owned(), mark))
    }
}
