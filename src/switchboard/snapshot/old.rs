//! The image of the version before, and how it becomes one of this version (S-02).

use alloc::vec::Vec;

use serde::Deserialize;

use super::image::{
    ByImage, EndedImage, Image, LiveImage, MemberImage, Name, RequesterImage, RoomImage,
    limit_numbers, place,
};
use crate::domain::call::{CallRejectionReason, EndingKind};
use crate::domain::limits::Limits;

/// What is different: there are fewer limits, no rates, and an ending has no reason.
#[derive(Deserialize)]
pub(super) struct OldImage<'a> {
    limits: [u32; 16],
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
    rooms: Vec<OldRoom<'a>>,
    passed: Option<u64>,
    requesters: Vec<RequesterImage>,
}

#[derive(Deserialize)]
struct OldRoom<'a> {
    name: &'a str,
    opening: u64,
    owner: Option<Name>,
    members: Vec<MemberImage>,
    #[serde(borrow)]
    live: Vec<LiveImage<'a>>,
    ended: Vec<OldEnded>,
}

#[derive(Deserialize)]
struct OldEnded {
    attempt: u64,
    callee: Name,
    caller: Name,
    kind: u8,
    kept: Option<Name>,
    remembered: Option<ByImage>,
}

impl<'a> From<OldImage<'a>> for Image<'a> {
    fn from(old: OldImage<'a>) -> Self {
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
            rates: Vec::new(),
        }
    }
}

impl<'a> From<OldRoom<'a>> for RoomImage<'a> {
    fn from(old: OldRoom<'a>) -> Self {
        let OldRoom { name, opening, owner, members, live, ended } = old;
        let ended = ended.into_iter().map(EndedImage::from).collect();
        Self { name, opening, owner, members, live, ended }
    }
}

impl From<OldEnded> for EndedImage {
    /// Which reason was given was not stored: that of nearly all of them stands for it.
    fn from(old: OldEnded) -> Self {
        let OldEnded { attempt, callee, caller, kind, kept, remembered } = old;
        let is_rejected = kind == place(&EndingKind::ALL, &EndingKind::Rejected);
        let reason = place(&CallRejectionReason::ALL, &CallRejectionReason::Rejected);
        let reason = remembered.filter(|_| is_rejected).map(|_| reason);
        Self { attempt, callee, caller, kind, kept, remembered, reason }
    }
}
