//! One unanswered request: when it may be sent, when it is sent again, and when it is abandoned
//! (D-15, D-17, D-20).

use alloc::string::String;
use alloc::vec::Vec;

use super::DeviceTick;
use super::Link;
use super::effect::Effect;
use super::progress::Progress;
use super::quiet::resized;
use crate::protocol::{Command, Query, Request};

/// An unanswered request.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Unanswered {
    request: Request,
    /// For a call: when it is abandoned (D-20).
    expires_at: Option<DeviceTick>,
    /// For a call, a cancel and a revoke: when it is abandoned if it was not sent before (D-20).
    /// Texts of before lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<DeviceTick>,
    /// When it was last sent, or last refused because of the switchboard's load, in this life.
    sent_at: Option<DeviceTick>,
    /// How many milliseconds it has to wait after that at least (D-17).
    #[serde(skip)]
    retry_after: u64,
    /// Whether it was ever sent: then it keeps its number for good (D-15).
    was_sent: bool,
    /// For a cancel: the attempts that were known when it was tapped, by callee (D-21).
    attempts: Vec<(String, u64)>,
}

/// Which answer to a call is unanswered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CallAnswer {
    Accept,
    Reject,
}

/// Which snapshots were applied (D-15).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Readiness {
    /// None in this life.
    None,
    /// One in this life, and none since the link came up.
    Before,
    /// One since the link came up.
    Now,
}

impl Readiness {
    /// After the link has come up.
    pub(super) const fn on_link_up(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Before | Self::Now => Self::Before,
        }
    }
}

/// What decides whether a request can be sent now (D-15).
#[derive(Clone, Copy)]
pub(super) struct Gate {
    pub(super) link: Link,
    pub(super) readiness: Readiness,
    pub(super) clock: DeviceTick,
}

impl Unanswered {
    pub(super) fn command(command: Command) -> Self {
        Self::new(Request::Command(command))
    }

    /// A call that is abandoned at `expires_at`, or at `valid_until` if it was not sent before
    /// (D-20).
    pub(super) fn call(
        command: Command,
        expires_at: Option<DeviceTick>,
        valid_until: DeviceTick,
    ) -> Self {
        Self { expires_at, ..Self::revoke(command, valid_until) }
    }

    /// A cancel of these attempts, by callee (D-21), which is abandoned at `valid_until` if it was
    /// not sent before (D-20).
    pub(super) fn cancel(
        command: Command,
        attempts: Vec<(String, u64)>,
        valid_until: DeviceTick,
    ) -> Self {
        Self { attempts, ..Self::revoke(command, valid_until) }
    }

    /// A revoke that is abandoned at `valid_until` if it was not sent before (D-20).
    pub(super) fn revoke(command: Command, valid_until: DeviceTick) -> Self {
        Self { valid_until: Some(valid_until), ..Self::command(command) }
    }

    pub(super) const fn query(query: Query) -> Self {
        Self::new(Request::Query(query))
    }

    const fn new(request: Request) -> Self {
        Self {
            request,
            expires_at: None,
            valid_until: None,
            sent_at: None,
            retry_after: 0,
            was_sent: false,
            attempts: Vec::new(),
        }
    }

    /// What it asks for, and the attempts that a cancel is about, by callee.
    pub(super) fn into_parts(self) -> (Request, Vec<(String, u64)>) {
        (self.request, self.attempts)
    }

    pub(super) const fn as_command(&self) -> Option<&Command> {
        match &self.request {
            Request::Command(command) => Some(command),
            Request::Query(_) => None,
        }
    }

    pub(super) const fn is_snapshot(&self) -> bool {
        // Handsets of before asked for the incoming calls alone; a saved state may hold that.
        matches!(
            &self.request,
            Request::Query(Query::GetMyCalls { .. } | Query::GetIncomingCalls { .. })
        )
    }

    pub(super) const fn is_of_log(&self) -> bool {
        matches!(&self.request, Request::Query(Query::GetCallLog { .. }))
    }

