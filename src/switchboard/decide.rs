//! The second phase for requests: pure. One function a command.

use alloc::vec::Vec;

use super::plan::{Change, Plan};
use super::respond::Response;
use super::state::{Call, Cause, NewCall, Room, State};
use crate::domain::call::CallResult;
use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input::{Actor, Command, Input, Role};
use crate::domain::limits::is_within;
use crate::domain::output::{Answer, CalleeResult, WithdrawResult};
use crate::domain::policy::{Action, ActiveCalls, CallRelation, InOtherRoom, Membership, permits};
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;
use crate::domain::time::Timeout;

/// Who withdraws calls, and as what.
#[derive(Clone, Copy, Debug)]
enum Withdrawal {
    Cancel { caller: UserId, device: DeviceId },
    Revoke { by: Actor },
}

/// A call of one caller to some callees: what they have in common.
#[derive(Clone, Copy, Debug)]
struct Invitation<'a> {
    room: RoomId,
    timeout: Timeout,
    extension: &'a str,
}

/// Decides an input: what is to happen is in the plan, which is empty before and complete after.
/// After a refusal the plan means nothing.
#[inline]
pub(super) fn decide(state: &State, input: &Input<'_>, plan: &mut Plan) -> Result<Answer, Refusal> {
    match input {
        Input::Tick => Ok(Answer::Applied),
        Input::Fact(fact) => Ok(state.decide_fact(fact, plan)),
        Input::Ask { by, command, .. } => state.decide_request(*by, command, plan),
    }
}

impl State {
    #[inline]
    fn decide_request(
        &self,
        by: Actor,
        command: &Command<'_>,
        plan: &mut Plan,
    ) -> Result<Answer, Refusal> {
        if !self.knows(by) {
            return Err(Refusal::StaleHandle);
        }
        match *command {
            Command::CallUserToRoom { room, callees, timeout, extension, caller } => {
                if caller.is_some_and(|caller| !self.names.users.contains(caller)) {
                    return Err(Refusal::StaleHandle);
                }
                self.distinct(callees, plan)?;
                self.call(by, caller, Invitation { room, timeout, extension }, plan)
            }
            Command::CancelCall { room, callees } => {
                self.distinct(callees, plan)?;
                self.cancel(by, room, plan)
            }
            Command::RevokeCall { room, callees } => {
                self.distinct(callees, plan)?;
                self.revoke(by, room, plan)
            }
            Command::AcceptCall { room, attempt } => {
                self.respond(by, room, attempt, Response::Accept, plan)
            }
            Command::RejectCall { room, attempt, reason } => {
                self.respond(by, room, attempt, Response::Reject(reason), plan)
            }
            Command::RevokeUserCalls { user, which } => {
                self.revoke_user_calls(by, user, which, plan)
            }
            Command::MarkCallsSeen { up_to } => self.mark_seen(by, up_to, plan),
            Command::Ringing { attempt } => self.ringing(by, attempt, plan),
        }
    }

    #[inline]
    fn call(
        &self,
        by: Actor,
        named: Option<UserId>,
        Invitation { room, timeout, extension }: Invitation<'_>,
        plan: &mut Plan,
    ) -> Result<Answer, Refusal> {
        self.is_allowed(timeout)?;
        if !is_within(extension.len(), self.limits.extension_bytes) {
            return Err(Refusal::ExtensionTooLong { limit: self.limits.extension_bytes });
        }
        let target = self.open_room(room)?;
        let (caller, device) = self.caller(target, by, named)?;
        let mut last = self.calls.last_attempt().get();
        let mut tries = 0_u32;
        for &(callee, _) in &plan.callees {
            let result = self.call_result(room, callee);
            let mut attempt = None;
            if result == CallResult::Success {
                last = last.saturating_add(1);
                attempt = Some(Attempt::new(last));
                // C-07, C-10: one record a room and callee.
                plan.changes.push(Change::Call {
                    call: NewCall { room, callee, caller, device, timeout },
                    replaced: self.calls.kept(room, callee).map(|(position, _)| position),
                    is_elsewhere: self.is_elsewhere(callee, room),
                });
            } else if result == CallResult::AlreadyInCalling && self.logs_try(room, callee, caller)
            {
                tries = tries.saturating_add(1);
                plan.changes.push(Change::LogTry { room, callee, caller });
            }
            plan.called.push(CalleeResult { callee, result, attempt });
        }
        let changes = u32::try_from(plan.changes.len()).unwrap_or(u32::MAX);
        let calls = changes.saturating_sub(tries);
        if !self.calls.has_numbers(calls, tries) {
            return Err(Refusal::NoNumbersLeft);
        }
        self.has_space(room, calls)?;
        // P-11: what the backend does is not counted.
        if named.is_none() {
            if let Some(arrival) = self.rates.allow(&self.limits, self.clock, caller, calls)? {
                plan.changes.push(Change::Count { caller, arrival });
            }
        }
        Ok(Answer::Called)
    }

