//! Queries by name. They change nothing, and bring no name along (Q-08, N-02).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::domain::id::{Attempt, DeviceId, RoomId, UserId};
use crate::domain::input;
use crate::domain::limits::is_id;
use crate::domain::refusal::Refusal;
use crate::protocol::{Actor, Answer, Endings, LiveCall, Query, Refused};
use crate::switchboard::LivePage;
use crate::switchboard::pending_list::Page;
use crate::switchboard::state::State;

impl State {
    /// The answer to a query.
    pub(super) fn query<'a, S: AsRef<str>>(
        &'a self,
        by: &Actor<S>,
        query: &Query<S>,
    ) -> Result<Answer<&'a str>, Refused<&'a str>> {
        let answer = self.asker(by).and_then(|by| match query {
            Query::GetPendingCalls { room, cursor, count, status } => {
                let room = self.named(room.as_ref())?;
                let room = self.names.rooms.lookup(room).unwrap_or(RoomId::NONE);
                let cursor = cursor.as_ref().map(AsRef::as_ref).filter(|it| !it.is_empty());
                let page = Page { cursor, count: *count, status: *status };
                let mut calls = Vec::new();
                let next = self.each_pending_call(by, room, page, |call| {
                    calls.push(self.name_pending(&call));
                })?;
                let next_cursor = next.map(|next| next.to_string()).unwrap_or_default();
                let scope = self.scope(by, room);
                Ok(Answer::GetPendingCalls { calls, next_cursor, scope })
            }
            Query::GetIncomingCalls { since } => self.incoming(by, since.map(Attempt::new)),
            Query::GetMyCalls { since } => {
                let mine = self.my_calls(self.receiver(by)?, Attempt::new(*since));
                Ok(Answer::GetMyCalls(self.name_my_calls(&mine)))
            }
            Query::GetCallLog { since, count } => {
                let log = self.call_log(by, *since, *count)?;
                Ok(Answer::GetCallLog(self.name_call_log(&log)))
            }
            Query::GetUserCalls { user, cursor, page_size } => {
                let user = self.named(user.as_ref())?;
                let user = self.names.users.lookup(user).unwrap_or(UserId::NONE);
                let page = live_page(cursor.as_ref(), *page_size);
                let (calls, next_cursor, revision) = self.live_page(by, Some(user), page)?;
                Ok(Answer::GetUserCalls { calls, next_cursor, revision })
            }
            Query::GetLiveCalls { cursor, page_size } => {
                let page = live_page(cursor.as_ref(), *page_size);
                let (calls, next_cursor, revision) = self.live_page(by, None, page)?;
                Ok(Answer::GetLiveCalls { calls, next_cursor, revision })
            }
        });
        answer.map_err(|refusal| self.name_refusal(refusal))
    }

    fn incoming(&self, by: input::Actor, since: Option<Attempt>) -> Result<Answer<&str>, Refusal> {
        let receiver = self.receiver(by)?;
        let calls = self.incoming_calls(receiver).map(|call| self.name_live(&call)).collect();
        let endings = since.map(|since| Endings {
            calls: self
                .endings_since(receiver, since)
                .iter()
                .map(|call| self.name_ended_call(call))
                .collect(),
            last_attempt: self.calls.last_attempt().get(),
        });
        Ok(Answer::GetIncomingCalls { calls, revision: self.calls.revision(), endings })
    }

    ///
    fn live_page(
        &self,
        by: input::Actor,
        user: Option<UserId>,
        page: LivePage<'_>,
    ) -> Result<(Vec<LiveCall<&str>>, String, u64), Refusal> {
        let mut calls = Vec::new();
        let next = self.each_live_call(by, user, page, |call| calls.push(self.name_live(&call)))?;
        let next_cursor = next.map(|next| next.to_string()).unwrap_or_default();
        Ok((calls, next_cursor, self.calls.revision()))
    }

    /// Who asks. Of whom nothing is known, the handles stand for no name.
    fn asker<S: AsRef<str>>(&self, by: &Actor<S>) -> Result<input::Actor, Refusal> {
        let Actor::Device { user, device } = by else { return Ok(input::Actor::Backend) };
        let (user, device) = (self.named(user.as_ref())?, self.named(device.as_ref())?);
        Ok(input::Actor::Device {
            user: self.names.users.lookup(user).unwrap_or(UserId::NONE),
            device: self.names.devices.lookup(device).unwrap_or(DeviceId::NONE),
        })
    }

    /// L-01
    fn named<'b>(&self, name: &'b str) -> Result<&'b str, Refusal> {
        let limit = self.limits.id_bytes;
        if is_id(name, limit) { Ok(name) } else { Err(Refusal::BadName { limit }) }
    }
}

fn live_page<S: AsRef<str>>(cursor: Option<&S>, count: u32) -> LivePage<'_> {
    LivePage { cursor: cursor.map(AsRef::as_ref).filter(|it| !it.is_empty()), count }
}
