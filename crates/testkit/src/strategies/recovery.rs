//! Lost state (F-18): random floors, and what is said of the numbers of a life that has begun.

use proptest::prelude::*;
use roomcall::protocol::{Fact, Query};
use roomcall::switchboard::{LivePage, Switchboard};

use crate::play::opening_mut;

use super::director::{Dice, Director};

/// The highest base that a life may have.
pub const LAST_BASE: u64 = (1 << 53) - (1 << 40);

/// State was lost. Seldom with a floor that leaves no room for another life.
pub(super) fn recovered() -> impl Strategy<Value = Fact> {
    let floor = prop_oneof![
        4 => Just(0),
        4 => 1..40_u64,
        3 => (1_u64 << 32) - 2..(1 << 32) + 30,
        // The Unix time in milliseconds, as hosts state it.
        4 => (1_700_000_000_000..1_900_000_000_000_u64).prop_map(|millis| millis << 10),
        1 => LAST_BASE - 2..LAST_BASE + 2,
        1 => Just(u64::MAX),
    ];
    floor.prop_map(|floor| Fact::Recovered { floor })
}

impl Director {
    /// Often a floor that is just about what was told: below, at or above it.
    pub(super) fn floor(&self, floor: u64, dice: Dice) -> u64 {
        if dice[1] % 2 == 0 {
            floor
        } else {
            (told(&self.board) + u64::from(dice[2]) % 4).saturating_sub(2)
        }
    }

    /// The opening that a fact names is often about that of its room, in whatever life.
    pub(super) fn opening(&self, mut fact: Fact, dice: Dice) -> Fact {
        let room = fact.room().and_then(|room| self.board.lookup_room(room));
        let present = room.and_then(|room| self.board.opening(room));
        if let (Some(named), Some(present)) =
            (opening_mut(&mut fact).and_then(Option::as_mut), present)
        {
            if dice[3] % 4 > 0 {
                *named = (present + *named).saturating_sub(2);
            }
        }
        fact
    }

    /// What is asked for is often what came after one of the last attempts, in whatever life.
    pub(super) fn since(&self, query: Query, dice: Dice) -> Query {
        let last = self.board.last_attempt().get();
        let late = |since: u64| {
            if last > 24 && dice[2] % 4 > 0 { (last + 2).saturating_sub(since) } else { since }
        };
        match query {
            Query::GetIncomingCalls { since } => Query::GetIncomingCalls { since: since.map(late) },
            Query::GetMyCalls { since } => Query::GetMyCalls { since: late(since) },
            query => query,
        }
    }

    pub(super) fn revision(&self) -> u64 {
        revision(&self.board)
    }
}

fn revision(board: &Switchboard) -> u64 {
    let page = LivePage { cursor: None, count: 1 };
    board.live_calls(roomcall::Actor::Backend, page).map_or(0, |page| page.revision)
}

/// The greatest number that was told, once all that is live has ended.
fn told(board: &Switchboard) -> u64 {
    let rooms = super::journal::ROOMS.iter().filter_map(|room| board.lookup_room(room));
    let opening = rooms.filter_map(|room| board.opening(room)).max();
    (revision(board) + u64::from(board.live_count())).max(opening.unwrap_or(0))
}
