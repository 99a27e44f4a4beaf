//! Who acts is answered, and is not notified of it as well; and nobody acts for another (O-02, E-01, E-02, E-08, E-11,
//! P-04): an effect reaches only its audience, an accept is answered with success on one device at most, a device of the
//! callee, and for the attempt that it named.
//!
//! It cannot see who entered.

use std::sync::Arc;

use roomcall::protocol::{Answer, Audience, Command, Effect, Event, Refused};
use roomcall::{EndingKind, Rule};

use super::super::attempt::{Mark, Peer};
use super::super::claims::{Claim, How, Says};
use super::super::state::State;
use super::retries::{Asked, Requester};

impl State {
    /// Whether an effect is for this device.
    pub(in super::super) fn is_addressed(&mut self, peer: &Peer, effect: &Effect) {
        let is_user = |user: &String| **user == *peer.user;
        let is_for = match &effect.to {
            Audience::User(user) => is_user(user),
            Audience::Device { user, device } => is_user(user) && **device == *peer.device,
            Audience::OtherDevices { user, than } => is_user(user) && **than != *peer.device,
            Audience::Room(_) => true,
        };
        let has_acted = match &effect.event {
            Event::CallHandledByOtherDevice { device: Some(device), .. } => {
                **device == *peer.device
            }
            _ => false,
        };
        if !is_for || has_acted {
            let what = effect.event.name();
            let message =
                format!("{}/{} is notified of {what}, which is for others", peer.user, peer.device);
            self.wrong(Rule::O02, message, vec![self.now.line]);
        }
    }

    /// An accept or reject is sent: which attempts it may mean (E-11). Or a cancel.
    pub(in super::super) fn answers(&mut self, peer: &Arc<Peer>, command: &Command) {
        let now = self.now;
        match command {
            Command::AcceptCall { room, attempt } | Command::RejectCall { room, attempt, .. } => {
                let mut is_unclear = attempt.is_none() && !self.is_at_authority();
                for number in self.meant(&peer.user, room, *attempt) {
                    let Some(of) = self.attempts.get_mut(&number) else {
                        is_unclear = true;
                        continue;
                    };
                    let is_known = of.answered.iter().any(|(by, _)| by == peer);
                    if !is_known && of.answered.len() < MOST {
                        of.answered.push((peer.clone(), now));
                    }
                }
                if let Some(by) = self.requesters.make(peer, Requester::default) {
                    by.is_unclear |= is_unclear;
                }
            }
            Command::CancelCall { .. } => {
                if let Some(by) = self.requesters.make(peer, Requester::default) {
                    by.cancelled = Some(now);
                }
            }
            _ => {}
        }
    }

    fn meant(&self, user: &str, room: &str, attempt: Option<u64>) -> Vec<u64> {
        let is_there = |number: &u64| {
            let of = self.attempts.get(number).and_then(|of| of.room.as_ref());
            of.is_none_or(|(it, _)| **it == *room)
        };
        match attempt {
            Some(attempt) => vec![attempt],
            None => self.attempts_of(user).into_iter().filter(is_there).collect(),
        }
    }

    pub(super) fn attempts_of(&self, user: &str) -> Vec<u64> {
        self.people.get(user).map_or(Vec::new(), |it| it.attempts.iter().copied().collect())
    }

    /// An accept or reject is answered with success.
    pub(in super::super) fn has_answered(
        &mut self,
        connection: u64,
        peer: &Arc<Peer>,
        answer: &Answer,
        asked: Option<&Asked>,
        is_repeated: bool,
    ) {
        let (number, kind, of) = match answer {
            Answer::AcceptCall { attempt } => (*attempt, EndingKind::Accepted, Rule::E01),
            Answer::RejectCall { attempt } => (*attempt, EndingKind::Rejected, Rule::E02),
            _ => return,
        };
        let device = Some(&*peer.device);
        let has_joined = kind == EndingKind::Accepted;
        let how = How { device, has_joined, ..How::of(&[kind]) };
        let room = asked.and_then(|asked| asked.room.as_deref());
        let claim = Claim::new(number, Says::Over(how));
        if self.claim(&Claim { room, callee: Some(&peer.user), of, ..claim }, None) {
            self.hears_the_end(number, connection);
            if !is_repeated {
                self.answered_in_time(number, peer);
            }
        }
        if let Some(named) = asked.and_then(|asked| asked.attempt).filter(|named| *named != number)
        {
            let message = format!("an answer to attempt {named} hits {number}");
            self.wrong(Rule::E11, message, vec![self.now.line]);
        }
    }

    /// A request is refused: how the call ended, if it says so, or that it is over.
    pub(in super::super) fn is_refused(
        &mut self,
        connection: u64,
        peer: &Peer,
        refused: &Refused,
        asked: Option<(&Asked, Mark)>,
    ) {
        if let Some(ending) = &refused.ended {
            if self.claim(&Claim::of_ending(ending), None) {
                self.hears_the_end(ending.attempt, connection);
            }
            return;
        }
        let Some((asked, mark)) = asked else { return };
        let Some(number) = asked.attempt.filter(|_| matches!(refused.rule, Rule::E10 | Rule::R02))
        else {
            return;
        };
        let Some(attempt) = self.attempts.get(&number) else { return };
        let was_known = attempt.live.is_some_and(|live| self.is_before(live, mark));
        let is_there = attempt.room.as_ref().map(|(room, _)| &**room) == asked.room.as_deref();
        if was_known && is_there && attempt.is_callee(&peer.user) {
            self.is_over(number, &How::SOMEHOW);
            self.hears_the_end(number, connection);
        }
    }
}

/// More devices than these that answered one call are not told apart.
const MOST: usize = 16;
