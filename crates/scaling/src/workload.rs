//! The workload: what one round of calls, answers, entering and leaving consists of.

use crate::count::{Counts, Kind};

/// Callees in one room.
pub const CALLEES_PER_ROOM: u32 = 8;
/// How long a call rings, in seconds.
pub const RINGS_S: u32 = 30;
/// How far apart rounds begin.
const ROUND_MS: u64 = 60_000;

/// What an input asks for or states.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Verb {
    /// The host calls the callee.
    Call,
    /// The callee accepts, on the tablet.
    Accept,
    /// The callee rejects, on the phone.
    Reject,
    /// The host cancels.
    Cancel,
    /// The callee is in the room now, on the tablet.
    Enter,
    /// The callee has left the room.
    Leave,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 6] =
        [Self::Call, Self::Accept, Self::Reject, Self::Cancel, Self::Enter, Self::Leave];
}

/// One input about one callee.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// When, in milliseconds.
    pub at: u64,
    /// About whom: the number of the callee.
    pub callee: u32,
    /// What.
    pub verb: Verb,
}

/// A part of a round that consists of inputs of its own.
#[derive(Clone, Copy, Debug)]
pub enum Phase {
    /// Everybody is called.
    Call,
    /// Most calls are answered or cancelled.
    Answer,
    /// Who accepted enters.
    Enter,
    /// Who entered leaves.
    Leave,
}

impl Phase {
    /// When it begins after the beginning of the round, and how long it lasts.
    const fn span(self) -> (u64, u64) {
        match self {
            Self::Call => (0, 10_000),
            Self::Answer => (10_000, 10_000),
            Self::Enter => (20_000, 9_000),
            Self::Leave => (45_001, 10_000),
        }
    }
}

/// When the clock passes all deadlines, after the beginning of the round.
const TICK_MS: u64 = 45_000;

/// One move of a round: a callee and what it does.
type Move = (u32, Verb);

/// The inputs of one round, in random order.
#[derive(Clone, Debug)]
pub struct Plan {
    callees: u32,
    number: u64,
    random: Random,
    order: Vec<u32>,
    moves: [Vec<Move>; 4],
}

impl Plan {
    /// A plan for so many callees, a multiple of 80; `number` rounds were played before.
    pub fn new(callees: u32, seed: u64, number: u64) -> Self {
        let order = (0..callees).collect();
        let random = Random::new(seed ^ u64::from(callees));
        let mut plan = Self { callees, number, random, order, moves: Default::default() };
        plan.next_moves();
        plan
    }

    /// Goes on to the next round.
    pub fn next(&mut self) {
        self.number += 1;
        self.next_moves();
    }

    fn next_moves(&mut self) {
        let Shares { accepted, rejected, cancelled, .. } = Shares::of(self.callees);
        let [calls, answers, enters, leaves] = &mut self.moves;
        for moves in [&mut *calls, answers, enters, leaves] {
            moves.clear();
        }
        self.random.shuffle(&mut self.order);
        calls.extend(self.order.iter().map(|callee| (*callee, Verb::Call)));
        self.random.shuffle(&mut self.order);
        let mut rest = self.order.iter().copied();
        let mut take = |count: u32, verb, moves: &mut Vec<Move>| {
            moves.extend(rest.by_ref().take(count as usize).map(|callee| (callee, verb)));
        };
        take(accepted, Verb::Accept, answers);
        enters.extend(answers.iter().map(|(callee, _)| (*callee, Verb::Enter)));
        leaves.extend(answers.iter().map(|(callee, _)| (*callee, Verb::Leave)));
        take(rejected, Verb::Reject, answers);
        take(cancelled, Verb::Cancel, answers);
        for moves in [answers, enters, leaves] {
            self.random.shuffle(moves);
        }
    }

    /// Callees, which is also calls pending at once.
    pub const fn callees(&self) -> u32 {
        self.callees
    }

    /// When the round begins.
    pub const fn start(&self) -> u64 {
        self.number * ROUND_MS
    }

    /// When the one tick of the round comes.
    pub const fn tick_at(&self) -> u64 {
        self.start() + TICK_MS
    }

    /// The moves of a phase.
    fn moves(&self, phase: Phase) -> &[Move] {
        let [calls, answers, enters, leaves] = &self.moves;
        match phase {
            Phase::Call => calls,
            Phase::Answer => answers,
            Phase::Enter => enters,
            Phase::Leave => leaves,
        }
    }

    /// The inputs of a phase in chunks of at most `size`, put into a buffer.
    pub fn chunks(&self, phase: Phase, size: usize, mut each: impl FnMut(&[Act])) {
        let moves = self.moves(phase);
        let (begin, length) = phase.span();
        let (begin, inputs) = (self.start() + begin, moves.len() as u64);
        let mut chunk = Vec::with_capacity(size);
        let mut number = 0;
        for some in moves.chunks(size) {
            chunk.clear();
            for &(callee, verb) in some {
                chunk.push(Act { at: begin + number * length / inputs, callee, verb });
                number += 1;
            }
            each(&chunk);
        }
    }

    /// Inputs of the whole round, without the tick.
    pub fn inputs(&self) -> u64 {
        self.moves.iter().map(|moves| moves.len() as u64).sum()
    }

    /// The effects that a round must have, by kind.
    pub fn expected(&self) -> Counts {
        let all = u64::from(self.callees);
        let shares = Shares::of(self.callees);
        let [accepted, rejected, cancelled, alone] =
            [shares.accepted, shares.rejected, shares.cancelled, shares.alone].map(u64::from);
        let mut counts = Counts::default();
        counts.add(Kind::Ring, all);
        counts.add(Kind::Changed, all + rejected + alone);
        counts.add(Kind::Removed, accepted + cancelled);
        counts.add(Kind::Handled, accepted + rejected);
        counts.add(Kind::Accepted, accepted);
        counts.add(Kind::Rejected, rejected);
        counts.add(Kind::Cancelled, cancelled);
        counts.add(Kind::TimeoutCallee, alone);
        counts.add(Kind::TimeoutCaller, alone);
        counts
    }
}

/// How many calls end in which way.
struct Shares {
    accepted: u32,
    rejected: u32,
    cancelled: u32,
    alone: u32,
}

impl Shares {
    const fn of(callees: u32) -> Self {
        let tenth = callees / 10;
        let (accepted, rejected, cancelled) = (6 * tenth, 2 * tenth, tenth);
        Self { accepted, rejected, cancelled, alone: callees - accepted - rejected - cancelled }
    }
}

/// Rooms for so many callees.
pub const fn rooms(callees: u32) -> u32 {
    callees / CALLEES_PER_ROOM
}

/// The room of a callee.
pub const fn room_of(callee: u32) -> u32 {
    callee / CALLEES_PER_ROOM
}

/// A small generator of random numbers, the same on every machine (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub const fn below(&mut self, bound: u32) -> u32 {
        (((self.number() >> 32) * bound as u64) >> 32) as u32
    }

    /// Puts a slice into random order.
    pub fn shuffle<T>(&mut self, slice: &mut [T]) {
        for last in (1..slice.len()).rev() {
            slice.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}
