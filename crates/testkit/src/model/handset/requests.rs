//! What is sent and sent again (D-15 to D-18), and to what a reply belongs.

use roomcall::Rule;
use roomcall::handset::{Dismissal, Effect, NotSentReason, Progress, Request};
use roomcall::protocol::{Answer, Command, Query, Refused, Reply};

use super::{ModelHandset, Time};

/// A request that is not answered and not given up.
#[derive(Clone, Debug)]
pub(super) struct Unanswered {
    pub(super) request_id: u64,
    pub(super) request: Request,
    pub(super) purpose: Purpose,
    /// When it was sent for the first time (D-24).
    pub(super) first_sent: Option<Time>,
    /// When it was last sent.
    pub(super) sent: Option<Time>,
    /// When the host refused it because of its load, and its `retryAfter` (D-17, L-15).
    pub(super) put_off: Option<(Time, Time)>,
}

/// What a request is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// The own calls (D-16).
    Snapshot,
    /// The walk (D-23).
    Page,
    /// The user's log (D-35).
    Log,
    /// To say what was seen (D-36).
    Mark,
    /// To answer an attempt (D-11).
    Accept(u64),
    /// To answer an attempt (D-11).
    Reject(u64),
    /// To call (D-20).
    Call {
        /// When it is given up.
        give_up: Option<Time>,
        /// When it was tapped.
        tapped: Time,
    },
    /// To cancel (D-20).
    Cancel {
        /// When it was tapped.
        tapped: Time,
        /// The attempts to these users that were known at the tap (D-21).
        known: Vec<(String, u64)>,
    },
    /// To revoke (D-20).
    Revoke {
        /// When it was tapped.
        tapped: Time,
    },
}

impl Unanswered {
    pub(super) fn is_command(&self) -> bool {
        matches!(self.request, Request::Command(_))
    }
}

