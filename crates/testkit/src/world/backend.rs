//! What only the backend or whoever governs a room does, and what it must come to: calls on behalf (P-11), all calls of a user
//! revoked (E-19), somebody put out (F-16).

use roomcall::protocol::{Actor, Answer, Command, Fact, Input, LimitsChange, PolicyChange};
use roomcall::{EndingKind, Limits, Policy, Rule, Which};

use super::call_log::may_forget_marks;
use super::simulation::World;
use super::truth::{Attempt, Ended};
use super::{Action, Checked, violation};

impl World {
    /// Other rules hold from now on (F-19): what they do not let ring ends, and nothing else does.
    pub(super) fn change_rules(&mut self, policy: PolicyChange, limits: LimitsChange) -> Checked {
        let rang: Vec<u64> = self.ringing();
        let before = (*self.switchboard.policy(), *self.switchboard.limits());
        let fact = Fact::RulesChanged { policy: Some(policy), limits: Some(limits) };
        let outcome = self.state(fact)?;
        let ended: Vec<u64> =
            rang.iter().copied().filter(|it| !self.truth.attempts[it].rings()).collect();
        let may_end = policy.in_other_room.is_some() || policy.active_calls.is_some();
        if !may_end && !ended.is_empty() {
            let message = format!("{policy:?}, {limits:?}: {ended:?} ended by {outcome:?}");
            return violation("a limit ends nothing", message);
        }
        let changes = outcome.unchanged.is_none();
        self.rules_hold(&policy, &limits, before)?;
        self.forgets_marks |= may_forget_marks(self.switchboard.limits());
        self.sometimes(changes, "other rules");
        self.sometimes(changes && !rang.is_empty(), "other rules while a call rings");
        Ok(())
    }

    /// What the truth judges calls by is what was stated, or what it was before.
    fn rules_hold(
        &self,
        policy: &PolicyChange,
        limits: &LimitsChange,
        (old, bounds): (Policy, Limits),
    ) -> Checked {
        let (new, now) = (self.switchboard.policy(), self.switchboard.limits());
        let holds = new.outcomes_to == policy.outcomes_to.unwrap_or(old.outcomes_to)
            && new.active_calls == policy.active_calls.unwrap_or(old.active_calls)
            && new.join_grace == policy.join_grace.unwrap_or(old.join_grace)
            && now.calls_per_minute == limits.calls_per_minute.unwrap_or(bounds.calls_per_minute);
        if holds {
            return Ok(());
        }
        let message = format!("{policy:?}, {limits:?}: {new:?}, {now:?}");
        violation("other rules hold from then on", message)
    }

    fn ringing(&self) -> Vec<u64> {
        let attempts = self.truth.attempts.iter();
        attempts.filter(|(_, it)| it.rings()).map(|(attempt, _)| *attempt).collect()
    }

    /// One of these actions.
    pub(super) fn by_backend(&mut self, action: &Action) -> Checked {
        // What the clock ends is no part of it (T-03).
        self.apply_unasked(Input::Tick)?;
        match action {
            Action::CallFor { user, room, users, timeout } => {
                let users = users.iter().map(|user| self.user(*user)).collect();
                self.call_for(self.user(*user), Self::room(*room), users, *timeout)
            }
            Action::RevokeAll { user, which } => self.revoke_all(self.user(*user), *which),
            Action::Remove { user, room, by } => {
                let by = by.map(|by| {
                    let of = &self.devices[self.nth(by)].plan;
                    Actor::Device { user: of.user.clone(), device: of.device.clone() }
                });
                self.remove(self.user(*user), Self::room(*room), by.unwrap_or_default())
            }
            _ => Ok(()),
        }
    }

    /// P-11: it is a call by somebody who is in the room, as the switchboard has it.
    fn call_for(
        &mut self,
        caller: String,
        room: String,
        users: Vec<String>,
        timeout: u32,
    ) -> Checked {
        let may_call = self.is_inside(&caller, &room);
        let is_nobody = users.is_empty();
        let extension = self.text_of_a_call(&caller, &room, &users);
        let named = Some(caller.clone());
        let command = Command::CallUserToRoom {
            room: room.clone(),
            users,
            timeout,
            extension,
            caller: named,
        };
        let outcome = self.apply(None, Input::Ask { by: Actor::Backend, command })?;
        self.notify(&outcome.effects);
        let is_done = matches!(outcome.answer, Some(Ok(_)));
        let is_full = self.switchboard.limits().live_calls_per_room
            < Limits::DEFAULT.live_calls_per_room
            && matches!(&outcome.answer, Some(Err(refused)) if refused.rule == Rule::L07);
        self.sometimes(is_full, "a call on behalf is one too many");
        if !is_full && is_done != (may_call && !is_nobody) {
            let message = format!("for {caller} in {room} ({may_call}): {:?}", outcome.answer);
            return violation("the backend calls on behalf of who is there", message);
        }
        self.sometimes(is_done && !outcome.effects.is_empty(), "a call on behalf");
        self.sometimes(!is_done, "a call on behalf of somebody who is not there");
        Ok(())
    }

