//! The requests that were judged, by requester and number.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use crate::protocol::{Actor, Answer, Command, Refused, Reply};
use crate::switchboard::{is_id, is_within};
use crate::{Limits, Rule, Tick};

/// What is remembered of numbered requests.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Memory {
    /// Requests that came to be remembered. It orders the requesters.
    pub(super) judged: u64,
    /// The highest number that was forgotten with its requester.
    pub(super) passed: Option<u64>,
    pub(super) requesters: BTreeMap<Actor, Requester>,
    /// The requesters by their last request.
    order: BTreeMap<u64, Actor>,
}

/// Whoever numbers requests. There is one at least that is remembered.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Requester {
    /// When its last request was judged, as `Memory::judged` counts.
    pub(super) last: u64,
    /// `Memory::passed` when it began: it may have been forgotten before.
    pub(super) since: Option<u64>,
    pub(super) requests: BTreeMap<u64, Judged>,
}

/// A command and what came of it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Judged {
    pub(super) command: Command,
    pub(super) reply: Reply,
}

/// What the memory has of a numbered command.
pub(super) enum Recalled<'a> {
    /// It was not judged before.
    Never,
    /// This came of it.
    Before(&'a Reply),
    /// It is another command, or one that may have been forgotten.
    Refused(Refused),
}

impl Requester {
    fn highest(&self) -> Option<u64> {
        self.requests.last_key_value().map(|(request_id, _)| *request_id)
    }

    /// The lowest number that is remembered once `highest` is.
    fn lowest(highest: u64, window: u32) -> u64 {
        highest.saturating_sub(u64::from(window).saturating_sub(1))
    }
}

/// How far above the next number that is expected a number may be.
const LEAP: u64 = 1 << 32;

/// With 0 of either nothing is remembered.
const fn remembers(limits: &Limits) -> bool {
    limits.requests_per_requester > 0 && limits.requesters > 0
}

