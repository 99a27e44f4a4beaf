//! Inputs by name, made outside the timed part into strings that are used again and again.

use crate::workload::{Act, Verb, room_of};

/// The device that hosts call from and callees reject on.
pub const PHONE: &str = "phone";
/// The device that callees accept on.
pub const TABLET: &str = "tablet";

/// Writes the name of a callee.
pub fn user(into: &mut String, number: u32) {
    numbered(into, "user-", number);
}

/// Writes the name of a room.
pub fn room(into: &mut String, number: u32) {
    numbered(into, "room-", number);
}

/// Writes the name of the host of a room.
pub fn host(into: &mut String, number: u32) {
    numbered(into, "host-", number);
}

/// A word and a number of seven digits.
fn numbered(into: &mut String, word: &str, number: u32) {
    into.clear();
    into.push_str(word);
    let mut unit = 1_000_000;
    while unit > 0 {
        into.push(char::from(b'0' + (number / unit % 10) as u8));
        unit /= 10;
    }
}

/// A name that is written by one of the functions above.
pub fn named(write: impl Fn(&mut String, u32), number: u32) -> String {
    let mut name = String::new();
    write(&mut name, number);
    name
}

/// One input by name.
#[derive(Clone, Debug)]
pub struct Named {
    /// When, in milliseconds.
    pub at: u64,
    /// What.
    pub verb: Verb,
    /// The room.
    pub room: String,
    /// Who acts.
    pub user: String,
    /// On which device.
    pub device: String,
    /// Who is called, where somebody is.
    pub callee: String,
}

/// Inputs by name. Its strings keep their memory from one chunk to the next.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    inputs: Vec<Named>,
    used: usize,
}

impl Staged {
    /// Writes the names of a chunk.
    pub fn stage(&mut self, acts: &[Act]) {
        self.used = acts.len();
        while self.inputs.len() < acts.len() {
            self.inputs.push(Named::empty());
        }
        for (input, act) in self.inputs.iter_mut().zip(acts) {
            input.write(act);
        }
    }

    /// The inputs of the chunk.
    pub fn inputs(&self) -> &[Named] {
        self.inputs.get(..self.used).unwrap_or_default()
    }
}

impl Named {
    fn empty() -> Self {
        let [room, user, device, callee] = Default::default();
        Self { at: 0, verb: Verb::Call, room, user, device, callee }
    }

    fn write(&mut self, act: &Act) {
        self.at = act.at;
        self.verb = act.verb;
        room(&mut self.room, room_of(act.callee));
        self.device.clear();
        self.device.push_str(device_of(act.verb));
        match act.verb {
            Verb::Call | Verb::Cancel => {
                host(&mut self.user, room_of(act.callee));
                user(&mut self.callee, act.callee);
            }
            Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => {
                user(&mut self.user, act.callee);
                self.callee.clear();
            }
        }
    }
}

/// The device that an input comes from.
pub const fn device_of(verb: Verb) -> &'static str {
    match verb {
        Verb::Call | Verb::Cancel | Verb::Reject => PHONE,
        Verb::Accept | Verb::Enter | Verb::Leave => TABLET,
    }
}
