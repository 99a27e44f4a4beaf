//! The second phase for asks: pure, `&self`. One function a command.

use super::commit::Change;
use super::find::Open;
use super::state::{Cause, Seat};
use super::{Judged, Switchboard, is_within};
use crate::store::NONE;
use crate::{
    Action, ActiveCalls, Actor, Answer, Attempt, CallRejectionReason, CallRelation, CallResult,
    Command, DeviceId, Duplicate, Ending, EndingKind, InOtherRoom, Input, Outcome, Refusal, RoomId,
    Rule, Timeout, UserId, WithdrawResult, permits,
};

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
    #[inline]
    pub(super) fn decide(&self, input: &Input<'_>, step: &mut Outcome) -> Judged {
        match input {
            Input::Tick => Ok(Answer::Applied),
            Input::Fact(fact) => Ok(self.take_note(fact, step)),
            Input::Ask { by, command } => self.ask(*by, command, step),
        }
    }

    #[inline]
    fn ask(&self, by: Actor, command: &Command<'_>, step: &mut Outcome) -> Judged {
        self.known(by)?;
        match *command {
            Command::CallUserToRoom { room, callees, timeout, extension } => {
                self.distinct(callees, step)?;
                self.call_user_to_room(by, room, timeout, extension, step)
            }
            Command::CancelCall { room, callees } => {
                self.distinct(callees, step)?;
                self.cancel_call(by, room, step)
            }
            Command::RevokeCall { room, callees } => {
                self.distinct(callees, step)?;
                self.revoke_call(by, room, step)
            }
            Command::AcceptCall { room, attempt } => {
                self.answer(by, room, attempt, Verb::Accept, step)
            }
            Command::RejectCall { room, attempt, reason } => {
                self.answer(by, room, attempt, Verb::Reject(reason), step)
            }
        }
    }

    #[inline]
    fn call_user_to_room(
        &self,
        by: Actor,
        room: RoomId,
        timeout: Timeout,
        extension: &str,
        step: &mut Outcome,
    ) -> Judged {
        self.is_allowed(timeout)?;
        if !is_within(extension.len(), self.limits.extension_bytes) {
            return Err(Refusal::ExtensionTooLong { limit: self.limits.extension_bytes });
        }
        let target = self.room(room)?;
        permits(
            self.policy.may_call,
            self.standing(target, by),
            CallRelation::Caller,
            Action::Call,
        )?;
        for &(callee, _) in &step.callees {
            let result = self.call_result(target, callee);
            step.called.push((callee, result));
            if result == CallResult::Success {
                step.plan.push(if self.is_elsewhere(callee, target) {
                    Change::RejectAtOnce { callee }
                } else {
                    Change::Ring { callee }
                });
            }
        }
        self.has_space(target, step.plan.len())?;
        Ok(Answer::Called)
    }

    /// L-04, L-05
    #[inline]
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
    #[inline]
    fn call_result(&self, target: Open<'_>, callee: UserId) -> CallResult {
        let user = self.user(callee.0.slot());
        if self.is_present(target.at, callee.0.slot()) {
            return CallResult::AlreadyInRoom;
        }
        // C-07
        let is_called = match self.policy.active_calls {
            ActiveCalls::PerUser => !user.live.is_empty(),
            ActiveCalls::PerRoom => self.live_call(target.at, callee.0.slot()).is_some(),
        };
        if is_called { CallResult::AlreadyInCalling } else { CallResult::Success }
    }

    /// C-08, C-09
    #[inline]
    fn is_elsewhere(&self, user: UserId, target: Open<'_>) -> bool {
        match self.policy.in_other_room {
            InOtherRoom::Ring => false,
            InOtherRoom::Reject => {
                let is_elsewhere = |seat: &Seat| seat.is_present && seat.room != target.at;
                // Those that a user is present in come first.
                let seats = self.user(user.0.slot()).seats;
                seats.iter(&self.seats.arena, Seat::OF_USER).take(2).any(|(_, s)| is_elsewhere(s))
            }
        }
    }

    /// L-07, L-08
    #[inline]
    fn has_space(&self, target: Open<'_>, successes: usize) -> Result<(), Refusal> {
        let more = u32::try_from(successes).unwrap_or(u32::MAX);
        let limits = &self.limits;
        if more == 0 {
            Ok(())
        } else if target.room.live.saturating_add(more) > limits.live_calls_per_room {
            Err(Refusal::RoomCallLimit { limit: limits.live_calls_per_room })
        } else if self.live.saturating_add(more) > limits.live_calls || !self.calls.arena.fits(more)
        {
            Err(Refusal::CallLimit { limit: limits.live_calls })
        } else {
            Ok(())
        }
    }

    fn cancel_call(&self, by: Actor, room: RoomId, step: &mut Outcome) -> Judged {
        let target = self.room(room)?;
        permits(
            self.policy.may_call,
            self.standing(target, by),
            CallRelation::Caller,
            Action::Cancel,
        )?;
        let Actor::Device { user: caller, device } = by else {
            return Err(Refusal::NotYours);
        };
        Ok(self.withdraw(target, Withdrawal::Cancel { caller, device }, step))
    }

    fn revoke_call(&self, by: Actor, room: RoomId, step: &mut Outcome) -> Judged {
        let target = self.room(room)?;
        permits(
            self.policy.may_call,
            self.standing(target, by),
            CallRelation::Stranger,
            Action::Revoke,
        )?;
        Ok(self.withdraw(target, Withdrawal::Revoke { by }, step))
    }

    fn withdraw(&self, target: Open<'_>, withdrawal: Withdrawal, step: &mut Outcome) -> Answer {
        let (ending, because) = match withdrawal {
            Withdrawal::Cancel { device, .. } => (Cause::Cancelled { device }, Rule::E05),
            Withdrawal::Revoke { by } => (Cause::Revoked { by }, Rule::E06),
        };
        for &(callee, _) in &step.callees {
            let (result, ends) = self.withdraw_one(target, callee, withdrawal);
            step.withdrawn.push((callee, result));
            let end = |(call, attempt)| Change::End { attempt, call, ending, because };
            step.plan.extend(ends.map(end));
        }
        // O-01
        step.plan.sort_unstable_by_key(Change::attempt);
        Answer::Withdrawn
    }

    /// What becomes of one callee, and the attempt that ends for it (E-05, E-06, E-12 to E-14).
    fn withdraw_one(
        &self,
        target: Open<'_>,
        callee: UserId,
        withdrawal: Withdrawal,
    ) -> (WithdrawResult, Option<(u32, Attempt)>) {
        let callee = callee.0.slot();
        let live = self.live_call(target.at, callee);
        match (live, withdrawal) {
            (Some((at, call)), Withdrawal::Revoke { .. }) => {
                (WithdrawResult::Revoked, Some((at, call.number())))
            }
            (Some((at, call)), Withdrawal::Cancel { caller, device }) => {
                let by = Actor::Device { user: caller, device };
                let is_own = call.caller == caller.0.slot();
                let tie = if is_own { CallRelation::Caller } else { CallRelation::Stranger };
                let standing = self.standing(target, by);
                match permits(self.policy.may_call, standing, tie, Action::Cancel) {
                    Ok(()) => (WithdrawResult::Cancelled, Some((at, call.number()))),
                    Err(_) => (WithdrawResult::NotYours, None),
                }
            }
            (None, _) => {
                let ended = self.remembered(target.at, callee).map(|(_, call)| call);
                let told = ended.filter(|call| match withdrawal {
                    Withdrawal::Revoke { .. } => true,
                    Withdrawal::Cancel { caller, .. } => call.caller == caller.0.slot(),
                });
                let already = told.map(|call| WithdrawResult::Already(call.how));
                (already.unwrap_or(WithdrawResult::NotCalling), None)
            }
        }
    }

    /// E-01, E-02, E-08 to E-11
    #[inline]
    fn answer(
        &self,
        by: Actor,
        room: RoomId,
        named: Option<Attempt>,
        verb: Verb,
        step: &mut Outcome,
    ) -> Judged {
        let target = self.room(room)?;
        permits(
            self.policy.may_call,
            self.standing(target, by),
            CallRelation::Callee,
            Action::Answer,
        )?;
        let Actor::Device { user, device } = by else {
            return Err(Refusal::NotYours);
        };
        let names_one = named.is_some();
        let is_meant = |attempt| !names_one || named == Some(attempt);
        let live = self.live_call(target.at, user.0.slot());
        if let Some((call, attempt)) =
            live.map(|(at, call)| (at, call.number())).filter(|(_, attempt)| is_meant(*attempt))
        {
            let (ending, because) = match verb {
                Verb::Accept => (Cause::Accepted { device }, Rule::E01),
                Verb::Reject(reason) => (Cause::Rejected { device, reason }, Rule::E02),
            };
            step.plan.push(Change::End { attempt, call, ending, because });
            return Ok(verb.answer(attempt, Duplicate::No));
        }
        let remembered = self.remembered(target.at, user.0.slot()).map(|(_, call)| call);
        let Some(call) = remembered.filter(|call| is_meant(call.number())) else {
            return Err(Refusal::NoSuchCall);
        };
        let ended = self.ended(call);
        let is_mine = ended.how == verb.how() && ended.device == Some(device);
        if is_mine {
            return Ok(verb.answer(ended.attempt, Duplicate::Yes));
        }
        Err(Refusal::AlreadyHandled { ended })
    }

    /// What the loser of a race is told of a call that has ended (E-09).
    pub(super) fn ended(&self, call: &crate::switchboard::state::Call) -> Ending {
        let (user, device) = call.by();
        Ending {
            how: call.how,
            attempt: call.number(),
            user: (user != NONE).then(|| UserId(self.names.users.handle(user))),
            device: (device != NONE).then(|| DeviceId(self.names.devices.handle(device))),
        }
    }

    /// N-01
    #[inline]
    pub(super) fn known(&self, by: Actor) -> Result<(), Refusal> {
        match by {
            Actor::Backend => Ok(()),
            Actor::Device { user, device } => {
                let user = self.names.users.get(user.0).is_some();
                let is_known = user && self.names.devices.get(device.0).is_some();
                if is_known { Ok(()) } else { Err(Refusal::StaleHandle) }
            }
        }
    }

    /// N-01, L-02, L-03: the callees once each, in first-seen order (C-03), onto the step.
    #[inline]
    fn distinct(&self, callees: &[UserId], step: &mut Outcome) -> Result<(), Refusal> {
        if callees.iter().any(|callee| self.names.users.get(callee.0).is_none()) {
            return Err(Refusal::StaleHandle);
        }
        let distinct = &mut step.callees;
        distinct.clear();
        if let &[callee] = callees {
            distinct.push((callee, 0));
        } else {
            distinct.extend(callees.iter().copied().zip(0_usize..));
            distinct.sort_unstable();
            distinct.dedup_by_key(|(callee, _)| *callee);
            distinct.sort_unstable_by_key(|(_, place)| *place);
        }
        if distinct.is_empty() {
            return Err(Refusal::EmptyList);
        }
        if !is_within(distinct.len(), self.limits.callees) {
            return Err(Refusal::TooManyCallees { limit: self.limits.callees });
        }
        Ok(())
    }
}

impl Verb {
    const fn how(self) -> EndingKind {
        match self {
            Self::Accept => EndingKind::Accepted,
            Self::Reject(_) => EndingKind::Rejected,
        }
    }

    const fn answer(self, attempt: Attempt, duplicate: Duplicate) -> Answer {
        match self {
            Self::Accept => Answer::Accepted { attempt, duplicate },
            Self::Reject(_) => Answer::Rejected { attempt, duplicate },
        }
    }
}
