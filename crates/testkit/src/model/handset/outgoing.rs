//! Calls by the user: commands and progress (D-20, D-21).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Effect, NotSentReason, Progress, Request};
use roomcall::protocol::{
    Answer, Command, MyCalls, MyEnding, NamedCall, Refused, Reply, Withdrawn,
};
use roomcall::{CallRejectionReason, CallResult, CallStatus, EndingKind};

use super::snapshot::{is_covered, lists};
use super::{ModelHandset, Purpose, Time};

/// What was heard of the user's calls to one callee into one room.
#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing {
    /// The last attempt that was heard of, and the greatest of what was said of it.
    pub(super) attempt: Option<u64>,
    said: Option<Progress>,
    /// What a call came to without an attempt: already there or called, refused, given up.
    result: Option<Progress>,
    /// Whether the attempt was rejected or revoked, and nobody said why or by whom.
    lacks_detail: bool,
}

impl Outgoing {
    /// Calling or ringing.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.said, Some(Progress::Calling | Progress::Ringing))
    }

    /// A call came to something that is no attempt.
    fn came_to(&mut self, result: Progress) {
        if !self.is_live() {
            self.result = Some(result);
        }
    }

    /// What stands while no call command is unanswered.
    fn stands(&self) -> Option<Progress> {
        if self.is_live() { self.said.clone() } else { self.result.clone().or(self.said.clone()) }
    }

    /// Whether what stands is about the attempt.
    pub(super) fn is_of_attempt(&self) -> bool {
        self.is_live() || self.result.is_none()
    }

    /// Of what is said of one attempt the greatest counts; a higher attempt replaces a lower one. Whether this was it.
    pub(super) fn say(&mut self, attempt: u64, progress: Progress) -> bool {
        let said = Some(progress);
        if self.attempt < Some(attempt) {
            *self = Self { attempt: Some(attempt), said, ..Self::default() };
            true
        } else if self.attempt == Some(attempt) && self.said < said {
            self.said = said;
            true
        } else {
            false
        }
    }

    /// Calling or ringing, or without its detail.
    fn is_open(&self) -> bool {
        self.is_live() || self.lacks_detail
    }
}

fn distinct(users: &[String]) -> BTreeSet<&String> {
    users.iter().collect()
}

impl ModelHandset {
    pub(super) fn entry(&mut self, room: &str, callee: &str) -> &mut Outgoing {
        self.outgoing.entry((room.to_owned(), callee.to_owned())).or_default()
    }

    /// The rooms and callees with an unanswered call command.
    fn asked_for(&self) -> BTreeSet<(String, String)> {
        let mut asked = BTreeSet::new();
        for request in &self.unanswered {
            if let Request::Command(Command::CallUserToRoom { room, users, .. }) = &request.request
            {
                asked.extend(users.iter().map(|user| (room.clone(), user.clone())));
            }
        }
        asked
    }

    /// D-21: what stands.
    pub(super) fn progress(&self) -> BTreeMap<(String, String), Progress> {
        let mut stands = BTreeMap::new();
        for (key, entry) in &self.outgoing {
            if let Some(progress) = entry.stands() {
                stands.insert(key.clone(), progress);
            }
        }
        stands.extend(self.asked_for().into_iter().map(|key| (key, Progress::Asking)));
        stands
    }

    /// D-21: a notice to the caller.
    pub(super) fn outcome(&mut self, call: &NamedCall, progress: Progress) {
        let entry = self.entry(&call.room, &call.callee);
        entry.say(call.attempt, progress);
        if entry.attempt == Some(call.attempt) {
            entry.lacks_detail = false;
        }
    }

    /// D-21: an entry or list event of this room; `None` is one that removes it.
    pub(super) fn progress_hears(&mut self, call: &NamedCall, status: CallStatus) {
        let is_calling = status == CallStatus::Calling && self.lists_as_calling(call);
        let is_settled = is_calling
            && call.caller == self.user
            && self.is_live_again(&call.room, &call.callee, call.attempt, Progress::Calling);
        let key = (call.room.clone(), call.callee.clone());
        let live = self.outgoing.get(&key).filter(|entry| entry.is_live());
        let is_over = live.and_then(|entry| entry.attempt).is_some_and(|attempt| {
            let stopped = call.attempt == attempt && status != CallStatus::Calling;
            stopped || call.attempt > attempt
        });
        // D-16
        if is_over || is_settled {
            self.ask_unless_asking();
        }
    }

