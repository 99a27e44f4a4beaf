//! The images of the versions before, and how each becomes one of this version (S-02).

use alloc::vec::Vec;

use serde::Deserialize;

use super::image::{
    ByImage, EndedImage, Image, LiveImage, MemberImage, Name, PresentImage, RequesterImage,
    RoomImage, place,
};
use crate::domain::call::{CallRejectionReason, EndingKind};
use crate::domain::limits::{LIMITS, Limits};

/// An image of a version before, by what was different in it: its limits, the greatest that they were,
/// its base, its rates, its members, its live calls and its endings. What it does not have is an empty
/// array, which takes no bytes. None has a log (H-01).
#[derive(Deserialize)]
#[serde(bound(deserialize = "L: Deserialize<'de>, G: Deserialize<'de>, B: Deserialize<'de>, \
                   R: Deserialize<'de>, M: Deserialize<'de>, C: Deserialize<'de>, \
                   E: Deserialize<'de>"))]
pub(super) struct Old<'a, L, G, B, R, M, C, E> {
    limits: L,
    greatest: G,
    policy: [u8; 5],
    key: u128,
    clock: u64,
    is_behind: bool,
    base: B,
    attempts_made: u64,
    attempts_ended: u64,
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
}

/// Version 8: the limits are fewer than now.
pub(super) type Image8<'a> =
    Old<'a, [u32; 18], [u32; 18], [u64; 1], Rates, MemberImage, LiveImage<'a>, EndedImage>;

/// What is different in version 7, too: all numbers are counted from 0, and limits do not change.
pub(super) type Image7<'a> = UpTo7<'a, [u32; 18], Rates, MemberImage, LiveImage<'a>, EndedImage>;

/// What is different in version 6, too: a user is in a room or not, on no device and in no session.
pub(super) type Image6<'a> = UpTo7<'a, [u32; 18], Rates, Member6, LiveImage<'a>, EndedImage>;

/// What is different in version 5, too: each call has the device that called.
pub(super) type Image5<'a> = UpTo7<'a, [u32; 18], Rates, Member6, Live5<'a>, Ended5>;

/// What is different in version 4, too: there are fewer limits, no rates, and an ending has no
/// reason.
pub(super) type Image4<'a> = UpTo7<'a, [u32; 16], [(Name, u64); 0], Member6, Live5<'a>, Ended4>;

type UpTo7<'a, L, R, M, C, E> = Old<'a, L, [u32; 0], [u64; 0], R, M, C, E>;

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

impl<'a, L, G, B, R, M, C, E> From<Old<'a, L, G, B, R, M, C, E>> for Image<'a>
where
    L: IntoIterator<Item = u32>,
    G: IntoIterator<Item = u32>,
    B: IntoIterator<Item = u64>,
    R: Into<Rates>,
    M: Into<MemberImage>,
    C: Into<LiveImage<'a>>,
    E: Into<EndedImage>,
{
    /// Limits that were not there have their defaults.
    fn from(old: Old<'a, L, G, B, R, M, C, E>) -> Self {
        let limits = overlaid(Limits::DEFAULT.numbers(), old.limits);
        Self {
            limits,
            greatest: overlaid(limits, old.greatest),
            policy: old.policy,
            key: old.key,
            clock: old.clock,
            is_behind: old.is_behind,
            base: old.base.into_iter().next().unwrap_or_default(),
            attempts_made: old.attempts_made,
            attempts_ended: old.attempts_ended,
            noted: 0,
            openings: old.openings,
            users: old.users,
            devices: old.devices,
            rooms: old.rooms.into_iter().map(RoomImage::from).collect(),
            passed: old.passed,
            requesters: old.requesters,
            rates: old.rates.into(),
            closed_rooms: Vec::new(),
            log: Vec::new(),
            marks: Vec::new(),
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
        Self { name, opening, owner, members, live, ended }
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

impl<'a> From<Live5<'a>> for LiveImage<'a> {
    fn from(old: Live5<'a>) -> Self {
        let Live5 { attempt, callee, caller, device, deadline, extension } = old;
        Self { attempt, callee, caller, device: Some(device), deadline, extension }
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
