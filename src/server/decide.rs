//! The second phase for asks: pure, `&self`. One function a command.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::commit::{Change, NewCall};
use super::state::{Call, Ending, Room};
use super::{Judged, Switchboard, is_within};
use crate::protection::{Protection, holds};
use crate::{
    Act, ActiveCalls, Actor, Again, Answer, Attempt, CallRejectionReason, CallResult, Command,
    DeviceId, How, InOtherRoom, Input, Refusal, RoomId, Rule, Standing, Step, Tie, Timeout, UserId,
    WithdrawResult, permits,
};

/// An answer, and what is to happen for it.
#[derive(Debug)]
pub(super) struct Decision<'a> {
    pub(super) answer: Answer,
    pub(super) changes: Vec<Change<'a>>,
}

impl Decision<'_> {
    pub(super) const fn unchanged(answer: Answer) -> Self {
        Self { answer, changes: Vec::new() }
    }
}

/// What a device says to a call.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Accept,
    Reject(CallRejectionReason),
}

/// Who withdraws calls, and as what.
#[derive(Clone, Copy, Debug)]
enum Withdrawal {
    Cancel { caller: UserId, device: DeviceId },
    Revoke { by: Actor },
}

impl Switchboard {
    pub(super) fn decide<'a>(&self, input: Input<'a>, step: &mut Step) -> Judged<'a> {
        match input {
            Input::Tick => Ok(Decision::unchanged(Answer::Noted)),
            Input::Fact(fact) => Ok(self.take_note(fact)),
            Input::Ask { by, command } => self.ask(by, command, step),
        }
    }

    fn ask<'a>(&self, by: Actor, command: Command<'a>, step: &mut Step) -> Judged<'a> {
        self.known(by)?;
        match command {
            Command::CallUserToRoom { room, callees, timeout, extension } => {
                let callees = self.distinct(callees)?;
                self.call_user_to_room(by, room, &callees, timeout, extension, step)
            }
            Command::CancelCall { room, callees } => {
                let callees = self.distinct(callees)?;
                self.cancel_call(by, room, &callees, step)
            }
            Command::RevokeCall { room, callees } => {
                let callees = self.distinct(callees)?;
                self.revoke_call(by, room, &callees, step)
            }
            Command::AcceptCall { room, attempt } => self.answer(by, room, attempt, Verb::Accept),
            Command::RejectCall { room, attempt, reason } => {
                self.answer(by, room, attempt, Verb::Reject(reason))
            }
        }
    }

    fn call_user_to_room<'a>(
        &self,
        by: Actor,
        room: RoomId,
        callees: &[UserId],
        timeout: Timeout,
        extension: &'a str,
        step: &mut Step,
    ) -> Judged<'a> {
        self.is_allowed(timeout)?;
        if !is_within(extension.len(), self.limits.extension_bytes) {
            return Err(Refusal::ExtensionTooLong { limit: self.limits.extension_bytes });
        }
        let target = self.room(room)?;
        permits(self.policy.may_call, Self::standing(target, by), Tie::Caller, Act::Call)?;
        let Actor::Device { user: caller, device } = by else {
            return Err(Refusal::CallerNotInRoom);
        };
        let mut changes = Vec::new();
        for &callee in callees {
            let result = self.call_result(target, callee);
            step.called.push((callee, result));
            if result != CallResult::Success {
                continue;
            }
            let new = NewCall { room, callee, caller, device, timeout, extension };
            changes.push(if self.is_elsewhere(callee, room) {
                Change::RejectAtOnce(new)
            } else {
                Change::Ring(new)
            });
        }
        self.has_space(target, changes.len())?;
        Ok(Decision { answer: Answer::Called, changes })
    }

    /// L-04, L-05
    fn is_allowed(&self, timeout: Timeout) -> Result<(), Refusal> {
        match timeout {
            Timeout::After(length) if length.get() > self.limits.timeout_max => {
                Err(Refusal::TimeoutTooLong { limit: self.limits.timeout_max })
            }
            Timeout::Never if !self.limits.never => Err(Refusal::NeverNotAllowed),
            Timeout::After(_) | Timeout::Never => Ok(()),
        }
    }

    /// C-04, C-05, C-06. Per room, no other room has a part in it (N-05).
    fn call_result(&self, room: &Room, callee: UserId) -> CallResult {
        if room.present.contains(&callee) {
            return CallResult::AlreadyInRoom;
        }
        // C-07
        let is_called = match self.policy.active_calls {
            ActiveCalls::PerUser => self.users.get(&callee).is_some_and(|u| !u.live.is_empty()),
            ActiveCalls::PerRoom => self.live_call(room, callee).is_some(),
        };
        if is_called { CallResult::AlreadyInCalling } else { CallResult::Success }
    }

    /// C-08, C-09
    fn is_elsewhere(&self, user: UserId, room: RoomId) -> bool {
        match self.policy.in_other_room {
            InOtherRoom::Ring => false,
            InOtherRoom::Reject => {
                self.users.get(&user).is_some_and(|user| user.rooms.iter().any(|r| *r != room))
            }
        }
    }

    /// L-07, L-08
    fn has_space(&self, room: &Room, successes: usize) -> Result<(), Refusal> {
        let more = u32::try_from(successes).unwrap_or(u32::MAX);
        let limits = &self.limits;
        if more == 0 {
            Ok(())
        } else if room.live.saturating_add(more) > limits.live_calls_per_room {
            Err(Refusal::RoomCallLimit { limit: limits.live_calls_per_room })
        } else if self.live.saturating_add(more) > limits.live_calls {
            Err(Refusal::CallLimit { limit: limits.live_calls })
        } else {
            Ok(())
        }
    }

    fn cancel_call(
        &self,
        by: Actor,
        room: RoomId,
        callees: &[UserId],
        step: &mut Step,
    ) -> Judged<'static> {
        let target = self.room(room)?;
        permits(self.policy.may_call, Self::standing(target, by), Tie::Caller, Act::Cancel)?;
        let Actor::Device { user: caller, device } = by else {
            return Err(Refusal::NotYours);
        };
        let withdrawal = Withdrawal::Cancel { caller, device };
        Ok(self.withdraw(target, callees, withdrawal, step))
    }

    fn revoke_call(
        &self,
        by: Actor,
        room: RoomId,
        callees: &[UserId],
        step: &mut Step,
    ) -> Judged<'static> {
        let target = self.room(room)?;
        permits(self.policy.may_call, Self::standing(target, by), Tie::Stranger, Act::Revoke)?;
        Ok(self.withdraw(target, callees, Withdrawal::Revoke { by }, step))
    }

    fn withdraw(
        &self,
        room: &Room,
        callees: &[UserId],
        withdrawal: Withdrawal,
        step: &mut Step,
    ) -> Decision<'static> {
        let mut ending = Vec::new();
        for &callee in callees {
            let (result, attempt) = self.withdraw_one(room, callee, withdrawal);
            step.withdrawn.push((callee, result));
            ending.extend(attempt);
        }
        // O-01
        ending.sort_unstable();
        let (ends, because) = match withdrawal {
            Withdrawal::Cancel { device, .. } => (Ending::Cancelled { device }, Rule::E05),
            Withdrawal::Revoke { by } => (Ending::Revoked { by }, Rule::E06),
        };
        let end = |attempt| Change::End { attempt, ending: ends, because };
        let changes = ending.into_iter().map(end).collect();
        Decision { answer: Answer::Withdrawn, changes }
    }

    /// What becomes of one callee, and the attempt that ends for it (E-05, E-06, E-12 to E-14).
    fn withdraw_one(
        &self,
        room: &Room,
        callee: UserId,
        withdrawal: Withdrawal,
    ) -> (WithdrawResult, Option<Attempt>) {
        let remembered = room.ended.get(&callee);
        let already = remembered.map(|r| WithdrawResult::Already(r.ended.how));
        match (self.live_call(room, callee), withdrawal) {
            (Some((attempt, _)), Withdrawal::Revoke { .. }) => {
                (WithdrawResult::Revoked, Some(attempt))
            }
            (Some((attempt, call)), Withdrawal::Cancel { caller, device }) => {
                let by = Actor::Device { user: caller, device };
                let tie = if call.caller == caller { Tie::Caller } else { Tie::Stranger };
                let standing = Self::standing(room, by);
                match permits(self.policy.may_call, standing, tie, Act::Cancel) {
                    Ok(()) => (WithdrawResult::Cancelled, Some(attempt)),
                    Err(_) => (WithdrawResult::NotYours, None),
                }
            }
            (None, Withdrawal::Revoke { .. }) => {
                (already.unwrap_or(WithdrawResult::NotCalling), None)
            }
            (None, Withdrawal::Cancel { caller, .. }) => {
                let own = already.filter(|_| remembered.is_some_and(|r| r.caller == caller));
                (own.unwrap_or(WithdrawResult::NotCalling), None)
            }
        }
    }

    /// E-01, E-02, E-08 to E-11
    fn answer(
        &self,
        by: Actor,
        room: RoomId,
        named: Option<Attempt>,
        verb: Verb,
    ) -> Judged<'static> {
        let target = self.room(room)?;
        permits(self.policy.may_call, Self::standing(target, by), Tie::Callee, Act::Answer)?;
        let Actor::Device { user, device } = by else {
            return Err(Refusal::NotYours);
        };
        let names_one = named.is_some() && holds(Protection::AttemptInAccept);
        let is_meant = |attempt| !names_one || named == Some(attempt);
        let live = self.live_call(target, user).map(|(attempt, _)| attempt);
        if let Some(attempt) = live.filter(|attempt| is_meant(*attempt)) {
            let (ending, because) = match verb {
                Verb::Accept => (Ending::Accepted { device }, Rule::E01),
                Verb::Reject(reason) => (Ending::Rejected { device, reason }, Rule::E02),
            };
            let changes = vec![Change::End { attempt, ending, because }];
            return Ok(Decision { answer: verb.answer(attempt, Again::First), changes });
        }
        let remembered = target.ended.get(&user).filter(|r| is_meant(r.ended.attempt));
        let Some(ended) = remembered.map(|r| r.ended) else {
            return Err(Refusal::NoSuchCall);
        };
        let is_mine = ended.how == verb.how() && ended.device == Some(device);
        if is_mine || !holds(Protection::EndsOnce) {
            return Ok(Decision::unchanged(verb.answer(ended.attempt, Again::Repeat)));
        }
        if holds(Protection::LoserIsTold) {
            Err(Refusal::AlreadyHandled { ended })
        } else {
            Err(Refusal::NoSuchCall)
        }
    }

    /// N-01
    pub(super) fn known(&self, by: Actor) -> Result<(), Refusal> {
        match by {
            Actor::Backend => Ok(()),
            Actor::Device { user, device } => self
                .user_name(user)
                .and(self.device_name(device))
                .map(|_| ())
                .ok_or(Refusal::StaleHandle),
        }
    }

    /// N-01, L-02, L-03: the callees once each, in first-seen order (C-03).
    fn distinct(&self, callees: &[UserId]) -> Result<Vec<UserId>, Refusal> {
        if callees.iter().any(|callee| self.user_name(*callee).is_none()) {
            return Err(Refusal::StaleHandle);
        }
        let mut seen = BTreeSet::new();
        let distinct: Vec<_> = callees.iter().copied().filter(|c| seen.insert(*c)).collect();
        if distinct.is_empty() {
            return Err(Refusal::EmptyList);
        }
        if !is_within(distinct.len(), self.limits.callees) {
            return Err(Refusal::TooManyCallees { limit: self.limits.callees });
        }
        Ok(distinct)
    }

    ///
    pub(super) fn room(&self, room: RoomId) -> Result<&Room, Refusal> {
        self.rooms.get(&room).ok_or(Refusal::NoSuchRoom)
    }

    pub(super) fn standing(room: &Room, by: Actor) -> Standing {
        match by {
            Actor::Backend => Standing::Backend,
            Actor::Device { user, .. } if room.present.contains(&user) => {
                Standing::Inside(room.role(user))
            }
            Actor::Device { user, .. } => Standing::Outside(room.role(user)),
        }
    }

    /// The live attempt of a callee for a room.
    fn live_call(&self, room: &Room, callee: UserId) -> Option<(Attempt, &Call)> {
        let attempt = *room.records.get(&callee)?;
        let call = self.calls.get(&attempt)?;
        call.is_live().then_some((attempt, call))
    }
}

impl Verb {
    const fn how(self) -> How {
        match self {
            Self::Accept => How::Accepted,
            Self::Reject(_) => How::Rejected,
        }
    }

    const fn answer(self, attempt: Attempt, again: Again) -> Answer {
        match self {
            Self::Accept => Answer::Accepted { attempt, again },
            Self::Reject(_) => Answer::Rejected { attempt, again },
        }
    }
}
