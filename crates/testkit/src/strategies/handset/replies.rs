//! Replies to what a handset has sent.

use std::collections::BTreeSet;

use roomcall::handset::{Input, Request};
use roomcall::protocol::{Answer, CallLog, Command, PendingCall, Query, Refused, Reply};
use roomcall::{CallResult, CallStatus, EndingKind, Rule, Scope};

use super::director::Director;
use super::world::{chance, pick};
use super::{Dice, USER};

fn refused(code: i32, rule: Rule) -> Refused {
    Refused::new(rule, code, "no")
}

fn reply(request_id: u64, answer: Result<Answer, Refused>) -> Input {
    Input::Reply(Reply::new(request_id, answer))
}

impl Director {
    pub(super) fn reply(&mut self, dice: Dice) -> Input {
        match dice[8] % 24 {
            0..=2 => self.world.try_in_vain(dice[8] / 24),
            3 => self.world.outdate(),
            _ => {}
        }
        let Some((request_id, request)) = self.sent_request(dice) else {
            return reply(u64::from(dice[3]), Err(refused(-1001, Rule::L01)));
        };
        // A number that was not sent.
        if chance(dice[4], 1) && dice[3] % 4 == 0 {
            return reply(request_id + 50, Err(refused(-1001, Rule::X03)));
        }
        if chance(dice[4], 2) && dice[3] % 4 == 1 {
            let retry_after = [0, 500, 1_200, 3_000][usize::from(dice[5]) % 4];
            return reply(request_id, Err(Refused::too_many_requests(retry_after)));
        }
        self.answered.insert(request_id);
        match request {
            Request::Command(command) => self.command_reply(request_id, &command, dice),
            Request::Query(Query::GetPendingCalls { room, cursor, .. }) => {
                self.page(request_id, &room, cursor, dice)
            }
            Request::Query(Query::GetCallLog { since, count }) => {
                self.call_log(request_id, since, count, dice)
            }
            Request::Query(Query::GetMyCalls { since }) if dice[4] % 16 != 0 => {
                self.snapshot(request_id, since, dice)
            }
            Request::Query(Query::GetMyCalls { .. } | Query::GetIncomingCalls { .. }) => {
                reply(request_id, Err(refused(-1001, Rule::L01)))
            }
            Request::Query(Query::GetUserCalls { .. } | Query::GetLiveCalls { .. }) => {
                unreachable!("a handset does not ask what only the backend may")
            }
        }
    }

    fn command_reply(&mut self, request_id: u64, command: &Command, dice: Dice) -> Input {
        match command {
            Command::CallUserToRoom { room, users, .. } => {
                self.call_reply(request_id, room, users, dice)
            }
            Command::CancelCall { room, users } => {
                self.withdraw_reply(request_id, (room, users), EndingKind::Cancelled, dice)
            }
            Command::RevokeCall { room, users } => {
                self.withdraw_reply(request_id, (room, users), EndingKind::Revoked, dice)
            }
            Command::AcceptCall { attempt, .. } => {
                let attempt = attempt.unwrap_or(1);
                let success = Answer::AcceptCall { attempt };
                self.answer_reply(request_id, attempt, EndingKind::Accepted, success, dice)
            }
            Command::RejectCall { attempt, .. } => {
                let attempt = attempt.unwrap_or(1);
                let success = Answer::RejectCall { attempt };
                self.answer_reply(request_id, attempt, EndingKind::Rejected, success, dice)
            }
            Command::MarkCallsSeen { up_to } => {
                if chance(dice[4], 1) {
                    return reply(request_id, Err(refused(-1001, Rule::X03)));
                }
                let seen = self.world.mark_seen(*up_to);
                reply(request_id, Ok(Answer::MarkCallsSeen { seen }))
            }
            Command::RevokeUserCalls { .. } | Command::Ringing { .. } => {
                unreachable!("a handset does not ask for it, or not with a number")
            }
        }
    }

    /// The reply to an accept or reject: it wins, or something else was before it.
    fn answer_reply(
        &mut self,
        request_id: u64,
        attempt: u64,
        how: EndingKind,
        success: Answer,
        dice: Dice,
    ) -> Input {
        match dice[4] % 10 {
            0..=4 => drop(self.world.end_as(attempt, how, Some("phone"), dice[6])),
            5..=7 => drop(self.world.end(attempt, dice[6])),
            8 => self.world.dissolve(attempt),
            _ => return reply(request_id, Err(refused(-1001, Rule::X03))),
        }
        let over = self.world.remembered(attempt).map(|over| over.ended);
        // H-05
        let ended = self.world.logged_ending(attempt).filter(|_| over.is_none());
        let answer = match over {
            Some(ended) if ended.how == how && ended.device.as_deref() == Some("phone") => {
                Ok(success)
            }
            Some(ended) => Err(Refused { ended: Some(ended), ..refused(-2311, Rule::E09) }),
            None if dice[5] % 2 == 0 => Err(Refused { ended, ..refused(-2311, Rule::E10) }),
            None => Err(Refused { ended, ..refused(100_004, Rule::R02) }),
        };
        reply(request_id, answer)
    }