    /// E-19: all of them that the answer has place for, and no other, by the backend.
    fn revoke_all(&mut self, user: String, which: Which) -> Checked {
        let is_of = |it: &Attempt| match which {
            Which::To => it.callee == user,
            Which::By => it.caller == user,
            Which::Both => it.callee == user || it.caller == user,
        };
        let mut expected = self.live_attempts(is_of);
        let most =
            usize::try_from(self.switchboard.limits().page_size.max(1)).unwrap_or(usize::MAX);
        let is_more = expected.len() > most;
        expected.truncate(most);
        let others = self.live_attempts(|it| !is_of(it));
        let command = Command::RevokeUserCalls { user, which };
        let outcome =
            self.apply(None, Input::Ask { by: Actor::Backend, command: command.clone() })?;
        self.notify(&outcome.effects);
        let what = match which {
            Which::To => "the calls to a user are revoked",
            Which::By => "the calls by a user are revoked",
            Which::Both => "the calls to and by a user are revoked",
        };
        self.sometimes(!expected.is_empty(), what);
        let right = Answer::RevokeUserCalls { attempts: expected.clone(), more: is_more };
        let are_revoked = expected.iter().all(|attempt| self.is_revoked(*attempt, None));
        let others_ring = others.iter().all(|attempt| self.truth.attempts[attempt].rings());
        if outcome.answer != Some(Ok(right)) || !are_revoked || !others_ring {
            let message = format!("{command:?}, {expected:?}: {outcome:?}");
            return violation("the calls of a user are revoked", message);
        }
        Ok(())
    }

    /// F-16: the user is not there, rings not, and calls not; whoever did it is the operator.
    pub fn remove(&mut self, user: String, room: String, by: Actor) -> Checked {
        if self.opening(&room).is_none() {
            return Ok(());
        }
        let operator = match &by {
            Actor::Device { user, .. } => Some(user.clone()),
            Actor::Backend => None,
        };
        let to = self.live_attempts(|it| it.room == room && it.callee == user);
        let made = self.live_attempts(|it| it.room == room && it.caller == user);
        let others =
            self.live_attempts(|it| it.room != room || (it.callee != user && it.caller != user));
        let was_inside = self.is_inside(&user, &room);
        let opening = self.opening(&room).filter(|_| self.names_openings());
        let is_known = was_inside || !to.is_empty() || !made.is_empty();
        let fact = Fact::UserRemoved { room: room.clone(), user: user.clone(), by, opening };
        let outcome = self.state(fact)?;
        self.told_removed(&room, &user);
        self.sometimes(was_inside, "somebody who is there is removed");
        self.sometimes(!was_inside && !to.is_empty(), "somebody who only rings is removed");
        self.sometimes(!made.is_empty(), "a caller is removed");
        self.sometimes(is_known && operator.is_some(), "removed by a user");
        self.sometimes(is_known && operator.is_none(), "removed by the backend");
        let are_revoked =
            to.iter().chain(&made).all(|attempt| self.is_revoked(*attempt, operator.as_deref()));
        let others_go_on = others.iter().all(|attempt| {
            let ended = &self.truth.attempts[attempt].ended;
            let is_cancelled = |ended: &Ended| ended.how == EndingKind::Cancelled;
            ended.as_ref().is_none_or(is_cancelled)
        });
        if !are_revoked || !others_go_on || self.is_inside(&user, &room) {
            let message = format!("{user} of {room}, {to:?} and {made:?}: {outcome:?}");
            return violation("who is removed neither is there, nor rings, nor calls", message);
        }
        self.out(&room, Some(&user))
    }

    /// The live attempts that are of a kind, the lowest first.
    pub(super) fn live_attempts(&self, is_of: impl Fn(&Attempt) -> bool) -> Vec<u64> {
        let attempts = self.truth.attempts.iter();
        let live = attempts.filter(|(_, it)| it.rings() && is_of(it));
        live.map(|(attempt, _)| *attempt).collect()
    }

    /// Whether an attempt was revoked by this operator, who is the backend if there is none.
    pub(super) fn is_revoked(&self, attempt: u64, by: Option<&str>) -> bool {
        let ended = self.truth.attempts[&attempt].ended.as_ref();
        ended.is_some_and(|it| it.how == EndingKind::Revoked && it.operator.as_deref() == by)
    }
}
