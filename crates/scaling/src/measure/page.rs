//! A page at any position of the longest list that the default limits admit.

use std::hint::black_box;

use roomcall::protocol::{Actor, Command, Fact, Input, Record};
use roomcall::switchboard::{Page, Switchboard};
use roomcall::{Actor as ByHandle, Limits, Policy, RoomId};

use crate::board::fixture::Fixture;
use crate::clock::{CpuClock, WallClock, median};
use crate::count::Wrong;
use crate::names::{Names, named};
use crate::report::{Goal, Row, Unit};

/// Calls in a page.
const COUNT: u32 = 50;
/// How often each page is timed.
const REPEATS: usize = 99;
/// What a page may take, in nanoseconds.
const MOST: Goal = Goal::AtMost(5e3);

/// Reads pages.
pub(super) fn rows(clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
    let (board, room) = full_room()?;
    let cursors = cursors(&board, room)?;
    let page = |cursor: &str| {
        let page = Page { cursor: Some(cursor), count: COUNT, status: None };
        black_box(board.pending_calls(ByHandle::Backend, room, page)).is_ok()
    };
    let all = || cursors.iter().filter(|cursor| page(cursor)).count();
    let means = (0..REPEATS).map(|_| clock.time(|| black_box(all())).0 / cursors.len() as f64);
    let mean = median(&mut means.collect::<Vec<_>>());
    let wall = WallClock::new();
    let median_of = |cursor: &String| {
        median(&mut (0..REPEATS).map(|_| wall.time(|| page(cursor)).0).collect::<Vec<_>>())
    };
    let slowest = cursors.iter().map(median_of).fold(0.0, f64::max);
    let what = format!("a page of {COUNT} in a list of the default limits");
    Ok(vec![
        Row::new(format!("{what}, mean"), mean, Unit::Time, MOST),
        Row::new(format!("{what}, slowest position"), slowest, Unit::Time, MOST),
    ])
}

/// A room with as many kept and live calls as the default limits admit.
fn full_room() -> Result<(Switchboard, RoomId), Wrong> {
    const LIMITS: Limits = Limits::DEFAULT;
    let (kept, live) = (LIMITS.kept_per_room, LIMITS.live_calls_per_room);
    let mut fixture = Fixture::of(Switchboard::new(LIMITS, Policy::DEFAULT));
    let name = |write, number| named(write, Names::USUAL, number);
    let (room, host) = (name(Names::room, 0), name(Names::host, 0));
    let device = name(Names::desktop, 0);
    let mut apply = |at, input| {
        let record = Record { at, request_id: None, input };
        fixture.board.apply_record_into(&record, &mut fixture.outcome);
    };
    apply(0, Input::Fact(Fact::RoomOpened { room: room.clone(), owner: host.clone() }));
    let (user, entered) = (host.clone(), device.clone());
    apply(0, Input::Fact(Fact::user_entered(room.clone(), user, entered)));
    let all: Vec<_> = (0..kept + live).map(|number| name(Names::user, number)).collect();
    let (first, second) = all.split_at(kept as usize);
    for (at, callees) in [(0, first), (60_000, second)] {
        for users in callees.chunks(LIMITS.callees as usize) {
            let by = Actor::Device { user: host.clone(), device: device.clone() };
            let (room, users, extension) = (room.clone(), users.to_vec(), String::new());
            let command =
                Command::CallUserToRoom { room, users, timeout: 30, extension, caller: None };
            apply(at, Input::Ask { by, command });
        }
    }
    let found = (fixture.board.live_count(), fixture.board.lookup_room(&room));
    match found {
        (ringing, Some(room)) if ringing == live => Ok((fixture.board, room)),
        (ringing, _) => Err(Wrong::new("roomcall", format!("{ringing} calls ring, not {live}"))),
    }
}

/// The cursors of all pages but the first; the pages hold all calls.
fn cursors(board: &Switchboard, room: RoomId) -> Result<Vec<String>, Wrong> {
    let (mut cursors, mut listed) = (Vec::<String>::new(), 0);
    loop {
        let cursor = cursors.last().map(String::as_str);
        let page = Page { cursor, count: COUNT, status: None };
        let page = board.pending_calls(ByHandle::Backend, room, page);
        let page = page.map_err(|why| Wrong::new("roomcall", why.to_string()))?;
        listed += page.calls.len();
        match page.next {
            Some(next) => cursors.push(next.to_string()),
            None => break,
        }
    }
    let Limits { kept_per_room, live_calls_per_room, .. } = Limits::DEFAULT;
    if listed == (kept_per_room + live_calls_per_room) as usize {
        return Ok(cursors);
    }
    Err(Wrong::new("roomcall", format!("the pages hold {listed} calls")))
}
