//! Turns a random input into one that meets the state: an answer to a call that rings, a cancel by
//! its caller, the next page of a page. Without it most random inputs come to nothing.

use roomcall::protocol::{
    Actor, Answer, Command, Event, Fact, Input, Outcome, PolicyChange, Present, Query, Record,
};
use roomcall::switchboard::Switchboard;
use roomcall::{ActiveCalls, InOtherRoom, Limits, Policy, Rule, Which};

use super::journal::{DEVICES, ROOMS, USERS};
use crate::play::{device, inside};

/// What chance decides about one input.
pub type Dice = [u8; 4];

/// A call that rings.
#[derive(Clone, Debug)]
pub(super) struct Ringing {
    pub(super) attempt: u64,
    pub(super) room: String,
    pub(super) caller: String,
    pub(super) callee: String,
}

/// A journal in the making: what has come of it so far.
pub struct Director {
    pub(super) board: Switchboard,
    pub(super) inside: Vec<(String, String)>,
    pub(super) ringing: Vec<Ringing>,
    /// Those that were accepted, and whose callees are expected (E-20).
    pub(super) expected: Vec<Ringing>,
    /// Those that rang, the last to end at the end.
    pub(super) over: Vec<Ringing>,
    /// The last call of somebody whom another one was calling already.
    pub(super) tried: Option<(Actor, Command)>,
    decided: Option<(Actor, Command)>,
    page: Option<(String, String)>,
    /// The user of whose calls the last page of live calls was, if of one, and the cursor of the next one.
    live_page: Option<(Option<String>, String)>,
}

fn pick<T>(all: &[T], die: u8) -> Option<&T> {
    all.get(usize::from(die) % all.len().max(1))
}

