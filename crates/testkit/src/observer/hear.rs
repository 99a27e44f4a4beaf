//! What each line says, and to which laws.

use std::sync::Arc;

use roomcall::protocol::{
    Answer, Body, Effect, Event, Fact, Frame, Input, NamedCall, Output, Record, Reply, Request,
    Withdrawn,
};
use roomcall::{EndingKind, Rule};

use super::attempt::{Mark, Peer};
use super::claims::{Claim, How, Says, kinds_because};
use super::laws::retries::{Asked, Requester};
use super::state::{Due, State};

/// No number is this.
const UNNUMBERED: u64 = u64::MAX;

impl State {
    /// What is due before `at` is judged.
    pub(super) fn pass(&mut self, at: u64) {
        while let Some((number, due)) = self.next_due(at) {
            match due {
                Due::Rings => self.everybody_rings(number),
                Due::Deadline => self.must_have_ended(number),
                Due::Over => self.everybody_was_told(number),
                Due::Joined => self.callers_learn_of_nobody(number),
            }
        }
    }

    /// A device asks.
    pub(super) fn sent(&mut self, connection: u64, frame: &Frame) {
        let Some(of) = self.connections.get(&connection).filter(|of| !of.is_stale) else { return };
        let peer = of.peer.clone();
        if let Request::Command(command) = &frame.request {
            self.answers(&peer, command);
        }
        if let Some(number) = frame.request_id {
            let asked = Asked::of(frame, self);
            self.asks(&peer, number, asked);
        }
    }

    /// A device is told something.
    pub(super) fn received(&mut self, connection: u64, output: &Output) {
        let Some(of) = self.connections.get(&connection).filter(|of| !of.is_stale) else { return };
        let (peer, opened) = (of.peer.clone(), of.opened);
        match &output.body {
            Body::Effect(effect) => self.notified(connection, &peer, effect),
            Body::Reply(reply) => {
                self.replies(opened, &peer, reply);
                self.may_read(&peer, &reply.answer);
                self.replied(connection, &peer, reply);
            }
            Body::Answer(answer) => {
                let answer = Ok(answer.clone());
                self.may_read(&peer, &answer);
                self.replied(connection, &peer, &Reply::new(UNNUMBERED, answer));
            }
            Body::Refused(refused) => {
                let refused = Err(refused.clone());
                self.may_read(&peer, &refused);
                self.replied(connection, &peer, &Reply::new(UNNUMBERED, refused));
            }
            _ => {}
        }
    }

    fn notified(&mut self, connection: u64, peer: &Peer, effect: &Effect) {
        let Effect { event, because, .. } = effect;
        self.is_addressed(peer, effect);
        let Some(mut claim) = Claim::of_event(event, *because) else { return };
        if let (Says::Over(how), Some(kinds)) = (&mut claim.says, kinds_because(*because)) {
            let both = how.kinds.and(kinds);
            if both.is_empty() {
                let message = format!("an ending of this rule is told as {}", event.name());
                self.wrong(*because, message, vec![self.now.line]);
            } else {
                how.kinds = both;
            }
        }
        let is_new = matches!(because, Rule::C01 | Rule::C02 | Rule::C10)
            && !matches!(claim.says, Says::Over(_));
        if is_new {
            self.is_numbered_upward(claim.attempt);
        }
        let now = self.is_at_authority().then_some(self.now);
        let is_judged = self.claim(&claim, now);
        self.may_hear(peer, event);
        if !is_judged {
            return;
        }
        let (number, is_ending) = (claim.attempt, kinds_because(*because).is_some());
        if is_new {
            self.is_born(number);
        }
        if let (Says::Over(how), true) = (&claim.says, is_ending) {
            self.ends_now(number, how.kinds);
        }
        if *because == Rule::E01 {
            self.is_expected(number);
        }
        let is_callee = |call: &NamedCall| *call.callee == *peer.user;
        match event {
            Event::CallReceived { .. } => self.rang(number, connection),
            Event::CallNotJoined(call) => self.has_not_joined(connection, call, &effect.to),
            Event::CallRinging(_) => self.shown(number, connection),
            Event::CallAccepted(_) => self.stopped(number, connection, false),
            Event::CallRejected { reason, .. } => {
                self.is_rejected_for(number, *reason);
                self.stopped(number, connection, false);
            }
            Event::CallTimeout(call)
            | Event::CallCancelled(call)
            | Event::CallRevokedByAdmin { call, .. } => {
                self.stopped(number, connection, is_callee(call));
            }
            Event::CallHandledByOtherDevice { .. } => self.stopped(number, connection, true),
            _ => {}
        }
    }

    /// A request of a device is answered; what the number says is judged already.
    fn replied(&mut self, connection: u64, peer: &Arc<Peer>, reply: &Reply) {
        let asked = self.question(peer, reply.request_id);
        let now = self.is_at_authority().then_some(self.now);
        let mark = now.or(asked.as_ref().map(|asked| asked.first));
        let about = asked.as_ref().zip(mark);
        if let Some(asked) = &asked {
            let sent = if self.is_at_authority() { asked.last } else { asked.first };
            self.heard_all_before(connection, peer, sent);
        }
        match &reply.answer {
            Err(refused) => {
                self.may_be_refused(refused, asked.as_ref());
                self.is_refused(connection, peer, refused, about);
            }
            Ok(answer) => {
                self.has_not_forgotten(Some(connection), answer, mark);
                self.has_answered(connection, peer, answer, asked.as_ref(), reply.repeated);
                self.is_made(connection, peer, (answer, &reply.attempts), about, reply.repeated);
                self.is_withdrawn(connection, peer, (answer, &reply.attempts), asked.as_ref());
                self.is_shown(connection, peer, answer, asked.as_ref(), mark);
            }
        }
    }

