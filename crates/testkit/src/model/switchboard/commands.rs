//! Commands but for the making of calls (rules E, P, L). The checks of each stand in the order of R-01.

use roomcall::protocol::{Actor, Answer, Command, Refused, Withdrawn};
use roomcall::{CallRejectionReason, EndingKind, Role, Rule, Which};

use super::calls::Ring;
use super::endings::End;
use super::{Call, Model, Room, fits, refuse};

/// How a callee's device answers.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Accept,
    Reject(CallRejectionReason),
}

impl Model {
    /// The answer and, where nothing changed, the rule why.
    pub(super) fn ask(
        &mut self,
        by: &Actor,
        command: &Command,
    ) -> Result<(Answer, Option<Rule>), Refused> {
        match command {
            Command::CallUserToRoom { room, users, timeout, extension, caller } => {
                let caller = caller.as_deref();
                let ring = Ring { room, timeout: *timeout, extension, caller };
                Ok((Answer::CallUserToRoom(self.call(by, users, ring)?), None))
            }
            Command::CancelCall { room, users } => {
                Ok((Answer::CancelCall(self.cancel(by, room, users)?), None))
            }
            Command::RevokeCall { room, users } => {
                Ok((Answer::RevokeCall(self.revoke(by, room, users)?), None))
            }
            Command::RevokeUserCalls { user, which } => {
                Ok((self.revoke_user_calls(by, user, *which)?, None))
            }
            Command::AcceptCall { room, attempt } => {
                let (attempt, duplicate) = self.answer(by, room, *attempt, Verb::Accept)?;
                Ok((Answer::AcceptCall { attempt }, duplicate))
            }
            Command::RejectCall { room, attempt, reason } => {
                let (attempt, duplicate) =
                    self.answer(by, room, *attempt, Verb::Reject(*reason))?;
                Ok((Answer::RejectCall { attempt }, duplicate))
            }
            Command::MarkCallsSeen { up_to } => Ok((self.mark_seen(by, *up_to)?, None)),
            Command::Ringing { attempt } => Ok((self.ringing(by, *attempt)?, None)),
        }
    }

    /// L-01, for every name of a request.
    pub(super) fn check_ids(
        &self,
        by: &Actor,
        room: &str,
        users: &[String],
    ) -> Result<(), Refused> {
        if self.is_actor(by) && self.is_id(room) && users.iter().all(|user| self.is_id(user)) {
            Ok(())
        } else {
            Err(refuse(-1001, Rule::L01))
        }
    }

    /// L-01, for the names of a request that names one user and no room.
    pub(super) fn check_user(&self, by: &Actor, user: &str) -> Result<(), Refused> {
        if self.is_actor(by) && self.is_id(user) { Ok(()) } else { Err(refuse(-1001, Rule::L01)) }
    }

    /// The distinct users of a list, in the order in which they are first named (C-03, E-12).
    pub(super) fn distinct(&self, users: &[String]) -> Result<Vec<String>, Refused> {
        let mut distinct: Vec<String> = Vec::new();
        for user in users {
            if !distinct.contains(user) {
                distinct.push(user.clone());
            }
        }
        // L-02, L-03
        if distinct.is_empty() {
            return Err(refuse(-1001, Rule::L02));
        }
        if !fits(distinct.len(), self.limits.callees) {
            return Err(refuse(-1001, Rule::L03));
        }
        Ok(distinct)
    }

    ///
    pub(super) fn open_room(&self, name: &str) -> Result<&Room, Refused> {
        self.room(name).ok_or_else(|| refuse(100_004, Rule::R02))
    }

    fn cancel(
        &mut self,
        by: &Actor,
        room: &str,
        users: &[String],
    ) -> Result<Vec<(String, Withdrawn)>, Refused> {
        self.check_ids(by, room, users)?;
        let callees = self.distinct(users)?;
        let open = self.open_room(room)?;
        // P-04
        let Actor::Device { user, device } = by else {
            return Err(refuse(-2310, Rule::P04));
        };
        let mut results = Vec::new();
        for callee in callees {
            let result = match (self.live_call(room, &callee), open.ending(&callee)) {
                // E-05, E-13
                (Some(call), _) if call.caller == *user => Withdrawn::Cancelled,
                (Some(_), _) => Withdrawn::NotYours,
                // E-14: only how one's own call ended.
                (None, Some(ending)) if ending.caller == *user => already(ending.how),
                // E-12
                (None, _) => Withdrawn::NotCalling,
            };
            results.push((callee, result));
        }
        let end = End::Cancelled { device: device.clone() };
        self.withdraw(room, &results, Withdrawn::Cancelled, &end, Rule::E05);
        Ok(results)
    }

