//! One request that was judged, and its answer when it is repeated.

use alloc::vec::Vec;
use core::num::NonZeroU64;

use super::Digest;
use crate::domain::call::{CallResult, Ending};
use crate::domain::id::{Attempt, UserId};
use crate::domain::input::Command;
use crate::domain::limits::Limits;
use crate::domain::output::{Answer, CalleeResult, WithdrawResult};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;
use crate::switchboard::decide::first_seen;
use crate::switchboard::outcome::Outcome;
use crate::switchboard::plan::Plan;
use crate::switchboard::state::Names;

/// A request that was judged. The names of the ending in a refusal are used.
#[derive(Clone, Debug)]
pub(in crate::switchboard) struct Request {
    pub(super) id: u64,
    /// Of the command ([`Digest::hash`](super::Digest)).
    pub(super) digest: u128,
    pub(super) answer: Result<Answer, Refusal>,
    pub(super) results: Results,
}

/// The results of a request, by place.
#[derive(Clone, Debug)]
pub(in crate::switchboard) enum Results {
    None,
    Called(Vec<Remembered<CallResult>>),
    Withdrawn(Vec<Remembered<WithdrawResult>>),
}

/// The result of one callee, in 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::switchboard) struct Remembered<R> {
    result: R,
    /// Attempts are numbered from 1 (C-06).
    attempt: Option<NonZeroU64>,
}

impl<R: Copy> Remembered<R> {
    pub(in crate::switchboard) fn new(result: R, attempt: Option<Attempt>) -> Self {
        Self { result, attempt: attempt.and_then(|attempt| NonZeroU64::new(attempt.get())) }
    }

    pub(in crate::switchboard) const fn result(&self) -> R {
        self.result
    }

    pub(in crate::switchboard) fn attempt(&self) -> Option<Attempt> {
        self.attempt.map(|attempt| Attempt::new(attempt.get()))
    }
}

/// Copies results to memory of others if it is of their size, so that none is kept that is not used.
fn copy<R: Copy>(memory: Vec<Remembered<R>>, results: &[CalleeResult<R>]) -> Vec<Remembered<R>> {
    let mut copy = if memory.capacity() == results.len() { memory } else { Vec::new() };
    copy.clear();
    copy.reserve_exact(results.len());
    copy.extend(results.iter().map(|it| Remembered::new(it.result, it.attempt)));
    copy
}

impl Results {
    /// Those of a withdrawal.
    pub(in crate::switchboard) fn withdrawn(&self) -> &[Remembered<WithdrawResult>] {
        match self {
            Self::Withdrawn(results) => results,
            Self::None | Self::Called(_) => &[],
        }
    }

    /// The results of an outcome, in the memory of others if it fits.
    pub(super) fn of(outcome: &Outcome, memory: Self) -> Self {
        if !outcome.called.is_empty() {
            let memory = if let Self::Called(results) = memory { results } else { Vec::new() };
            Self::Called(copy(memory, &outcome.called))
        } else if !outcome.withdrawn.is_empty() {
            let memory = if let Self::Withdrawn(results) = memory { results } else { Vec::new() };
            Self::Withdrawn(copy(memory, &outcome.withdrawn))
        } else {
            Self::None
        }
    }
}

impl Request {
    /// The outcome of the request when it was judged, without effects.
    pub(in crate::switchboard) fn repeat(
        &self,
        command: &Command<'_>,
        plan: &mut Plan,
        outcome: &mut Outcome,
    ) {
        outcome.answer = self.answer;
        outcome.unchanged = Some(Rule::X02);
        let callees = match command {
            Command::CallUserToRoom { callees, .. }
            | Command::CancelCall { callees, .. }
            | Command::RevokeCall { callees, .. } => *callees,
            Command::AcceptCall { .. }
            | Command::RejectCall { .. }
            | Command::RevokeUserCalls { .. }
            | Command::MarkCallsSeen { .. }
            | Command::Ringing { .. } => &[],
        };
        first_seen(callees, &mut plan.callees);
        let callees = plan.callees.iter().map(|(callee, _)| *callee);
        self.fill(callees, outcome);
    }

