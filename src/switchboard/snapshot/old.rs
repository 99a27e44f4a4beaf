//! The images of the versions before, and how each becomes one of the next version (S-02).

use alloc::vec::Vec;

use serde::Deserialize;

use super::image::{
    ByImage, EndedImage, Image, LiveImage, MemberImage, Name, RequesterImage, RoomImage,
    limit_numbers, place,
};
use crate::domain::call::{CallRejectionReason, EndingKind};
use crate::domain::limits::Limits;

/// What is different in version 5: each call has the device that called.
#[derive(Deserialize)]
pub(super) struct Image5<'a> {
    limits: [u32; 18],
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
    rooms: Vec<Room5<'a>>,
    passed: Option<u64>,
    requesters: Vec<RequesterImage>,
    rates: Vec<(Name, u64)>,
}

#[derive(Deserialize)]
struct Room5<'a> {
    name: &'a str,
    opening: u64,
    owner: Option<Name>,
    members: Vec<MemberImage>,
    #[serde(borrow)]
    live: Vec<Live5<'a>>,
    ended: Vec<Ended5>,
}

#[derive(Deserialize)]
struct Live5<'a> {
    attempt: u64,
    callee: Name,
    caller: Name,
    device: Name,
    deadline: Option<u64>,
    extension: &'a str,
}

#[derive(Deserialize)]
struct Ended5 {
    attempt: u64,
    callee: Name,
    caller: Name,
    kind: u8,
    /// The device that called, of a kept call.
    kept: Option<Name>,
    remembered: Option<ByImage>,
    reason: Option<u8>,
}

/// What is different in version 4: there are fewer limits, no rates, and an ending has no reason.
#[derive(Deserialize)]
pub(super) struct Image4<'a> {
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
    rooms: Vec<Room4<'a>>,
    passed: Option<u64>,
    requesters: Vec<RequesterImage>,
}

#[derive(Deserialize)]
struct Room4<'a> {
    name: &'a str,
    opening: u64,
    owner: Option<Name>,
    members: Vec<MemberImage>,
    #[serde(borrow)]
    live: Vec<Live5<'a>>,
    ended: Vec<Ended4>,
}

#[derive(Deserialize)]
struct Ended4 {
    attempt: u64,
    callee: Name,
    caller: Name,
    kind: u8,
    kept: Option<Name>,
    remembered: Option<ByImage>,
}

impl<'a> From<Image5<'a>> for Image<'a> {
    fn from(old: Image5<'a>) -> Self {
        Self {
            limits: old.limits,
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
            rates: old.rates,
        }
    }
}

impl<'a> From<Room5<'a>> for RoomImage<'a> {
    fn from(old: Room5<'a>) -> Self {
        let Room5 { name, opening, owner, members, live, ended } = old;
        let live = live.into_iter().map(LiveImage::from).collect();
        let ended = ended.into_iter().map(EndedImage::from).collect();
        Self { name, opening, owner, members, live, ended }
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

impl<'a> From<Image4<'a>> for Image5<'a> {
    fn from(old: Image4<'a>) -> Self {
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
            rooms: old.rooms.into_iter().map(Room5::from).collect(),
            passed: old.passed,
            requesters: old.requesters,
            rates: Vec::new(),
        }
    }
}

impl<'a> From<Room4<'a>> for Room5<'a> {
    fn from(old: Room4<'a>) -> Self {
        let Room4 { name, opening, owner, members, live, ended } = old;
        let ended = ended.into_iter().map(Ended5::from).collect();
        Self { name, opening, owner, members, live, ended }
    }
}

impl From<Ended4> for Ended5 {
    /// Which reason was given was not stored: that of nearly all of them stands for it.
    fn from(old: Ended4) -> Self {
        let Ended4 { attempt, callee, caller, kind, kept, remembered } = old;
        let is_rejected = kind == place(&EndingKind::ALL, &EndingKind::Rejected);
        let reason = place(&CallRejectionReason::ALL, &CallRejectionReason::Rejected);
        let reason = remembered.filter(|_| is_rejected).map(|_| reason);
        Self { attempt, callee, caller, kind, kept, remembered, reason }
    }
}
