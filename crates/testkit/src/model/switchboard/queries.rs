//! Queries (rules Q). They look, and change nothing.

use roomcall::protocol::{
    Actor, Answer, EndedCall, Endings, LiveCall, MyCalls, MyEnding, PendingCall, Query, Refused,
    Scope,
};
use roomcall::{CallStatus, Rule};

use super::{Call, Lost, Model, Room, fits, refuse};

/// What a cursor says.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    opening: u64,
    /// The page begins after this attempt.
    after: u64,
    /// The last attempt of the walk.
    until: u64,
}

impl Model {
    pub(super) fn query(&self, by: &Actor, query: &Query) -> Result<Answer, Refused> {
        match query {
            Query::GetPendingCalls { room, cursor, count, status } => {
                let cursor = cursor.as_deref().unwrap_or_default();
                self.pending_calls(by, room, cursor, *count, *status)
            }
            Query::GetIncomingCalls { since } => self.incoming_calls(by, *since),
            Query::GetMyCalls { since } => self.my_calls(by, *since),
            Query::GetCallLog { since, count } => self.call_log(by, *since, *count),
            Query::GetUserCalls { user, cursor, page_size } => {
                self.check_user(by, user)?;
                let cursor = cursor.as_deref().unwrap_or_default();
                let is_theirs = |call: &Call| call.callee == *user || call.caller == *user;
                let (calls, next_cursor) = self.live_page(by, cursor, *page_size, is_theirs)?;
                Ok(Answer::GetUserCalls { calls, next_cursor, revision: self.revision() })
            }
            Query::GetLiveCalls { cursor, page_size } => {
                self.check_actor(by)?;
                let cursor = cursor.as_deref().unwrap_or_default();
                let (calls, next_cursor) = self.live_page(by, cursor, *page_size, |_| true)?;
                Ok(Answer::GetLiveCalls { calls, next_cursor, revision: self.revision() })
            }
        }
    }

    fn pending_calls(
        &self,
        by: &Actor,
        room: &str,
        cursor: &str,
        count: u32,
        status: Option<CallStatus>,
    ) -> Result<Answer, Refused> {
        self.check_ids(by, room, &[])?;
        self.check_page_size(count)?;
        // an empty cursor means the first page.
        let given = match cursor {
            "" => None,
            text => Some(read_cursor(text).ok_or_else(|| refuse(-1001, Rule::Q03))?),
        };
        let room = self.open_room(room)?;
        self.check_may_read(by, room)?;
        //
        if let Some(Cursor { opening, after, until }) = given {
            let in_order = 1 <= after && after <= until && until <= self.last_attempt();
            if opening != room.opening || !in_order {
                return Err(refuse(-1001, Rule::Q04));
            }
        }
        // a walk has the records of the attempts made before its first page.
        let first = Cursor { opening: room.opening, after: 0, until: self.last_attempt() };
        let walk = given.unwrap_or(first);
        let mut calls = self.records(room);
        let scope = self.narrow(by, room, &mut calls);
        calls.retain(|call| walk.after < call.attempt && call.attempt <= walk.until);
        calls.retain(|call| status.is_none_or(|status| call.status == status));
        let mut page = Vec::new();
        let mut next_cursor = String::new();
        for call in calls {
            if fits(page.len().saturating_add(1), count) {
                page.push(call);
            } else if let Some(last) = page.last() {
                next_cursor = format!("{:x}-{:x}-{:x}", walk.opening, last.attempt, walk.until);
                break;
            }
        }
        Ok(Answer::GetPendingCalls { calls: page, next_cursor, scope })
    }

    ///
    pub(super) fn check_page_size(&self, size: u32) -> Result<(), Refused> {
        if size == 0 || size > self.limits.page_size {
            return Err(refuse(-1001, Rule::Q05));
        }
        Ok(())
    }

    /// A page of the live attempts that are wanted, and the cursor of the next one.
    fn live_page(
        &self,
        by: &Actor,
        cursor: &str,
        page_size: u32,
        wanted: impl Fn(&Call) -> bool,
    ) -> Result<(Vec<LiveCall>, String), Refused> {
        self.check_page_size(page_size)?;
        //
        let given: Option<[u64; 2]> = match cursor {
            "" => None,
            text => Some(read_numbers(text).ok_or_else(|| refuse(-1001, Rule::Q03))?),
        };
        // P-10
        if *by != Actor::Backend {
            return Err(refuse(-2310, Rule::P10));
        }
        //
        if let Some([after, until]) = given {
            if !(1 <= after && after <= until && until <= self.last_attempt()) {
                return Err(refuse(-1001, Rule::Q04));
            }
        }
        // a walk has the attempts made before its first page.
        let [after, until] = given.unwrap_or([0, self.last_attempt()]);
        let mut calls = self.live_calls(wanted);
        calls.retain(|call| after < call.attempt && call.attempt <= until);
        let more = !fits(calls.len(), page_size);
        calls.truncate(page_size as usize);
        let next_cursor = match calls.last() {
            Some(last) if more => format!("{:x}-{until:x}", last.attempt),
            Some(_) | None => String::new(),
        };
        Ok((calls, next_cursor))
    }

    /// P-05
    fn check_may_read(&self, by: &Actor, room: &Room) -> Result<(), Refused> {
        match by {
            Actor::Backend => Ok(()),
            Actor::Device { user, .. } => {
                let called = self.records(room).iter().any(|call| call.callee == *user);
                if room.has_inside(user) || called { Ok(()) } else { Err(refuse(-2101, Rule::P05)) }
            }
        }
    }

