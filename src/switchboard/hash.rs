//! The state hash (S-03): by name, so that handles, their order, and what only the host holds
//! have no part in it. Sets are summed, lists are chained.

use super::Switchboard;
use super::state::{Call, Phase, Room, Seat};
use crate::store::NONE;
use crate::{CallStatus, EndingKind, Limits, Policy, Tick};

/// A chain of 64-bit words: FNV-1a, with a final mix that makes sums of hashes safe.
#[derive(Clone, Copy)]
struct Chain(u64);

impl Chain {
    const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    const fn byte(self, byte: u8) -> Self {
        // Lossless, and `From` is not const.
        #[expect(clippy::as_conversions, reason = "u8 to u64 in a const fn")]
        let word = self.0 ^ byte as u64;
        Self(word.wrapping_mul(0x0000_0100_0000_01b3))
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |chain, byte| chain.byte(*byte))
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// The length keeps neighbouring texts apart.
    fn text(self, text: &str) -> Self {
        self.number(u64::try_from(text.len()).unwrap_or(u64::MAX)).bytes(text.as_bytes())
    }

    fn option(self, number: Option<u64>) -> Self {
        match number {
            Some(number) => self.byte(1).number(number),
            None => self.byte(0),
        }
    }

    const fn finish(self) -> u64 {
        let mut word = self.0;
        word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        word ^ (word >> 33)
    }
}

/// A hash in which order has no part.
fn unordered(hashes: impl Iterator<Item = u64>) -> u64 {
    hashes.fold(0, u64::wrapping_add)
}

impl Switchboard {
    /// A hash of the state, equal in every process and on every machine that applied the same
    /// inputs, however ticks were interspersed (S-03). Replicas compare it.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let (a, mut b) = (
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    /// );
    /// let _ = b.intern_user("ana");
    /// assert_eq!(a.state_hash(), b.state_hash());
    /// ```
    pub fn state_hash(&self) -> u64 {
        self.hash_from(Tick::START)
    }

    /// As [`state_hash`](Self::state_hash), with the time that is left until each deadline in the
    /// place of the clock and the deadlines: equal for two switchboards that differ only in when
    /// they live, which nothing that leaves them shows (T-10). Who explores states takes such two
    /// for one.
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Input, Limits, Policy, Tick};
    ///
    /// let (a, mut b) = (
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    /// );
    /// let _ = b.apply(Tick::from_millis(5_000), Input::Tick);
    /// assert_ne!(a.state_hash(), b.state_hash());
    /// assert_eq!(a.relative_state_hash(), b.relative_state_hash());
    /// ```
    pub fn relative_state_hash(&self) -> u64 {
        self.hash_from(self.clock)
    }

    /// With times as lengths since `origin`.
    fn hash_from(&self, origin: Tick) -> u64 {
        let rooms = self.names.rooms.slots().iter().filter(|slot| slot.state.is_open());
        let hash = |slot| self.room_hash(origin, self.names.rooms.name_in(slot), &slot.state);
        let sum = unordered(rooms.map(hash));
        limits(Chain::NEW, &self.limits)
            .bytes(&policy(&self.policy))
            .number(origin.until(self.clock))
            .number(self.attempts)
            .number(self.endings)
            .number(self.openings)
            .number(sum)
            .finish()
    }

    fn room_hash(&self, origin: Tick, name: &str, room: &Room) -> u64 {
        let seats = || room.seats.iter(&self.seats.arena, Seat::OF_ROOM).map(|(_, seat)| seat);
        let users = |users: &mut dyn Iterator<Item = u32>| {
            unordered(users.map(|user| self.user_named(Chain::NEW, user).finish()))
        };
        let owner = Some(room.owner).filter(|owner| *owner != NONE);
        let head = Chain::NEW
            .text(name)
            .number(room.opening)
            .number(users(&mut owner.into_iter()))
            .number(users(&mut seats().filter(|seat| seat.is_admin).map(|seat| seat.user)))
            .number(users(&mut seats().filter(|seat| seat.is_present).map(|seat| seat.user)));
        let list = room.list.iter(&self.calls.arena, Call::IN_ROOM);
        let listed = list
            .fold(head, |chain, (_, call)| self.listed(origin, chain.number(call.attempt), call));
        // The order of endings counts, not their numbers.
        let ended = || room.ended.iter(&self.calls.arena, Call::IN_ORDER).map(|(_, call)| call);
        let kept = ended().filter(|call| call.phase == Phase::Kept);
        let kept = kept.fold(listed, |chain, call| chain.number(call.attempt));
        let remembered = ended().filter(|call| call.is_remembered);
        remembered
            .fold(kept, |chain, call| {
                self.remembered_call(self.user_named(chain, call.callee), call)
            })
            .finish()
    }

    fn listed(&self, origin: Tick, chain: Chain, call: &Call) -> Chain {
        let chain = self.user_named(self.user_named(chain, call.callee), call.caller);
        let chain = chain.text(self.names.devices.name_at(call.device));
        if call.is_live() {
            let left = call.deadline().map(|deadline| origin.until(deadline));
            chain.byte(1).option(left).text(self.texts.get(call.extension))
        } else {
            chain.byte(0).byte(status_number(call.status()))
        }
    }

    fn remembered_call(&self, chain: Chain, call: &Call) -> Chain {
        let chain = self.user_named(chain, call.caller).byte(how_number(call.how));
        let (user, device) = call.by();
        let chain = match chain.number(call.attempt) {
            chain if user == NONE => chain.byte(0),
            chain => self.user_named(chain.byte(1), user),
        };
        if device == NONE {
            chain.byte(0)
        } else {
            chain.byte(1).text(self.names.devices.name_at(device))
        }
    }

    fn user_named(&self, chain: Chain, user: u32) -> Chain {
        chain.text(self.names.users.name_at(user))
    }
}

fn limits(chain: Chain, limits: &Limits) -> Chain {
    super::snapshot::limit_numbers(limits)
        .into_iter()
        .fold(chain, |chain, number| chain.number(u64::from(number)))
}

fn policy(policy: &Policy) -> [u8; 5] {
    super::snapshot::policy_numbers(policy)
}

/// The number of a status, as the seed has it.
pub(super) fn status_number(status: CallStatus) -> u8 {
    position(&CallStatus::ALL, status)
}

/// The number of an ending, in the order of the rules.
pub(super) fn how_number(how: EndingKind) -> u8 {
    position(&EndingKind::ALL, how)
}

/// Where a value stands among all of its kind.
pub(super) fn position<T: PartialEq>(all: &[T], value: T) -> u8 {
    let at = all.iter().position(|one| *one == value);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}
