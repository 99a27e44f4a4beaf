//! Answers to this device's requests (D-12, D-17, D-20, D-21).

use super::output::{Dismissal, Effect, Progress, Request};
use super::requests::Open;
use super::snapshot::Snapshot;
use super::{Handset, Step};
use crate::protocol::{Answer, Command, Query, Refused, Reply, Withdrawn};
use crate::{CallResult, EndingKind, Refusal, Rule};

impl Handset {
    pub(super) fn take_reply(&mut self, reply: Reply, step: &mut Step) {
        let Reply { request_id, answer, attempts, next_request_id } = reply;
        if let Ok(Answer::GetIncomingCalls { calls, revision, endings: Some(endings) }) = answer {
            let snapshot = Snapshot { request_id, calls, revision, endings, next_request_id };
            return self.take_snapshot(snapshot, step);
        }
        let open = self.requests.open.get(&request_id).filter(|open| open.has_left);
        let Some(open) = open.cloned() else {
            return;
        };
        let is_number = |refused: &Refused| matches!(refused.rule, Rule::X03 | Rule::X04);
        let has_bad_number = answer.as_ref().is_err_and(is_number);
        match open.request.clone() {
            Request::Query(Query::GetIncomingCalls { .. }) => self.requests.give_up_snapshot(),
            Request::Query(Query::GetPendingCalls { .. }) => {
                self.requests.open.remove(&request_id);
                self.take_walk(request_id, answer, step);
            }
            Request::Command(
                Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. },
            ) => {
                let is_accept = matches!(open.command(), Some(Command::AcceptCall { .. }));
                self.answered(request_id, attempt.unwrap_or_default(), is_accept, &answer, step);
            }
            Request::Command(command) => {
                self.requested(request_id, &open, &command, answer, &attempts, step);
            }
        }
        if has_bad_number {
            self.ask(step);
        }
    }

    fn take_walk(&mut self, request_id: u64, answer: Result<Answer, Refused>, step: &mut Step) {
        if !self.list.is_walking(request_id) {
            return;
        }
        match answer {
            Ok(Answer::GetPendingCalls { calls, next_cursor }) => {
                self.take_page(&calls, next_cursor, step);
            }
            Ok(_) | Err(_) => self.give_up_walk(),
        }
    }

    /// D-12
    fn answered(
        &mut self,
        request_id: u64,
        attempt: u64,
        is_accept: bool,
        answer: &Result<Answer, Refused>,
        step: &mut Step,
    ) {
        match answer {
            Ok(Answer::AcceptCall { .. }) if is_accept => {
                self.end(attempt, Dismissal::AnsweredHere, step);
            }
            Ok(Answer::RejectCall { .. }) if !is_accept => {
                self.end(attempt, Dismissal::RejectedHere, step);
            }
            Err(Refused { ended: Some(ended), .. }) => self.end_as(attempt, ended, step),
            Err(refused) if is_over(refused) => self.end(attempt, Dismissal::Gone, step),
            Ok(_) | Err(_) => drop(self.requests.open.remove(&request_id)),
        }
    }

    /// D-20, D-21
    fn requested(
        &mut self,
        request_id: u64,
        open: &Open,
        command: &Command,
        answer: Result<Answer, Refused>,
        attempts: &[(alloc::string::String, u64)],
        step: &mut Step,
    ) {
        match command {
            Command::CallUserToRoom { room, users, .. } => {
                let before = self.standing(room, users);
                self.requests.open.remove(&request_id);
                match &answer {
                    Ok(Answer::CallUserToRoom(results)) => {
                        for (user, result) in results {
                            self.called(room, user, *result, attempts);
                        }
                    }
                    Ok(_) => {}
                    Err(Refused { code, .. }) => users.iter().for_each(|user| {
                        self.outgoing.result(room, user, Progress::Refused { code: *code });
                    }),
                }
                self.tell_progress(before, step);
            }
            Command::CancelCall { room, users } => {
                let before = self.standing(room, users);
                self.requests.open.remove(&request_id);
                if let Ok(Answer::CancelCall(results)) = &answer {
                    for (user, result) in results {
                        self.cancelled(room, user, *result, open, attempts);
                    }
                }
                self.tell_progress(before, step);
            }
            Command::RevokeCall { .. }
            | Command::AcceptCall { .. }
            | Command::RejectCall { .. } => drop(self.requests.open.remove(&request_id)),
        }
        step.effects.push(Effect::Answered { request_id, answer });
    }

    fn called(
        &mut self,
        room: &str,
        user: &str,
        result: CallResult,
        attempts: &[(alloc::string::String, u64)],
    ) {
        match result {
            CallResult::Success => {
                if let Some((_, attempt)) = attempts.iter().find(|(callee, _)| callee == user) {
                    self.outgoing.merge(room, user, *attempt, Progress::Ringing);
                }
            }
            CallResult::AlreadyInCalling => {
                self.outgoing.result(room, user, Progress::AlreadyInCalling);
            }
            CallResult::AlreadyInRoom => self.outgoing.result(room, user, Progress::AlreadyInRoom),
        }
    }

    /// What a cancel came to, and for which attempt.
    fn cancelled(
        &mut self,
        room: &str,
        user: &str,
        result: Withdrawn,
        open: &Open,
        attempts: &[(alloc::string::String, u64)],
    ) {
        let of = |list: &[(alloc::string::String, u64)]| {
            list.iter().find(|(callee, _)| callee == user).map(|(_, attempt)| *attempt)
        };
        let last = self.outgoing.attempt(room, user);
        let attempt = match result {
            Withdrawn::NotCalling => of(&open.about).filter(|attempt| last == Some(*attempt)),
            Withdrawn::Cancelled
            | Withdrawn::Revoked
            | Withdrawn::NotYours
            | Withdrawn::Already(_) => of(attempts),
        };
        if let (Some(attempt), Some(progress)) = (attempt, Progress::withdrawn(result)) {
            self.outgoing.merge(room, user, attempt, progress);
        }
    }
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
