//! The calls of one small world, as its one switchboard sees them: who called whom, what is over
//! and how, and what is forgotten of that. Whatever is said of it is true at some time, so no
//! attempt has two endings, and of two snapshots the newer one has the higher revision. Some
//! switchboards lose their state once, and have another life (F-18).

use std::collections::BTreeSet;

use roomcall::protocol::{Ending, NamedCall, PendingCall, Withdrawn};
use roomcall::{CallRejectionReason, CallStatus, EndingKind};

use super::{SECOND_LIFE, USER};

mod answers;

/// So many attempts are made: from 1 on, and where state is lost, after some of them from its base on.
pub const ATTEMPTS: u64 = 6;

/// From where the numbers of a second life are counted (F-18).
const BASES: [u64; 3] = [SECOND_LIFE, (1 << 32) + 9, 1_700_000_000_000 << 10];
pub const ROOMS: [&str; 2] = ["blue", "red"];
pub const OTHERS: [&str; 3] = ["ana", "cy", "dee"];

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Over {
    pub ended: Ending,
    pub reason: Option<CallRejectionReason>,
}

/// One change at the switchboard.
#[derive(Clone, Debug)]
enum Change {
    Made(u64),
    /// An attempt ended, and took the place of the ending of another one, or left none itself.
    Ended {
        over: Over,
        forgotten: Option<u64>,
    },
    /// The room of an attempt that is over was dissolved, and with it its ending.
    Forgotten(u64),
    /// A device of the callee said that it rings there (C-14).
    Rung(u64),
    /// State was lost, after all that was live was revoked (F-18).
    Recovered,
    /// A call to the user was refused, because another one rang (H-01).
    Tried {
        room: &'static str,
        caller: &'static str,
    },
    /// The user has seen the log up to here (H-04).
    Marked(u64),
    /// All entries of the log became too old (H-02).
    Outdated,
}

/// What may happen, and what has.
#[derive(Clone, Debug)]
pub struct World {
    /// By attempt: what each call is, once it is made.
    calls: Vec<NamedCall>,
    /// The last attempt of the first life and the base of the second one, if there is one.
    lives: Option<(u64, u64)>,
    log: Vec<Change>,
    /// After how many of them all that was live began to be revoked, because state was lost.
    recovers: Option<usize>,
    /// The attempts of records that were removed from the list (K-03).
    removed: BTreeSet<u64>,
    /// How many entries the user's call log keeps.
    keeps: usize,
}

/// The world after some of its changes.
struct Moment<'a> {
    live: BTreeSet<u64>,
    /// Of which attempts some device has said that they ring there.
    rung: BTreeSet<u64>,
    remembered: Vec<&'a Over>,
    made: u64,
}

pub fn pick<T: Clone>(all: &[T], die: u8) -> Option<T> {
    all.get(usize::from(die) % all.len().max(1)).cloned()
}

/// Whether a die falls among the first `of` of ten.
pub fn chance(die: u8, of: u8) -> bool {
    die % 10 < of
}

pub fn time_left(die: u8) -> Option<u64> {
    match die % 16 {
        0..=1 => None,
        2 => Some(0),
        3 => Some(499),
        4 => Some(500),
        5 => Some(1_000),
        6 => Some(1_500),
        7..=8 => Some(2_000),
        9..=11 => Some(5_000),
        _ => Some(30_000),
    }
}

impl World {
    pub fn new(dice: &[u8; 32]) -> Self {
        let mut calls = Vec::new();
        let lives = chance(dice[0], 3)
            .then(|| (u64::from(dice[1]) % ATTEMPTS, BASES[usize::from(dice[2]) % BASES.len()]));
        for nth in 1..=ATTEMPTS {
            let attempt = match lives {
                Some((last, base)) if nth > last => base + nth - last,
                Some(_) | None => nth,
            };
            let die = |n: usize| usize::from(dice[usize::try_from(nth).unwrap() * 4 + n]);
            let one = OTHERS[die(0) % 3];
            let other = OTHERS[(die(0) + 1 + die(1) % 2) % 3];
            let (caller, callee) = match die(2) % 10 {
                0..=4 => (one, USER),
                5..=8 => (USER, one),
                _ => (one, other),
            };
            calls.push(NamedCall {
                room: ROOMS[die(3) % 4 / 2].to_owned(),
                caller: caller.to_owned(),
                callee: callee.to_owned(),
                status: CallStatus::Calling,
                attempt,
            });
        }
        let keeps = [0, 1, 3, 100][usize::from(dice[28]) % 9 % 4];
        let removed = BTreeSet::new();
        Self { calls, lives, log: Vec::new(), recovers: None, removed, keeps }
    }

    pub fn calls(&self) -> impl Iterator<Item = &NamedCall> {
        self.calls.iter()
    }

    /// How many changes there were.
    pub fn changes(&self) -> usize {
        self.log.len()
    }