    /// D-21: what a snapshot says of the calls by this user.
    pub(super) fn snapshot_says(&mut self, calls: &MyCalls) {
        let asked = self.asked_for();
        for ending in calls.endings.iter().filter(|ending| ending.caller == self.user) {
            let key = (ending.room.clone(), ending.callee.clone());
            let is_known = self.outgoing.get(&key).is_some_and(|entry| entry.stands().is_some());
            if is_known || asked.contains(&key) {
                let entry = self.outgoing.entry(key).or_default();
                entry.say(ending.ended.attempt, came_of(ending));
            }
        }
        let user = self.user.clone();
        for call in calls.outgoing.iter().filter(|call| call.caller == user) {
            let key = (call.room.clone(), call.callee.clone());
            let is_known = self.outgoing.get(&key).is_some_and(|entry| entry.stands().is_some());
            if is_known || asked.contains(&key) {
                let said = if call.rung { Progress::Ringing } else { Progress::Calling };
                self.entry(&call.room, &call.callee).say(call.attempt, said);
            }
        }
        let is_ended = |attempt| calls.endings.iter().any(|it| it.ended.attempt == attempt);
        for entry in self.outgoing.values_mut() {
            let Some(attempt) = entry.attempt.filter(|attempt| is_covered(calls, *attempt)) else {
                continue;
            };
            // One that lists it is of before its ending.
            if lists(&calls.outgoing, attempt) {
                continue;
            }
            entry.lacks_detail = false;
            if entry.is_live() && !is_ended(attempt) {
                entry.say(attempt, Progress::Unknown);
            }
        }
    }

    /// D-21: the attempts by the user whose detail was not heard.
    pub(super) fn lacking_attempts(&self) -> Vec<u64> {
        let lacking = self.outgoing.values().filter(|entry| entry.lacks_detail);
        lacking.filter_map(|entry| entry.attempt).collect()
    }

    /// D-21: the attempts by the user whose ending or its detail was not heard.
    pub(super) fn open_attempts(&self) -> Vec<u64> {
        let open = self.outgoing.values().filter(|entry| entry.is_open());
        open.filter_map(|entry| entry.attempt).collect()
    }

    /// D-20
    pub(super) fn tap_call(
        &mut self,
        room: String,
        users: Vec<String>,
        timeout: u32,
        extension: String,
    ) {
        let length = (timeout > 0).then(|| Time::from(timeout) * 1_000);
        let give_up = length.map(|length| self.clock + length);
        let command = Command::CallUserToRoom {
            room: room.clone(),
            users: users.clone(),
            timeout,
            extension,
            caller: None,
        };
        let tapped = self.clock;
        if self.command(command, Purpose::Call { give_up, tapped }) {
            // D-21: until the next tap.
            for user in distinct(&users) {
                self.entry(&room, user).result = None;
            }
        }
    }

    pub(super) fn tap_cancel(&mut self, room: String, users: Vec<String>) {
        let mut known = Vec::new();
        for user in distinct(&users) {
            let entry = self.outgoing.get(&(room.clone(), user.clone()));
            if let Some(attempt) = entry.and_then(|entry| entry.attempt) {
                known.push((user.clone(), attempt));
            }
        }
        let purpose = Purpose::Cancel { known, tapped: self.clock };
        self.command(Command::CancelCall { room, users }, purpose);
    }

    pub(super) fn tap_revoke(&mut self, room: String, users: Vec<String>) {
        let purpose = Purpose::Revoke { tapped: self.clock };
        self.command(Command::RevokeCall { room, users }, purpose);
    }

    /// D-20: which command is to be given up when.
    pub(super) fn givings_up(&self) -> Vec<(u64, Time)> {
        let mut givings_up = Vec::new();
        for request in &self.unanswered {
            let (give_up, tapped) = match request.purpose {
                Purpose::Call { give_up, tapped } => (give_up, tapped),
                Purpose::Cancel { tapped, .. } | Purpose::Revoke { tapped } => (None, tapped),
                _ => continue,
            };
            let valid_until = tapped + Time::from(self.settings.valid_for);
            let unsent = Some(valid_until).filter(|_| request.sent.is_none());
            let at = give_up.into_iter().chain(unsent).min();
            // D-25: what should have happened before a restart happens at 0.
            givings_up.extend(at.map(|at| (request.request_id, at.max(0))));
        }
        givings_up.sort_by_key(|(request_id, at)| (*at, *request_id));
        givings_up
    }

    /// D-20
    pub(super) fn give_up_what_is_due(&mut self) {
        for (request_id, at) in self.givings_up() {
            if at <= self.clock {
                let given_up = self.unanswered.iter().find(|r| r.request_id == request_id).cloned();
                self.answered(request_id);
                if let Some(request) = given_up {
                    let mut came_to = Progress::Unknown;
                    if let (Request::Command(command), None) = (&request.request, request.sent) {
                        let (command, why) = (command.clone(), NotSentReason::TooOld);
                        self.step.effects.push(Effect::NotSent { command, why });
                        came_to = Progress::NotSent;
                    }
                    self.call_came_to(&request.request, &came_to);
                }
            }
        }
    }

    /// D-21: the same for all callees of a call command.
    pub(super) fn call_came_to(&mut self, request: &Request, progress: &Progress) {
        if let Request::Command(Command::CallUserToRoom { room, users, .. }) = request {
            for user in distinct(users) {
                self.entry(room, user).came_to(progress.clone());
            }
        }
    }

