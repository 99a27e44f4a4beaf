//! The replies to this device's requests (D-12, D-17, D-20, D-21).

use alloc::string::String;

use super::Handset;
use super::dismissal::Dismissal;
use super::effect::Effect;
use super::progress::Progress;
use super::screen::Step;
use super::unanswered::Unanswered;
use crate::protocol::{Answer, Command, Ending, Query, Refused, Reply, Request, Withdrawn};
use crate::{CallResult, Refusal, Rule};

/// The attempts that results are about, by callee.
type Attempts = [(String, u64)];

impl Handset {
    pub(super) fn on_reply(&mut self, reply: Reply, step: &mut Step) {
        let Reply { request_id, answer, attempts, next_request_id, .. } = reply;
        if let Ok(Answer::GetMyCalls(snapshot)) = answer {
            return self.on_snapshot(request_id, snapshot, next_request_id, step);
        }
        let refusal = answer.as_ref().err().map(|refused| refused.rule);
        match self.requests.sent(request_id) {
            None => return self.on_late_reply(answer, step),
            Some(_) if refusal == Some(Rule::L15) => {
                let retry_after = answer.err().and_then(|refused| refused.retry_after);
                let clock = self.clock;
                return self.requests.postpone(request_id, retry_after.unwrap_or_default(), clock);
            }
            Some(Request::Query(Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. })) => {
                self.requests.abandon_snapshot();
            }
            Some(Request::Query(Query::GetPendingCalls { .. })) => {
                self.requests.remove(request_id);
                self.on_page_reply(request_id, answer, step);
            }
            Some(Request::Query(Query::GetCallLog { .. })) => {
                self.requests.remove(request_id);
                if let Ok(Answer::GetCallLog(log)) = answer {
                    self.on_log(log, step);
                }
            }
            Some(Request::Command(Command::AcceptCall { attempt, .. })) => {
                let attempt = attempt.unwrap_or_default();
                self.on_call_answered(request_id, attempt, Dismissal::AnsweredHere, answer, step);
            }
            Some(Request::Command(Command::RejectCall { attempt, .. })) => {
                let attempt = attempt.unwrap_or_default();
                self.on_call_answered(request_id, attempt, Dismissal::RejectedHere, answer, step);
            }
            Some(Request::Command(
                Command::CallUserToRoom { .. }
                | Command::CancelCall { .. }
                | Command::RevokeCall { .. }
                | Command::RevokeUserCalls { .. }
                | Command::MarkCallsSeen { .. }
                // It has no number, so nothing answers it (D-37).
                | Command::Ringing { .. },
            )) => self.on_command_reply(request_id, answer, &attempts, step),
            // A handset does not ask what only the backend may (P-10).
            Some(Request::Query(Query::GetUserCalls { .. } | Query::GetLiveCalls { .. })) => {
                drop(self.requests.remove(request_id));
            }
        }
        if matches!(refusal, Some(Rule::X03 | Rule::X04)) {
            self.request_snapshot(step);
        }
    }

    /// A reply to a request that was abandoned or answered: what it says of a call to this user
    /// counts, as endings are final (D-17).
    fn on_late_reply(&mut self, answer: Result<Answer, Refused>, step: &mut Step) {
        match answer {
            Ok(Answer::AcceptCall { attempt }) => {
                self.end(attempt, Dismissal::AnsweredHere, step);
            }
            Ok(Answer::RejectCall { attempt }) => {
                self.end(attempt, Dismissal::RejectedHere, step);
            }
            Err(Refused { ended: Some(ending), rule, .. }) => {
                self.end_by_refusal(rule, ending.attempt, ending, step);
            }
            Ok(
                Answer::Fact(_)
                | Answer::CallUserToRoom(_)
                | Answer::CancelCall(_)
                | Answer::RevokeCall(_)
                | Answer::RevokeUserCalls { .. }
                | Answer::GetPendingCalls { .. }
                | Answer::GetIncomingCalls { .. }
                | Answer::GetMyCalls(_)
                | Answer::GetCallLog(_)
                | Answer::MarkCallsSeen { .. }
                | Answer::Ringing { .. }
                | Answer::GetUserCalls { .. }
                | Answer::GetLiveCalls { .. },
            )
            | Err(Refused { ended: None, .. }) => {}
        }
    }

    fn on_page_reply(&mut self, request_id: u64, answer: Result<Answer, Refused>, step: &mut Step) {
        if !self.list.awaits_page(request_id) {
            return;
        }
        match answer {
            Ok(Answer::GetPendingCalls { calls, next_cursor, scope: None }) => {
                self.on_page(calls, next_cursor, step);
            }
            Ok(_) | Err(_) => self.postpone_pagination(),
        }
    }

    /// The reply to an accept or reject, whose success ends the call as `success` (D-12).
    fn on_call_answered(
        &mut self,
        request_id: u64,
        attempt: u64,
        success: Dismissal,
        answer: Result<Answer, Refused>,
        step: &mut Step,
    ) {
        let is_accept = success == Dismissal::AnsweredHere;
        match answer {
            Ok(Answer::AcceptCall { .. }) if is_accept => self.end(attempt, success, step),
            Ok(Answer::RejectCall { .. }) if !is_accept => self.end(attempt, success, step),
            Err(Refused { ended: Some(ending), rule, .. }) => {
                self.end_by_refusal(rule, attempt, ending, step);
            }
            Err(refused) if is_over(&refused) => self.end(attempt, Dismissal::Gone, step),
            Ok(_) | Err(_) => drop(self.requests.remove(request_id)),
        }
    }

    /// A refusal says how a call ended (D-12). Into a room that is gone nobody joins.
    fn end_by_refusal(&mut self, rule: Rule, attempt: u64, ending: Ending, step: &mut Step) {
        if rule == Rule::R02 {
            let why = Dismissal::of(ending, &self.device);
            self.end_without_join(attempt, why, step);
        } else {
            self.end_as(attempt, ending, step);
        }
    }

    /// The reply to a call, a cancel or a revoke (D-20, D-21).
    fn on_command_reply(
        &mut self,
        request_id: u64,
        answer: Result<Answer, Refused>,
        attempts: &Attempts,
        step: &mut Step,
    ) {
        let parts = self.requests.remove(request_id).map(Unanswered::into_parts);
        match parts {
            Some((Request::Command(Command::CallUserToRoom { room, users, .. }), _)) => {
                let before = self.progress_asking(&room, &users);
                let is_doubtful = self.on_call_results(&room, &users, &answer, attempts);
                self.report_progress(before, step);
                if is_doubtful {
                    self.request_snapshot(step);
                }
            }
            Some((Request::Command(Command::CancelCall { room, users }), known)) => {
                let before = self.progress_before(&room, &users);
                let lacks_detail = self.on_cancel_results(&room, &answer, &known, attempts);
                self.report_progress(before, step);
                if lacks_detail {
                    self.request_snapshot(step);
                }
            }
            Some((Request::Command(Command::MarkCallsSeen { .. }), _)) => {
                if let Ok(Answer::MarkCallsSeen { seen }) = answer {
                    self.on_seen(seen, step);
                }
            }
            // What becomes of other users' calls is not followed.
            Some((
                Request::Command(
                    Command::RevokeCall { .. }
                    | Command::RevokeUserCalls { .. }
                    | Command::AcceptCall { .. }
                    | Command::RejectCall { .. }
                    | Command::Ringing { .. },
                )
                | Request::Query(_),
                _,
            ))
            | None => {}
        }
        step.effects.push(Effect::Answered { request_id, answer });
    }

    /// What a call came to. Says whether an attempt that it made may be over already.
    fn on_call_results(
        &mut self,
        room: &str,
        users: &[String],
        answer: &Result<Answer, Refused>,
        attempts: &Attempts,
    ) -> bool {
        self.outgoing.prune_later();
        let results = match answer {
            Ok(Answer::CallUserToRoom(results)) => results,
            Ok(_) => return false,
            Err(Refused { code, .. }) => {
                let refused = Progress::Refused { code: *code };
                users
                    .iter()
                    .for_each(|user| self.outgoing.set_tap_result(room, user, refused.clone()));
                return false;
            }
        };
        let mut is_doubtful = false;
        for (user, result) in results {
            let tap_result = match result {
                CallResult::Success => {
                    if let Some(attempt) = attempt_of(attempts, user) {
                        is_doubtful |= self.on_live(room, user, attempt, Progress::Calling);
                    }
                    continue;
                }
                CallResult::AlreadyInCalling => Progress::AlreadyInCalling,
                CallResult::AlreadyInRoom => Progress::AlreadyInRoom,
            };
            self.outgoing.set_tap_result(room, user, tap_result);
        }
        is_doubtful
    }

    /// What a cancel came to; `known` are the attempts that were known when it was tapped. Says
    /// whether an attempt lacks its detail from now on.
    fn on_cancel_results(
        &mut self,
        room: &str,
        answer: &Result<Answer, Refused>,
        known: &Attempts,
        attempts: &Attempts,
    ) -> bool {
        let Ok(Answer::CancelCall(results)) = answer else {
            return false;
        };
        let mut lacks_detail = false;
        for (user, result) in results {
            let attempt = match result {
                Withdrawn::NotCalling => {
                    let last = self.outgoing.attempt(room, user);
                    attempt_of(known, user).filter(|attempt| last == Some(*attempt))
                }
                Withdrawn::Cancelled
                | Withdrawn::Revoked
                | Withdrawn::NotYours
                | Withdrawn::Already(_) => attempt_of(attempts, user),
            };
            if let (Some(attempt), Some(progress)) = (attempt, Progress::withdrawn(*result)) {
                if Progress::lacks_detail(*result) {
                    lacks_detail |= self.outgoing.end_without_detail(room, user, attempt, progress);
                } else {
                    self.outgoing.merge(room, user, attempt, progress);
                }
            }
        }
        lacks_detail
    }
}

fn attempt_of(attempts: &Attempts, user: &str) -> Option<u64> {
    attempts.iter().find(|(callee, _)| callee == user).map(|(_, attempt)| *attempt)
}

/// Whether a refusal of an accept or reject says that the call is over.
fn is_over(refused: &Refused) -> bool {
    let codes =
        [Refusal::NoSuchCall { ended: None }.code(), Refusal::NoSuchRoom { ended: None }.code()];
    codes.contains(&refused.code)
}
