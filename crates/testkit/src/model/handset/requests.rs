//! What is sent and sent again (D-15 to D-18), and to what a reply belongs.

use roomcall::Rule;
use roomcall::handset::{Dismissal, Effect, Progress, Request};
use roomcall::protocol::{Answer, Command, Query, Reply};

use super::{ModelHandset, Time};

/// A request that is not answered and not given up.
#[derive(Clone, Debug)]
pub(super) struct Unanswered {
    pub(super) request_id: u64,
    pub(super) request: Request,
    pub(super) purpose: Purpose,
    /// When it was last sent.
    pub(super) sent: Option<Time>,
}

/// What a request is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// What rings (D-16).
    Snapshot,
    /// The walk (D-23).
    Page,
    /// To answer an attempt (D-11).
    Accept(u64),
    /// To answer an attempt (D-11).
    Reject(u64),
    /// To call (D-20).
    Call {
        /// When it is given up.
        give_up: Option<Time>,
    },
    /// To cancel (D-20).
    Cancel {
        /// The attempts to these users that were known at the tap (D-21).
        known: Vec<(String, u64)>,
    },
    /// To revoke (D-20).
    Revoke,
}

impl Unanswered {
    pub(super) fn is_command(&self) -> bool {
        matches!(self.request, Request::Command(_))
    }
}

impl ModelHandset {
    /// D-15: queries while the link is up, commands when in addition the handset is ready.
    fn may_send(&self, request: &Unanswered) -> bool {
        self.is_up && (self.is_ready || !request.is_command())
    }

    /// Sends those requests that may be sent.
    fn send(&mut self, numbers: &[u64]) {
        for at in 0..self.unanswered.len() {
            let request = &self.unanswered[at];
            if numbers.contains(&request.request_id) && self.may_send(request) {
                if request.purpose == Purpose::Snapshot && request.sent.is_none() {
                    self.asked = Some(self.clock);
                }
                let request = &mut self.unanswered[at];
                request.sent = Some(self.clock);
                let (request_id, request) = (request.request_id, request.request.clone());
                self.step.effects.push(Effect::Send { request_id, request });
            }
        }
    }

    /// D-15: a new request gets the next number.
    pub(super) fn request(&mut self, request: Request, purpose: Purpose) -> u64 {
        let request_id = self.next_no;
        self.next_no += 1;
        self.unanswered.push(Unanswered { request_id, request, purpose, sent: None });
        self.send(&[request_id]);
        request_id
    }

    /// A tapped command; whether it is or will be sent.
    pub(super) fn command(&mut self, command: Command, purpose: Purpose) -> bool {
        if self.is_too_far(self.next_no) {
            self.step.effects.push(Effect::NotSent { command });
            return false;
        }
        self.request(Request::Command(command), purpose);
        true
    }

    /// D-18
    fn is_too_far(&self, request_id: u64) -> bool {
        let commands = self.unanswered.iter().filter(|request| request.is_command());
        let lowest = commands.map(|request| request.request_id).min();
        // Of none of them the number itself is the lowest.
        request_id >= lowest.unwrap_or(request_id) + u64::from(self.settings.requests)
    }

    /// D-15: the handset is ready; commands that were never sent get new numbers. One whose new
    /// number is too far (D-18) is not sent.
    pub(super) fn become_ready(&mut self, next_request_id: Option<u64>) {
        self.next_no = self.next_no.max(next_request_id.unwrap_or(0));
        if self.is_ready {
            return;
        }
        self.is_ready = true;
        let room = self.room.clone();
        self.leave_all_but(room.as_deref());
        let is_new = |request: &Unanswered| request.is_command() && request.sent.is_none();
        let (new, old) = std::mem::take(&mut self.unanswered).into_iter().partition(is_new);
        self.unanswered = old;
        let new: Vec<Unanswered> = new;
        for mut request in new {
            match request.request {
                Request::Command(command) if self.is_too_far(self.next_no) => {
                    let request = Request::Command(command.clone());
                    self.call_came_to(&request, &Progress::Unknown);
                    self.step.effects.push(Effect::NotSent { command });
                }
                Request::Command(_) | Request::Query(_) => {
                    request.request_id = self.next_no;
                    self.next_no += 1;
                    self.unanswered.push(request);
                }
            }
        }
        let commands = self.unanswered.iter().filter(|request| request.is_command());
        let numbers: Vec<u64> = commands.map(|request| request.request_id).collect();
        self.send(&numbers);
    }

    fn is_asking(&self) -> bool {
        self.unanswered.iter().any(|request| request.purpose == Purpose::Snapshot)
    }

    fn give_up_asking(&mut self) {
        self.unanswered.retain(|request| request.purpose != Purpose::Snapshot);
    }