    /// The reply to a cancel or a revoke: one result for each distinct user, in first-seen order
    /// (E-12).
    fn withdraw_reply(
        &mut self,
        request_id: u64,
        (room, users): (&str, &[String]),
        how: EndingKind,
        dice: Dice,
    ) -> Input {
        let (mut results, mut attempts) = (Vec::new(), Vec::new());
        for (user, die) in distinct(users, dice) {
            // Somebody else may be first.
            if let Some(attempt) = self.world.last(room, &user).filter(|_| die % 2 == 0) {
                self.world.end(attempt, die / 2);
            }
            let (result, attempt) = self.world.withdraw(room, &user, how, die);
            attempts.extend(attempt.map(|attempt| (user.clone(), attempt)));
            results.push((user, result));
        }
        let is_cancel = how == EndingKind::Cancelled;
        let answer =
            Ok(if is_cancel { Answer::CancelCall(results) } else { Answer::RevokeCall(results) });
        Input::Reply(Reply { attempts, ..Reply::new(request_id, answer) })
    }

    fn call_reply(&mut self, request_id: u64, room: &str, users: &[String], dice: Dice) -> Input {
        if chance(dice[4], 1) {
            return reply(request_id, Err(refused(100_004, Rule::R02)));
        }
        let (mut results, mut attempts) = (Vec::new(), Vec::new());
        for (user, die) in distinct(users, dice) {
            let made = self
                .world
                .calls()
                .filter(|call| call.caller == USER && call.callee == user && call.room == room);
            let made: Vec<u64> = made.map(|call| call.attempt).collect();
            let result = match pick(&made, die) {
                Some(attempt) if chance(die, 8) => {
                    self.world.make(attempt, die);
                    attempts.push((user.clone(), attempt));
                    CallResult::Success
                }
                Some(_) | None if die % 3 == 0 => CallResult::AlreadyInRoom,
                Some(_) | None => CallResult::AlreadyInCalling,
            };
            results.push((user, result));
        }
        let answer = Ok(Answer::CallUserToRoom(results));
        Input::Reply(Reply { attempts, ..Reply::new(request_id, answer) })
    }

    fn page(&mut self, request_id: u64, room: &str, cursor: Option<String>, dice: Dice) -> Input {
        if chance(dice[4], 1) {
            return reply(request_id, Err(refused(-1001, Rule::Q04)));
        }
        // The attempt after which the page begins, and the last one at the first page.
        let (after, until) = cursor
            .as_deref()
            .and_then(|cursor| cursor.split_once('-'))
            .map_or((0, self.world.made()), |(after, until)| {
                (after.parse().unwrap(), until.parse().unwrap())
            });
        let mut calls: Vec<PendingCall> = self.world.records(room);
        calls.retain(|call| call.attempt > after && call.attempt <= until);
        // Records beyond what the switchboard keeps go (K-03).
        if let Some(call) = calls.first().filter(|call| call.status != CallStatus::Calling) {
            if dice[5] % 4 == 0 {
                self.world.remove(call.attempt);
                calls.remove(0);
            }
        }
        let scope = chance(dice[9], 1).then_some(Scope::Own);
        calls.retain(|call| scope.is_none() || call.callee == USER);
        let most = if chance(dice[6], 6) { 1 } else { calls.len() };
        let more = calls.len() > most;
        calls.truncate(most);
        let last = calls.last().filter(|_| more).map(|call| call.attempt);
        let next_cursor = last.map_or_else(String::new, |last| format!("{last}-{until}"));
        reply(request_id, Ok(Answer::GetPendingCalls { calls, next_cursor, scope }))
    }

    /// The log at the last revision or one of those before it; now and then also what was read
    /// before.
    fn call_log(&mut self, request_id: u64, since: u64, count: u32, dice: Dice) -> Input {
        if chance(dice[4], 1) {
            return reply(request_id, Err(refused(-1001, Rule::Q05)));
        }
        let changes = self.replied_at(request_id, dice[7]);
        let from = if chance(dice[5], 2) { since.saturating_sub(dice[5].into()) } else { since };
        let most = if chance(dice[6], 3) { 1 } else { count as usize };
        let log = self.world.call_log(changes, from, most);
        reply(request_id, Ok(Answer::GetCallLog(CallLog { since, ..log })))
    }

    /// The user's calls at the last revision or one of the revisions before it.
    pub(super) fn snapshot(&mut self, request_id: u64, since: u64, dice: Dice) -> Input {
        self.has_snapshot = true;
        self.is_heard = true;
        // State is lost while the handset looks on, or was since it last did (F-18).
        if chance(dice[8], 1) {
            self.world.recover();
        }
        let changes = self.replied_at(request_id, dice[7]);
        let page = 1 + usize::from(dice[6]) % 4;
        let answer = Ok(Answer::GetMyCalls(self.world.my_calls(changes, since, page, &dice)));
        let next_request_id =
            [None, Some(1), Some(request_id), Some(request_id + 3)][usize::from(dice[3]) % 4];
        Input::Reply(Reply { next_request_id, ..Reply::new(request_id, answer) })
    }
}

/// Each distinct user, in first-seen order, with a die.
fn distinct(users: &[String], dice: Dice) -> Vec<(String, u8)> {
    let mut seen = BTreeSet::new();
    let all = users.iter().zip(dice.into_iter().skip(5));
    all.filter(|(user, _)| seen.insert(*user)).map(|(user, die)| (user.clone(), die)).collect()
}