    /// P-10, P-01, P-02: whose call it is, and which device makes it; none on behalf (P-11).
    #[inline]
    fn caller(
        &self,
        room: &Room,
        by: Actor,
        named: Option<UserId>,
    ) -> Result<(UserId, Option<DeviceId>), Refusal> {
        let (may_call, membership) = (self.policy.may_call, self.membership(room, by));
        if let Some(caller) = named {
            permits(may_call, membership, CallRelation::Stranger, Action::ActForUsers)?;
            let standing = self.standing(room, caller);
            permits(may_call, standing, CallRelation::Caller, Action::BeNamedCaller)?;
            return Ok((caller, None));
        }
        permits(may_call, membership, CallRelation::Caller, Action::Call)?;
        match by {
            Actor::Device { user, device } => Ok((user, Some(device))),
            Actor::Backend => Err(Refusal::CallerNotInRoom),
        }
    }

    /// L-04, L-05
    #[inline]
    const fn is_allowed(&self, timeout: Timeout) -> Result<(), Refusal> {
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
    fn call_result(&self, room: RoomId, callee: UserId) -> CallResult {
        if self.members.is_present(room, callee) {
            return CallResult::AlreadyInRoom;
        }
        // E-20
        if self.expected.find(room, callee).is_some() {
            return CallResult::AlreadyInCalling;
        }
        // C-07
        let is_called = match self.policy.active_calls {
            ActiveCalls::PerUser => self.calls.rings(callee),
            ActiveCalls::PerRoom => self.calls.live(room, callee).is_some(),
        };
        if is_called { CallResult::AlreadyInCalling } else { CallResult::Success }
    }

    /// The live attempts by which a callee is being called already (C-05, C-07).
    pub(super) fn counted_calls(
        &self,
        room: RoomId,
        callee: UserId,
    ) -> impl Iterator<Item = &Call> {
        let is_counted = move |call: &&Call| match self.policy.active_calls {
            ActiveCalls::PerUser => true,
            ActiveCalls::PerRoom => call.room == room,
        };
        self.calls.live_of(callee).map(|(_, call)| call).filter(is_counted)
    }

    /// C-08, C-09
    #[inline]
    fn is_elsewhere(&self, callee: UserId, room: RoomId) -> bool {
        match self.policy.in_other_room {
            InOtherRoom::Ring => false,
            InOtherRoom::Reject => self.members.is_elsewhere(room, callee),
        }
    }

    /// L-07, L-08
    #[inline]
    fn has_space(&self, room: RoomId, more: u32) -> Result<(), Refusal> {
        if more == 0 {
            return Ok(());
        }
        let limits = &self.limits;
        // E-20: who is expected counts like who rings.
        let of_room = self.calls.of_room(room).live().saturating_add(self.expected.count(room));
        let all = self.calls.live_count().saturating_add(self.expected.len());
        if of_room.saturating_add(more) > limits.live_calls_per_room {
            Err(Refusal::RoomCallLimit { limit: limits.live_calls_per_room })
        } else if all.saturating_add(more) > limits.live_calls || !self.calls.fits(more) {
            Err(Refusal::CallLimit { limit: limits.live_calls })
        } else {
            Ok(())
        }
    }

    fn cancel(&self, by: Actor, room: RoomId, plan: &mut Plan) -> Result<Answer, Refusal> {
        self.open_room(room)?;
        permits(self.policy.may_call, party(by), CallRelation::Caller, Action::Cancel)?;
        let Actor::Device { user: caller, device } = by else {
            return Err(Refusal::NotYours);
        };
        Ok(self.withdraw(room, Withdrawal::Cancel { caller, device }, plan))
    }

    fn revoke(&self, by: Actor, room: RoomId, plan: &mut Plan) -> Result<Answer, Refusal> {
        let target = self.open_room(room)?;
        let membership = self.membership(target, by);
        permits(self.policy.may_call, membership, CallRelation::Stranger, Action::Revoke)?;
        Ok(self.withdraw(room, Withdrawal::Revoke { by }, plan))
    }

    /// E-12: all results are judged before any attempt ends.
    #[inline]
    fn withdraw(&self, room: RoomId, withdrawal: Withdrawal, plan: &mut Plan) -> Answer {
        let (cause, because) = match withdrawal {
            Withdrawal::Cancel { device, .. } => (Cause::Cancelled { device }, Rule::E05),
            Withdrawal::Revoke { by } => (Cause::Revoked { by }, Rule::E06),
        };
        for &(callee, _) in &plan.callees {
            let live = self.calls.live(room, callee);
            let (result, attempt) = match live {
                Some((position, call)) if self.may_withdraw(call.caller, withdrawal) => {
                    let attempt = call.attempt;
                    plan.changes.push(Change::End { position, attempt, cause, because });
                    let result = match withdrawal {
                        Withdrawal::Cancel { .. } => WithdrawResult::Cancelled,
                        Withdrawal::Revoke { .. } => WithdrawResult::Revoked,
                    };
                    (result, Some(attempt))
                }
                Some(_) => (WithdrawResult::NotYours, None),
                None => self.already(room, callee, withdrawal),
            };
            plan.withdrawn.push(CalleeResult { callee, result, attempt });
        }
        // O-01
        plan.changes.sort_unstable_by_key(Change::attempt);
        Answer::Withdrawn
    }

    /// Whether a live call of `caller` may be withdrawn (E-05, E-06, E-13).
    #[inline]
    fn may_withdraw(&self, caller: UserId, withdrawal: Withdrawal) -> bool {
        match withdrawal {
            Withdrawal::Revoke { .. } => true,
            Withdrawal::Cancel { caller: user, device } => {
                let relation =
                    if caller == user { CallRelation::Caller } else { CallRelation::Stranger };
                let by = party(Actor::Device { user, device });
                permits(self.policy.may_call, by, relation, Action::Cancel).is_ok()
            }
        }
    }

    /// How the last call to a user ended, where there is no live one (E-14).
    fn already(
        &self,
        room: RoomId,
        callee: UserId,
        withdrawal: Withdrawal,
    ) -> (WithdrawResult, Option<Attempt>) {
        let ended = self.calls.remembered(room, callee).map(|(_, call)| call);
        let ended = ended.filter(|call| match withdrawal {
            Withdrawal::Revoke { .. } => true,
            Withdrawal::Cancel { caller, .. } => call.caller == caller,
        });
        match ended.and_then(|call| Some((call.remembered()?, call.attempt))) {
            Some(((kind, _), attempt)) => (WithdrawResult::Already(kind), Some(attempt)),
            None => (WithdrawResult::NotCalling, None),
        }
    }

    ///
    #[inline]
    pub(super) fn open_room(&self, room: RoomId) -> Result<&Room, Refusal> {
        self.rooms.get(room).ok_or(Refusal::NoSuchRoom { ended: None })
    }

    /// N-01, L-02, L-03: the callees once each, in first-seen order (C-03), into the plan.
    #[inline]
    fn distinct(&self, callees: &[UserId], plan: &mut Plan) -> Result<(), Refusal> {
        if callees.iter().any(|callee| !self.names.users.contains(*callee)) {
            return Err(Refusal::StaleHandle);
        }
        first_seen(callees, &mut plan.callees);
        if callees.is_empty() {
            return Err(Refusal::EmptyList);
        }
        if !is_within(plan.callees.len(), self.limits.callees) {
            return Err(Refusal::TooManyCallees { limit: self.limits.callees });
        }
        Ok(())
    }
}

/// What an actor is where presence and role have no part in what is permitted (P-04).
#[inline]
pub(super) const fn party(by: Actor) -> Membership {
    match by {
        Actor::Backend => Membership::Backend,
        Actor::Device { .. } => Membership::Outside(Role::Participant),
    }
}

/// The users once each, in first-seen order, with their places.
#[inline(always)]
pub(super) fn first_seen(users: &[UserId], distinct: &mut Vec<(UserId, usize)>) {
    distinct.clear();
    match *users {
        [user] => distinct.push((user, 0)),
        _ => first_seen_of_many(users, distinct),
    }
}

fn first_seen_of_many(users: &[UserId], distinct: &mut Vec<(UserId, usize)>) {
    distinct.extend(users.iter().copied().zip(0_usize..));
    distinct.sort_unstable();
    distinct.dedup_by_key(|(user, _)| *user);
    distinct.sort_unstable_by_key(|(_, place)| *place);
}
