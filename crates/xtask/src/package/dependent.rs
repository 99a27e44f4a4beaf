//! A program that depends on the packaged crates: a switchboard, and the suite of the kit on a host.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use roomcall::switchboard::Switchboard;
use roomcall::{Fact, Input, Limits, Policy, Tick};
use roomcall_testkit::observer::{Observer, Settings};
use roomcall_testkit::suite::{Memory, Suite};

fn main() -> Result<(), roomcall::NameError> {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let (room, owner) = (board.intern_room("standup")?, board.intern_user("ana")?);
    let opened = Input::Fact(Fact::RoomOpened { room, owner });
    let _ = board.apply(Tick::from_millis(0), opened);
    println!("{:x}", board.state_hash());

    assert!(Observer::new(Settings::default()).finish(0).is_empty());
    let suite = Suite::new().worlds(0..3);
    let mut played = pin!(suite.run(async |rules| Ok(Memory::new(rules))));
    // A host in memory never waits.
    let Poll::Ready(report) = played.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a host in memory waits");
    };
    report.assert_passed();
    Ok(())
}
