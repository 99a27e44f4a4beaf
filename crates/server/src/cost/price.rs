//! What a request costs.

use std::collections::HashSet;

use roomcall::protocol::{Actor, Command, Fact, Input, Query};
use roomcall::switchboard::Switchboard;

/// What a request costs, and who pays for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Price<'a> {
    /// How much.
    pub(crate) units: u64,
    /// The room that is told what comes of it, if that is because of the request.
    pub(crate) room: Option<&'a str>,
    /// Whether it answers a call: it was paid for when that was made, but for what the device spends.
    pub(crate) is_answer: bool,
}

/// Entries in an answer that has no number of its own.
const USUAL_PAGE: u64 = 20;

impl<'a> Price<'a> {
    /// What an input costs: 1, and for each callee as much as there are connected users in the room,
    /// whom `audience` counts; of a page its size. Where the room is not told anything, since who asks
    /// may do nothing there or names too many, it costs 1 for each.
    pub(crate) fn new(
        input: &'a Input,
        board: &Switchboard,
        mut audience: impl FnMut(&str) -> usize,
    ) -> Self {
        let mut told = |room: &str| audience(room).max(1) as u64;
        match input {
            Input::Ask { by, command } => match command {
                Command::CallUserToRoom { room, users, .. }
                | Command::CancelCall { room, users }
                | Command::RevokeCall { room, users } => {
                    let names = users.iter().collect::<HashSet<_>>().len() as u64;
                    let is_known = names <= u64::from(board.limits().callees);
                    let room = Some(&**room).filter(|room| is_known && belongs(by, room, board));
                    let each = room.map_or(1, told);
                    let units = names.saturating_mul(each).saturating_add(1);
                    Self { units, room, is_answer: false }
                }
                Command::AcceptCall { room, .. } | Command::RejectCall { room, .. } => {
                    Self { units: 1 + told(room), room: None, is_answer: true }
                }
                Command::MarkCallsSeen { .. } | Command::Ringing { .. } => {
                    Self { units: 1, room: None, is_answer: true }
                }
                Command::RevokeUserCalls { .. } => Self { units: 1, room: None, is_answer: false },
            },
            Input::Query { query, .. } => {
                let page = u64::from(board.limits().page_size);
                let units = 1 + entries(query).min(page);
                Self { units, room: None, is_answer: false }
            }
            Input::Fact(fact) => Self { units: stated(fact), room: None, is_answer: false },
            Input::Tick => Self { units: 1, room: None, is_answer: false },
        }
    }
}

/// What a fact costs: 1, and 1 for each whom it lists.
pub(crate) fn stated(fact: &Fact) -> u64 {
    let listed = if let Fact::PresenceListed { present, .. } = fact { present.len() } else { 0 };
    1 + listed as u64
}

/// How many entries the answer to a query has at most.
fn entries(query: &Query) -> u64 {
    match query {
        Query::GetPendingCalls { count, .. } | Query::GetCallLog { count, .. } => (*count).into(),
        Query::GetUserCalls { page_size, .. } | Query::GetLiveCalls { page_size, .. } => {
            (*page_size).into()
        }
        Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. } => USUAL_PAGE,
    }
}

/// Whether it may be that somebody can do something in a room.
fn belongs(by: &Actor, room: &str, board: &Switchboard) -> bool {
    let Actor::Device { user, .. } = by else { return true };
    let Some((room, user)) = board.lookup_room(room).zip(board.lookup_user(user)) else {
        return false;
    };
    let role = board.role(room, user);
    board.is_inside(room, user) || role.is_some_and(|role| role != roomcall::Role::Participant)
}
