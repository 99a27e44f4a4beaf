//! Heap bytes of a call, and of a user with two devices.

use roomcall::switchboard::{Capacity, Switchboard};
use roomcall_scaling::board::fixture::{Fixture, capacity};
use roomcall_scaling::board::handles::{Handles, refused};
use roomcall_scaling::count::Wrong;
use roomcall_scaling::names::{Names, named};
use roomcall_scaling::workload::{Act, Verb};

use crate::heap_of;

/// Users, and calls at once.
const USERS: u32 = 100_000;
/// Users whose devices have just made every table double: the most bytes a user can cost.
const JUST_DOUBLED: u32 = 131_073;

pub(crate) fn print() -> Result<(), Wrong> {
    let each = |many: f64, one: f64| (many - one) / f64::from(USERS - 1);
    let with = |calls| Capacity { calls, ..capacity(USERS) };
    let many = ringing(USERS, || Fixture::with_capacity(with(USERS)))?;
    let one = ringing(1, || Fixture::with_capacity(with(1)))?;
    println!("call-with-capacity {:.2}", each(many, one));
    let (many, one) = (ringing(USERS, Fixture::grown)?, ringing(1, Fixture::grown)?);
    println!("call-grown {:.2}", each(many, one));
    let ready = |users| {
        let capacity = Capacity { users, devices: users * 2, ..Capacity::default() };
        Fixture::with_capacity(capacity).board
    };
    for (ids, names) in [("17-23", Names::USUAL), ("32", Names::INLINE)] {
        let with_capacity = known(USERS, names, || ready(USERS))?;
        println!("user-with-capacity-{ids} {with_capacity:.2}");
        let grown = known(USERS, names, || Fixture::grown().board)?;
        println!("user-grown-{ids} {grown:.2}");
    }
    let most = known(JUST_DOUBLED, Names::INLINE, || Fixture::grown().board)?;
    println!("user-just-doubled-32 {most:.2}");
    Ok(())
}

/// The heap of a board on which so many of its callees ring.
fn ringing(ringing: u32, fixture: impl Fn() -> Fixture) -> Result<f64, Wrong> {
    let (heap, _) = heap_of(|| {
        let mut fixture = fixture();
        let handles = Handles::open(&mut fixture, USERS, Names::USUAL)?;
        for callee in 0..ringing {
            let (at, input) = handles.input(&Act { at: 0, callee, verb: Verb::Call });
            fixture.apply(at, input);
        }
        let live = fixture.board.live_count();
        if live != ringing {
            return Err(Wrong::new("roomcall", format!("{live} calls ring, not {ringing}")));
        }
        // The handles and the outcome are not part of the board.
        Ok(fixture.board)
    })?;
    Ok(heap)
}

/// The heap of a known user with two devices of its own.
fn known(users: u32, names: Names, board: impl Fn() -> Switchboard) -> Result<f64, Wrong> {
    let (heap, _) = heap_of(|| {
        let mut board = board();
        for user in 0..users {
            let name = |write| named(write, names, user);
            board.intern_user(&name(Names::user)).map_err(refused)?;
            for device in [Names::phone, Names::tablet] {
                board.intern_device(&name(device)).map_err(refused)?;
            }
        }
        Ok(board)
    })?;
    Ok(heap / f64::from(users))
}
