//! What a host asks for and looks up, which allocates as little as inputs do.

use roomcall::switchboard::{Page, Switchboard};
use roomcall::{
    Actor, Answer, CallStatus, Command, Fact, Input, Refusal, Role, RoomId, Rule, Timeout,
};

use crate::World;
use crate::script::{HOST, LOBBY, PHONE, Script};
use crate::tally::Tally;

/// What an id is that nobody has.
const NOBODY: &str = "nobody has this name, which is a long one";

fn page(cursor: Option<&str>, count: u32) -> Page<'_> {
    Page { cursor, count, status: None }
}

/// Reads a list to its end, page by page, and tells how many records it has.
fn walk(board: &Switchboard, by: Actor, room: RoomId, tally: &mut Tally) -> usize {
    let (mut cursor, mut listed, count) = (None, 0, board.limits().page_size);
    for status in [None, Some(CallStatus::Calling)] {
        loop {
            let page = Page { cursor: cursor.as_deref(), count, status };
            let next = tally.of("a query", "a page of a list", || {
                board.each_pending_call(by, room, page, |call| {
                    listed += usize::from(call.attempt.get() > 0);
                })
            });
            let Some(next) = next.unwrap() else { break };
            cursor = Some(next.to_string());
        }
        cursor = None;
    }
    listed
}

impl World {
    pub(crate) fn ask_around(&mut self, script: &Script, tally: &mut Tally) {
        let board = &mut self.host.board;
        let (user, device) =
            (board.lookup_user(HOST).unwrap(), board.lookup_device(PHONE).unwrap());
        let (lobby, by) = (board.lookup_room(LOBBY).unwrap(), Actor::Device { user, device });
        let listed = walk(board, by, lobby, tally);
        let room = board.lookup_room(&script.room()).filter(|room| board.is_open(*room));
        let here = room.map_or(0, |room| walk(board, Actor::Backend, room, tally));
        assert!(listed + here > 0, "there is something to list");
        let stranger = Actor::Device { user: board.intern_user(NOBODY).unwrap(), device };
        let nowhere = board.intern_room(NOBODY).unwrap();
        let size = board.limits().page_size;
        let foreign = format!("{:x}-1-1", u32::MAX);
        for (by, room, page, refusal) in [
            (by, lobby, page(None, 0), Rule::Q05),
            (by, lobby, page(None, size + 1), Rule::Q05),
            (by, lobby, page(Some("no cursor"), 1), Rule::Q03),
            (by, lobby, page(Some(&foreign), 1), Rule::Q04),
            (by, nowhere, page(None, 1), Rule::R02),
            (stranger, lobby, page(None, 1), Rule::P05),
        ] {
            let refused = tally.of("a query", "one that is refused", || {
                board.each_pending_call(by, room, page, |_| panic!("nothing is listed"))
            });
            assert_eq!(refused.unwrap_err().rule(), refusal);
        }
        let Actor::Device { user, .. } = stranger else { return };
        board.release_user(user);
        board.release_room(nowhere);
        self.look_up(script, tally);
        self.use_what_is_stale(tally);
    }

    fn look_up(&mut self, script: &Script, tally: &mut Tally) {
        let (board, guest) = (&self.host.board, script.guest(0));
        tally.of("a look-up", "of names", || {
            let user = board.lookup_user(HOST).unwrap();
            let (room, device) =
                (board.lookup_room(LOBBY).unwrap(), board.lookup_device(PHONE).unwrap());
            assert_eq!(board.user_name(user), Some(HOST));
            assert_eq!(
                (board.room_name(room), board.device_name(device)),
                (Some(LOBBY), Some(PHONE))
            );
            assert!(board.is_open(room) && board.is_inside(room, user));
            assert_eq!(board.role(room, user), Some(Role::Owner));
            let _ = (board.lookup_user(&guest), board.known_names());
        });
        tally.of("a look-up", "of texts", || {
            for effect in &self.step.effects {
                let _ = board.extension(effect.call.callee, effect.attempt);
            }
        });
        tally.of("a look-up", "of what is next", || (board.next_deadline(), board.live_count()));
    }

    /// N-01
    fn use_what_is_stale(&mut self, tally: &mut Tally) {
        let (board, step) = (&mut self.host.board, &mut self.step);
        let (user, room) = (board.intern_user(NOBODY).unwrap(), board.lookup_room(LOBBY).unwrap());
        let (device, gone) =
            (board.intern_device(NOBODY).unwrap(), board.intern_room(NOBODY).unwrap());
        board.release_user(user);
        board.release_room(gone);
        let at = board.clock();
        let by = Actor::Device { user, device };
        let (callees, timeout, extension) = (&[user][..], Timeout::from_seconds(9), "text");
        for command in [
            Command::CallUserToRoom { room, callees, timeout, extension, caller: None },
            Command::CancelCall { room, callees },
            Command::RevokeCall { room, callees },
            Command::AcceptCall { room, attempt: None },
        ] {
            let ask = Input::Ask { by, request_id: None, command };
            tally.of("by handle", "a request that is stale", || board.apply_into(at, ask, step));
            assert_eq!(step.answer, Err(Refusal::StaleHandle));
        }
        for fact in [
            Fact::RoomOpened { room, owner: user },
            Fact::user_entered(room, user, device),
            Fact::user_left(gone, user),
            Fact::room_dissolved(gone, by),
        ] {
            let fact = Input::Fact(fact);
            tally.of("by handle", "a fact that is stale", || board.apply_into(at, fact, step));
            assert_eq!(step.answer, Ok(Answer::Ignored(Rule::N01)));
        }
        board.release_device(device);
    }

    /// Connections come and go.
    pub(crate) fn come_and_go(&mut self, script: &Script, tally: &mut Tally) {
        let (board, room) = (&mut self.host.board, format!("not {}", script.room()));
        for nth in 100..140 {
            let (user, device) = (script.guest(nth), format!("device {}", script.guest(nth)));
            tally.of("by handle", "names are held and let go", || {
                let user = board.intern_user(&user).unwrap();
                let (room, device) =
                    (board.intern_room(&room).unwrap(), board.intern_device(&device).unwrap());
                board.release_room(room);
                board.release_user(user);
                board.release_device(device);
            });
        }
    }
}
