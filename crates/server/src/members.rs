//! Which connected users are in a room, without asking after everybody who is in it.
//!
//! The switchboard says who is in a room. Here is for each room that something was told to a list of
//! those who may be connected and in it: nobody of them is missing, and who is not is left out when
//! something is told. So a fact that puts a user into a room has to be noted here, and a user who
//! connects; what takes a user out has not.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use roomcall::protocol::Fact;
use roomcall::switchboard::Switchboard;

/// So many users who have connected are remembered, for rooms to which nothing was told since.
const CAME: usize = 4_096;

/// Of each room those who may be connected and in it.
#[derive(Debug, Default)]
pub(crate) struct Members {
    rooms: HashMap<String, Candidates>,
    /// Users in the order in which they connected.
    came: VecDeque<Arc<str>>,
    /// The number of the first of them.
    first: u64,
}

#[derive(Debug)]
struct Candidates {
    users: HashSet<Arc<str>>,
    /// Who came with this number or a higher one was not looked at.
    next: u64,
}

impl Members {
    /// A user was not connected, and is.
    pub(crate) fn came(&mut self, user: &str) {
        self.came.push_back(user.into());
        if self.came.len() > CAME {
            self.came.pop_front();
            self.first += 1;
        }
    }

    /// A fact was applied.
    pub(crate) fn note(&mut self, fact: &Fact, is_connected: impl Fn(&str) -> bool) {
        match fact {
            Fact::UserEntered { room, user, .. } => {
                if let Some(known) = self.rooms.get_mut(room)
                    && is_connected(user)
                {
                    known.users.insert(user.as_str().into());
                }
            }
            // Anybody may be in it, or nobody.
            Fact::RoomOpened { room, .. }
            | Fact::RoomDissolved { room, .. }
            | Fact::PresenceListed { room, .. } => {
                self.rooms.remove(room);
            }
            Fact::UserErased { user } => self.erase(user),
            Fact::Recovered { .. } => self.rooms.clear(),
            // Nobody is in a room whom it finds outside.
            Fact::UserLeft { .. }
            | Fact::UserRemoved { .. }
            | Fact::RoleSet { .. }
            | Fact::RulesChanged { .. } => {}
        }
    }

    /// No user of this name is known any more (F-20).
    fn erase(&mut self, user: &str) {
        for known in self.rooms.values_mut() {
            known.users.remove(user);
        }
        for came in self.came.iter_mut().filter(|came| *came.as_ref() == *user) {
            *came = "".into();
        }
    }