    /// The attempt that it accepts or rejects.
    pub(super) const fn call_answer(&self) -> Option<(u64, CallAnswer)> {
        match self.as_command() {
            Some(Command::AcceptCall { attempt: Some(attempt), .. }) => {
                Some((*attempt, CallAnswer::Accept))
            }
            Some(Command::RejectCall { attempt: Some(attempt), .. }) => {
                Some((*attempt, CallAnswer::Reject))
            }
            Some(
                Command::AcceptCall { attempt: None, .. }
                | Command::RejectCall { attempt: None, .. }
                | Command::CallUserToRoom { .. }
                | Command::CancelCall { .. }
                | Command::RevokeCall { .. }
                | Command::RevokeUserCalls { .. }
                | Command::MarkCallsSeen { .. }
                | Command::Ringing { .. },
            )
            | None => None,
        }
    }

    /// When it is to be sent again (D-17).
    pub(super) fn retry_at(&self, gate: Gate, retry_interval: u64) -> Option<DeviceTick> {
        let sent_at = self.sent_at.filter(|_| gate.link == Link::Up)?;
        Some(sent_at.plus(retry_interval.max(self.retry_after).max(1)))
    }

    /// The switchboard's host refuses it because of its load: it is sent again no sooner than
    /// `retry_after` later (L-15). One that was not sent in this life is sent when it can be.
    pub(super) fn postpone(&mut self, retry_after: u64, clock: DeviceTick) {
        self.sent_at = self.sent_at.map(|_| clock);
        self.retry_after = retry_after;
    }

    pub(super) fn send(&mut self, request_id: u64, gate: Gate, effects: &mut Vec<Effect>) {
        if gate.link == Link::Up && self.is_allowed(gate.readiness) {
            self.sent_at = Some(gate.clock);
            self.retry_after = 0;
            self.was_sent = true;
            let request_id = Some(request_id);
            effects.push(Effect::Send { request_id, request: self.request.clone() });
        }
    }

    /// Whether it may be sent after these snapshots: a number that was never used may be another's
    /// by now.
    const fn is_allowed(&self, readiness: Readiness) -> bool {
        match readiness {
            Readiness::Now => true,
            Readiness::Before => self.was_sent || self.as_command().is_none(),
            Readiness::None => self.as_command().is_none(),
        }
    }

    /// What it asks for, if it was ever sent.
    pub(super) fn sent(&self) -> Option<&Request> {
        self.was_sent.then_some(&self.request)
    }

    /// What a call that is abandoned came to (D-20).
    pub(super) const fn abandoned(&self) -> Progress {
        if self.was_sent { Progress::Unknown } else { Progress::NotSent }
    }

    /// When it is abandoned (D-20).
    pub(super) fn expires_at(&self) -> Option<DeviceTick> {
        let valid_until = self.valid_until.filter(|_| !self.was_sent);
        self.expires_at.into_iter().chain(valid_until).min()
    }

    /// What is too old at `old` milliseconds is so at `new` ones (D-34).
    pub(super) fn resize(&mut self, old: u64, new: u64, clock: DeviceTick) {
        self.valid_until = self.valid_until.map(|at| resized(at, old, new, clock));
    }

    /// It was not sent in the life that begins, whose clock goes from `clock` to 0. If nobody knows
    /// how long the process was dead, a call has expired, and a cancel or revoke that was never
    /// sent is too old (D-20, D-25).
    pub(super) fn restart(&mut self, clock: DeviceTick, is_known: bool) {
        self.sent_at = None;
        self.retry_after = 0;
        let rebase = |at| DeviceTick::START.plus(clock.until(at));
        self.expires_at = self.expires_at.map(rebase);
        self.valid_until = self.valid_until.map(rebase);
        if !is_known {
            self.expire();
        }
    }

    /// Nobody knows how old it is: too old. One that has no limit, too.
    fn expire(&mut self) {
        match self.as_command() {
            Some(Command::CallUserToRoom { .. }) => self.expires_at = Some(DeviceTick::START),
            Some(
                Command::CancelCall { .. }
                | Command::RevokeCall { .. }
                | Command::RevokeUserCalls { .. },
            ) => self.valid_until = Some(DeviceTick::START),
            Some(
                Command::AcceptCall { .. }
                | Command::RejectCall { .. }
                | Command::MarkCallsSeen { .. }
                | Command::Ringing { .. },
            )
            | None => {}
        }
    }
}
