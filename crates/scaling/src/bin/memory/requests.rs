//! Heap bytes that are remembered of a numbered request: what a board has more than one to which
//! the same requests came without a number.

use roomcall::protocol::{Actor, Command, Fact, Input, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use roomcall_scaling::count::Wrong;
use roomcall_scaling::names::{Names, named};

use crate::heap_of;

pub(crate) fn print() -> Result<(), Wrong> {
    let window = Limits::DEFAULT.requests_per_requester;
    for (callees, requesters) in [(1, 2_000), (10, 500), (100, 100)] {
        for requests in [1, window] {
            let each = remembered(callees, requesters, requests)?;
            println!("request-{callees}-{requests} {each:.2}");
        }
    }
    Ok(())
}

/// The bytes of a request with so many callees, of a requester that has sent so many.
pub(crate) fn remembered(callees: u32, requesters: u32, requests: u32) -> Result<f64, Wrong> {
    let (numbered, _) = heap_of(|| asked(callees, requesters, requests, true))?;
    let (unnumbered, _) = heap_of(|| asked(callees, requesters, requests, false))?;
    Ok((numbered - unnumbered) / f64::from(requesters * requests))
}

/// A board to which every requester, the host of a room of its own, has sent its requests: by turns
/// a call and a cancel of the same callees.
fn asked(
    callees: u32,
    requesters: u32,
    requests: u32,
    is_numbered: bool,
) -> Result<Switchboard, Wrong> {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let mut apply = |request_id, input| {
        let outcome = board.apply_record(&Record { at: 0, request_id, input });
        match outcome.answer {
            Some(Err(refused)) => Err(Wrong::new("roomcall", refused.message)),
            Some(Ok(_)) | None => Ok(()),
        }
    };
    for number in 0..requesters {
        let name = |write| named(write, Names::USUAL, number);
        let (room, host, device) = (name(Names::room), name(Names::host), name(Names::desktop));
        let users: Vec<_> = (number * callees..(number + 1) * callees)
            .map(|callee| named(Names::user, Names::USUAL, callee))
            .collect();
        let opened = Fact::RoomOpened { room: room.clone(), owner: host.clone() };
        apply(None, Input::Fact(opened))?;
        let (user, entered) = (host.clone(), device.clone());
        let entered = Fact::user_entered(room.clone(), user, entered);
        apply(None, Input::Fact(entered))?;
        for request in 0..requests {
            let by = Actor::Device { user: host.clone(), device: device.clone() };
            let (room, users, extension) = (room.clone(), users.clone(), String::new());
            let command = match request % 2 {
                0 => Command::CallUserToRoom { room, users, timeout: 30, extension, caller: None },
                _ => Command::CancelCall { room, users },
            };
            let request_id = is_numbered.then_some(u64::from(request) + 1);
            apply(request_id, Input::Ask { by, command })?;
        }
    }
    Ok(board)
}