    /// The connected users who are in a room. It costs as much as they are many, and as there are users
    /// who connected since it was asked of this room; the first time, as everybody who is in the room.
    pub(crate) fn of(
        &mut self,
        board: &Switchboard,
        room: &str,
        is_connected: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = &str> {
        let Self { rooms, came, first } = self;
        let id = board.lookup_room(room);
        if id.is_none() {
            rooms.remove(room);
        }
        let is_there = |user: &str| {
            let user = board.lookup_user(user).filter(|_| is_connected(user));
            user.zip(id).is_some_and(|(user, id)| board.is_inside(id, user))
        };
        let next = *first + came.len() as u64;
        if let Some(id) = id {
            match rooms.get_mut(room).filter(|known| known.next >= *first) {
                Some(known) => {
                    let seen = usize::try_from(known.next - *first).unwrap_or(usize::MAX);
                    known.users.extend(came.range(seen.min(came.len())..).cloned());
                    known.users.retain(|user| is_there(user));
                    known.next = next;
                }
                None => {
                    let all = board.participants(id).filter_map(|user| board.user_name(user));
                    let users = all.filter(|user| is_connected(user)).map(Arc::from).collect();
                    rooms.insert(room.to_owned(), Candidates { users, next });
                }
            }
        }
        rooms.get(room).into_iter().flat_map(|known| &known.users).map(|user| &**user)
    }

    /// About how many connected users are in a room: as many as when it was asked last who they are. Only the
    /// first time it costs something.
    pub(crate) fn count(
        &mut self,
        board: &Switchboard,
        room: &str,
        is_connected: impl Fn(&str) -> bool,
    ) -> usize {
        if let Some(known) = self.rooms.get(room) {
            return known.users.len();
        }
        // Of rooms that there are not nothing is kept.
        if board.lookup_room(room).is_none() {
            0
        } else {
            self.of(board, room, is_connected).count()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use proptest::prelude::*;
    use roomcall::protocol::{Fact, Input, Present, Record};
    use roomcall::switchboard::Switchboard;
    use roomcall::{Limits, Policy};

    use super::{CAME, Members};

    /// The fact of a number, about a few rooms and users.
    fn fact(number: (u8, usize, usize), board: &Switchboard) -> Fact {
        let (kind, room, user) = number;
        let room = ["standup", "retro", "plan"][room].to_owned();
        let users = ["ana", "bo", "cy", "dee", "eve"].map(str::to_owned);
        let user_of = |user: usize| users[user % users.len()].clone();
        match kind {
            0 => Fact::RoomDissolved { room, by: Default::default(), opening: None },
            1 => Fact::RoomOpened { room, owner: user_of(user) },
            2 => {
                let present = (0..user).map(|user| user_of(2 * user));
                let present = present.map(|user| Present { user, device: None, session: None });
                Fact::PresenceListed { room, present: present.collect(), opening: None }
            }
            3 if user == 0 => Fact::Recovered { floor: board.last_attempt().get() + 10 },
            3 | 4 => Fact::user_left(room, user_of(user)),
            5 => Fact::UserRemoved {
                room,
                user: user_of(user),
                by: Default::default(),
                opening: None,
            },
            // One that is ignored, as often as not.
            6 => Fact::UserEntered {
                room,
                user: user_of(user),
                device: None,
                session: None,
                opening: Some(user as u64),
            },
            _ => Fact::user_entered(room, user_of(user), "phone".to_owned()),
        }
    }

    proptest! {
        // The plain way is to ask after everybody who is in the room.
        #[test]
        fn those_who_are_told_are_the_ones_who_are_connected_and_there(
            steps in prop::collection::vec((0_u8..20, 0_usize..3, 0_usize..5), 1..200),
        ) {
            let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
            let (mut members, mut connected) = (Members::default(), HashSet::new());
            for (kind, room, user) in steps {
                let name = ["ana", "bo", "cy", "dee", "eve"][user];
                match kind {
                    14 | 15 => {
                        if connected.insert(name.to_owned()) {
                            members.came(name);
                        }
                    }
                    16 => {
                        connected.remove(name);
                    }
                    17 => (0..CAME).for_each(|_| members.came("nobody")),
                    18.. => {
                        let room = ["standup", "retro", "plan"][room];
                        let told: Vec<&str> =
                            members.of(&board, room, |user| connected.contains(user)).collect();
                        let id = board.lookup_room(room);
                        let there = id.into_iter().flat_map(|room| board.participants(room));
                        let plain: BTreeSet<&str> = there
                            .filter_map(|user| board.user_name(user))
                            .filter(|user| connected.contains(*user))
                            .collect();
                        prop_assert_eq!(told.len(), plain.len());
                        prop_assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), plain);
                    }
                    _ => {
                        let fact = fact((kind, room, user), &board);
                        let input = Input::Fact(fact.clone());
                        let _ = board.apply_record(&Record { at: 0, request_id: None, input });
                        members.note(&fact, |user| connected.contains(user));
                    }
                }
            }
        }
    }

    #[test]
    fn a_large_room_costs_as_much_as_those_who_are_connected() {
        let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
        let room = "standup".to_owned();
        let present = (0..10_000).map(|user| Present {
            user: format!("user-{user}"),
            device: None,
            session: None,
        });
        let present = present.collect();
        for fact in [
            Fact::RoomOpened { room: room.clone(), owner: "ana".to_owned() },
            Fact::PresenceListed { room, present, opening: None },
        ] {
            let input = Input::Fact(fact);
            let _ = board.apply_record(&Record { at: 0, request_id: None, input });
        }
        let mut members = Members::default();
        // Three in the room, and three thousand elsewhere.
        let is_connected = |asked: &std::cell::Cell<u32>, user: &str| {
            asked.set(asked.get() + 1);
            matches!(user, "user-1" | "user-2" | "user-3") || user.starts_with("other")
        };
        let mut costs = Vec::new();
        for _ in 0..3 {
            let asked = std::cell::Cell::new(0);
            let told = members.of(&board, "standup", |user| is_connected(&asked, user));
            assert_eq!(told.count(), 3);
            costs.push(asked.get());
        }
        assert_eq!(costs, [10_000, 3, 3]);
        // They come, and are looked at once.
        (0..3_000).for_each(|number| members.came(&format!("other-{number}")));
        costs.clear();
        for _ in 0..2 {
            let asked = std::cell::Cell::new(0);
            let _ = members.of(&board, "standup", |user| is_connected(&asked, user)).count();
            costs.push(asked.get());
        }
        assert!(costs[0] <= 3_003 && costs[1] == 3, "{costs:?}");
    }
}
