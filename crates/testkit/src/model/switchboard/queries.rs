//! Queries (rules Q). They look, and change nothing.

use roomcall::protocol::{
    Actor, Answer, EndedCall, Ending, Endings, IncomingCall, PendingCall, Query, Refused,
};
use roomcall::{CallStatus, Rule};

use super::{Lost, Model, Room, fits, refuse};

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
        //
        if count == 0 || count > self.limits.page_size {
            return Err(refuse(-1001, Rule::Q05));
        }
        // an empty cursor means the first page.
        let given = match cursor {
            "" => None,
            text => Some(read_cursor(text).ok_or_else(|| refuse(-1001, Rule::Q03))?),
        };
        let room = self.open_room(room)?;
        self.check_may_read(by, room)?;
        //
        if let Some(Cursor { opening, after, until }) = given {
            let in_order = 1 <= after && after <= until && until <= self.made;
            if opening != room.opening || !in_order {
                return Err(refuse(-1001, Rule::Q04));
            }
        }
        // a walk has the records of the attempts made before its first page.
        let first = Cursor { opening: room.opening, after: 0, until: self.made };
        let walk = given.unwrap_or(first);
        let mut calls = self.records(room);
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
        Ok(Answer::GetPendingCalls { calls: page, next_cursor })
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

    /// The pending list of a room, in attempt order.
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

    fn incoming_calls(&self, by: &Actor, since: Option<u64>) -> Result<Answer, Refused> {
        // L-01, P-04
        if !self.is_actor(by) {
            return Err(refuse(-1001, Rule::L01));
        }
        let Actor::Device { user, .. } = by else {
            return Err(refuse(-2310, Rule::P04));
        };
        //
        let calls = self.live.iter().filter(|call| call.callee == *user);
        let calls = calls.map(|call| IncomingCall {
            room: call.room.clone(),
            caller: call.caller.clone(),
            callee: call.callee.clone(),
            attempt: call.attempt,
            time_left: call.time_left(self.clock),
            extension: call.extension.clone(),
        });
        //
        let revision = self.made.saturating_add(self.ended);
        let endings = since.map(|since| self.endings_since(user, since));
        Ok(Answer::GetIncomingCalls { calls: calls.collect(), revision, endings })
    }

    ///
    fn endings_since(&self, user: &str, since: u64) -> Endings {
        let mut calls = Vec::new();
        for room in &self.rooms {
            for ending in &room.endings {
                if ending.callee == user && ending.attempt > since {
                    let Lost { attempt, caller, how, user, device, .. } = ending.clone();
                    let ended = Ending { how, attempt, user, device };
                    calls.push(EndedCall { room: room.name.clone(), caller, ended });
                }
            }
        }
        calls.sort_unstable_by_key(|call| call.ended.attempt);
        while !fits(calls.len(), self.limits.page_size) {
            calls.remove(0);
        }
        Endings { calls, last_attempt: self.made }
    }
}

/// a text is a cursor if it is spelled exactly as one is given out.
fn read_cursor(text: &str) -> Option<Cursor> {
    let number = |part: &str| {
        let number = u64::from_str_radix(part, 16).ok()?;
        (format!("{number:x}") == part).then_some(number)
    };
    let mut parts = text.split('-');
    let (opening, after, until) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Cursor { opening: number(opening)?, after: number(after)?, until: number(until)? })
}