impl Memory {
    ///
    pub(super) fn recall(
        &self,
        limits: &Limits,
        by: &Actor,
        request_id: u64,
        command: &Command,
    ) -> Recalled<'_> {
        let requester = self.requesters.get(by);
        match requester.and_then(|requester| requester.requests.get(&request_id)) {
            Some(judged) if judged.command == *command => return Recalled::Before(&judged.reply),
            Some(_) => {
                let message = format!(
                    "number {request_id} stands for another request: give this one a new one"
                );
                return Recalled::Refused(refused(Rule::X03, message));
            }
            None if !remembers(limits) => return Recalled::Never,
            None => {}
        }
        let passed = requester.map_or(self.passed, |requester| requester.since);
        let above = passed.map_or(0, |passed| passed.saturating_add(1));
        let highest = requester.and_then(Requester::highest);
        let window =
            highest.map_or(0, |highest| Requester::lowest(highest, limits.requests_per_requester));
        let lowest = above.max(window);
        // The highest number of all cannot be followed by another.
        if request_id >= lowest && passed != Some(request_id) {
            return self.reach(by, request_id);
        }
        let message =
            format!("number {request_id} has passed: {lowest} is the lowest that is taken");
        Recalled::Refused(refused(Rule::X04, message))
    }

    /// one requester's leap must not let the numbers of others pass.
    fn reach(&self, by: &Actor, request_id: u64) -> Recalled<'_> {
        let end = self.next(by).saturating_add(LEAP);
        if request_id < end {
            return Recalled::Never;
        }
        let message = format!("number {request_id} is too high: {end} is not reached yet");
        Recalled::Refused(refused(Rule::X04, message))
    }

    ///
    pub(super) fn remember(
        &mut self,
        limits: &Limits,
        by: &Actor,
        command: &Command,
        reply: Reply,
    ) {
        if !remembers(limits) {
            return;
        }
        self.judged = self.judged.saturating_add(1);
        let fresh = Requester { since: self.passed, ..Requester::default() };
        let requester = self.requesters.entry(by.clone()).or_insert(fresh);
        self.order.remove(&requester.last);
        requester.last = self.judged;
        self.order.insert(self.judged, by.clone());
        requester.requests.insert(reply.request_id, Judged { command: command.clone(), reply });
        let highest = requester.highest().unwrap_or_default();
        let lowest = Requester::lowest(highest, limits.requests_per_requester);
        while requester
            .requests
            .first_key_value()
            .is_some_and(|(request_id, _)| *request_id < lowest)
        {
            requester.requests.pop_first();
        }
        if !is_within(self.requesters.len(), limits.requesters) {
            let eldest = self.order.pop_first();
            let forgotten = eldest.and_then(|(_, by)| self.requesters.remove(&by));
            self.passed = self.passed.max(forgotten.and_then(|requester| requester.highest()));
        }
    }

    /// The lowest number that a new request may have.
    pub(super) fn next(&self, by: &Actor) -> u64 {
        let known = |requester: &Requester| requester.highest().max(requester.since);
        self.requesters.get(by).map_or(self.passed, known).unwrap_or_default().saturating_add(1)
    }

    /// The memory that these make. `None` if two requesters were last at once.
    pub(super) fn restored(
        judged: u64,
        passed: Option<u64>,
        requesters: BTreeMap<Actor, Requester>,
    ) -> Option<Self> {
        let order: BTreeMap<u64, Actor> =
            requesters.iter().map(|(by, requester)| (requester.last, by.clone())).collect();
        let is_whole = order.len() == requesters.len();
        is_whole.then_some(Self { judged, passed, requesters, order })
    }

    /// Whether the memory is one that can come about: within its bounds, and in order.
    pub(super) fn is_sound(&self, limits: &Limits) -> bool {
        let is_good = |id: &String| is_id(id, limits.id_bytes);
        let is_ordered = |(last, by): (&u64, &Actor)| {
            self.requesters.get(by).is_some_and(|requester| requester.last == *last)
        };
        let is_used = !self.requesters.is_empty() || self.judged > 0 || self.passed.is_some();
        (remembers(limits) || !is_used)
            // Half the range is out of reach, so that the count never stands still.
            && self.judged <= Tick::LAST.as_millis()
            && is_within(self.requesters.len(), limits.requesters)
            && self.order.len() == self.requesters.len()
            && self.order.iter().all(is_ordered)
            && self.requesters.iter().all(|(by, requester)| {
                let is_by = match by {
                    Actor::Device { user, device } => is_good(user) && is_good(device),
                    Actor::Backend => true,
                };
                is_by
                    && requester.is_sound(limits)
                    && requester.last <= self.judged
                    && requester.since <= self.passed
            })
    }
}

impl Requester {
    fn is_sound(&self, limits: &Limits) -> bool {
        let lowest = |highest| Self::lowest(highest, limits.requests_per_requester);
        let lowest = self.highest().map(lowest);
        self.last > 0
            && lowest
                .is_some_and(|lowest| self.requests.keys().all(|request_id| *request_id >= lowest))
            && self.requests.iter().all(|(request_id, judged)| {
                judged.reply.request_id == *request_id && judged.is_sound()
            })
    }
}

impl Judged {
    /// Whether the answer is one to the command.
    const fn is_sound(&self) -> bool {
        self.reply.next_request_id.is_none()
            && matches!(
                (&self.command, &self.reply.answer),
                (_, Err(_))
                    | (Command::CallUserToRoom { .. }, Ok(Answer::CallUserToRoom(_)))
                    | (Command::CancelCall { .. }, Ok(Answer::CancelCall(_)))
                    | (Command::RevokeCall { .. }, Ok(Answer::RevokeCall(_)))
                    | (Command::AcceptCall { .. }, Ok(Answer::AcceptCall { .. }))
                    | (Command::RejectCall { .. }, Ok(Answer::RejectCall { .. }))
            )
    }
}

fn refused(rule: Rule, message: String) -> Refused {
    Refused { code: -1001, rule, message, ended: None }
}
