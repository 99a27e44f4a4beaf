//! Calls to the user: what is known of them, merged so that the order and number of deliveries
//! cannot matter (D-04, D-06, D-14).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;

use super::output::{Dismissal, Incoming, Stage};
use crate::EndingKind;
use crate::Tick;
use crate::domain::limits::is_within;
use crate::protocol::{Ending, NamedCall};

/// What is known of the calls to the user.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Calls {
    /// Those that are not known to be over, by attempt.
    pub(super) known: BTreeMap<u64, Ring>,
    /// Endings that a ring or a snapshot on its way could contradict (D-14).
    pub(super) over: BTreeMap<u64, Dismissal>,
    /// Attempts that the last snapshot listed.
    pub(super) listed: BTreeSet<u64>,
    /// The last attempt made when the last snapshot was given.
    pub(super) mark: u64,
    /// A ring for an attempt up to here does not make a call known.
    pub(super) floor: u64,
    /// The revision of the last snapshot.
    pub(super) revision: u64,
    /// What is on the screen.
    pub(super) screen: BTreeMap<u64, Stage>,
}

/// A call that is not known to be over.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Ring {
    pub(super) room: String,
    pub(super) caller: String,
    pub(super) extension: String,
    /// By the device's clock; `None` for never.
    pub(super) deadline: Option<Tick>,
    pub(super) is_silenced: bool,
}

/// What a ring turned out to be.
pub(super) enum Rang {
    /// It makes or keeps the call known.
    Known,
    /// It is over already.
    Late(Dismissal),
    /// There are too many (D-19).
    LeftOut,
}

impl Calls {
    pub(super) const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            over: BTreeMap::new(),
            listed: BTreeSet::new(),
            mark: 0,
            floor: 0,
            revision: 0,
            screen: BTreeMap::new(),
        }
    }

    /// D-06
    pub(super) fn ring(&mut self, attempt: u64, ring: Ring, limit: u32) -> Rang {
        let over = self.over.get(&attempt);
        if let Some(why) = over {
            return Rang::Late(why.clone());
        }
        if let Some(known) = self.known.get_mut(&attempt) {
            known.deadline = earlier(known.deadline, ring.deadline);
            return Rang::Known;
        }
        if attempt <= self.floor {
            return Rang::Late(Dismissal::Gone);
        }
        self.admit(attempt, ring, limit)
    }

    /// D-19
    pub(super) fn admit(&mut self, attempt: u64, ring: Ring, limit: u32) -> Rang {
        if is_within(self.known.len().saturating_add(1), limit) {
            self.known.insert(attempt, ring);
            Rang::Known
        } else {
            Rang::LeftOut
        }
    }

    /// D-16: endings after this one are news: a known call's, too.
    pub(super) fn since(&self) -> u64 {
        let lowest = self.known.first_key_value().map(|(lowest, _)| lowest.saturating_sub(1));
        lowest.map_or(self.mark, |lowest| lowest.min(self.mark))
    }

    /// D-14: whether a snapshot on its way could list an attempt.
    pub(super) fn remembers(&self, attempt: u64) -> bool {
        attempt > self.mark || self.listed.contains(&attempt)
    }

    /// D-04, D-14: remembers an ending.
    pub(super) fn remember(&mut self, attempt: u64, why: Dismissal) {
        if self.remembers(attempt) {
            let best = self.over.get(&attempt).map_or(&why, |known| known.max(&why)).clone();
            self.over.insert(attempt, best);
        }
    }

    /// D-14: where endings are too many the lowest go, and with them everything below; says
    /// whether any.
    pub(super) fn forget_endings(&mut self, limit: u32) -> bool {
        let mut has_forgotten = false;
        while !is_within(self.over.len(), limit) {
            if let Some((lowest, _)) = self.over.pop_first() {
                self.floor = self.floor.max(lowest);
                has_forgotten = true;
            }
        }
        has_forgotten
    }

    /// D-24, the last part: what a snapshot settles need not be remembered.
    pub(super) fn settle(&mut self, listed: BTreeSet<u64>, mark: u64, revision: u64) {
        self.over.retain(|attempt, _| *attempt > mark || listed.contains(attempt));
        self.listed = listed;
        self.mark = mark;
        self.floor = self.floor.max(mark);
        self.revision = revision;
    }
}

/// The earlier of two deadlines; never is later than any.
fn earlier(one: Option<Tick>, other: Option<Tick>) -> Option<Tick> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (deadline, None) | (None, deadline) => deadline,
    }
}

impl Ring {
    /// A call with so much time left at `clock`; nobody could answer one with less than `least`.
    pub(super) fn new(
        call: &NamedCall,
        extension: &str,
        time_left: Option<u64>,
        clock: Tick,
        least: u64,
    ) -> Self {
        Self {
            room: call.room.clone(),
            caller: call.caller.clone(),
            extension: extension.into(),
            deadline: time_left.map(|left| clock.plus(left)),
            is_silenced: time_left.is_some_and(|left| left < least),
        }
    }

    pub(super) fn told(&self, attempt: u64) -> Incoming {
        let (room, caller) = (self.room.clone(), self.caller.clone());
        Incoming { attempt, room, caller, extension: self.extension.clone() }
    }
}

impl Dismissal {
    /// An ending as the device `here` sees it (D-05).
    pub(super) fn of(ended: &Ending, here: &str) -> Self {
        let device = ended.device.as_deref();
        match ended.how {
            EndingKind::Accepted | EndingKind::Entered => Self::handled(true, device, here),
            EndingKind::Rejected if device.is_none() => Self::RejectedElsewhere { device: None },
            EndingKind::Rejected => Self::handled(false, device, here),
            EndingKind::InOtherRoom => Self::InOtherRoom,
            EndingKind::TimedOut => Self::TimedOut,
            EndingKind::Cancelled => Self::Cancelled,
            EndingKind::Revoked => Self::Revoked { operator: ended.user.clone() },
        }
    }

    /// `onCallHandledByOtherDevice` as the device `here` sees it: its own echo is not another
    /// device (D-05).
    pub(super) fn handled(is_accepted: bool, device: Option<&str>, here: &str) -> Self {
        let is_here = device == Some(here);
        let device_of = || device.map(String::from);
        match (is_accepted, device) {
            (true, Some(_)) if is_here => Self::AnsweredHere,
            (false, Some(_)) if is_here => Self::RejectedHere,
            (true, _) => Self::AnsweredElsewhere { device: device_of() },
            (false, Some(_)) => Self::RejectedElsewhere { device: device_of() },
            (false, None) => Self::InOtherRoom,
        }
    }
}
