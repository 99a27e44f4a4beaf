//! What every host does, however its world is scheduled: it finds the recipients of an effect and outcomes requests into inputs.

use std::collections::BTreeSet;

use roomcall::handset::Request;
use roomcall::protocol::{Actor, Audience, Input};
use roomcall::switchboard::Switchboard;
use roomcall::{EndingKind, Rule};

/// Whether a user is in a room, as the switchboard has it.
pub fn is_inside(board: &Switchboard, user: &str, room: &str) -> bool {
    let both = board.lookup_room(room).zip(board.lookup_user(user));
    both.is_some_and(|(room, user)| board.is_inside(room, user))
}

/// Who is in a room, as the switchboard has it.
pub fn participants(board: &Switchboard, room: &str) -> BTreeSet<String> {
    let of_room = board.lookup_room(room).into_iter().flat_map(|room| board.participants(room));
    of_room.filter_map(|user| board.user_name(user)).map(str::to_owned).collect()
}

/// Whether a device is among the recipients of an effect (O-02).
pub fn is_recipient(board: &Switchboard, to: &Audience, (user, device): (&str, &str)) -> bool {
    match to {
        Audience::User(to) => to == user,
        Audience::Device { user: to, device: on } => to == user && on == device,
        Audience::OtherDevices { user: to, than } => to == user && than != device,
        Audience::Room(room) => is_inside(board, user, room),
    }
}

/// The input that a request of a device is.
pub fn input(by: Actor, request: Request) -> Input {
    match request {
        Request::Command(command) => Input::Ask { by, command },
        Request::Query(query) => Input::Query { by, query },
    }
}

/// How a call ended of which an effect of this rule is notified; `None` if the rule ends no call.
pub fn ending(because: Rule) -> Option<EndingKind> {
    Some(match because {
        Rule::E01 => EndingKind::Accepted,
        Rule::E02 => EndingKind::Rejected,
        Rule::E03 | Rule::C08 => EndingKind::InOtherRoom,
        Rule::E04 => EndingKind::TimedOut,
        Rule::E05 | Rule::F07 | Rule::F08 => EndingKind::Cancelled,
        // Also kept records leave their lists by F-20.
        Rule::E06 | Rule::E19 | Rule::F11 | Rule::F16 | Rule::F18 | Rule::F19 | Rule::F20 => {
            EndingKind::Revoked
        }
        Rule::E07 => EndingKind::Entered,
        _ => return None,
    })
}