    /// A request of a snapshot.
    pub(in crate::switchboard) const fn restored(
        id: u64,
        digest: u128,
        answer: Result<Answer, Refusal>,
        results: Results,
    ) -> Self {
        Self { id, digest, answer, results }
    }

    /// Whether it is the same command.
    pub(super) const fn is_of(&self, digest: Digest) -> bool {
        self.digest == digest.hash() && digest.can_have(self.answer)
    }

    pub(in crate::switchboard) const fn id(&self) -> u64 {
        self.id
    }

    pub(in crate::switchboard) const fn digest(&self) -> u128 {
        self.digest
    }

    pub(in crate::switchboard) const fn results(&self) -> &Results {
        &self.results
    }

    /// Forgets that it was a user who ended a call (F-20).
    pub(super) fn erase(&mut self, names: &mut Names, user: UserId) {
        if self.ending().is_some_and(|ending| ending.user == Some(user)) {
            release_ending(names, self.answer);
            if let Err(refusal) = &mut self.answer {
                refusal.forget_user();
            }
        }
    }

    /// The names that the answer refers to.
    pub(in crate::switchboard) fn ending(&self) -> Option<Ending> {
        ending_of(self.answer)
    }

    pub(in crate::switchboard) const fn answer(&self) -> Result<Answer, Refusal> {
        self.answer
    }

    /// How many results there are.
    pub(in crate::switchboard) fn len(&self) -> usize {
        match &self.results {
            Results::None => 0,
            Results::Called(results) => results.len(),
            Results::Withdrawn(results) => results.len(),
        }
    }

    /// A refusal names the limit of now: a snapshot does not have the one of then (F-19).
    pub(super) fn renew(&mut self, limits: &Limits) {
        if let Err(refusal) = &mut self.answer {
            refusal.renew(limits);
        }
    }

    /// How many there can be.
    pub(super) fn most(&self, limits: &Limits) -> u32 {
        match self.answer {
            Ok(Answer::UserCallsRevoked { .. }) => limits.page_size.max(1),
            Ok(_) | Err(_) => limits.callees,
        }
    }

    /// The results, for these callees in first-seen order. Where the command names none, as a
    /// `revokeUserCalls`, the callees are not remembered.
    pub(in crate::switchboard) fn fill(
        &self,
        callees: impl Iterator<Item = UserId>,
        outcome: &mut Outcome,
    ) {
        match &self.results {
            Results::None => {}
            Results::Called(results) => outcome.called.extend(zip(callees, results)),
            Results::Withdrawn(results) => {
                let callees = callees.chain(core::iter::repeat(UserId::NONE));
                outcome.withdrawn.extend(zip(callees, results));
            }
        }
    }
}

fn zip<R: Copy>(
    callees: impl Iterator<Item = UserId>,
    results: &[Remembered<R>],
) -> impl Iterator<Item = CalleeResult<R>> {
    callees.zip(results).map(|(callee, it)| CalleeResult {
        callee,
        result: it.result(),
        attempt: it.attempt(),
    })
}

fn ending_of(answer: Result<Answer, Refusal>) -> Option<Ending> {
    answer.err().and_then(|refusal| refusal.ended())
}

pub(super) fn retain_ending(names: &mut Names, answer: Result<Answer, Refusal>) {
    let Some(ending) = ending_of(answer) else { return };
    if let Some(user) = ending.user {
        names.users.retain(user);
    }
    if let Some(device) = ending.device {
        names.devices.retain(device);
    }
}

pub(super) fn release_ending(names: &mut Names, answer: Result<Answer, Refusal>) {
    let Some(ending) = ending_of(answer) else { return };
    if let Some(user) = ending.user {
        names.users.release(user);
    }
    if let Some(device) = ending.device {
        names.devices.release(device);
    }
}
