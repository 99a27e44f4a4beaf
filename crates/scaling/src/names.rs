//! Inputs by name, written outside the timed part into strings whose memory is reused.
//!
//! Real systems have ids of 17 to 36 bytes, and every user has devices of its own.

use crate::workload::{Act, Random, Verb, room_of};

/// How long ids are, in bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Names {
    /// The shortest.
    shortest: u32,
    /// The longest; lengths in between are equally frequent.
    longest: u32,
}

impl Names {
    /// The shortest that words and numbers fit into.
    pub const SHORT: Self = Self { shortest: 12, longest: 12 };
    /// What real systems have.
    pub const USUAL: Self = Self { shortest: 17, longest: 23 };
    /// The longest that the registry stores inline.
    pub const INLINE: Self = Self { shortest: 32, longest: 32 };
    /// The text of a UUID.
    pub const UUID: Self = Self { shortest: 36, longest: 36 };
    /// The longest that the default limits admit.
    pub const LONGEST: Self = Self { shortest: 64, longest: 64 };

    /// Writes the name of a callee.
    pub fn user(self, into: &mut String, number: u32) {
        self.write(into, "user-", number);
    }

    /// Writes the name of a room.
    pub fn room(self, into: &mut String, number: u32) {
        self.write(into, "room-", number);
    }

    /// Writes the name of the host of a room.
    pub fn host(self, into: &mut String, number: u32) {
        self.write(into, "host-", number);
    }

    /// Writes the name of the device that the host of a room calls from.
    pub fn desktop(self, into: &mut String, number: u32) {
        self.write(into, "desk-", number);
    }

    /// Writes the name of the device that a callee rejects on.
    pub fn phone(self, into: &mut String, number: u32) {
        self.write(into, "phon-", number);
    }

    /// Writes the name of the device that a callee accepts on.
    pub fn tablet(self, into: &mut String, number: u32) {
        self.write(into, "tabl-", number);
    }

    /// Writes the name of the user that an input comes from.
    pub fn actor(self, into: &mut String, act: &Act) {
        match act.verb {
            Verb::Call | Verb::Cancel => self.host(into, room_of(act.callee)),
            Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => self.user(into, act.callee),
        }
    }

    /// Writes the name of the device that an input comes from.
    pub fn device(self, into: &mut String, act: &Act) {
        match act.verb {
            Verb::Call | Verb::Cancel => self.desktop(into, room_of(act.callee)),
            Verb::Reject => self.phone(into, act.callee),
            Verb::Accept | Verb::Enter | Verb::Leave => self.tablet(into, act.callee),
        }
    }

    /// Five letters, a number of seven digits, and as many hexadecimal digits as the length needs.
    fn write(self, into: &mut String, word: &str, number: u32) {
        into.clear();
        into.push_str(word);
        let mut unit = 1_000_000;
        while unit > 0 {
            into.push(char::from(b'0' + (number / unit % 10) as u8));
            unit /= 10;
        }
        let mut random = Random::new(number.into());
        let length = self.shortest + random.below(self.longest - self.shortest + 1);
        if length > into.len() as u32 {
            into.push('-');
        }
        let mut digits = 0;
        while into.len() < length as usize {
            if digits == 0 {
                digits = random.number();
            }
            into.push(char::from(b"0123456789abcdef"[(digits & 15) as usize]));
            digits >>= 4;
        }
    }
}

/// One of the functions above that write a name.
pub type Write = fn(Names, &mut String, u32);

/// A name that one of the functions above writes.
pub fn named(write: Write, names: Names, number: u32) -> String {
    let mut name = String::new();
    write(names, &mut name, number);
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
        let names = Names::USUAL;
        self.at = act.at;
        self.verb = act.verb;
        names.room(&mut self.room, room_of(act.callee));
        names.actor(&mut self.user, act);
        names.device(&mut self.device, act);
        match act.verb {
            Verb::Call | Verb::Cancel => names.user(&mut self.callee, act.callee),
            Verb::Accept | Verb::Reject | Verb::Enter | Verb::Leave => self.callee.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_lengths_that_real_ids_have() {
        let lengths = |names: Names| {
            let mut lengths: Vec<_> =
                (0..1_000).map(|number| named(Names::user, names, number).len()).collect();
            lengths.sort_unstable();
            lengths.dedup();
            lengths
        };
        assert_eq!(lengths(Names::SHORT), [12]);
        assert_eq!(lengths(Names::USUAL), [17, 18, 19, 20, 21, 22, 23]);
        assert_eq!(lengths(Names::UUID), [36]);
    }
}
