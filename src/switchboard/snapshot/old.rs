//! The images of the versions before, and how each becomes one of this version (S-02).

use alloc::vec::Vec;

use serde::Deserialize;

use super::image::{
    ByImage, EndedImage, EntryImage, Image, LiveImage, MemberImage, Name, PresentImage,
    RequesterImage, RoomImage, place,
};
use crate::domain::call::{CallRejectionReason, EndingKind};
use crate::domain::limits::{LIMITS, Limits};

/// An image of a version before, by what was different in it: its limits, the greatest that they were,
/// its base, what it noted, its rates, its members, its live calls, its endings and its logs. What it does
/// not have is an empty array, which takes no bytes. In none has anything rung, or is anybody expected
/// (C-14, E-20).
#[derive(Deserialize)]
#[serde(bound(deserialize = "L: Deserialize<'de>, G: Deserialize<'de>, B: Deserialize<'de>, \
                   N: Deserialize<'de>, R: Deserialize<'de>, M: Deserialize<'de>, \
                   C: Deserialize<'de>, E: Deserialize<'de>, H: Deserialize<'de>"))]
pub(super) struct Old<'a, L, G, B, N, R, M, C, E, H> {
    limits: L,
    greatest: G,
    policy: [u8; 5],
    key: u128,
    clock: u64,
    is_behind: bool,
    base: B,
    attempts_made: u64,
    attempts_ended: u64,
    noted: N,
    openings: u64,
    #[serde(borrow)]
    users: Vec<&'a str>,
    #[serde(borrow)]
    devices: Vec<&'a str>,
    #[serde(borrow)]
    rooms: Vec<OldRoom<'a, M, C, E>>,
    passed: Option<u64>,
    requesters: Vec<RequesterImage>,
    rates: R,
    logs: H,
}

/// The logs of a version that has them.
#[derive(Deserialize)]
pub(super) struct Logs<'a> {
    #[serde(borrow)]
    closed_rooms: Vec<&'a str>,
    log: Vec<EntryImage>,
    marks: Vec<(Name, u64)>,
}

/// The logs of a version that has none.
type NoLogs = [u8; 0];

impl From<NoLogs> for Logs<'_> {
    fn from(_: NoLogs) -> Self {
        Self { closed_rooms: Vec::new(), log: Vec::new(), marks: Vec::new() }
    }
}

/// Version 9: it has no more than what is different in all of them.
pub(super) type Image9<'a> = Old<
    'a,
    [u32; 21],
    [u32; 21],
    [u64; 1],
    [u64; 1],
    Rates,
    MemberImage,
    Live9<'a>,
    EndedImage,
    Logs<'a>,
>;

/// What is different in version 8, too: the limits are fewer, and nothing is logged (H-01).
pub(super) type Image8<'a> = Old<
    'a,
    [u32; 18],
    [u32; 18],
    [u64; 1],
    [u64; 0],
    Rates,
    MemberImage,
    Live9<'a>,
    EndedImage,
    NoLogs,
>;

/// What is different in version 7, too: all numbers are counted from 0, and limits do not change.
pub(super) type Image7<'a> = UpTo7<'a, [u32; 18], Rates, MemberImage, Live9<'a>, EndedImage>;

/// What is different in version 6, too: a user is in a room or not, on no device and in no session.
pub(super) type Image6<'a> = UpTo7<'a, [u32; 18], Rates, Member6, Live9<'a>, EndedImage>;

/// What is different in version 5, too: each call has the device that called.
pub(super) type Image5<'a> = UpTo7<'a, [u32; 18], Rates, Member6, Live5<'a>, Ended5>;

/// What is different in version 4, too: there are fewer limits, no rates, and an ending has no
/// reason.
pub(super) type Image4<'a> = UpTo7<'a, [u32; 16], [(Name, u64); 0], Member6, Live5<'a>, Ended4>;

type UpTo7<'a, L, R, M, C, E> = Old<'a, L, [u32; 0], [u64; 0], [u64; 0], R, M, C, E, NoLogs>;

type Rates = Vec<(Name, u64)>;

#[derive(Deserialize)]
#[serde(bound(deserialize = "M: Deserialize<'de>, C: Deserialize<'de>, E: Deserialize<'de>"))]
struct OldRoom<'a, M, C, E> {
    name: &'a str,
    opening: u64,
    owner: Option<Name>,
    members: Vec<M>,
    live: Vec<C>,
    ended: Vec<E>,
}

#[derive(Deserialize)]
pub(super) struct Member6 {
    user: Name,
    is_present: bool,
    is_admin: bool,
}

