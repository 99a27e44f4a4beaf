//! What an observer knows of one attempt.

use std::collections::BTreeMap;
use std::sync::Arc;

use roomcall::{CallRejectionReason, EndingKind};

/// A line: where it is, and on which connection it was; 0 for none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Mark {
    pub(super) line: u64,
    pub(super) at: u64,
    pub(super) connection: u64,
}

/// A device of a user.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Peer {
    pub(super) user: Box<str>,
    pub(super) device: Box<str>,
}

/// Something that was said, and in which line.
pub(super) type Said<T> = Option<(T, u64)>;

/// A set of endings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const ALL: Self = Self(0x7f);
    /// Only that it was rejected.
    pub(super) const REJECTED: Self = Self::of(&[EndingKind::Rejected]);
    /// Those by which a device of the callee acts.
    pub(super) const ACTING: Self =
        Self::of(&[EndingKind::Accepted, EndingKind::Rejected, EndingKind::Entered]);

    const fn bit(kind: EndingKind) -> u8 {
        match kind {
            EndingKind::Accepted => 1,
            EndingKind::Rejected => 2,
            EndingKind::InOtherRoom => 4,
            EndingKind::TimedOut => 8,
            EndingKind::Cancelled => 16,
            EndingKind::Revoked => 32,
            EndingKind::Entered => 64,
        }
    }

    pub(super) const fn of(kinds: &[EndingKind]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < kinds.len() {
            bits |= Self::bit(kinds[at]);
            at += 1;
        }
        Self(bits)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, kind: EndingKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }
}

/// How an attempt may have ended, as far as it was told.
#[derive(Clone, Debug)]
pub(super) struct Over {
    /// What is left of all endings.
    pub(super) kinds: Kinds,
    /// The line that left no more than these.
    pub(super) line: u64,
    /// The first that told that it is over.
    pub(super) first: Mark,
    /// On which device it was decided.
    pub(super) device: Said<Box<str>>,
    /// Who revoked it; `None` for the backend.
    pub(super) operator: Said<Option<Box<str>>>,
    /// Whether that was a user who was erased since (F-20).
    pub(super) is_operator_erased: bool,
    /// The device that was answered that it accepted.
    pub(super) joined: Said<Box<str>>,
    /// The reason that the caller was told.
    pub(super) reason: Said<CallRejectionReason>,
}

/// What one connection was told of an attempt, by which lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// That it rings, or that it was made.
    pub(super) ring: Option<u64>,
    /// By an event.
    pub(super) rang: Option<u64>,
    /// That it is over, by whatever.
    pub(super) stop: Option<u64>,
    /// By an event.
    pub(super) stopped: Option<u64>,
    /// That a device of the callee shows it.
    pub(super) shown: Option<u64>,
    /// A later call to the same user rang before this was over.
    pub(super) overtaken: Option<u64>,
    /// That who accepted did not come: as the caller, and as one who is in the room.
    pub(super) not_joined: [Option<u64>; 2],
}

/// That who accepted is expected in the room (E-20).
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// The first line that told that it was accepted.
    pub(super) since: Mark,
    /// For how many milliseconds.
    pub(super) grace: u64,
    /// The first fact by which nobody is expected any more, unless it was ignored; and the first that was surely not.
    pub(super) over: Option<Mark>,
    pub(super) surely_over: Option<Mark>,
}

/// One attempt.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    pub(super) room: Said<Box<str>>,
    pub(super) caller: Said<Box<str>>,
    pub(super) callee: Said<Box<str>>,
    /// A digest of the extension text.
    pub(super) extension: Said<u64>,
    /// When it ends by itself, at the latest; `None` for never.
    pub(super) deadline: Said<Option<u64>>,
    /// The device that called.
    pub(super) calling: Said<Arc<Peer>>,
    /// The first line that what made it brought about.
    pub(super) born: Option<Mark>,
    /// The last line that told that it rings.
    pub(super) live: Option<Mark>,
    /// The highest revision that was told by then, if that is certain: how it ended is logged under a higher number.
    pub(super) revision: u64,
    pub(super) over: Option<Over>,
    /// By connection.
    pub(super) told: BTreeMap<u64, Told>,
    /// Whether more connections were told than are remembered.
    pub(super) is_crowded: bool,
    /// The devices that accepted or rejected it, and when they first did.
    pub(super) answered: Vec<(Arc<Peer>, Mark)>,
    /// Whether nothing more is owed.
    pub(super) is_settled: bool,
    /// Whether its room was dissolved: nothing is remembered there any more (F-11).
    pub(super) is_room_gone: bool,
    pub(super) expected: Option<Expected>,
}

impl Attempt {
    pub(super) fn is_callee(&self, user: &str) -> bool {
        self.callee.as_ref().is_some_and(|(callee, _)| **callee == *user)
    }

    pub(super) fn is_in(&self, room: &str) -> bool {
        self.room.as_ref().is_some_and(|(it, _)| **it == *room)
    }

    pub(super) fn is_caller(&self, user: &str) -> bool {
        self.caller.as_ref().is_some_and(|(caller, _)| **caller == *user)
    }

    /// The lines that made it, or told first that it rings, and that it is over.
    pub(super) fn lines(&self) -> Vec<u64> {
        let over = self.over.as_ref().map(|over| over.first.line);
        let names = self.callee.as_ref().map(|(_, line)| *line);
        self.born.map(|born| born.line).or(names).into_iter().chain(over).collect()
    }
}
