//! The third phase. Also what ends calls when the clock moves: the only place that ends calls and makes
//! effects.

use alloc::vec::Vec;

use super::notify;
use super::plan::Change;
use super::state::{Cause, Ended, NewCall, State};
use crate::domain::call::{CallStatus, RoomCall};
use crate::domain::id::RoomId;
use crate::domain::input::{Actor, Command, Fact, Input};
use crate::domain::output::{Audience, Effect, Event};
use crate::domain::rule::Rule;

/// Who is notified of an ending besides the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Recipients {
    CalleeAndRoom,
    /// It never rang (C-08).
    Room,
    /// There is no room left (F-11).
    Callee,
}

impl State {
    /// Makes one change of those that the input brings about.
    #[inline(always)]
    pub(super) fn commit(&mut self, change: &Change, input: &Input<'_>, effects: &mut Vec<Effect>) {
        match *change {
            Change::Call { ref call, replaced, is_elsewhere: false } => {
                self.ring(call, extension(input), replaced, effects);
            }
            Change::Call { ref call, replaced, is_elsewhere: true } => {
                let Self { calls, names, clock, .. } = self;
                let made = calls.ring(names, *clock, call, extension(input), replaced);
                self.end(made.position, Cause::InOtherRoom, Rule::C08, Recipients::Room, effects);
            }
            Change::End { position, attempt, cause, because } => {
                self.expect(position, attempt);
                self.end(position, cause, because, Recipients::CalleeAndRoom, effects);
            }
            Change::Unlist { position, attempt, because } => {
                self.expect(position, attempt);
                self.unlist(position, because, effects);
            }
            Change::OpenRoom { room, owner } => self.rooms.open(&mut self.names, room, owner),
            Change::Dissolve { room, by } => self.dissolve(room, by, effects),
            Change::SetRules => {
                if let Input::Fact(Fact::RulesChanged { policy, limits }) = input {
                    self.change_rules(policy, limits, effects);
                }
            }
            Change::Erase { user } => self.erase(user),
            Change::BeginLife { base } => self.begin_life(base),
            Change::Enter { room, user, member, presence } => {
                let Self { members, names, clock, .. } = self;
                members.enter(names, (room, user), member, presence, *clock);
            }
            Change::Leave { member, presence } => {
                let Self { members, names, clock, .. } = self;
                members.end(names, member, |other| presence.matches(other), *clock);
            }
            Change::EndSession { room, user, session } => {
                let Self { members, names, clock, .. } = self;
                members.remember(names, (room, user), session, *clock);
            }
            Change::EvictGone { room } => {
                self.members.evict(&mut self.names, room, self.limits.participants_per_room);
            }
            Change::SetRole { room, user, role } => self.set_role(room, user, role),
            Change::LogTry { room, callee, caller } => self.log_try(room, callee, caller),
            Change::Ring { position, .. } => self.set_rung(position, effects),
            Change::EndExpectation { room, user } => {
                self.expected.end(&mut self.names, room, user);
            }
            Change::MarkSeen { user, device, number } => {
                self.commit_mark((user, device), number, effects);
            }
            Change::Count { caller, arrival } => {
                let Self { rates, names, limits, clock, .. } = self;
                rates.count(names, limits, *clock, caller, arrival);
            }
        }
    }

    /// What was planned is about the call that it was planned for.
    fn expect(&self, position: u32, attempt: crate::Attempt) {
        let found = self.calls.get(position).map(|call| call.attempt);
        debug_assert_eq!(found, Some(attempt), "as planned");
    }

    /// Ends the live call or the expectation with the earliest deadline, if the clock has reached it
    /// (T-04, E-04, E-21), and says whether there was one.
    #[inline]
    pub(super) fn fire(&mut self, effects: &mut Vec<Effect>) -> bool {
        if !self.expected.is_empty() && self.end_expectation(effects) {
            return true;
        }
        let Some(position) = self.calls.due(self.clock) else { return false };
        self.end(position, Cause::TimedOut, Rule::E04, Recipients::CalleeAndRoom, effects);
        true
    }