    /// The revision after so many changes: counted from the base, as soon as there is one.
    fn revision(&self, changes: usize) -> u64 {
        let is_lost = |change: &Change| matches!(change, Change::Recovered);
        let lost = self.log[..changes].iter().position(is_lost);
        let base = self.lives.map_or(0, |(_, base)| base);
        let (from, counted) = lost.map_or((0, changes), |lost| (base, changes - 1 - lost));
        from + u64::try_from(counted).unwrap()
    }

    /// Where state is lost, it is now, if it was not before.
    pub fn recover(&mut self) {
        let Some((last, _)) = self.lives else { return };
        if self.log.iter().any(|change| matches!(change, Change::Recovered)) {
            return;
        }
        self.make(last, 0);
        self.recovers = Some(self.log.len());
        let live = self.now().live;
        live.into_iter().for_each(|attempt| self.revoke(attempt, None));
        self.log.push(Change::Recovered);
    }

    fn moment(&self, changes: usize) -> Moment<'_> {
        let (live, rung) = (BTreeSet::new(), BTreeSet::new());
        let mut moment = Moment { live, rung, remembered: Vec::new(), made: 0 };
        for change in &self.log[..changes] {
            match change {
                Change::Made(attempt) => {
                    moment.live.insert(*attempt);
                    moment.made = *attempt;
                }
                Change::Ended { over, forgotten } => {
                    moment.live.remove(&over.ended.attempt);
                    moment.remembered.push(over);
                    moment.remembered.retain(|over| Some(over.ended.attempt) != *forgotten);
                }
                Change::Forgotten(attempt) => {
                    moment.remembered.retain(|over| over.ended.attempt != *attempt);
                }
                Change::Rung(attempt) => drop(moment.rung.insert(*attempt)),
                Change::Recovered => moment.made = self.lives.map_or(0, |(_, base)| base),
                Change::Tried { .. } | Change::Marked(_) | Change::Outdated => {}
            }
        }
        moment.remembered.sort_by_key(|over| over.ended.attempt);
        moment
    }

    fn now(&self) -> Moment<'_> {
        self.moment(self.log.len())
    }

    fn call(&self, attempt: u64) -> &NamedCall {
        self.calls.iter().find(|call| call.attempt == attempt).unwrap()
    }

    pub fn made(&self) -> u64 {
        self.now().made
    }

    /// Makes the attempts up to this one. A callee has one live call into a room.
    pub fn make(&mut self, attempt: u64, die: u8) {
        if self.lives.is_some_and(|(last, base)| last < attempt && base <= attempt) {
            self.recover();
        }
        let made = self.made();
        let attempts: Vec<u64> = self.calls.iter().map(|call| call.attempt).collect();
        for next in attempts.into_iter().filter(|next| made < *next && *next <= attempt) {
            let live = self.now().live;
            let is_same = |other: &&u64| {
                let (one, other) = (self.call(next), self.call(**other));
                one.room == other.room && one.callee == other.callee
            };
            if let Some(former) = live.iter().find(is_same).copied() {
                self.end(former, die);
            }
            self.log.push(Change::Made(next));
        }
    }

    /// A device of the callee says that a call rings there: the first one counts while it is live. Whether one ever did.
    pub fn ring(&mut self, attempt: u64) -> bool {
        let Moment { live, rung, .. } = self.now();
        let has_rung = rung.contains(&attempt);
        if !has_rung && live.contains(&attempt) {
            self.log.push(Change::Rung(attempt));
            return true;
        }
        has_rung
    }

    /// The live calls of which no device has said that they ring there.
    pub fn silent(&self) -> Vec<u64> {
        let Moment { live, rung, .. } = self.now();
        live.difference(&rung).copied().collect()
    }

    pub fn is_over(&self, attempt: u64) -> bool {
        self.over(attempt).is_some()
    }

    fn over(&self, attempt: u64) -> Option<&Over> {
        self.log.iter().find_map(|change| match change {
            Change::Ended { over, .. } if over.ended.attempt == attempt => Some(over),
            _ => None,
        })
    }

    /// How an attempt ended, if that is remembered.
    pub fn remembered(&self, attempt: u64) -> Option<Over> {
        self.now().remembered.into_iter().find(|over| over.ended.attempt == attempt).cloned()
    }

    /// An attempt ends in any way, if it is not over; gives how it ended.
    pub fn end(&mut self, attempt: u64, die: u8) -> Over {
        let how = pick(&EndingKind::ALL, die).unwrap();
        let device = pick(&["phone", "tablet", "watch"], die / 7);
        self.end_as(attempt, how, device, die)
    }

    /// An attempt ends in this way, if it is not over; gives how it ended. The device is told if it
    /// is one of the user's (P-08).
    pub fn end_as(&mut self, attempt: u64, how: EndingKind, device: Option<&str>, die: u8) -> Over {
        self.make(attempt, die);
        if let Some(over) = self.over(attempt) {
            return over.clone();
        }
        let call = self.call(attempt);
        let user = match how {
            EndingKind::TimedOut => None,
            EndingKind::Cancelled => Some(call.caller.clone()),
            EndingKind::Revoked => [None, Some("cy"), Some("dee"), Some(USER)]
                [usize::from(die / 16) % 4]
                .map(str::to_owned),
            EndingKind::Accepted
            | EndingKind::Rejected
            | EndingKind::InOtherRoom
            | EndingKind::Entered => Some(call.callee.clone()),
        };
        let is_own = user.as_deref() == Some(USER) && how != EndingKind::InOtherRoom;
        let device = device.filter(|_| is_own).map(str::to_owned);
        let reason = (how == EndingKind::Rejected)
            .then(|| pick(&CallRejectionReason::ALL, die / 11).unwrap());
        let over = Over { ended: Ending { how, attempt, user, device }, reason };
        let remembered: Vec<u64> =
            self.now().remembered.iter().map(|over| over.ended.attempt).collect();
        let forgotten = match die / 8 % 8 {
            0 => Some(attempt),
            1..=2 => pick(&remembered, die),
            _ => None,
        };
        self.log.push(Change::Ended { over: over.clone(), forgotten });
        over
    }

    /// The room of an attempt was dissolved: it is over, and forgotten.
    pub fn dissolve(&mut self, attempt: u64) {
        self.make(attempt, 0);
        if self.is_over(attempt) {
            return;
        }
        self.revoke(attempt, Some(attempt));
    }

    /// By the backend.
    fn revoke(&mut self, attempt: u64, forgotten: Option<u64>) {
        let ended = Ending { how: EndingKind::Revoked, attempt, user: None, device: None };
        let over = Over { ended, reason: None };
        self.log.push(Change::Ended { over, forgotten });
    }

    /// A record goes from the list.
    pub fn remove(&mut self, attempt: u64) {
        self.removed.insert(attempt);
    }

    /// The last attempt to a callee into a room.
    pub fn last(&self, room: &str, callee: &str) -> Option<u64> {
        let made = self.made();
        let to_callee = |call: &&NamedCall| call.room == room && call.callee == callee;
        let calls = self.calls.iter().filter(to_callee).map(|call| call.attempt);
        calls.filter(|attempt| *attempt <= made).max()
    }

    /// What comes of withdrawing the calls to a callee (E-12 to E-14), and of which attempt it is
    /// said.
    pub fn withdraw(
        &mut self,
        room: &str,
        callee: &str,
        how: EndingKind,
        die: u8,
    ) -> (Withdrawn, Option<u64>) {
        let Some(attempt) = self.last(room, callee) else {
            return (Withdrawn::NotCalling, None);
        };
        let is_cancel = how == EndingKind::Cancelled;
        let is_own = self.call(attempt).caller == USER;
        if !self.is_over(attempt) {
            if is_cancel && !is_own {
                return (Withdrawn::NotYours, None);
            }
            self.end_as(attempt, how, Some("phone"), die);
            let success = if is_cancel { Withdrawn::Cancelled } else { Withdrawn::Revoked };
            return (success, Some(attempt));
        }
        match self.remembered(attempt) {
            Some(over) if is_own || !is_cancel => {
                // Two endings have the word of another (E-14).
                let word = match over.ended.how {
                    EndingKind::Entered => EndingKind::Accepted,
                    EndingKind::InOtherRoom => EndingKind::Rejected,
                    how => how,
                };
                // Often nobody can say more of it.
                if die % 8 < 5 {
                    self.log.push(Change::Forgotten(attempt));
                }
                (Withdrawn::Already(word), Some(attempt))
            }
            Some(_) | None => (Withdrawn::NotCalling, None),
        }
    }

    /// The records of a room's list.
    pub fn records(&self, room: &str) -> Vec<PendingCall> {
        let Moment { live, made, .. } = self.now();
        let is_there = |call: &&NamedCall| {
            call.room == room
                && call.attempt <= made
                && self.last(room, &call.callee) == Some(call.attempt)
                && !self.removed.contains(&call.attempt)
        };
        let record = |call: &NamedCall| {
            let is_live = live.contains(&call.attempt);
            let status = self.status(call.attempt);
            (status != CallStatus::None).then(|| PendingCall {
                caller: call.caller.clone(),
                callee: call.callee.clone(),
                status,
                attempt: call.attempt,
                time_left: is_live.then_some(1_000),
                extension: None,
            })
        };
        self.calls.iter().filter(is_there).filter_map(record).collect()
    }

    /// The status that the ending of an attempt leaves.
    pub fn status(&self, attempt: u64) -> CallStatus {
        let how = self.over(attempt).map(|over| over.ended.how);
        how.map_or(CallStatus::Calling, |how| CallStatus::Calling.after(how).unwrap())
    }
}
