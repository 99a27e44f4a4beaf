//! Journals in which names come and go: rooms with calls in them are dissolved and opened again.

use proptest::prelude::*;
use proptest::sample::subsequence;
use roomcall::protocol::{Command, Fact, Input, Record};

use roomcall_testkit::play::device;
use roomcall_testkit::strategies::journal::{Journal, ROOMS, USERS, journal};

/// A room whose owner calls others, perhaps, and that is dissolved and perhaps opened again.
#[derive(Clone, Debug)]
struct Turnover {
    /// After which line of the journal.
    place: usize,
    /// Which room; its owner is the user with the same number.
    room: usize,
    callees: Vec<String>,
    is_back: bool,
}

fn turnover() -> impl Strategy<Value = Turnover> {
    let callees = subsequence(vec!["ana", "bo", "cy", "dee", "eve", "fay"], 0..6);
    (0..60_usize, 0..2_usize, callees, any::<bool>()).prop_map(|(place, room, callees, is_back)| {
        let callees = callees.into_iter().map(str::to_owned).collect();
        Turnover { place, room, callees, is_back }
    })
}

impl Turnover {
    fn lines(&self, at: u64) -> Vec<Record> {
        let (room, owner) = (ROOMS[self.room].to_owned(), USERS[self.room].to_owned());
        let (phone, users) = ("phone".to_owned(), self.callees.clone());
        let (by, extension) = (device(&owner, &phone), "{}".to_owned());
        let command = Command::CallUserToRoom {
            room: room.clone(),
            users,
            timeout: 5,
            extension,
            caller: None,
        };
        let mut entries = vec![
            Input::Ask { by: by.clone(), command },
            Input::Fact(Fact::room_dissolved(room.clone(), by)),
        ];
        if self.is_back {
            let opened = Fact::RoomOpened { room: room.clone(), owner: owner.clone() };
            let entered = Fact::user_entered(room, owner, phone);
            entries.extend([opened, entered].map(Input::Fact));
        }
        entries.into_iter().map(|input| Record { at, request_id: None, input }).collect()
    }
}

/// Journals in which full rooms are dissolved, and opened again, much more often than in others.
pub(super) fn dissolving() -> impl Strategy<Value = Journal> {
    (journal(), prop::collection::vec(turnover(), 1..8)).prop_map(|(journal, turnovers)| {
        let mut lines = Vec::new();
        for (place, line) in journal.lines.iter().enumerate() {
            lines.push(line.clone());
            let here = turnovers.iter().filter(|turnover| turnover.place == place);
            lines.extend(here.flat_map(|turnover| turnover.lines(line.at)));
        }
        Journal { lines, ..journal }
    })
}
