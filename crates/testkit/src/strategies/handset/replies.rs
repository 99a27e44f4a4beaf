//! Replies to what a handset has sent.

use std::collections::BTreeMap;

use roomcall::handset::{Input, Request};
use roomcall::protocol::{
    Answer, Command, EndedCall, Endings, IncomingCall, PendingCall, Query, Refused, Reply,
    Withdrawn,
};
use roomcall::{CallResult, CallStatus, EndingKind, Rule};

use super::director::{ATTEMPTS, Director, chance, pick};
use super::{Dice, USER};

fn refused(code: i32, rule: Rule) -> Refused {
    Refused { code, rule, message: "requestID".to_owned(), ended: None }
}

fn reply(request_id: u64, answer: Result<Answer, Refused>) -> Input {
    Input::Reply(Reply { request_id, answer, attempts: Vec::new(), next_request_id: None })
}

impl Director {
    pub(super) fn reply(&mut self, dice: Dice) -> Input {
        let Some((request_id, request)) = self.sent_request(dice) else {
            return reply(u64::from(dice[3]), Ok(Answer::AcceptCall { attempt: 1 }));
        };
        // A number that was not sent, but never that of a snapshot.
        if chance(dice[4], 1) && !Self::asks_what_rings(&request) && dice[3] % 4 == 0 {
            return reply(request_id + 50, Err(refused(-1001, Rule::X03)));
        }
        match request {
            Request::Command(command) => self.command_reply(request_id, &command, dice),
            Request::Query(Query::GetPendingCalls { room, cursor, .. }) => {
                self.page(request_id, &room, cursor, dice)
            }
            Request::Query(Query::GetIncomingCalls { since }) => match dice[4] % 16 {
                0 => reply(request_id, Err(refused(-1001, Rule::L01))),
                1 => {
                    let (calls, revision, endings) = (Vec::new(), 50, None);
                    reply(request_id, Ok(Answer::GetIncomingCalls { calls, revision, endings }))
                }
                _ => self.snapshot(request_id, since.unwrap_or(0), dice),
            },
        }
    }

    fn command_reply(&mut self, request_id: u64, command: &Command, dice: Dice) -> Input {
        match command {
            Command::CallUserToRoom { room, users, .. } => {
                self.call_reply(request_id, room, users, dice)
            }
            Command::CancelCall { users, .. } => {
                let results = withdrawn(users, Withdrawn::Cancelled, dice);
                let about = |(at, (user, _)): (usize, &(String, Withdrawn))| {
                    let attempt = pick(&self.model.ringing(), dice[at % 4]).unwrap_or(1);
                    (user.clone(), attempt)
                };
                let attempts = results.iter().enumerate().map(about).collect();
                let answer = Ok(Answer::CancelCall(results));
                Input::Reply(Reply { request_id, answer, attempts, next_request_id: None })
            }
            Command::RevokeCall { users, .. } => reply(
                request_id,
                Ok(Answer::RevokeCall(withdrawn(users, Withdrawn::Revoked, dice))),
            ),
            Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => {
                let attempt = attempt.unwrap_or(1);
                let is_accept = matches!(command, Command::AcceptCall { .. });
                let answer = match dice[4] % 10 {
                    0..=3 if is_accept => Ok(Answer::AcceptCall { attempt }),
                    0..=3 => Ok(Answer::RejectCall { attempt }),
                    4..=6 => {
                        let ended = Some(self.ending(attempt, dice));
                        Err(Refused { ended, ..refused(-2311, Rule::E09) })
                    }
                    7 => Err(refused(-2311, Rule::E10)),
                    8 => Err(refused(100_004, Rule::R02)),
                    _ => Err(refused(-1001, Rule::X03)),
                };
                reply(request_id, answer)
            }
        }
    }

    fn call_reply(&mut self, request_id: u64, room: &str, users: &[String], dice: Dice) -> Input {
        if chance(dice[4], 1) {
            return reply(request_id, Err(refused(100_004, Rule::R02)));
        }
        let (mut results, mut attempts) = (Vec::new(), Vec::new());
        for (user, die) in distinct(users, dice) {
            let made = self
                .world
                .calls
                .iter()
                .filter(|call| call.caller == USER && call.callee == user && call.room == room);
            let made: Vec<u64> = made.map(|call| call.attempt).collect();
            let result = match pick(&made, die) {
                Some(attempt) if chance(die, 8) => {
                    self.made = self.made.max(attempt);
                    attempts.push((user.clone(), attempt));
                    CallResult::Success
                }
                Some(_) | None if die % 3 == 0 => CallResult::AlreadyInRoom,
                Some(_) | None => CallResult::AlreadyInCalling,
            };
            results.push((user, result));
        }
        let answer = Ok(Answer::CallUserToRoom(results));
        Input::Reply(Reply { request_id, answer, attempts, next_request_id: None })
    }

