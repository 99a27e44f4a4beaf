//! The clock (D-02), the link, and what is sent when (D-13, D-15 to D-17).

use alloc::vec::Vec;

use super::incoming::Ring;
use super::output::{Effect, Request};
use super::requests::Open;
use super::{Handset, Link, Step};
use crate::Tick;
use crate::protocol::Query;

impl Handset {
    /// Everything that is due.
    pub(super) fn elapse(&mut self, step: &mut Step) {
        self.silence(step);
        self.give_up_calls(step);
        self.repeat(step);
        if self.refresh_at().is_some_and(|at| at <= self.clock) {
            self.ask(step);
        }
    }

    /// When the host must call with a tick at the latest (D-02); `None` while nothing is due.
    pub fn next_deadline(&self) -> Option<Tick> {
        let silenced = self.calls.known.keys().filter_map(|attempt| self.silenced_at(*attempt));
        let given_up = self.requests.open.values().filter_map(|open| open.expires);
        let repeated = self.requests.open.values().filter_map(|open| self.repeated_at(open));
        silenced.chain(given_up).chain(repeated).chain(self.refresh_at()).min()
    }

    /// D-13
    fn silenced_at(&self, attempt: u64) -> Option<Tick> {
        let rings = |call: &&Ring| !call.is_silenced;
        let call = self.calls.known.get(&attempt).filter(rings)?;
        let answer_grace = self.requests.said(attempt).map_or(0, |_| self.settings.answer_grace);
        call.deadline.map(|deadline| deadline.plus(answer_grace))
    }

    fn silence(&mut self, step: &mut Step) {
        let due: Vec<u64> = self
            .calls
            .known
            .keys()
            .copied()
            .filter(|attempt| self.silenced_at(*attempt).is_some_and(|at| at <= self.clock))
            .collect();
        let is_due = !due.is_empty();
        for attempt in due {
            self.requests.give_up_answers(attempt);
            if let Some(call) = self.calls.known.get_mut(&attempt) {
                call.is_silenced = true;
            }
        }
        if is_due {
            self.ask(step);
        }
    }

    /// D-20
    fn give_up_calls(&mut self, step: &mut Step) {
        let is_due = |open: &Open| open.expires.is_some_and(|expires| expires <= self.clock);
        for request_id in self.requests.numbers(is_due) {
            if let Some(open) = self.requests.open.remove(&request_id) {
                self.give_up_call(&open, step);
            }
        }
    }

    /// D-17
    fn repeated_at(&self, open: &Open) -> Option<Tick> {
        let sent = open.sent.filter(|_| self.link == Link::Up)?;
        Some(sent.plus(self.settings.retry_interval.max(1)))
    }

    fn repeat(&mut self, step: &mut Step) {
        let is_due = |open: &Open| self.repeated_at(open).is_some_and(|at| at <= self.clock);
        for request_id in self.requests.numbers(is_due) {
            self.send(request_id, step);
        }
    }

    /// D-16
    fn refresh_at(&self) -> Option<Tick> {
        let is_idle = self.link == Link::Up && self.requests.snapshot().is_none();
        let refresh = self.settings.refresh.filter(|_| is_idle)?;
        Some(self.refreshed.plus(refresh.max(1)))
    }

    /// D-15: sends a request if it may be sent now.
    pub(super) fn send(&mut self, request_id: u64, step: &mut Step) {
        let (is_up, is_ready, clock) = (self.link == Link::Up, self.is_ready, self.clock);
        let Some(open) = self.requests.open.get_mut(&request_id) else {
            return;
        };
        if is_up && (is_ready || open.command().is_none()) {
            open.sent = Some(clock);
            open.has_left = true;
            step.effects.push(Effect::Send { request_id, request: open.request.clone() });
        }
    }

    /// Sends those that are wanted of what is unanswered.
    pub(super) fn send_all(&mut self, is_wanted: impl Fn(&Open) -> bool, step: &mut Step) {
        self.requests
            .numbers(is_wanted)
            .into_iter()
            .for_each(|request_id| self.send(request_id, step));
    }

    /// D-16
    pub(super) fn connect(&mut self, step: &mut Step) {
        self.link = Link::Up;
        self.requests.give_up_snapshot();
        self.send_all(|_| true, step);
        self.ask(step);
    }

    /// D-16
    pub(super) fn disconnect(&mut self) {
        self.link = Link::Down;
        self.requests.give_up_snapshot();
    }

    /// D-16: asks what rings, unless that is asked already.
    pub(super) fn ask(&mut self, step: &mut Step) {
        if self.link == Link::Up && self.requests.snapshot().is_none() {
            let query = Query::GetIncomingCalls { since: Some(self.calls.since()) };
            let request_id = self.requests.add(Open::new(Request::Query(query)));
            self.refreshed = self.clock;
            self.send(request_id, step);
        }
    }

    /// D-14: a snapshot that is on its way is too old.
    pub(super) fn ask_anew(&mut self, step: &mut Step) {
        self.requests.give_up_snapshot();
        self.fresh_from = self.requests.next;
        self.ask(step);
    }

    /// D-08, D-16, D-21, D-22
    pub(super) fn go_to(&mut self, room: Option<alloc::string::String>, step: &mut Step) {
        if self.room == room {
            return;
        }
        if let Some(left) = core::mem::replace(&mut self.room, room) {
            self.leave_outgoing(&left, step);
        }
        // D-08: who is there need not answer.
        let here =
            self.calls.known.iter().filter(|(_, call)| self.room.as_ref() == Some(&call.room));
        let here: Vec<u64> = here.map(|(attempt, _)| *attempt).collect();
        here.into_iter().for_each(|attempt| self.requests.give_up_answers(attempt));
        self.give_up_walk();
        self.list.clear();
        self.ask(step);
    }
}