impl ModelHandset {
    /// D-15: queries while the link is up, commands when in addition the handset is ready, and those that were never sent
    /// when in addition this connection has brought a snapshot.
    fn may_send(&self, request: &Unanswered) -> bool {
        let has_number = request.sent.is_some() || self.has_snapshot;
        self.is_up && (!request.is_command() || (self.is_ready && has_number))
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
                request.first_sent = request.first_sent.or(Some(self.clock));
                request.sent = Some(self.clock);
                request.put_off = None;
                let (request_id, request) = (Some(request.request_id), request.request.clone());
                self.step.effects.push(Effect::Send { request_id, request });
            }
        }
    }

    /// D-15: a new request gets the next number.
    pub(super) fn request(&mut self, request: Request, purpose: Purpose) -> u64 {
        let request_id = self.next_no;
        self.next_no += 1;
        self.unanswered.push(Unanswered {
            request_id,
            request,
            purpose,
            first_sent: None,
            sent: None,
            put_off: None,
        });
        self.send(&[request_id]);
        request_id
    }

    /// A tapped command; whether it is or will be sent.
    pub(super) fn command(&mut self, command: Command, purpose: Purpose) -> bool {
        if self.is_too_far(self.next_no) {
            let why = NotSentReason::TooMany;
            self.step.effects.push(Effect::NotSent { command, why });
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

    /// D-15: a snapshot was applied. With the first one since the link came up commands that were never sent get new
    /// numbers. One whose new number is too far (D-18) is not sent.
    pub(super) fn number_commands(&mut self, next_request_id: Option<u64>) {
        self.next_no = self.next_no.max(next_request_id.unwrap_or(0));
        let becomes_ready = !self.is_ready;
        if self.has_snapshot {
            return;
        }
        self.is_ready = true;
        self.has_snapshot = true;
        let is_new = |request: &Unanswered| request.is_command() && request.sent.is_none();
        let (new, old) = std::mem::take(&mut self.unanswered).into_iter().partition(is_new);
        self.unanswered = old;
        let new: Vec<Unanswered> = new;
        for mut request in new {
            match request.request {
                Request::Command(command) if self.is_too_far(self.next_no) => {
                    let request = Request::Command(command.clone());
                    self.call_came_to(&request, &Progress::NotSent);
                    let why = NotSentReason::TooMany;
                    self.step.effects.push(Effect::NotSent { command, why });
                }
                Request::Command(_) | Request::Query(_) => {
                    request.request_id = self.next_no;
                    self.next_no += 1;
                    self.unanswered.push(request);
                }
            }
        }
        // D-17: those that were sent are sent again when the handset is ready; if it was, they were when the link came up.
        let is_due = |request: &&Unanswered| becomes_ready || request.sent.is_none();
        let commands = self.unanswered.iter().filter(|request| request.is_command());
        let numbers: Vec<u64> = commands.filter(is_due).map(|request| request.request_id).collect();
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
        let heard = self.known.keys().copied().chain(self.open_attempts());
        let since = heard.map(|attempt| attempt.saturating_sub(1)).min();
        self.ask_since(since.unwrap_or(self.mark).min(self.mark));
    }

    fn ask_since(&mut self, since: u64) {
        self.give_up_asking();
        let query = Query::GetMyCalls { since };
        self.request(Request::Query(query), Purpose::Snapshot);
    }

    /// D-16: a snapshot that says that there is more was applied.
    pub(super) fn ask_for_more(&mut self, last: u64) {
        if self.is_up && !self.is_asking() {
            self.ask_since(last);
        }
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
        self.has_snapshot = false;
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

    /// D-02: one of 0 counts as 1.
    pub(super) fn retry_interval(&self) -> Time {
        Time::from(self.settings.retry_interval.max(1))
    }

    /// D-17: which request is to be sent again when.
    pub(super) fn repetitions(&self) -> Vec<(u64, Time)> {
        let mut repetitions = Vec::new();
        for request in &self.unanswered {
            if let (Some(sent), true) = (request.sent, self.may_send(request)) {
                let (from, length) = request.put_off.unwrap_or((sent, 0));
                let at = from + length.max(self.retry_interval());
                repetitions.push((request.request_id, at));
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

    /// D-17
    pub(super) fn reply(&mut self, reply: Reply) {
        let found = self
            .unanswered
            .iter()
            .find(|request| request.request_id == reply.request_id && request.sent.is_some());
        match (found.cloned(), &reply.answer) {
            (Some(_), Err(refused)) if refused.rule == Rule::L15 => {
                self.put_off(reply.request_id, refused.retry_after);
            }
            (Some(request), _) => self.reply_to(request, reply),
            (None, _) => self.late_reply(reply),
        }
    }

    /// D-17, L-15: the host's refusal does not answer a request.
    fn put_off(&mut self, request_id: u64, retry_after: Option<u64>) {
        let put_off = (self.clock, Time::from(retry_after.unwrap_or(0)));
        for request in &mut self.unanswered {
            if request.request_id == request_id {
                request.put_off = Some(put_off);
            }
        }
    }

    /// D-17: a reply to a request that is not unanswered is ignored, but for a snapshot and for what it says of a call to
    /// this user. By itself it joins nobody; only an accept that is unanswered does (D-12).
    fn late_reply(&mut self, reply: Reply) {
        match &reply.answer {
            Ok(Answer::GetMyCalls(_)) => self.snapshot(reply, false),
            Ok(Answer::AcceptCall { attempt }) => self.over(*attempt, Dismissal::AnsweredHere),
            Ok(Answer::RejectCall { attempt }) => self.over(*attempt, Dismissal::RejectedHere),
            Err(refused @ Refused { ended: Some(ended), .. }) => {
                self.refused_by(ended.attempt, refused, ended);
            }
            _ => {}
        }
    }

    fn reply_to(&mut self, request: Unanswered, reply: Reply) {
        let refused = reply.answer.as_ref().err().map(|refused| refused.rule);
        self.reply_for(request, reply);
        // D-15: the number was no good.
        if matches!(refused, Some(Rule::X03 | Rule::X04)) {
            self.ask_unless_asking();
        }
    }

    fn reply_for(&mut self, request: Unanswered, reply: Reply) {
        let request_id = reply.request_id;
        match request.purpose {
            // D-24: a stale one leaves the request unanswered.
            Purpose::Snapshot if matches!(reply.answer, Ok(Answer::GetMyCalls(_))) => {
                self.snapshot(reply, true);
            }
            Purpose::Snapshot => self.answered(request_id),
            Purpose::Page => {
                self.answered(request_id);
                self.page(reply.answer);
            }
            Purpose::Log => {
                self.answered(request_id);
                if let Ok(Answer::GetCallLog(log)) = reply.answer {
                    self.log_was_read(log);
                }
            }
            Purpose::Mark => {
                self.answered(request_id);
                self.mark_answered(reply.answer.as_ref().ok());
                self.step.effects.push(Effect::Answered { request_id, answer: reply.answer });
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
            Purpose::Cancel { known, .. } => {
                self.answered(request_id);
                self.cancel_answered(&request.request, &known, &reply);
                self.step.effects.push(Effect::Answered { request_id, answer: reply.answer });
            }
            Purpose::Revoke { .. } => {
                self.answered(request_id);
                self.step.effects.push(Effect::Answered { request_id, answer: reply.answer });
            }
        }
    }

    pub(super) fn answered(&mut self, request_id: u64) {
        self.unanswered.retain(|request| request.request_id != request_id);
    }
}
