//! The part of a round in which there is too much of something, or something is wrong.

use roomcall::protocol::{Actor, Command, Fact, Input};
use roomcall::{CallRejectionReason, MayCall, Role, Rule};

use super::{Expected, HALLS, HOST, LOBBY, PHONE, Script, calling, on};

/// Longer than any id may be.
const TOO_LONG: &str =
    "a name of more than sixty-four bytes is refused wherever it is said, and so is this";

impl Script {
    pub(super) fn nothing_comes_of_it(&mut self) {
        let room = self.room();
        let (nowhere, nobody) = (format!("nowhere {}", self.guest(90)), self.guest(91));
        self.ignored(Rule::F01, self.entered(&nowhere, 91));
        self.ignored(Rule::F01, self.left(&nowhere, 91));
        self.ignored(Rule::F01, Fact::room_dissolved(nowhere, self.actor(91)));
        self.ignored(Rule::F03, Fact::RoomOpened { room: room.clone(), owner: nobody });
        self.ignored(Rule::F05, self.entered(&room, 0));
        self.ignored(Rule::F06, self.left(&room, 91));
        self.ignored(Rule::F10, self.role(91, Role::Participant));
        self.ignored(Rule::L01, Fact::user_left(TOO_LONG.into(), self.guest(91)));
        self.ignored(Rule::L01, Fact::user_left(room.clone(), String::new()));
        self.ignored(
            Rule::L09,
            Fact::RoomOpened { room: "one room more".into(), owner: HOST.into() },
        );
        self.fact("somebody enters", self.entered(&room, 80));
        self.ignored(Rule::L10, self.entered(&room, 81));
        self.fact("somebody leaves", self.left(&room, 80));
    }

    pub(super) fn requests_are_refused(&mut self) {
        let (room, owner, nobody) = (self.room(), self.actor(0), self.actor(92));
        let (some, nowhere) = (self.guests(93..96), self.guest(97));
        self.refused(Rule::L01, &on("", PHONE), calling(&room, &some, 9, 0));
        self.refused(Rule::L01, &on(HOST, TOO_LONG), calling(&room, &some, 9, 0));
        self.refused(Rule::L01, &owner, calling(TOO_LONG, &some, 9, 0));
        let bad = [some.clone(), vec![TOO_LONG.to_owned()]].concat();
        self.refused(Rule::L01, &owner, calling(&room, &bad, 9, 0));
        self.refused(Rule::L02, &owner, calling(&room, &[], 9, 0));
        self.refused(Rule::L03, &owner, calling(&room, &self.guests(50..70), 9, 0));
        self.refused(Rule::L04, &owner, calling(&room, &some, 101, 0));
        self.refused(Rule::L06, &owner, calling(&room, &some, 9, 201));
        self.refused(Rule::R02, &nobody, calling(&nowhere, &some, 9, 10));
        self.refused(Rule::P01, &nobody, calling(&room, &some, 9, 10));
        let by_participant = calling(&room, &some, 9, 10);
        if self.policy.may_call == MayCall::Admins {
            self.refused(Rule::P02, &self.actor(2), by_participant);
        } else {
            self.ask("a call to a list", &self.actor(2), by_participant);
        }
        let revoke = Command::RevokeCall { room: room.clone(), users: some };
        self.refused(Rule::P03, &self.actor(2), revoke.clone());
        self.ask("a revoke of a list", &Actor::Backend, revoke);
        let accept = |room: &str| Command::AcceptCall { room: room.into(), attempt: None };
        self.refused(Rule::P04, &Actor::Backend, accept(&room));
        self.refused(Rule::R02, &nobody, accept(&nowhere));
        self.refused(Rule::E10, &nobody, accept(&room));
        let reason = CallRejectionReason::ALL[1];
        let reject = Command::RejectCall { room: room.clone(), attempt: Some(1), reason };
        self.refused(Rule::E10, &nobody, reject);
        let for_ever = calling(&room, &self.guests(70..72), 0, 10);
        if self.never {
            self.ask("a call for ever", &owner, for_ever);
            let users = self.guests(70..72);
            self.ask("a cancel of a list", &owner, Command::CancelCall { room, users });
        } else {
            self.refused(Rule::L05, &owner, for_ever);
        }
    }

    pub(super) fn limits_are_met(&mut self) {
        let (room, owner, host) = (self.room(), self.actor(0), on(HOST, PHONE));
        // A list that is over the limit and says no more than it may.
        let duplicate = [self.guests(10..20), self.guests(10..20)].concat();
        self.ask(
            "a call to a list that repeats itself",
            &owner,
            calling(&room, &duplicate, 50, 10),
        );
        self.refused(Rule::L07, &owner, calling(&room, &self.guests(20..24), 50, 10));
        self.ask("a call to a list", &host, calling(LOBBY, &self.guests(24..34), 50, 10));
        self.refused(Rule::L08, &host, calling(LOBBY, &self.guests(34..35), 50, 10));
        let users = self.guests(10..20);
        self.ask("a revoke of a list", &Actor::Backend, Command::RevokeCall { room, users });
        // What rings in the lobby is kept, and evicts what was kept before it.
        let reason = CallRejectionReason::ALL[0];
        for nth in 24..32 {
            let reject = Command::RejectCall { room: LOBBY.into(), attempt: None, reason };
            self.ask("a reject that evicts", &self.actor(nth), reject);
        }
        self.tick("a tick that evicts", 51);
    }

    /// One who is called into many rooms, enters them, and leaves.
    pub(super) fn many_rooms(&mut self) {
        let (host, popular) = (on(HOST, PHONE), self.guests(99..100));
        for nth in 0..HALLS {
            let call = calling(&format!("hall {nth}"), &popular, 90, 30);
            self.ask("a call to one who is called to many rooms", &host, call);
        }
        for nth in 0..HALLS {
            let hall = format!("hall {nth}");
            self.fact("one who is in many rooms enters", self.entered(&hall, 99));
        }
        for nth in (0..HALLS).rev() {
            let hall = format!("hall {nth}");
            self.fact("one who is in many rooms leaves", self.left(&hall, 99));
        }
        for nth in 0..HALLS {
            let call = calling(&format!("hall {nth}"), &popular, 90, 30);
            self.ask("a call to one who is called to many rooms", &host, call);
        }
        self.tick("a tick that ends calls to one", 91);
    }

    /// Endings that are remembered push others out.
    pub(super) fn lists_overflow(&mut self) {
        let host = on(HOST, PHONE);
        let users = self.guests(40..52);
        self.ask("a call to a list", &host, calling(LOBBY, &users, 50, 10));
        for user in users {
            let cancel = Command::CancelCall { room: LOBBY.into(), users: vec![user] };
            self.ask("a cancel that makes forget", &host, cancel);
        }
    }

    pub(super) fn a_room_goes(&mut self) {
        let (room, by) = (self.room(), self.actor(0));
        self.ask("a call to a list", &by, calling(&room, &self.guests(60..72), 50, 100));
        let reason = CallRejectionReason::ALL[0];
        for nth in 60..64 {
            let reject = Command::RejectCall { room: room.clone(), attempt: None, reason };
            self.ask("a reject", &self.actor(nth), reject);
        }
        let gone = Input::Fact(Fact::room_dissolved(room, by));
        self.add("a room is dissolved", Expected::Done, gone);
    }
}