impl Director {
    pub fn new(limits: Limits, policy: Policy) -> Self {
        let board = Switchboard::new(limits, policy);
        let (inside, ringing, over) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            board,
            inside,
            ringing,
            expected: Vec::new(),
            over,
            tried: None,
            decided: None,
            page: None,
            live_page: None,
        }
    }

    /// Remembers what a line that is in the journal comes to.
    pub fn follow(&mut self, line: &Record) {
        let outcome = self.board.apply_record(line);
        match &line.input {
            Input::Fact(_) if outcome.unchanged.is_none() => self.inside = inside(&self.board),
            Input::Ask { by, command } => {
                let answer = outcome.answer.as_ref().and_then(|answer| answer.as_ref().ok());
                if let Some(Answer::AcceptCall { .. } | Answer::RejectCall { .. }) = answer {
                    self.decided = Some((by.clone(), command.clone()));
                }
                if self.is_logged_try(by, command, answer) {
                    self.tried = Some((by.clone(), command.clone()));
                }
            }
            Input::Query { query: Query::GetPendingCalls { room, .. }, .. } => {
                if let Some(Ok(Answer::GetPendingCalls { next_cursor, .. })) = &outcome.answer {
                    self.page = Some((room.clone(), next_cursor.clone()));
                }
            }
            Input::Query { query: Query::GetUserCalls { user, .. }, .. } => {
                if let Some(Ok(Answer::GetUserCalls { next_cursor, .. })) = &outcome.answer {
                    self.live_page = Some((Some(user.clone()), next_cursor.clone()));
                }
            }
            Input::Query { query: Query::GetLiveCalls { .. }, .. } => {
                if let Some(Ok(Answer::GetLiveCalls { next_cursor, .. })) = &outcome.answer {
                    self.live_page = Some((None, next_cursor.clone()));
                }
            }
            _ => {}
        }
        self.expect(line, &outcome);
        self.observe(&outcome);
    }

    fn observe(&mut self, outcome: &Outcome) {
        for effect in &outcome.effects {
            if let Event::CallReceived { call, .. } = &effect.event {
                self.ringing.push(Ringing {
                    attempt: call.attempt,
                    room: call.room.clone(),
                    caller: call.caller.clone(),
                    callee: call.callee.clone(),
                });
            } else if !matches!(effect.because, Rule::C01 | Rule::C02 | Rule::C10 | Rule::C14) {
                let ended =
                    self.ringing.iter().position(|call| call.attempt == effect.event.attempt());
                self.over.extend(ended.map(|place| self.ringing.remove(place)));
            }
        }
    }

    /// The input, bent to the state.
    pub fn direct(&self, input: Input, dice: Dice) -> Input {
        match input {
            Input::Tick => Input::Tick,
            Input::Fact(fact) => Input::Fact(self.fact(self.opening(fact, dice), dice)),
            Input::Ask { by, command } => {
                let (by, command) = self.ask(by, command, dice);
                Input::Ask { by, command }
            }
            Input::Query { by, query } => self.query(by, self.since(query, dice), dice),
        }
    }

    fn ask(&self, by: Actor, command: Command, dice: Dice) -> (Actor, Command) {
        let on = *pick(&DEVICES, dice[1]).unwrap();
        let call = pick(&self.ringing, dice[0]);
        match (command, call) {
            (Command::CallUserToRoom { .. }, _) if self.tries_again(dice) => {
                self.tried.clone().unwrap()
            }
            (Command::CallUserToRoom { room, mut users, timeout, extension, caller }, _) => {
                if let Some((by, room, callee)) = self.calls_awaited(dice) {
                    let (users, timeout, caller) = (vec![callee], timeout.clamp(1, 5), None);
                    let ask = Command::CallUserToRoom { room, users, timeout, extension, caller };
                    return (by, ask);
                }
                // Often somebody whom another one calls, too, or another room.
                let rings = pick(&self.ringing, dice[2]).filter(|_| dice[3] % 2 == 0);
                let others = self.inside.iter().filter(|(user, _)| {
                    rings.is_none_or(|call| call.caller != *user) || dice[1] % 4 == 0
                });
                let others: Vec<_> = others.collect();
                let Some((inside, room)) = pick(&others, dice[0]) else {
                    let ask = Command::CallUserToRoom { room, users, timeout, extension, caller };
                    return (by, ask);
                };
                let callee = match rings {
                    Some(call) => call.callee.clone(),
                    None => USERS[usize::from(dice[2]) % USERS.len()].to_owned(),
                };
                users.insert(0, callee);
                users.truncate(self.board.limits().callees as usize);
                let (room, timeout) = (room.clone(), timeout.clamp(1, 5));
                let (by, caller) = match (by, caller) {
                    // Now and then on behalf of somebody else, who may not be there (P-01).
                    (Actor::Backend, Some(_)) if dice[1] % 8 > 1 => {
                        (Actor::Backend, Some(inside.clone()))
                    }
                    (Actor::Backend, caller) => (Actor::Backend, caller),
                    (Actor::Device { .. }, caller) => (device(inside, on), caller),
                };
                (by, Command::CallUserToRoom { room, users, timeout, extension, caller })
            }
            (Command::CancelCall { mut users, .. }, Some(call)) => {
                users.insert(0, call.callee.clone());
                users.truncate(self.board.limits().callees as usize);
                let room = call.room.clone();
                // Now and then it is somebody else's call (E-13).
                let by =
                    if dice[3] % 4 == 0 { USERS[usize::from(dice[2]) % 4] } else { &call.caller };
                (device(by, on), Command::CancelCall { room, users })
            }
            (Command::RevokeCall { mut users, .. }, Some(call)) => {
                users.insert(0, call.callee.clone());
                users.truncate(self.board.limits().callees as usize);
                let by = if dice[2] % 2 == 0 { Actor::Backend } else { device("ana", on) };
                (by, Command::RevokeCall { room: call.room.clone(), users })
            }
            (Command::RevokeUserCalls { which, .. }, Some(call)) => {
                // Now and then somebody who has only calls of the other kind.
                let user = if (which == Which::To) == (dice[2] % 8 > 0) {
                    &call.callee
                } else {
                    &call.caller
                };
                (by, Command::RevokeUserCalls { user: user.clone(), which })
            }
            (command @ Command::RevokeUserCalls { .. }, None) => (by, command),
            (Command::MarkCallsSeen { up_to }, _) => self.mark(by, up_to, dice),
            (Command::Ringing { attempt }, _) => self.rings(by, attempt, dice),
            (command, call) => self.answer(by, command, call, on, dice),
        }
    }

    /// An answer to a call that rings or rang, or to the one that was decided last, again.
    fn answer(
        &self,
        by: Actor,
        command: Command,
        call: Option<&Ringing>,
        on: &str,
        dice: Dice,
    ) -> (Actor, Command) {
        if let (Some((by, command)), true) = (&self.decided, dice[3] % 3 == 0) {
            return match (by, dice[3] % 2) {
                (Actor::Device { user, .. }, 0) => (device(user, on), command.clone()),
                _ => (by.clone(), command.clone()),
            };
        }
        let late = self.late_answer(dice).filter(|_| dice[3] % 16 < 2);
        let Some(call) = late.or(call) else { return (by, command) };
        let attempt = (dice[2] % 2 == 0).then_some(call.attempt);
        let room = call.room.clone();
        let command = match command {
            Command::RejectCall { reason, .. } => Command::RejectCall { room, attempt, reason },
            _ => Command::AcceptCall { room, attempt },
        };
        (device(&call.callee, on), command)
    }

    fn fact(&self, fact: Fact, dice: Dice) -> Fact {
        let call = pick(&self.ringing, dice[0]);
        let fact = match (fact, self.awaited_in(dice)) {
            (Fact::UserEntered { device, session, opening, .. }, Some((room, user))) => {
                return Fact::UserEntered { room, user, device, session, opening };
            }
            (Fact::UserRemoved { by, opening, .. }, Some((room, user))) => {
                return Fact::UserRemoved { room, user, by, opening };
            }
            (Fact::RoomDissolved { by, opening, .. }, Some((room, _))) => {
                return Fact::RoomDissolved { room, by, opening };
            }
            (fact, _) => fact,
        };
        match (fact, call) {
            (Fact::UserEntered { device, session, opening, .. }, Some(call))
                if dice[1] % 2 == 0 =>
            {
                let room = ROOMS[usize::from(dice[2]) % 2].to_owned();
                let user = self.popular(call).callee.clone();
                Fact::UserEntered { room, user, device, session, opening }
            }
            (Fact::UserLeft { room, user, device, session, opening }, _) => {
                let inside = pick(&self.inside, dice[0]).cloned();
                let (user, room) = inside.unwrap_or((user, room));
                Fact::UserLeft { room, user, device, session, opening }
            }
            (Fact::UserRemoved { by, opening, .. }, Some(call)) if dice[1] % 4 > 0 => {
                let user = if dice[2] % 2 == 0 { &call.callee } else { &call.caller };
                Fact::UserRemoved { room: call.room.clone(), user: user.clone(), by, opening }
            }
            (Fact::UserErased { user }, Some(call)) => Fact::UserErased {
                user: match dice[1] % 4 {
                    0 => user,
                    1 => call.caller.clone(),
                    _ => call.callee.clone(),
                },
            },
            // Now and then nobody new, so that what is known is said again.
            (Fact::PresenceListed { mut present, opening, .. }, _) if dice[1] % 4 > 0 => {
                let room = ROOMS[usize::from(dice[2]) % 2].to_owned();
                let there = self.inside.iter().filter(|(_, of)| *of == room);
                let there = there.map(|(user, _)| user.clone());
                let there = there.map(|user| Present { user, device: None, session: None });
                present.truncate(usize::from(dice[3]) % 3);
                present.extend(there);
                Fact::PresenceListed { room, present, opening }
            }
            (Fact::RoomDissolved { by, opening, .. }, Some(call)) => {
                Fact::RoomDissolved { room: call.room.clone(), by, opening }
            }
            (Fact::RulesChanged { policy, limits }, _) => {
                Fact::RulesChanged { policy: self.policy(policy, dice), limits }
            }
            (Fact::Recovered { floor }, _) => Fact::Recovered { floor: self.floor(floor, dice) },
            (fact, _) => fact,
        }
    }

    /// Often the policy under which something that rings has to end, or else one under which more can ring (F-19).
    fn policy(&self, policy: Option<PolicyChange>, dice: Dice) -> Option<PolicyChange> {
        let is_twice = |call: &Ringing| {
            self.ringing.iter().any(|c| c.callee == call.callee && c.attempt != call.attempt)
        };
        let is_elsewhere = |call: &Ringing| {
            self.inside.iter().any(|(user, room)| *user == call.callee && *room != call.room)
        };
        let active_calls = match self.ringing.iter().any(is_twice) {
            true => ActiveCalls::PerUser,
            false => ActiveCalls::PerRoom,
        };
        let in_other_room = match self.ringing.iter().any(is_elsewhere) {
            true => InOtherRoom::Reject,
            false => InOtherRoom::Ring,
        };
        let mut policy = policy.unwrap_or_default();
        if dice[1] % 3 > 0 {
            policy.active_calls = Some(active_calls);
        }
        if dice[2] % 3 > 0 {
            policy.in_other_room = Some(in_other_room);
        }
        Some(policy)
    }

    /// A call to somebody whom two rooms call, if there is one.
    fn popular<'a>(&'a self, call: &'a Ringing) -> &'a Ringing {
        let is_popular = |call: &&Ringing| {
            self.ringing.iter().any(|c| c.callee == call.callee && c.room != call.room)
        };
        self.ringing.iter().find(is_popular).unwrap_or(call)
    }

    fn query(&self, by: Actor, query: Query, dice: Dice) -> Input {
        // A walk through live calls goes on before most of them are over.
        if dice[3] % 4 > 0 {
            if let Some(query) = self.next_live_page() {
                return Input::Query { by: Actor::Backend, query };
            }
        }
        let asker = match query {
            Query::GetCallLog { since, count } => return self.log_query(by, since, count, dice),
            Query::GetUserCalls { .. } | Query::GetLiveCalls { .. } => {
                return Input::Query { by, query: self.live_query(query, dice) };
            }
            Query::GetPendingCalls { .. } => pick(&self.inside, dice[0]).map(|(user, _)| user),
            Query::GetIncomingCalls { .. } => pick(&self.ringing, dice[0]).map(|call| &call.callee),
            Query::GetMyCalls { .. } => {
                let call = pick(&self.ringing, dice[0]);
                call.map(|call| if dice[1] % 2 == 0 { &call.callee } else { &call.caller })
            }
        };
        let by = asker.map_or(by, |user| device(user, "phone"));
        let query = match query {
            Query::GetPendingCalls { count, status, .. } => {
                let page = self.page.as_ref().filter(|(_, cursor)| !cursor.is_empty());
                let (room, cursor) = match (page, pick(&self.ringing, dice[2])) {
                    (Some((room, cursor)), _) if dice[1] % 4 > 0 => {
                        (room.clone(), Some(cursor.clone()))
                    }
                    (_, Some(call)) => (call.room.clone(), None),
                    _ => (ROOMS[usize::from(dice[2]) % 2].to_owned(), None),
                };
                let status = status.filter(|_| dice[3] % 4 == 0);
                Query::GetPendingCalls { room, cursor, count: count.clamp(1, 2), status }
            }
            other => other,
        };
        Input::Query { by, query }
    }

    /// The page of live calls after the last one, if there is a further one.
    fn next_live_page(&self) -> Option<Query> {
        let (walked, cursor) = self.live_page.as_ref().filter(|(_, next)| !next.is_empty())?;
        let (cursor, page_size) = (Some(cursor.clone()), 1);
        Some(match walked {
            Some(user) => Query::GetUserCalls { user: user.clone(), cursor, page_size },
            None => Query::GetLiveCalls { cursor, page_size },
        })
    }

    /// A first page of live calls, or one after the cursor of another walk: one through the calls of another user, or
    /// through the list of a room, whose cursor is none of these.
    fn live_query(&self, query: Query, dice: Dice) -> Query {
        let foreign = match (dice[1] % 8, &self.page, &self.live_page) {
            (0, Some((_, cursor)), _) | (1, _, Some((_, cursor))) => Some(cursor),
            _ => None,
        };
        let (cursor, page_size) = (foreign.cloned(), if dice[3] % 8 < 6 { 1 } else { 2 });
        match (query, pick(&self.ringing, dice[0])) {
            (Query::GetUserCalls { .. }, Some(call)) => {
                let user = if dice[2] % 4 == 0 { &call.callee } else { &call.caller };
                Query::GetUserCalls { user: user.clone(), cursor, page_size }
            }
            (Query::GetUserCalls { user, .. }, None) => {
                Query::GetUserCalls { user, cursor, page_size }
            }
            (_, _) => Query::GetLiveCalls { cursor, page_size },
        }
    }
}