    /// D-21: the answer to a call.
    pub(super) fn call_answered(&mut self, request: &Request, reply: &Reply) {
        let Request::Command(Command::CallUserToRoom { room, .. }) = request else { return };
        match &reply.answer {
            Err(Refused { code, .. }) => {
                self.call_came_to(request, &Progress::Refused { code: *code });
            }
            Ok(Answer::CallUserToRoom(results)) => {
                let mut is_settled = false;
                for (user, result) in results {
                    match result {
                        CallResult::Success => {
                            for (_, attempt) in reply.attempts.iter().filter(|(u, _)| u == user) {
                                let said = Progress::Calling;
                                is_settled |= self.is_live_again(room, user, *attempt, said);
                            }
                        }
                        CallResult::AlreadyInCalling => {
                            self.entry(room, user).came_to(Progress::AlreadyInCalling);
                        }
                        CallResult::AlreadyInRoom => {
                            self.entry(room, user).came_to(Progress::AlreadyInRoom);
                        }
                    }
                }
                // D-16
                if is_settled {
                    self.ask_unless_asking();
                }
            }
            Ok(_) => {}
        }
    }

    /// D-21: a cancel's result counts for the attempt that comes with it; that nothing is called
    /// for the one that was known when it was tapped, if it is still the last.
    pub(super) fn cancel_answered(
        &mut self,
        request: &Request,
        known: &[(String, u64)],
        reply: &Reply,
    ) {
        let Request::Command(Command::CancelCall { room, .. }) = request else { return };
        let Ok(Answer::CancelCall(results)) = &reply.answer else { return };
        let mut comes_to_lack = false;
        for (user, result) in results {
            let of = |list: &[(String, u64)]| {
                list.iter().find(|(u, _)| u == user).map(|(_, attempt)| *attempt)
            };
            let last = self.outgoing.get(&(room.clone(), user.clone())).and_then(|e| e.attempt);
            let attempt = match result {
                Withdrawn::NotCalling => of(known).filter(|known| last == Some(*known)),
                _ => of(&reply.attempts),
            };
            if let (Some(attempt), Some(progress)) = (attempt, withdrawn(*result)) {
                let lacks = matches!(
                    progress,
                    Progress::Rejected { .. } | Progress::Revoked { .. } | Progress::Unknown
                );
                let entry = self.entry(room, user);
                if entry.say(attempt, progress) && lacks && !entry.lacks_detail {
                    entry.lacks_detail = true;
                    comes_to_lack = true;
                }
            }
        }
        // D-16
        if comes_to_lack {
            self.ask_unless_asking();
        }
    }

    /// D-21: more than `outgoing`: those not open and not asking go, lowest attempt first.
    pub(super) fn bound_outgoing(&mut self) {
        let asked = self.asked_for();
        // An entry of which nothing was said is there only while its call is unanswered.
        self.outgoing.retain(|key, entry| entry.stands().is_some() || asked.contains(key));
        while self.outgoing.len() > self.settings.outgoing as usize {
            let may_go = self
                .outgoing
                .iter()
                .filter(|(key, entry)| !entry.is_open() && !asked.contains(*key));
            let first = may_go.min_by_key(|(key, entry)| (entry.attempt, (*key).clone()));
            let Some(key) = first.map(|(key, _)| key.clone()) else { break };
            self.outgoing.remove(&key);
        }
    }
}

/// D-21: an ending in a snapshot, as its caller sees it.
pub fn came_of(ending: &MyEnding) -> Progress {
    match ending.ended.how {
        EndingKind::Accepted | EndingKind::Entered => Progress::Accepted,
        EndingKind::Rejected => Progress::Rejected { reason: ending.reason },
        EndingKind::InOtherRoom => {
            Progress::Rejected { reason: Some(CallRejectionReason::InOtherRoom) }
        }
        EndingKind::TimedOut => Progress::TimedOut,
        EndingKind::Cancelled => Progress::Cancelled,
        EndingKind::Revoked => Progress::Revoked { operator: ending.ended.user.clone() },
    }
}

/// D-21: what a cancel's result says of its attempt.
fn withdrawn(result: Withdrawn) -> Option<Progress> {
    match result {
        Withdrawn::Cancelled => Some(Progress::Cancelled),
        Withdrawn::Revoked => Some(Progress::Revoked { operator: None }),
        Withdrawn::NotCalling => Some(Progress::Unknown),
        Withdrawn::NotYours => None,
        Withdrawn::Already(EndingKind::Accepted | EndingKind::Entered) => Some(Progress::Accepted),
        Withdrawn::Already(EndingKind::Rejected | EndingKind::InOtherRoom) => {
            Some(Progress::Rejected { reason: None })
        }
        Withdrawn::Already(EndingKind::TimedOut) => Some(Progress::TimedOut),
        Withdrawn::Already(EndingKind::Cancelled) => Some(Progress::Cancelled),
        Withdrawn::Already(EndingKind::Revoked) => Some(Progress::Revoked { operator: None }),
    }
}
