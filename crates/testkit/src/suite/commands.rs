//! The commands that a device sends: each was tapped, and each tap is sent, or the device says why not.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::Rule;
use roomcall::handset::{Effect, NotSentReason, Tap};
use roomcall::protocol::{Command, Request};

use super::screen::Screen;
use super::stage::{Played, expect};

/// The commands of a device.
#[derive(Debug, Default)]
pub(super) struct Commands {
    /// Those that were tapped, and neither sent nor given up.
    tapped: Vec<Command>,
    /// Those that were sent, by the numbers of their requests.
    sent: BTreeMap<u64, Command>,
    unanswered: BTreeSet<u64>,
    /// The last number that was sent.
    last: u64,
}

impl Commands {
    /// Somebody taps something that is sent.
    pub(super) fn tap(&mut self, command: Command) {
        self.tapped.push(command);
    }

    /// What a tap has to bring about at once: that the command is sent, or that too many others are unanswered (D-18).
    pub(super) fn demand(
        &self,
        device: &str,
        tapped: &Command,
        effects: &[Effect],
        requests: u32,
    ) -> Played {
        let next = self.last + 2;
        let first = self.unanswered.first().copied().unwrap_or(next);
        let is_full = next.saturating_sub(first) >= requests.into();
        let is_it = |effect: &Effect| match effect {
            Effect::Send { request_id: Some(_), request: Request::Command(command) } => {
                command == tapped
            }
            Effect::NotSent { command, why: NotSentReason::TooMany } => {
                is_full && command == tapped
            }
            _ => false,
        };
        let what =
            format!("{device}: {tapped:?} is tapped, and it neither sends that nor has to wait");
        expect(effects.iter().any(is_it), rule(tapped), what)
    }

    /// It sends a request, or says that it does not.
    pub(super) fn judge(&mut self, device: &str, effect: &Effect, requests: u32) -> Played {
        match effect {
            Effect::Send { request_id: Some(id), request } => {
                self.last = self.last.max(*id);
                match request {
                    Request::Command(command) => self.sends(device, *id, command, requests),
                    Request::Query(_) => Ok(()),
                }
            }
            Effect::NotSent { command, .. } => {
                self.take(command);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn sends(&mut self, device: &str, id: u64, command: &Command, requests: u32) -> Played {
        if let Some(before) = self.sent.get(&id) {
            let what = format!("{device} sends {command:?} under {id}, which was {before:?}");
            return expect(before == command, Rule::D15, what);
        }
        let what = format!("{device} sends {command:?}, and nobody has tapped that");
        expect(self.take(command), rule(command), what)?;
        let what = format!("{device} sends {command:?}, and may have no request unanswered");
        expect(requests > 0, Rule::D18, what)?;
        self.sent.insert(id, command.clone());
        self.unanswered.insert(id);
        Ok(())
    }

    /// Takes one of the taps of a command, if there is any.
    fn take(&mut self, command: &Command) -> bool {
        let at = self.tapped.iter().position(|tapped| tapped == command);
        at.map(|at| self.tapped.remove(at)).is_some()
    }

    /// Its user signs out: of what was never sent it has said so.
    pub(super) fn sign_out(&mut self, device: &str) -> Played {
        let vanished = self.tapped.iter().find(|command| answers(command).is_none());
        let what =
            format!("{device} is signed out, and does not say that {vanished:?} is not sent");
        expect(vanished.is_none(), Rule::D33, what)?;
        self.tapped.clear();
        Ok(())
    }

    /// The command of a request.
    pub(super) fn of(&self, id: u64) -> Option<&Command> {
        self.sent.get(&id)
    }

    /// A request is answered.
    pub(super) fn answered(&mut self, id: u64) {
        self.unanswered.remove(&id);
    }
}

/// What a tap sends; nothing if it is ignored, as an answer to a call that is not on the screen is.
pub(super) fn command(tap: &Tap, screen: &Screen) -> Option<Command> {
    match tap.clone() {
        Tap::Accept { attempt } => {
            let room = screen.room(attempt)?.to_owned();
            Some(Command::AcceptCall { room, attempt: Some(attempt) })
        }
        Tap::Reject { attempt, reason } => {
            let room = screen.room(attempt)?.to_owned();
            Some(Command::RejectCall { room, attempt: Some(attempt), reason })
        }
        Tap::Call { room, users, timeout, extension } => {
            Some(Command::CallUserToRoom { room, users, timeout, extension, caller: None })
        }
        Tap::Cancel { room, users } => Some(Command::CancelCall { room, users }),
        Tap::Revoke { room, users } => Some(Command::RevokeCall { room, users }),
        _ => None,
    }
}

/// The attempt that a command answers.
pub(super) const fn answers(command: &Command) -> Option<u64> {
    match command {
        Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => *attempt,
        _ => None,
    }
}

/// The rule about tapping it.
const fn rule(command: &Command) -> Rule {
    if answers(command).is_some() { Rule::D11 } else { Rule::D20 }
}
