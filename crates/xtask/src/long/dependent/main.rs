//! A program that depends on the packaged crate.

use roomcall::switchboard::Switchboard;
use roomcall::{Fact, Input, Limits, Policy, Tick};

fn main() -> Result<(), roomcall::NameError> {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let (room, owner) = (board.intern_room("standup")?, board.intern_user("ana")?);
    let opened = Input::Fact(Fact::RoomOpened { room, owner });
    let _ = board.apply(Tick::from_millis(0), opened);
    println!("{:x}", board.state_hash());
    Ok(())
}
