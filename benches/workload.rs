//! A long journal, the same one every time, whose kinds of input are about as frequent as in production.

use std::fmt::Write as _;

const ROOMS: u64 = 200;
const USERS: u64 = 20_000;
/// Whoever was called longer ago than so many calls does not answer, and the call times out.
const UNDECIDED: usize = 1_000;

/// A journal of so many lines after the header.
pub(super) fn journal(lines: u64) -> Vec<u8> {
    let mut writer = Writer {
        text: "{\"journal\":1}\n".into(),
        random: 1,
        at: 0,
        ringing: Vec::new(),
        accepted: Vec::new(),
        inside: Vec::new(),
    };
    for room in 0..ROOMS {
        writer.open(room);
        writer.enter(room, &format!("host-{room}"));
    }
    for _ in 2 * ROOMS..lines {
        writer.at += writer.below(10);
        match writer.below(100) {
            0..36 => writer.call(),
            36..48 => writer.accept(),
            48..56 => writer.reject(),
            56..60 => writer.cancel(),
            60..74 => writer.enter_accepted(),
            74..88 => writer.leave(),
            _ => writer.line(r#""tick":{}"#),
        }
    }
    writer.text.into_bytes()
}

struct Writer {
    text: String,
    random: u64,
    at: u64,
    /// Who rings where: room and user.
    ringing: Vec<(u64, u64)>,
    /// Who accepted, and has not entered yet.
    accepted: Vec<(u64, u64)>,
    /// Who is where.
    inside: Vec<(u64, u64)>,
}

impl Writer {
    fn open(&mut self, room: u64) {
        let opened = format!(r#""roomOpened":{{"roomID":"room-{room}","owner":"host-{room}"}}"#);
        self.line(&format!(r#""fact":{{{opened}}}"#));
    }

    fn call(&mut self) {
        let (room, user) = (self.below(ROOMS), self.below(USERS));
        if self.ringing.len() == UNDECIDED {
            self.ringing.remove(0);
        }
        self.ringing.push((room, user));
        let list = format!(r#""userIDList":["user-{user}"],"timeout":30"#);
        self.ask(&format!("host-{room}"), "callUserToRoom", room, &list);
    }

    fn accept(&mut self) {
        let (room, user) = self.take(|writer| &mut writer.ringing);
        self.accepted.push((room, user));
        self.ask(&format!("user-{user}"), "acceptCall", room, "");
    }

    fn reject(&mut self) {
        let (room, user) = self.take(|writer| &mut writer.ringing);
        let reason = r#""reason":"rejected""#;
        self.ask(&format!("user-{user}"), "rejectCall", room, reason);
    }

    fn cancel(&mut self) {
        let (room, user) = self.take(|writer| &mut writer.ringing);
        let list = format!(r#""userIDList":["user-{user}"]"#);
        self.ask(&format!("host-{room}"), "cancelCall", room, &list);
    }

    fn enter_accepted(&mut self) {
        let (room, user) = self.take(|writer| &mut writer.accepted);
        self.inside.push((room, user));
        self.enter(room, &format!("user-{user}"));
    }

    fn leave(&mut self) {
        let (room, user) = self.take(|writer| &mut writer.inside);
        let left = format!(r#""userLeft":{{"roomID":"room-{room}","userID":"user-{user}"}}"#);
        self.line(&format!(r#""fact":{{{left}}}"#));
    }

    fn enter(&mut self, room: u64, user: &str) {
        let place = format!(r#""roomID":"room-{room}","userID":"{user}","deviceID":"phone""#);
        self.line(&format!(r#""fact":{{"userEntered":{{{place}}}}}"#));
    }

    fn ask(&mut self, user: &str, verb: &str, room: u64, more: &str) {
        let by = format!(r#""by":{{"user":"{user}","device":"phone"}}"#);
        let comma = if more.is_empty() { "" } else { "," };
        let what = format!(r#""{verb}":{{"roomID":"room-{room}"{comma}{more}}}"#);
        self.line(&format!(r#"{by},"command":{{{what}}}"#));
    }

    fn line(&mut self, rest: &str) {
        writeln!(self.text, r#"{{"at":{},{rest}}}"#, self.at).unwrap();
    }

    /// Any pair of a list, which it leaves; if there is none, anybody and anywhere.
    fn take(&mut self, list: fn(&mut Self) -> &mut Vec<(u64, u64)>) -> (u64, u64) {
        let anybody = (self.below(ROOMS), self.below(USERS));
        let random = self.below(u64::from(u32::MAX)) as usize;
        let list = list(self);
        match list.len() {
            0 => anybody,
            len => list.swap_remove(random % len),
        }
    }

    /// A number below `bound`, by Knuth's MMIX generator.
    fn below(&mut self, bound: u64) -> u64 {
        let next = self.random.wrapping_mul(6_364_136_223_846_793_005);
        self.random = next.wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 32) % bound
    }
}