    /// A call made attempts.
    fn is_made(
        &mut self,
        connection: u64,
        peer: &Arc<Peer>,
        (answer, attempts): (&Answer, &[(String, u64)]),
        asked: Option<(&Asked, Mark)>,
        is_repeated: bool,
    ) {
        if !matches!(answer, Answer::CallUserToRoom(_)) {
            return;
        }
        for (callee, number) in attempts {
            let room = asked.and_then(|(asked, _)| asked.room.as_deref());
            let claim = Claim::new(*number, Says::Nothing);
            let claim = Claim { room, caller: Some(&peer.user), callee: Some(callee), ..claim };
            if !is_repeated {
                self.is_numbered_upward(*number);
            }
            if !self.claim(&claim, None) {
                continue;
            }
            let line = self.now.line;
            let Some(attempt) = self.attempts.get_mut(number) else { continue };
            attempt.calling.get_or_insert((peer.clone(), line));
            let text = asked.and_then(|(asked, _)| asked.extension);
            let other = attempt.extension.filter(|(known, _)| text.is_some_and(|it| it != *known));
            if let Some(text) = text {
                attempt.extension.get_or_insert((text, line));
            }
            if let Some((_, said)) = other {
                let message = format!("attempt {number} has another text than was sent");
                self.wrong(Rule::C11, message, vec![said, line]);
            }
            // Whoever is told by a late answer may have been told of the end.
            if !is_repeated && self.is_at_authority() {
                self.is_born(*number);
                self.hears_of(*number, connection, false);
            }
        }
    }

    /// A cancel or revoke ended attempts, or came too late.
    fn is_withdrawn(
        &mut self,
        connection: u64,
        peer: &Peer,
        (answer, attempts): (&Answer, &[(String, u64)]),
        asked: Option<&Asked>,
    ) {
        let (Answer::CancelCall(results) | Answer::RevokeCall(results)) = answer else { return };
        let is_cancel = matches!(answer, Answer::CancelCall(_));
        for (callee, number) in attempts {
            let result = results.iter().find(|(user, _)| user == callee).map(|(_, result)| *result);
            let Some(result) = result else { continue };
            let mut claim = Claim::of_result(*number, result);
            if let Says::Over(how) = &mut claim.says {
                match result {
                    Withdrawn::Cancelled => how.device = Some(&peer.device),
                    Withdrawn::Revoked => how.operator = Some(Some(&peer.user)),
                    _ => {}
                }
            }
            let room = asked.and_then(|asked| asked.room.as_deref());
            let caller = is_cancel.then_some(&*peer.user);
            let of = if is_cancel { Rule::E13 } else { Rule::E06 };
            if self.claim(&Claim { room, caller, callee: Some(callee), of, ..claim }, None) {
                self.hears_the_end(*number, connection);
            }
        }
    }

    /// The backend states something.
    pub(super) fn backend(&mut self, record: &Record) {
        match &record.input {
            Input::Fact(Fact::Recovered { .. }) => self.lose(),
            Input::Fact(Fact::RulesChanged { policy, limits }) => {
                let of = &mut self.settings;
                let limits = limits.map_or(of.limits, |change| change.of(of.limits));
                if !limits.may_follow(&of.limits) {
                    return;
                }
                of.policy = policy.map_or(of.policy, |change| change.of(of.policy));
                of.limits = limits;
                self.rules = Some(self.now);
                // F-19: what is remembered of requests may be less.
                self.requesters.values_mut().for_each(Requester::forget);
            }
            Input::Fact(fact) => self.stated(fact),
            _ => {}
        }
    }

    fn stated(&mut self, fact: &Fact) {
        match fact {
            Fact::UserErased { user } => {
                self.need_not_come(user, fact);
                self.erase(user);
            }
            Fact::UserEntered { room, user, .. } => {
                self.visited(room, user);
                self.need_not_come(user, fact);
            }
            Fact::PresenceListed { room, present, .. } => {
                for it in present {
                    self.visited(room, &it.user);
                    self.need_not_come(&it.user, fact);
                }
            }
            Fact::UserRemoved { user, .. } => self.need_not_come(user, fact),
            Fact::RoomDissolved { room, .. } => self.dissolves(room, fact),
            _ => {}
        }
    }

    /// The backend is answered.
    pub(super) fn answered(&mut self, output: &Output) {
        let reply = match &output.body {
            Body::Answer(answer) => Reply::new(UNNUMBERED, Ok(answer.clone())),
            Body::Reply(reply) => reply.clone(),
            _ => return,
        };
        let Ok(answer) = &reply.answer else { return };
        let now = self.is_at_authority().then_some(self.now);
        self.has_not_forgotten(None, answer, now);
        for claim in Claim::of_look(answer, None, None) {
            self.claim(&claim, now);
        }
        match answer {
            Answer::RevokeUserCalls { attempts, .. } => {
                let how = How { operator: Some(None), ..How::of(&[EndingKind::Revoked]) };
                for number in attempts {
                    self.claim(&Claim::new(*number, Says::Over(how)), None);
                }
            }
            Answer::RevokeCall(results) => {
                for (callee, number) in &reply.attempts {
                    let result = results.iter().find(|(user, _)| user == callee);
                    let Some((_, result)) = result else { continue };
                    let claim = Claim::of_result(*number, *result);
                    self.claim(&Claim { callee: Some(callee), ..claim }, None);
                }
            }
            _ => {}
        }
    }
}
