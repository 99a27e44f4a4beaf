//! What rings: what a device says of it is heard or lost, callers are told, and somebody accepts and does not
//! come.

use roomcall::protocol::{Event, NamedCall};
use roomcall::{CallStatus, EndingKind};

use super::director::Director;
use super::world::{chance, pick};
use super::{DEVICE, Dice, USER};

impl Director {
    /// What the device said of its calls is heard, is lost, or is on its way for longer; and now and then another device
    /// of a callee says the same.
    pub(super) fn hear_what_rings(&mut self, dice: Dice) {
        for (nth, attempt) in std::mem::take(&mut self.said).into_iter().enumerate() {
            match (dice[9] / 3).wrapping_add(u8::try_from(nth).unwrap_or(0)) % 6 {
                0..=2 => drop(self.world.ring(attempt)),
                3 => self.said.push(attempt),
                _ => {}
            }
        }
        if let Some(attempt) = pick(&self.world.silent(), dice[8]).filter(|_| chance(dice[7], 1)) {
            self.world.ring(attempt);
        }
    }

    /// The caller is told that it rings: mostly this user, by now or at the time.
    pub(super) fn it_rings(&mut self, dice: Dice) -> Event {
        let is_wrong = chance(dice[3], 1);
        let calls = self.world.calls().filter(|call| is_wrong || call.caller == USER);
        let calls: Vec<NamedCall> = calls.cloned().collect();
        let live: Vec<u64> = self.live.values().copied().collect();
        let current = calls.iter().filter(|call| live.contains(&call.attempt)).cloned();
        let current: Vec<NamedCall> = current.collect();
        let call = pick(&current, dice[1]).filter(|_| chance(dice[2], 7));
        let Some(call) = call.or_else(|| pick(&calls, dice[1])) else { return self.notice(dice) };
        self.world.make(call.attempt, dice[7]);
        if self.world.ring(call.attempt) { Event::CallRinging(call) } else { self.notice(dice) }
    }

    /// Somebody accepted, and did not come in time (E-21).
    pub(super) fn nobody_came(&mut self, dice: Dice) -> Event {
        let all: Vec<NamedCall> = self.world.calls().cloned().collect();
        let call = pick(&all, dice[1]).unwrap();
        self.world.make(call.attempt, dice[7]);
        let over = self.world.end_as(call.attempt, EndingKind::Accepted, Some(DEVICE), dice[6]);
        if over.ended.how != EndingKind::Accepted {
            return self.notice(dice);
        }
        Event::CallNotJoined(NamedCall { status: CallStatus::None, ..call })
    }
}