    fn revoke(
        &mut self,
        by: &Actor,
        room: &str,
        users: &[String],
    ) -> Result<Vec<(String, Withdrawn)>, Refused> {
        self.check_ids(by, room, users)?;
        let callees = self.distinct(users)?;
        let open = self.open_room(room)?;
        // P-03
        let operator = match by {
            Actor::Device { user, .. } if open.role(user) == Role::Participant => {
                return Err(refuse(-2301, Rule::P03));
            }
            Actor::Device { user, device } => Some((user.clone(), device.clone())),
            Actor::Backend => None,
        };
        let mut results = Vec::new();
        for callee in callees {
            let result = match (self.live_call(room, &callee), open.ending(&callee)) {
                // E-06
                (Some(_), _) => Withdrawn::Revoked,
                // E-14
                (None, Some(ending)) => already(ending.how),
                // E-12
                (None, None) => Withdrawn::NotCalling,
            };
            results.push((callee, result));
        }
        let end = End::Revoked { operator };
        self.withdraw(room, &results, Withdrawn::Revoked, &end, Rule::E06);
        Ok(results)
    }

    /// E-19
    fn revoke_user_calls(
        &mut self,
        by: &Actor,
        user: &str,
        which: Which,
    ) -> Result<Answer, Refused> {
        self.check_user(by, user)?;
        // P-10
        if *by != Actor::Backend {
            return Err(refuse(-2310, Rule::P10));
        }
        let is_meant = |call: &Call| match which {
            Which::To => call.callee == user,
            Which::By => call.caller == user,
            Which::Both => call.callee == user || call.caller == user,
        };
        let meant = self.live.iter().filter(|call| is_meant(call));
        let mut attempts: Vec<u64> = meant.map(|call| call.attempt).collect();
        let most = self.limits.page_size.max(1);
        let more = !fits(attempts.len(), most);
        attempts.truncate(most as usize);
        for attempt in &attempts {
            self.end(*attempt, &End::Revoked { operator: None }, Rule::E19);
        }
        Ok(Answer::RevokeUserCalls { attempts, more })
    }

    /// Ends the attempts for the callees whose result is `done`, in attempt order (O-01).
    fn withdraw(
        &mut self,
        room: &str,
        results: &[(String, Withdrawn)],
        done: Withdrawn,
        end: &End,
        because: Rule,
    ) {
        let mut attempts = Vec::new();
        for (callee, result) in results {
            if *result == done {
                attempts.extend(self.live_call(room, callee).map(|call| call.attempt));
            }
        }
        attempts.sort_unstable();
        for attempt in attempts {
            self.end(attempt, end, because);
        }
    }

    /// The attempt that the answer stands for, and E-08 if it stood before.
    fn answer(
        &mut self,
        by: &Actor,
        room: &str,
        named: Option<u64>,
        verb: Verb,
    ) -> Result<(u64, Option<Rule>), Refused> {
        self.check_ids(by, room, &[])?;
        //
        let open = self.open_room(room).map_err(|refused| match by {
            Actor::Device { user, .. } => {
                Refused { ended: self.logged_ending(user, room, named), ..refused }
            }
            Actor::Backend => refused,
        })?;
        // P-04
        let Actor::Device { user, device } = by else {
            return Err(refuse(-2310, Rule::P04));
        };
        // E-11: the attempt that is named and no other, or else the live or the last one.
        let meant = |attempt: u64| named.is_none_or(|named| named == attempt);
        let live = self.live_call(room, user).filter(|call| meant(call.attempt));
        if let Some(call) = live.cloned() {
            let (attempt, device) = (call.attempt, device.clone());
            match verb {
                // E-01; the callee is not in the room because of it (E-16), but expected there.
                Verb::Accept => {
                    self.end(attempt, &End::Accepted { device }, Rule::E01);
                    self.expect(call);
                }
                // E-02
                Verb::Reject(reason) => {
                    self.end(attempt, &End::Rejected { device, reason }, Rule::E02);
                }
            }
            return Ok((attempt, None));
        }
        // E-10
        let Some(ending) = open.ending(user).filter(|ending| meant(ending.attempt)) else {
            let ended = self.logged_ending(user, room, named);
            return Err(Refused { ended, ..refuse(-2311, Rule::E10) });
        };
        // E-08
        let same_verb = match verb {
            Verb::Accept => ending.how == EndingKind::Accepted,
            Verb::Reject(_) => ending.how == EndingKind::Rejected,
        };
        if same_verb && ending.device.as_ref() == Some(device) {
            return Ok((ending.attempt, Some(Rule::E08)));
        }
        // E-09
        Err(Refused { ended: Some(ending.told_to(user)), ..refuse(-2311, Rule::E09) })
    }
}

/// E-14: what came of a call, as it is told where there is nothing to withdraw.
fn already(how: EndingKind) -> Withdrawn {
    Withdrawn::Already(match how {
        EndingKind::Entered => EndingKind::Accepted,
        EndingKind::InOtherRoom => EndingKind::Rejected,
        other => other,
    })
}