    /// what of the records, and of each of them, is for the one who asks.
    fn narrow(&self, by: &Actor, room: &Room, calls: &mut Vec<PendingCall>) -> Option<Scope> {
        let Actor::Device { user, .. } = by else { return None };
        // P-09
        for call in calls.iter_mut() {
            call.extension = None;
        }
        if room.has_inside(user) {
            return None;
        }
        calls.retain(|call| call.callee == *user);
        Some(Scope::Own)
    }

    /// The pending list of a room, in attempt order, as it is for the backend.
    fn records(&self, room: &Room) -> Vec<PendingCall> {
        let live = self.live.iter().filter(|call| call.room == room.name);
        let live = live.map(|call| PendingCall {
            caller: call.caller.clone(),
            callee: call.callee.clone(),
            status: CallStatus::Calling,
            attempt: call.attempt,
            time_left: call.time_left(self.clock),
            extension: Some(call.extension.clone()),
        });
        let kept = room.kept.iter().map(|kept| PendingCall {
            caller: kept.call.caller.clone(),
            callee: kept.call.callee.clone(),
            status: kept.status,
            attempt: kept.call.attempt,
            time_left: None,
            extension: None,
        });
        let mut records: Vec<PendingCall> = live.chain(kept).collect();
        records.sort_unstable_by_key(|call| call.attempt);
        records
    }

    /// L-01, for a query that names nobody.
    pub(super) fn check_actor(&self, by: &Actor) -> Result<(), Refused> {
        if self.is_actor(by) { Ok(()) } else { Err(refuse(-1001, Rule::L01)) }
    }

    /// L-01, P-04: who asks for the own calls.
    pub(super) fn asking<'a>(&self, by: &'a Actor) -> Result<&'a String, Refused> {
        self.check_actor(by)?;
        match by {
            Actor::Device { user, .. } => Ok(user),
            Actor::Backend => Err(refuse(-2310, Rule::P04)),
        }
    }

    /// The live attempts that are wanted, in attempt order.
    fn live_calls(&self, wanted: impl Fn(&Call) -> bool) -> Vec<LiveCall> {
        let calls = self.live.iter().filter(|call| wanted(call));
        let calls = calls.map(|call| LiveCall {
            room: call.room.clone(),
            caller: call.caller.clone(),
            callee: call.callee.clone(),
            attempt: call.attempt,
            time_left: call.time_left(self.clock),
            extension: call.extension.clone(),
            rung: call.rung,
        });
        calls.collect()
    }

    /// The remembered endings above an attempt that are wanted, in attempt order, each with its room.
    fn lost(&self, since: u64, wanted: impl Fn(&Lost) -> bool) -> Vec<(&str, &Lost)> {
        let mut lost = Vec::new();
        for room in &self.rooms {
            for ending in &room.endings {
                if ending.attempt > since && wanted(ending) {
                    lost.push((&*room.name, ending));
                }
            }
        }
        lost.sort_unstable_by_key(|(_, ending)| ending.attempt);
        lost
    }

    ///
    fn incoming_calls(&self, by: &Actor, since: Option<u64>) -> Result<Answer, Refused> {
        let user = self.asking(by)?;
        let calls = self.live_calls(|call| call.callee == *user);
        let endings = since.map(|since| self.endings_since(user, since));
        Ok(Answer::GetIncomingCalls { calls, revision: self.revision(), endings })
    }

    ///
    fn endings_since(&self, user: &str, since: u64) -> Endings {
        let mut lost = self.lost(since, |ending| ending.callee == user);
        while !fits(lost.len(), self.limits.page_size) {
            lost.remove(0);
        }
        let calls = lost.into_iter().map(|(room, ending)| EndedCall {
            room: room.to_owned(),
            caller: ending.caller.clone(),
            ended: ending.told_to(user),
        });
        Endings { calls: calls.collect(), last_attempt: self.last_attempt() }
    }

    ///
    fn my_calls(&self, by: &Actor, since: u64) -> Result<Answer, Refused> {
        let user = self.asking(by)?;
        let mut lost = self.lost(since, |lost| lost.callee == *user || lost.caller == *user);
        // Those that are logged, of the attempts by the user; each attempt once.
        for (room, ending) in self.logged_by(user) {
            if ending.attempt > since && lost.iter().all(|(_, it)| it.attempt != ending.attempt) {
                lost.push((room, ending));
            }
        }
        lost.sort_unstable_by_key(|(_, ending)| ending.attempt);
        let mut more = false;
        while !fits(lost.len(), self.limits.page_size.max(1)) {
            lost.pop();
            more = true;
        }
        let last_attempt = match lost.last() {
            Some((_, ending)) if more => ending.attempt,
            Some(_) | None => self.last_attempt(),
        };
        let endings = lost.into_iter().map(|(room, ending)| MyEnding {
            room: room.to_owned(),
            caller: ending.caller.clone(),
            callee: ending.callee.clone(),
            ended: ending.told_to(user),
            reason: ending.reason,
        });
        Ok(Answer::GetMyCalls(MyCalls {
            incoming: self.live_calls(|call| call.callee == *user),
            outgoing: self.live_calls(|call| call.caller == *user),
            endings: endings.collect(),
            more,
            since,
            last_attempt,
            revision: self.revision(),
            log: self.log_state(user),
        }))
    }
}

///
fn read_cursor(text: &str) -> Option<Cursor> {
    let [opening, after, until] = read_numbers(text)?;
    Some(Cursor { opening, after, until })
}

/// the numbers of a cursor, if they are spelled exactly as they are given out.
fn read_numbers<const COUNT: usize>(text: &str) -> Option<[u64; COUNT]> {
    let number = |part: &str| {
        let number = u64::from_str_radix(part, 16).ok()?;
        (format!("{number:x}") == part).then_some(number)
    };
    let numbers: Option<Vec<u64>> = text.split('-').map(number).collect();
    numbers?.try_into().ok()
}
