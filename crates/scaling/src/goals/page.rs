//! Goal 9: a page at any place of a long list.

use std::hint::black_box;

use roomcall::switchboard::{Page, Switchboard};
use roomcall::{
    Actor, Command, Fact, Input, Limits, Outcome, Policy, RoomId, Tick, Timeout, UserId,
};

use super::pending::refused;
use crate::clock::{CpuClock, WallClock, median};
use crate::count::Wrong;
use crate::names::{self, named};
use crate::ours::desk::LIMITS;
use crate::report::{Row, time};
use crate::workload::Random;

/// Records in the room when it is paged through.
const RECORDS: u32 = 100_000;
/// Records that were there when the cursors were given out.
const BEFORE: u32 = 150_000;
/// Records in a page.
const COUNT: u32 = 50;
/// Callees in one input.
const AT_ONCE: usize = 1_000;

/// Looks at pages.
///
/// # Errors
///
/// The switchboard is wrong.
pub fn rows(clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
    let (mut board, room, caller, callees) = full_room()?;
    let cursors = cursors(&board, room)?;
    thin(&mut board, room, caller, &callees)?;
    let mut random = Random::new(9);
    let mut tried = cursors;
    random.shuffle(&mut tried);
    let page = |cursor: &str| {
        let page = Page { cursor: Some(cursor), count: COUNT, status: None };
        black_box(board.pending_calls(Actor::Backend, room, page)).is_ok_and(|page| {
            // The last page may be shorter.
            page.next.is_none() || page.calls.len() == COUNT as usize
        })
    };
    let is_right = tried.iter().all(|cursor| page(cursor));
    if !is_right {
        return Err(Wrong::new("roomcall", "a page is refused or too short"));
    }
    let (took, ()) = clock.time(|| {
        tried.iter().for_each(|cursor| {
            black_box(page(cursor));
        })
    });
    let mean = took / tried.len() as f64;
    let wall = WallClock::new();
    let median_of = |cursor: &String| {
        median(&mut (0..9).map(|_| wall.time(|| page(cursor)).0).collect::<Vec<_>>())
    };
    let worst = tried.iter().map(median_of).fold(0.0, f64::max);
    let many = format!("{COUNT} of {} records", crate::effort::commas(RECORDS.into()));
    let mean_text =
        format!("a page of {many}, cursors in random order, a third stale: mean ≤ 5 µs");
    let worst_text = format!("a page of {many}: the slowest cursor, again and again ≤ 5 µs");
    Ok(vec![
        Row::new(9, mean_text, time(mean), mean <= 5e3),
        Row::new(9, worst_text, time(worst), worst <= 5e3),
    ])
}

type FullRoom = (Switchboard, RoomId, Actor, Vec<UserId>);

/// A room in which all callees ring.
fn full_room() -> Result<FullRoom, Wrong> {
    let limits = Limits {
        callees: AT_ONCE as u32,
        live_calls_per_room: BEFORE,
        kept_per_room: BEFORE,
        ..LIMITS
    };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    let room = board.intern_room("room").map_err(refused)?;
    let owner = board.intern_user("host").map_err(refused)?;
    let device = board.intern_device("phone").map_err(refused)?;
    let callees = (0..BEFORE).map(|number| board.intern_user(&named(names::user, number)));
    let callees = callees.collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let mut step = Outcome::new();
    let opened = Fact::RoomOpened { room, owner };
    board.apply_into(Tick::START, Input::Fact(opened), &mut step);
    let entered = Fact::UserEntered { room, user: owner, device };
    board.apply_into(Tick::START, Input::Fact(entered), &mut step);
    let by = Actor::Device { user: owner, device };
    let timeout = Timeout::from_seconds(30);
    for callees in callees.chunks(AT_ONCE) {
        let command = Command::CallUserToRoom { room, callees, timeout, extension: "" };
        board.apply_into(Tick::START, Input::Ask { by, request_id: None, command }, &mut step);
    }
    holds(&board, BEFORE)?;
    Ok((board, room, by, callees))
}

/// The cursors of a walk.
fn cursors(board: &Switchboard, room: RoomId) -> Result<Vec<String>, Wrong> {
    let mut cursors: Vec<String> = Vec::new();
    loop {
        let cursor = cursors.last().map(String::as_str);
        let page = Page { cursor, count: COUNT, status: None };
        let page = board.pending_calls(Actor::Backend, room, page);
        let page = page.map_err(|why| Wrong::new("roomcall", why.to_string()))?;
        match page.next {
            Some(next) => cursors.push(next.to_string()),
            None => return Ok(cursors),
        }
    }
}

/// Cancels a third of the calls, here and there.
fn thin(board: &mut Switchboard, room: RoomId, by: Actor, callees: &[UserId]) -> Result<(), Wrong> {
    let mut gone = callees.to_vec();
    Random::new(3).shuffle(&mut gone);
    gone.truncate((BEFORE - RECORDS) as usize);
    let mut step = Outcome::new();
    for callees in gone.chunks(AT_ONCE) {
        let command = Command::CancelCall { room, callees };
        board.apply_into(Tick::START, Input::Ask { by, request_id: None, command }, &mut step);
    }
    holds(board, RECORDS)
}

fn holds(board: &Switchboard, records: u32) -> Result<(), Wrong> {
    if board.live_calls() == records {
        return Ok(());
    }
    Err(Wrong::new("roomcall", format!("{} calls ring, not {records}", board.live_calls())))
}