    fn page(&mut self, request_id: u64, room: &str, cursor: Option<String>, dice: Dice) -> Input {
        if chance(dice[4], 1) {
            return reply(request_id, Err(refused(-1001, Rule::Q04)));
        }
        let after: u64 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let mut calls = Vec::new();
        let mut next_cursor = String::new();
        for call in &self.world.calls {
            if call.room != room || call.attempt <= after || call.attempt > self.made {
                continue;
            }
            let die = dice[5].rotate_left(u32::try_from(call.attempt).unwrap());
            if die % 4 == 0 {
                continue;
            }
            if !calls.is_empty() && chance(dice[6], 6) {
                next_cursor = (call.attempt - 1).to_string();
                break;
            }
            let is_over = self.ended.iter().any(|ended| ended.attempt == call.attempt);
            let is_live = if chance(dice[7], 8) { !is_over } else { is_over };
            calls.push(PendingCall {
                caller: call.caller.clone(),
                callee: call.callee.clone(),
                status: if is_live { CallStatus::Calling } else { call.status },
                attempt: call.attempt,
                time_left: is_live.then_some(1_000),
                extension: is_live.then(|| "hello".to_owned()),
            });
        }
        reply(request_id, Ok(Answer::GetPendingCalls { calls, next_cursor }))
    }

    /// What rings: mostly as the world has it, sometimes at random or old.
    pub(super) fn snapshot(&mut self, request_id: u64, since: u64, dice: Dice) -> Input {
        let is_random = chance(dice[4], 2);
        let is_shifted = !is_random && chance(dice[5], 2);
        if is_shifted {
            self.made = (self.made + 1).min(ATTEMPTS);
        }
        let last_attempt = if is_random { u64::from(dice[6]) % (ATTEMPTS + 1) } else { self.made };
        let over = u64::try_from(self.ended.len()).unwrap();
        let revision = match dice[7] % 8 {
            _ if is_random => u64::from(dice[8]) % 12,
            0 => (self.made + over).saturating_sub(1),
            _ => self.made + over,
        };
        let (mut calls, mut ended) = (Vec::new(), Vec::new());
        let to_user = self.world.to_user();
        for call in to_user.into_iter().filter(|call| call.attempt <= last_attempt) {
            let die = dice[9].rotate_left(u32::try_from(call.attempt).unwrap());
            let ending = self.ended.iter().find(|ended| ended.attempt == call.attempt);
            let forgets = die % 8 == 0;
            match ending {
                Some(ending) if !forgets && (!is_random || die % 2 == 0) => {
                    if call.attempt > since {
                        let (room, caller) = (call.room.clone(), call.caller.clone());
                        ended.push(EndedCall { room, caller, ended: ending.clone() });
                    }
                }
                Some(_) if !is_random => {}
                Some(_) | None if forgets => {}
                Some(_) | None => calls.push(IncomingCall {
                    room: call.room.clone(),
                    caller: call.caller.clone(),
                    callee: USER.to_owned(),
                    attempt: call.attempt,
                    time_left: Self::time_left(die),
                    extension: "hello".to_owned(),
                }),
            }
        }
        let endings = Some(Endings { calls: ended, last_attempt });
        let answer = Ok(Answer::GetIncomingCalls { calls, revision, endings });
        let next_request_id =
            [None, Some(1), Some(request_id), Some(request_id + 3)][usize::from(dice[3]) % 4];
        Input::Reply(Reply { request_id, answer, attempts: Vec::new(), next_request_id })
    }
}

/// One result for each distinct user, in first-seen order (C-03, E-12).
fn distinct(users: &[String], dice: Dice) -> Vec<(String, u8)> {
    let mut seen = BTreeMap::new();
    let mut distinct = Vec::new();
    for (user, die) in users.iter().zip(dice.iter().skip(5)) {
        if seen.insert(user, ()).is_none() {
            distinct.push((user.clone(), *die));
        }
    }
    distinct
}

fn withdrawn(users: &[String], success: Withdrawn, dice: Dice) -> Vec<(String, Withdrawn)> {
    let result = |die: u8| match die % 8 {
        0..=2 => success,
        3 => Withdrawn::NotCalling,
        4 => Withdrawn::NotYours,
        _ => Withdrawn::Already(pick(&EndingKind::ALL, die / 8).unwrap()),
    };
    distinct(users, dice).into_iter().map(|(user, die)| (user, result(die))).collect()
}