#[derive(Deserialize)]
pub(super) struct Live9<'a> {
    attempt: u64,
    callee: Name,
    caller: Name,
    device: Option<Name>,
    deadline: Option<u64>,
    extension: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Live5<'a> {
    attempt: u64,
    callee: Name,
    caller: Name,
    device: Name,
    deadline: Option<u64>,
    extension: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Ended5 {
    attempt: u64,
    callee: Name,
    caller: Name,
    kind: u8,
    /// The device that called, of a kept call.
    kept: Option<Name>,
    remembered: Option<ByImage>,
    reason: Option<u8>,
}

#[derive(Deserialize)]
pub(super) struct Ended4 {
    attempt: u64,
    callee: Name,
    caller: Name,
    kind: u8,
    kept: Option<Name>,
    remembered: Option<ByImage>,
}

impl<'a, L, G, B, N, R, M, C, E, H> From<Old<'a, L, G, B, N, R, M, C, E, H>> for Image<'a>
where
    L: IntoIterator<Item = u32>,
    G: IntoIterator<Item = u32>,
    B: IntoIterator<Item = u64>,
    N: IntoIterator<Item = u64>,
    R: Into<Rates>,
    M: Into<MemberImage>,
    C: Into<LiveImage<'a>>,
    E: Into<EndedImage>,
    H: Into<Logs<'a>>,
{
    /// Limits that were not there have their defaults.
    fn from(old: Old<'a, L, G, B, N, R, M, C, E, H>) -> Self {
        let Logs { closed_rooms, log, marks } = old.logs.into();
        let limits = overlaid(Limits::DEFAULT.numbers(), old.limits);
        Self {
            limits,
            greatest: overlaid(limits, old.greatest),
            policy: old.policy,
            join_grace: 0,
            key: old.key,
            clock: old.clock,
            is_behind: old.is_behind,
            base: old.base.into_iter().next().unwrap_or_default(),
            attempts_made: old.attempts_made,
            attempts_ended: old.attempts_ended,
            attempts_rung: 0,
            noted: old.noted.into_iter().next().unwrap_or_default(),
            openings: old.openings,
            users: old.users,
            devices: old.devices,
            rooms: old.rooms.into_iter().map(RoomImage::from).collect(),
            passed: old.passed,
            requesters: old.requesters,
            rates: old.rates.into(),
            closed_rooms,
            log,
            marks,
        }
    }
}

/// Numbers of which the first are others.
fn overlaid(mut numbers: [u32; LIMITS], first: impl IntoIterator<Item = u32>) -> [u32; LIMITS] {
    for (number, other) in numbers.iter_mut().zip(first) {
        *number = other;
    }
    numbers
}

impl<'a, M, C, E> From<OldRoom<'a, M, C, E>> for RoomImage<'a>
where
    M: Into<MemberImage>,
    C: Into<LiveImage<'a>>,
    E: Into<EndedImage>,
{
    fn from(old: OldRoom<'a, M, C, E>) -> Self {
        let OldRoom { name, opening, owner, members, live, ended } = old;
        let members = members.into_iter().map(M::into).collect();
        let live = live.into_iter().map(C::into).collect();
        let ended = ended.into_iter().map(E::into).collect();
        Self { name, opening, owner, members, live, ended, expected: Vec::new() }
    }
}

impl From<Member6> for MemberImage {
    fn from(old: Member6) -> Self {
        let Member6 { user, is_present, is_admin } = old;
        let unknown = PresentImage { device: None, session: None };
        let present = if is_present { Vec::from([unknown]) } else { Vec::new() };
        Self { user, is_admin, gone_at: None, present, ended: Vec::new() }
    }
}

impl<'a> From<Live9<'a>> for LiveImage<'a> {
    fn from(old: Live9<'a>) -> Self {
        let Live9 { attempt, callee, caller, device, deadline, extension } = old;
        Self { attempt, callee, caller, device, deadline, extension, has_rung: false }
    }
}

impl<'a> From<Live5<'a>> for LiveImage<'a> {
    fn from(old: Live5<'a>) -> Self {
        let Live5 { attempt, callee, caller, device, deadline, extension } = old;
        Live9 { attempt, callee, caller, device: Some(device), deadline, extension }.into()
    }
}

impl From<Ended5> for EndedImage {
    fn from(old: Ended5) -> Self {
        let Ended5 { attempt, callee, caller, kind, kept, remembered, reason } = old;
        let (is_kept, device) = (kept.is_some(), kept);
        Self { attempt, callee, caller, kind, is_kept, device, remembered, reason }
    }
}

impl From<Ended4> for EndedImage {
    /// Which reason was given was not stored: that of nearly all of them stands for it.
    fn from(old: Ended4) -> Self {
        let Ended4 { attempt, callee, caller, kind, kept, remembered } = old;
        let is_rejected = kind == place(&EndingKind::ALL, &EndingKind::Rejected);
        let reason = place(&CallRejectionReason::ALL, &CallRejectionReason::Rejected);
        let reason = remembered.filter(|_| is_rejected).map(|_| reason);
        Ended5 { attempt, callee, caller, kind, kept, remembered, reason }.into()
    }
}
