//! The images of the versions before, and how each becomes one of this version (S-02).

use alloc::vec::Vec;

use serde::Deserialize;

use super::image::{
    ByImage, EndedImage, Image, LiveImage, MemberImage, Name, RequesterImage, RoomImage,
    limit_numbers, place,
};
use crate::domain::call::{CallRejectionReason, EndingKind};
use crate::domain::limits::Limits;

/// An image of a version before, by what was different in it: its limits, its endings and its rates.
#[derive(Deserialize)]
#[serde(bound(deserialize = "L: Deserialize<'de>, E: Deserialize<'de>, R: Deserialize<'de>"))]
pub(super) struct Old<'a, L, E, R> {
    limits: L,
    policy: [u8; 5],
    key: u128,
    clock: u64,
    is_behind: bool,
    attempts_made: u64,
    attempts_ended: u64,
    openings: u64,
    #[serde(borrow)]
    users: Vec<&'a str>,
    #[serde(borrow)]
    devices: Vec<&'a str>,
    #[serde(borrow)]
    rooms: Vec<OldRoom<'a, E>>,
    passed: Option<u64>,
    requesters: Vec<RequesterImage>,
    rates: R,
}

/// What is different in version 5: each call has the device that called.
pub(super) type Image5<'a> = Old<'a, [u32; 18], Ended5, Vec<(Name, u64)>>;

/// What is different in version 4, too: there are fewer limits, no rates, and an ending has no
/// reason.
pub(super) type Image4<'a> = Old<'a, [u32; 16], Ended4, [(Name, u64); 0]>;

#[derive(Deserialize)]
#[serde(bound(deserialize = "E: Deserialize<'de>"))]
struct OldRoom<'a, E> {
    name: &'a str,
    opening: u64,
    owner: Option<Name>,
    members: Vec<MemberImage>,
    #[serde(borrow)]
    live: Vec<OldLive<'a>>,
    ended: Vec<E>,
}

#[derive(Deserialize)]
struct OldLive<'a> {
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

impl<'a, L, E, R> From<Old<'a, L, E, R>> for Image<'a>
where
    L: IntoIterator<Item = u32>,
    E: Into<EndedImage>,
    R: Into<Vec<(Name, u64)>>,
{
    /// Limits that were not there have their defaults.
    fn from(old: Old<'a, L, E, R>) -> Self {
        let mut limits = limit_numbers(&Limits::DEFAULT);
        for (limit, old) in limits.iter_mut().zip(old.limits) {
            *limit = old;
        }
        Self {
            limits,
            policy: old.policy,
            key: old.key,
            clock: old.clock,
            is_behind: old.is_behind,
            attempts_made: old.attempts_made,
            attempts_ended: old.attempts_ended,
            openings: old.openings,
            users: old.users,
            devices: old.devices,
            rooms: old.rooms.into_iter().map(RoomImage::from).collect(),
            passed: old.passed,
            requesters: old.requesters,
            rates: old.rates.into(),
        }
    }
}

impl<'a, E: Into<EndedImage>> From<OldRoom<'a, E>> for RoomImage<'a> {
    fn from(old: OldRoom<'a, E>) -> Self {
        let OldRoom { name, opening, owner, members, live, ended } = old;
        let live = live.into_iter().map(LiveImage::from).collect();
        let ended = ended.into_iter().map(E::into).collect();
        Self { name, opening, owner, members, live, ended }
    }
}

impl<'a> From<OldLive<'a>> for LiveImage<'a> {
    fn from(old: OldLive<'a>) -> Self {
        let OldLive { attempt, callee, caller, device, deadline, extension } = old;
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
