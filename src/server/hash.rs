//! The state hash (S-03): by name, so that handles, their order, and what only the host holds
//! have no part in it. Sets are summed, lists are chained.

use super::Switchboard;
use super::state::{Call, CallState, Remembered, Room};
use crate::{Attempt, CallStatus, DeviceId, How, Limits, Policy, RoomId, Tick, UserId};

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

/// The checksum of a snapshot.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    Chain::NEW.bytes(bytes).finish()
}

impl Switchboard {
    /// A hash of the state, equal in every process and on every machine that applied the same
    /// inputs, however ticks were interspersed (S-03). Replicas compare it.
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let (a, mut b) = (
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    /// );
    /// let _ = b.hold_user("ana");
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
    /// use roomcall::server::Switchboard;
    /// use roomcall::{Input, Limits, Policy, Tick};
    ///
    /// let (a, mut b) = (
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    ///     Switchboard::new(Limits::DEFAULT, Policy::DEFAULT),
    /// );
    /// let _ = b.apply(Tick::from_millis(5_000), Input::Tick);
    /// assert_ne!(a.state_hash(), b.state_hash());
    /// assert_eq!(a.timeless_hash(), b.timeless_hash());
    /// ```
    pub fn timeless_hash(&self) -> u64 {
        self.hash_from(self.clock)
    }

    /// With times as lengths since `origin`.
    fn hash_from(&self, origin: Tick) -> u64 {
        let hash = |(room, state): (&RoomId, &Room)| self.room_hash(origin, *room, state).finish();
        let rooms = self.rooms.iter().map(hash);
        limits(Chain::NEW, &self.limits)
            .bytes(&policy(&self.policy))
            .number(origin.until(self.clock))
            .number(self.attempts)
            .number(self.endings)
            .number(self.openings)
            .number(unordered(rooms))
            .finish()
    }

    fn room_hash(&self, origin: Tick, id: RoomId, room: &Room) -> Chain {
        let users = |users: &mut dyn Iterator<Item = &UserId>| {
            unordered(users.map(|user| self.user(Chain::NEW, *user).finish()))
        };
        let head = self
            .room_named(Chain::NEW, id)
            .number(room.opening)
            .number(users(&mut room.owner.iter()))
            .number(users(&mut room.admins.iter()))
            .number(users(&mut room.present.iter()));
        let listed = room.list.iter().fold(head, |chain, attempt| {
            let chain = chain.number(attempt.get());
            self.calls.get(attempt).map_or(chain, |call| self.call(origin, chain, call))
        });
        // The order of endings counts, not their numbers.
        let kept = room.kept.values().fold(listed, |chain, attempt| chain.number(attempt.get()));
        let remembered = room.ended_order.values().filter_map(|c| Some((c, room.ended.get(c)?)));
        remembered.fold(kept, |chain, (callee, remembered)| {
            self.remembered(self.user(chain, *callee), remembered)
        })
    }

    fn call(&self, origin: Tick, chain: Chain, call: &Call) -> Chain {
        let chain = self.user(self.user(chain, call.callee), call.caller);
        let chain = self.device(chain, call.device);
        match &call.state {
            CallState::Live { deadline, extension } => chain
                .byte(1)
                .option(deadline.map(|deadline| origin.until(deadline)))
                .text(extension),
            CallState::Kept { status, .. } => chain.byte(0).byte(status_number(*status)),
        }
    }

    fn remembered(&self, chain: Chain, remembered: &Remembered) -> Chain {
        let ended = &remembered.ended;
        let chain = self.user(chain, remembered.caller).byte(how_number(ended.how));
        let chain = attempt(chain, ended.attempt);
        let chain = match ended.user {
            Some(user) => self.user(chain.byte(1), user),
            None => chain.byte(0),
        };
        match ended.device {
            Some(device) => self.device(chain.byte(1), device),
            None => chain.byte(0),
        }
    }

    fn user(&self, chain: Chain, user: UserId) -> Chain {
        chain.text(self.user_name(user).unwrap_or_default())
    }

    fn room_named(&self, chain: Chain, room: RoomId) -> Chain {
        chain.text(self.room_name(room).unwrap_or_default())
    }

    fn device(&self, chain: Chain, device: DeviceId) -> Chain {
        chain.text(self.device_name(device).unwrap_or_default())
    }
}

fn attempt(chain: Chain, attempt: Attempt) -> Chain {
    chain.number(attempt.get())
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
pub(super) fn how_number(how: How) -> u8 {
    position(&How::ALL, how)
}

/// Where a value stands among all of its kind.
pub(super) fn position<T: PartialEq>(all: &[T], value: T) -> u8 {
    let at = all.iter().position(|one| *one == value);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}