    /// C-01, C-02, C-10
    #[inline]
    fn ring(
        &mut self,
        new: &NewCall,
        extension: &str,
        replaced: Option<u32>,
        effects: &mut Vec<Effect>,
    ) {
        let Self { calls, names, clock, .. } = self;
        let made = calls.ring(names, *clock, new, extension, replaced);
        let &NewCall { room, callee, caller, .. } = new;
        let received = Effect {
            to: Audience::User(callee),
            room,
            attempt: made.attempt,
            call: RoomCall { caller, callee, status: CallStatus::Calling },
            event: Event::CallReceived { time_left: made.deadline.map(|at| clock.until(at)) },
            because: Rule::C01,
        };
        let listed = Effect {
            to: Audience::Room(room),
            event: notify::room(CallStatus::Calling),
            because: if made.has_replaced { Rule::C10 } else { Rule::C02 },
            ..received
        };
        effects.push(received);
        effects.push(listed);
    }

    /// Ends one live call, once (T-01, E-01 to E-07), and evicts the oldest kept one if there is one
    /// too many (K-03).
    #[inline]
    fn end(
        &mut self,
        position: u32,
        cause: Cause,
        because: Rule,
        recipients: Recipients,
        effects: &mut Vec<Effect>,
    ) {
        let Self { calls, names, limits, policy, .. } = self;
        let Some(ended) = calls.end(names, limits, position, cause) else {
            debug_assert!(false, "only a live call ends");
            return;
        };
        let Ended { attempt, room, callee, caller, device, status, .. } = ended;
        let call = RoomCall { caller, callee, status };
        let mut push = |to, event| {
            effects.push(Effect { to, room, attempt, call, event, because });
        };
        // O-01: callee, caller, room.
        if recipients != Recipients::Room {
            let (to, event) = notify::callee(cause, callee);
            push(to, event);
        }
        let calling = (caller, device);
        if let Some(to) = notify::outcome_audience(policy.outcomes_to, calling, cause.canceller()) {
            push(to, notify::caller(cause));
        }
        if recipients != Recipients::Callee {
            push(Audience::Room(room), notify::room(status));
        }
        self.log_ended(&ended, cause, because);
        if matches!(cause, Cause::Accepted { .. }) {
            self.expect_callee(&ended);
        }
        if status != CallStatus::None {
            if let Some(oldest) = self.calls.over_kept(room, self.limits.kept_per_room) {
                self.unlist(oldest, Rule::K03, effects);
            }
        }
    }

    /// A kept call leaves the room's list, which the room is notified of (K-02, K-03).
    pub(super) fn unlist(&mut self, position: u32, because: Rule, effects: &mut Vec<Effect>) {
        let Some(call) = self.calls.get(position) else { return };
        effects.push(Effect {
            to: Audience::Room(call.room),
            room: call.room,
            attempt: call.attempt,
            call: call.reported(CallStatus::None),
            event: notify::room(CallStatus::None),
            because,
        });
        self.calls.unlist(&mut self.names, position);
    }

    /// F-11: revokes the room's live calls in attempt order, and removes the room.
    fn dissolve(&mut self, room: RoomId, by: Actor, effects: &mut Vec<Effect>) {
        while let Some((position, is_live)) = self.calls.first_listed(room) {
            if is_live {
                let cause = Cause::Revoked { by };
                self.end(position, cause, Rule::F11, Recipients::Callee, effects);
            } else {
                self.calls.unlist(&mut self.names, position);
            }
        }
        while let Some(position) = self.calls.first_ended(room) {
            self.calls.forget(&mut self.names, position);
        }
        self.expected.clear_room(&mut self.names, room);
        self.members.clear(&mut self.names, room);
        self.rooms.close(&mut self.names, room);
    }
}

/// The extension text of the calls of an input (C-11).
const fn extension<'a>(input: &Input<'a>) -> &'a str {
    match input {
        Input::Ask { command: Command::CallUserToRoom { extension, .. }, .. } => extension,
        Input::Ask { .. } | Input::Fact(_) | Input::Tick => "",
    }
}