    /// D-16: asks for a snapshot, giving up an earlier unanswered request for one.
    pub(super) fn ask(&mut self) {
        self.give_up_asking();
        let known = self.known.keys().map(|attempt| attempt.saturating_sub(1));
        let since = known.min().unwrap_or(self.mark).min(self.mark);
        let query = Query::GetIncomingCalls { since: Some(since) };
        self.request(Request::Query(query), Purpose::Snapshot);
    }

    /// D-14: what is on its way is too old.
    pub(super) fn ask_anew(&mut self) {
        self.give_up_asking();
        self.oldest_snapshot = self.next_no;
        self.ask_unless_asking();
    }

    /// D-16: asks if none is unanswered and the link is up.
    pub(super) fn ask_unless_asking(&mut self) {
        if self.is_up && !self.is_asking() {
            self.ask();
        }
    }

    /// D-16, D-17
    pub(super) fn link_up(&mut self) {
        self.is_up = true;
        self.give_up_asking();
        let numbers: Vec<u64> = self.unanswered.iter().map(|request| request.request_id).collect();
        self.send(&numbers);
        self.ask();
    }

    /// D-16
    pub(super) fn link_down(&mut self) {
        self.is_up = false;
        self.give_up_asking();
    }

    /// D-17: which request is to be sent again when.
    pub(super) fn repetitions(&self) -> Vec<(u64, Time)> {
        let mut repetitions = Vec::new();
        for request in &self.unanswered {
            if let (Some(sent), true) = (request.sent, self.may_send(request)) {
                repetitions.push((
                    request.request_id,
                    sent + Time::from(self.settings.retry_interval.max(1)),
                ));
            }
        }
        repetitions
    }

    pub(super) fn repeat_what_is_due(&mut self) {
        let due = self.repetitions().into_iter().filter(|(_, at)| *at <= self.clock);
        let numbers: Vec<u64> = due.map(|(request_id, _)| request_id).collect();
        self.send(&numbers);
    }

    /// D-16: when what rings is to be asked for anew.
    pub(super) fn refreshing(&self) -> Option<Time> {
        let (asked, refresh) = (self.asked?, self.settings.refresh?);
        (self.is_up && !self.is_asking()).then(|| asked + Time::from(refresh.max(1)))
    }

    pub(super) fn refresh_if_due(&mut self) {
        if self.refreshing().is_some_and(|at| at <= self.clock) {
            self.ask();
        }
    }

    /// D-17: a reply to a request that is not unanswered is ignored, but for a snapshot.
    pub(super) fn reply(&mut self, reply: Reply) {
        let is_snapshot =
            matches!(reply.answer, Ok(Answer::GetIncomingCalls { endings: Some(_), .. }));
        let mut found = self.unanswered.iter();
        let found = found
            .find(|request| request.request_id == reply.request_id && request.sent.is_some())
            .cloned();
        match found {
            None if is_snapshot => self.snapshot(reply, false),
            None => {}
            Some(request) => self.reply_to(request, reply, is_snapshot),
        }
    }

    fn reply_to(&mut self, request: Unanswered, reply: Reply, is_snapshot: bool) {
        let refused = reply.answer.as_ref().err().map(|refused| refused.rule);
        self.reply_for(request, reply, is_snapshot);
        // D-15: the number was no good.
        if matches!(refused, Some(Rule::X03 | Rule::X04)) {
            self.ask_unless_asking();
        }
    }

    fn reply_for(&mut self, request: Unanswered, reply: Reply, is_snapshot: bool) {
        let request_id = reply.request_id;
        match request.purpose {
            // D-24: a stale one leaves the request unanswered, what is no snapshot ends it.
            Purpose::Snapshot if is_snapshot => self.snapshot(reply, true),
            Purpose::Snapshot => self.answered(request_id),
            Purpose::Page => {
                self.answered(request_id);
                self.page(reply.answer);
            }
            Purpose::Accept(attempt) => {
                let refused = reply.answer.as_ref().err();
                self.answer_to_answer(attempt, Dismissal::AnsweredHere, refused);
            }
            Purpose::Reject(attempt) => {
                let refused = reply.answer.as_ref().err();
                self.answer_to_answer(attempt, Dismissal::RejectedHere, refused);
            }
            Purpose::Call { .. } => {
                self.answered(request_id);
                self.call_answered(&request.request, &reply);
                self.step.effects.push(Effect::Answered { request_id, answer: reply.answer });
            }
            Purpose::Cancel { known } => {
                self.answered(request_id);
                self.cancel_answered(&request.request, &known, &reply);
                self.step.effects.push(Effect::Answered { request_id, answer: reply.answer });
            }
            Purpose::Revoke => {
                self.answered(request_id);
                self.step.effects.push(Effect::Answered { request_id, answer: reply.answer });
            }
        }
    }

    pub(super) fn answered(&mut self, request_id: u64) {
        self.unanswered.retain(|request| request.request_id != request_id);
    }
}
