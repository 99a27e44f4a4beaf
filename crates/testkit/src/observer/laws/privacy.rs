//! Who may know what (P-06, P-08, P-09, C-01, C-02, C-14): an event reaches only those whom the rules address; devices are
//! named only to their user; an extension text only to the callee and the caller.
//!
//! Every place of a message that can hold a device or a text is looked at. Names are not searched for in other places: two
//! users' devices may have one name, which may be a word of a text. It cannot see who has left a room, and without the facts
//! not who was never there.

use roomcall::protocol::{Answer, Ending, Event, LoggedCall, Refused};
use roomcall::{OutcomesTo, Rule};

use super::super::attempt::Peer;
use super::super::state::State;

impl State {
    /// An event reaches a device.
    pub(in super::super) fn may_hear(&mut self, peer: &Peer, event: &Event) {
        let user = &*peer.user;
        let is_callee = event.call().is_some_and(|call| call.callee == user);
        let is_caller = event.call().is_some_and(|call| call.caller == user);
        let number = event.attempt();
        let (rule, may) = match event {
            Event::CallReceived { .. } => (Rule::C01, is_callee),
            Event::CallRinging(_) => (Rule::C14, is_caller && self.may_hear_outcome(number, peer)),
            Event::CallAccepted(_) | Event::CallRejected { .. } => {
                (Rule::P06, is_caller && self.may_hear_outcome(number, peer))
            }
            Event::CallTimeout(_) | Event::CallCancelled(_) | Event::CallRevokedByAdmin { .. } => {
                let as_caller = is_caller && self.may_hear_outcome(number, peer);
                (Rule::P06, is_callee || as_caller)
            }
            Event::CallHandledByOtherDevice { attempt, .. } => {
                let callee = self.attempts.get(attempt).and_then(|of| of.callee.as_ref());
                (Rule::P08, callee.is_none_or(|(callee, _)| **callee == *user))
            }
            Event::PendingCallChanged(call) | Event::PendingCallRemoved(call) => {
                (Rule::C02, self.may_have_been_in(user, &call.room))
            }
            Event::CallNotJoined(call) => {
                (Rule::E21, is_caller || self.may_have_been_in(user, &call.room))
            }
            _ => return,
        };
        if !may {
            let message =
                format!("{user}/{} hears {} of attempt {number}", peer.device, event.name());
            self.wrong(rule, message, vec![self.now.line]);
        }
    }

    /// P-06, unless another device or the backend made the call.
    fn may_hear_outcome(&self, number: u64, peer: &Peer) -> bool {
        let calling = self.attempts.get(&number).and_then(|attempt| attempt.calling.as_ref());
        let to_all = self.settings.policy.outcomes_to == OutcomesTo::AllDevices;
        to_all
            || !self.knows_rules()
            || calling.is_none_or(|(calling, _)| calling.device == peer.device)
    }

    fn may_have_been_in(&self, user: &str, room: &str) -> bool {
        let Some(visits) = &self.visits else { return true };
        visits.contains(&(room.into(), user.into()))
    }

    /// Somebody is in a room.
    pub(in super::super) fn visited(&mut self, room: &str, user: &str) {
        let Some(visits) = &mut self.visits else { return };
        visits.insert((room.into(), user.into()));
        if visits.len() > self.settings.bounds.visits {
            self.visits = None;
        }
    }

    /// An answer reaches a device.
    pub(in super::super) fn may_read(&mut self, peer: &Peer, answer: &Result<Answer, Refused>) {
        match answer {
            Err(refused) => {
                refused.ended.iter().for_each(|ending| self.may_know_device(peer, ending));
            }
            Ok(Answer::GetMyCalls(mine)) => {
                mine.endings.iter().for_each(|ending| self.may_know_device(peer, &ending.ended));
            }
            Ok(Answer::GetIncomingCalls { endings: Some(endings), .. }) => {
                endings.calls.iter().for_each(|call| self.may_know_device(peer, &call.ended));
            }
            Ok(Answer::GetCallLog(log)) => {
                for entry in &log.entries {
                    if let LoggedCall::Ended(ending) = &entry.what {
                        self.may_know_device(peer, ending);
                    }
                }
            }
            Ok(Answer::GetPendingCalls { calls, .. }) => {
                if calls.iter().any(|call| call.extension.is_some()) {
                    let message = format!("{} reads an extension text in a room's list", peer.user);
                    self.wrong(Rule::P09, message, vec![self.now.line]);
                }
            }
            Ok(_) => {}
        }
    }

    fn may_know_device(&mut self, peer: &Peer, ending: &Ending) {
        let is_foreign = ending.device.is_some() && ending.user.as_deref() != Some(&*peer.user);
        if is_foreign {
            let message = format!("{} learns on which device {:?} acted", peer.user, ending.user);
            self.wrong(Rule::P08, message, vec![self.now.line]);
        }
    }
}
