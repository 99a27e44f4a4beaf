//! The replies to this device's requests (D-12, D-17, D-20, D-21).

use alloc::string::String;

use super::Handset;
use super::dismissal::Dismissal;
use super::effect::Effect;
use super::outgoing::Progress;
use super::screen::Step;
use super::snapshot::Snapshot;
use super::unanswered::Unanswered;
use crate::protocol::{Answer, Command, Query, Refused, Reply, Request, Withdrawn};
use crate::{CallResult, EndingKind, Refusal, Rule};

/// The attempts that results are about, by callee.
type Attempts = [(String, u64)];

impl Handset {
    pub(super) fn on_reply(&mut self, reply: Reply, step: &mut Step) {
        let Reply { request_id, answer, attempts, next_request_id } = reply;
        if let Ok(Answer::GetIncomingCalls { calls, revision, endings: Some(endings) }) = answer {
            let snapshot = Snapshot { request_id, calls, revision, endings, next_request_id };
            return self.on_snapshot(snapshot, step);
        }
        let is_number = |refused: &Refused| matches!(refused.rule, Rule::X03 | Rule::X04);
        let is_number_refused = answer.as_ref().is_err_and(is_number);
        match self.requests.sent(request_id) {
            None => return,
            Some(Request::Query(Query::GetIncomingCalls { .. })) => {
                self.requests.abandon_snapshot();
            }
            Some(Request::Query(Query::GetPendingCalls { .. })) => {
                self.requests.remove(request_id);
                self.on_page_reply(request_id, answer, step);
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
                | Command::RevokeCall { .. },
            )) => self.on_command_reply(request_id, answer, &attempts, step),
        }
        if is_number_refused {
            self.request_snapshot(step);
        }
    }

    fn on_page_reply(&mut self, request_id: u64, answer: Result<Answer, Refused>, step: &mut Step) {
        if !self.list.awaits_page(request_id) {
            return;
        }
        match answer {
            Ok(Answer::GetPendingCalls { calls, next_cursor }) => {
                self.on_page(calls, next_cursor, step);
            }
            Ok(_) | Err(_) => self.abandon_pagination(),
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
            Err(Refused { ended: Some(ending), .. }) => self.end_as(attempt, ending, step),
            Err(refused) if is_over(&refused) => self.end(attempt, Dismissal::Gone, step),
            Ok(_) | Err(_) => drop(self.requests.remove(request_id)),
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
                self.on_call_results(&room, &users, &answer, attempts);
                self.report_progress(before, step);
            }
            Some((Request::Command(Command::CancelCall { room, users }), known)) => {
                let before = self.progress_before(&room, &users);
                self.on_cancel_results(&room, &answer, &known, attempts);
                self.report_progress(before, step);
            }
            // What becomes of other users' calls is not followed.
            Some((
                Request::Command(
                    Command::RevokeCall { .. }
                    | Command::AcceptCall { .. }
                    | Command::RejectCall { .. },
                )
                | Request::Query(_),
                _,
            ))
            | None => {}
        }
        step.effects.push(Effect::Answered { request_id, answer });
    }

    fn on_call_results(
        &mut self,
        room: &str,
        users: &[String],
        answer: &Result<Answer, Refused>,
        attempts: &Attempts,
    ) {
        self.outgoing.on_request_removed();
        let results = match answer {
            Ok(Answer::CallUserToRoom(results)) => results,
            Ok(_) => return,
            Err(Refused { code, .. }) => {
                let refused = Progress::Refused { code: *code };
                users
                    .iter()
                    .for_each(|user| self.outgoing.set_tap_result(room, user, refused.clone()));
                return;
            }
        };
        for (user, result) in results {
            let tap_result = match result {
                CallResult::Success => {
                    if let Some(attempt) = attempt_of(attempts, user) {
                        self.outgoing.merge(room, user, attempt, Progress::Ringing);
                    }
                    continue;
                }
                CallResult::AlreadyInCalling => Progress::AlreadyInCalling,
                CallResult::AlreadyInRoom => Progress::AlreadyInRoom,
            };
            self.outgoing.set_tap_result(room, user, tap_result);
        }
    }

    /// What a cancel came to; `known` are the attempts that were known when it was tapped.
    fn on_cancel_results(
        &mut self,
        room: &str,
        answer: &Result<Answer, Refused>,
        known: &Attempts,
        attempts: &Attempts,
    ) {
        let Ok(Answer::CancelCall(results)) = answer else {
            return;
        };
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
                self.outgoing.merge(room, user, attempt, progress);
            }
        }
    }
}

fn attempt_of(attempts: &Attempts, user: &str) -> Option<u64> {
    attempts.iter().find(|(callee, _)| callee == user).map(|(_, attempt)| *attempt)
}

/// Whether a refusal of an accept or reject says that the call is over.
fn is_over(refused: &Refused) -> bool {
    let codes = [Refusal::NoSuchCall.code(), Refusal::NoSuchRoom.code()];
    codes.contains(&refused.code)
}

impl Progress {
    /// What the result of a cancel tells of the call.
    const fn withdrawn(result: Withdrawn) -> Option<Self> {
        match result {
            Withdrawn::Cancelled | Withdrawn::Already(EndingKind::Cancelled) => {
                Some(Self::Cancelled)
            }
            Withdrawn::Revoked | Withdrawn::Already(EndingKind::Revoked) => {
                Some(Self::Revoked { operator: None })
            }
            Withdrawn::NotCalling => Some(Self::Unknown),
            Withdrawn::NotYours => None,
            Withdrawn::Already(EndingKind::Accepted | EndingKind::Entered) => Some(Self::Accepted),
            Withdrawn::Already(EndingKind::Rejected | EndingKind::InOtherRoom) => {
                Some(Self::Rejected { reason: None })
            }
            Withdrawn::Already(EndingKind::TimedOut) => Some(Self::TimedOut),
        }
    }
}
