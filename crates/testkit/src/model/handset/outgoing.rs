//! Calls by the user: commands and progress (D-20, D-21).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Effect, Progress, Request};
use roomcall::protocol::{Answer, Command, NamedCall, Refused, Reply, Withdrawn};
use roomcall::{CallResult, CallStatus, EndingKind};

use super::{ModelHandset, Purpose, Time};

/// What was heard of the user's calls to one callee into one room.
#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing {
    /// The last attempt that was heard of, and the greatest of what was said of it.
    pub(super) attempt: Option<u64>,
    said: Option<Progress>,
    /// What a call came to without an attempt: already there or called, refused, given up.
    result: Option<Progress>,
}

impl Outgoing {
    pub(super) fn is_ringing(&self) -> bool {
        self.said == Some(Progress::Ringing)
    }

    /// A call came to something that is no attempt.
    fn came_to(&mut self, result: Progress) {
        if !self.is_ringing() {
            self.result = Some(result);
        }
    }

    /// What stands while no call command is unanswered.
    fn stands(&self) -> Option<Progress> {
        if self.is_ringing() {
            self.said.clone()
        } else {
            self.result.clone().or(self.said.clone())
        }
    }

    /// Of what is said of one attempt the greatest counts; a higher attempt replaces a lower one.
    fn say(&mut self, attempt: u64, progress: Progress) {
        if self.attempt < Some(attempt) {
            *self = Self { attempt: Some(attempt), said: Some(progress), result: None };
        } else if self.attempt == Some(attempt) && self.said.as_ref() < Some(&progress) {
            self.said = Some(progress);
        }
    }
}

fn distinct(users: &[String]) -> BTreeSet<&String> {
    users.iter().collect()
}

impl ModelHandset {
    fn entry(&mut self, room: &str, callee: &str) -> &mut Outgoing {
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
        self.entry(&call.room, &call.callee).say(call.attempt, progress);
    }

    /// D-21: an entry or list event of a call by this user; `None` is one that removes it.
    pub(super) fn entry_says(&mut self, call: &NamedCall, status: CallStatus) {
        if call.caller == self.user {
            let progress = match status {
                CallStatus::None => Progress::Unknown,
                CallStatus::Calling => Progress::Ringing,
                CallStatus::Timeout => Progress::TimedOut,
                CallStatus::Rejected => Progress::Rejected { reason: None },
            };
            self.outcome(call, progress);
        }
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
        };
        if self.command(command, Purpose::Call { give_up }) {
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
        self.command(Command::CancelCall { room, users }, Purpose::Cancel { known });
    }

    pub(super) fn tap_revoke(&mut self, room: String, users: Vec<String>) {
        self.command(Command::RevokeCall { room, users }, Purpose::Revoke);
    }

    /// D-20: which call is to be given up when.
    pub(super) fn givings_up(&self) -> Vec<(u64, Time)> {
        let mut givings_up = Vec::new();
        for request in &self.unanswered {
            if let Purpose::Call { give_up: Some(at) } = request.purpose {
                givings_up.push((request.request_id, at));
            }
        }
        givings_up
    }

    /// D-20
    pub(super) fn give_up_what_is_due(&mut self) {
        for (request_id, at) in self.givings_up() {
            if at <= self.clock {
                let given_up = self.unanswered.iter().find(|r| r.request_id == request_id).cloned();
                self.answered(request_id);
                if let Some(request) = given_up {
                    self.call_came_to(&request.request, &Progress::Unknown);
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
                for (user, result) in results {
                    match result {
                        CallResult::Success => {
                            for (_, attempt) in reply.attempts.iter().filter(|(u, _)| u == user) {
                                self.entry(room, user).say(*attempt, Progress::Ringing);
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
                self.entry(room, user).say(attempt, progress);
            }
        }
    }

    /// D-21: outside the room only the outcome is heard.
    pub(super) fn leave_ringing_entries(&mut self, former: &str) {
        let asked = self.asked_for();
        let of_former =
            |key: &(String, String), entry: &Outgoing| key.0 == former && entry.is_ringing();
        for (key, entry) in &self.outgoing {
            if of_former(key, entry) && !asked.contains(key) {
                let (room, callee) = key.clone();
                let (attempt, progress) = (entry.attempt, Progress::Unknown);
                self.step.effects.push(Effect::Progress { room, callee, attempt, progress });
            }
        }
        // What is asked for stays there, with nothing known of it.
        for (key, entry) in &mut self.outgoing {
            if of_former(key, entry) {
                *entry = Outgoing::default();
            }
        }
    }

    /// D-21: when it becomes ready.
    pub(super) fn leave_all_but(&mut self, room: Option<&str>) {
        let rooms: BTreeSet<String> = self.outgoing.keys().map(|(room, _)| room.clone()).collect();
        for former in rooms.iter().filter(|former| room != Some(former.as_str())) {
            self.leave_ringing_entries(former);
        }
    }

    /// D-23: of attempts that a whole walk did not list nobody says how they ended.
    pub(super) fn walk_ends_calls(&mut self, room: &str, last: u64, listed: &BTreeSet<u64>) {
        for (key, entry) in &mut self.outgoing {
            if let (true, Some(attempt), true) = (key.0 == room, entry.attempt, entry.is_ringing())
            {
                if attempt <= last && !listed.contains(&attempt) {
                    entry.say(attempt, Progress::Unknown);
                }
            }
        }
    }

    /// D-21: more than `outgoing`: those not ringing and not asking go, lowest attempt first.
    pub(super) fn bound_outgoing(&mut self) {
        let asked = self.asked_for();
        // An entry of which nothing was said is there only while its call is unanswered.
        self.outgoing.retain(|key, entry| entry.stands().is_some() || asked.contains(key));
        while self.outgoing.len() > self.settings.outgoing as usize {
            let may_go = self.outgoing.iter().filter(|(key, entry)| {
                entry.stands() != Some(Progress::Ringing) && !asked.contains(*key)
            });
            let first = may_go.min_by_key(|(key, entry)| (entry.attempt, (*key).clone()));
            let Some(key) = first.map(|(key, _)| key.clone()) else { break };
            self.outgoing.remove(&key);
        }
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
