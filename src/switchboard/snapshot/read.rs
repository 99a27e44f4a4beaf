//! An image to the state. Everything is put in as it is found, and the invariants are verified at the
//! end.

use alloc::vec::Vec;

use serde::Deserialize;

use super::RestoreError;
use super::image::{
    self, ByImage, EndedImage, ExpectedImage, Image, LiveImage, MemberImage, PresentImage,
    RoomImage,
};
use super::log;
use super::old::{Image4, Image5, Image6, Image7, Image8, Image9};
use crate::collections::index;
use crate::domain::call::{CallRejectionReason, EndingKind};
use crate::domain::id::{Attempt, DeviceId, Id, RoomId, UserId};
use crate::domain::limits::{Limits, is_id};
use crate::domain::rule::Rule;
use crate::domain::session::Session;
use crate::domain::time::Tick;
use crate::registry::{HashKey, Registry};
use crate::switchboard::Switchboard;
use crate::switchboard::state::{
    By, Capacity, Counts, Expectation, Presence, Restored, RestoredEnded, RestoredLive, State,
};
use crate::switchboard::verify::Broken;

/// What no switchboard writes.
pub(super) const fn impossible(what: &'static str) -> RestoreError {
    RestoreError::Impossible { what }
}

pub(super) fn decode(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image<'_>>(payload)?)
}

/// As [`decode`], of version 9.
pub(super) fn decode_9(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image9<'_>>(payload)?.into())
}

/// As [`decode`], of version 8.
pub(super) fn decode_8(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image8<'_>>(payload)?.into())
}

/// As [`decode`], of version 7.
pub(super) fn decode_7(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image7<'_>>(payload)?.into())
}

/// As [`decode`], of version 6.
pub(super) fn decode_6(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image6<'_>>(payload)?.into())
}

/// As [`decode`], of version 5.
pub(super) fn decode_5(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image5<'_>>(payload)?.into())
}

/// As [`decode`], of version 4.
pub(super) fn decode_4(payload: &[u8]) -> Result<Switchboard, RestoreError> {
    restore(parse::<Image4<'_>>(payload)?.into())
}

fn parse<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, RestoreError> {
    match postcard::take_from_bytes(payload) {
        Ok((image, [])) => Ok(image),
        Ok(_) | Err(_) => Err(impossible("payload")),
    }
}

fn restore(image: Image<'_>) -> Result<Switchboard, RestoreError> {
    let limits = Limits::of_numbers(image.limits).ok_or(impossible("limit"))?;
    let policy = image::policy(image.policy, image.join_grace).ok_or(impossible("policy"))?;
    let capacity = Capacity {
        users: count(&image.users),
        rooms: count(&image.rooms),
        devices: count(&image.devices),
        calls: 0,
    };
    let key = HashKey::new(image.key);
    let mut board = Switchboard::with_capacity(limits, policy, key, capacity);
    let state = &mut board.state;
    let greatest =
        Limits::of_numbers(image.greatest).filter(|greatest| greatest.max(&limits) == *greatest);
    state.greatest = greatest.ok_or(impossible("limit"))?;
    state.clock = counter(image.clock).map(Tick::from_millis).ok_or(impossible("clock"))?;
    state.is_behind = image.is_behind;
    let names = Names {
        users: resolve(&mut state.names.users, &image.users, limits.id_bytes)?,
        devices: resolve(&mut state.names.devices, &image.devices, limits.id_bytes)?,
    };
    let open = rooms(state, &names, &image)?;
    log::restore(state, &names, open, &image)?;
    for &(user, arrival) in &image.rates {
        let user = names.user(user)?;
        if board.state.rates.contains(user) {
            return Err(impossible("rate"));
        }
        let arrival = Tick::stored(arrival);
        let State { rates, names, .. } = &mut board.state;
        rates.insert(names, user, arrival);
    }
    board.requests.set_passed(image.passed);
    for requester in &image.requesters {
        let (actor, requests) = names.requester(requester, &limits)?;
        let state = &mut board.state.names;
        let is_new = board.requests.restore(state, actor, requester.since, requests);
        is_new.ok_or(impossible("requester"))?;
    }
    board.state.names.unpin();
    board.verify()?;
    Ok(board)
}

fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

/// A clock or a counter: half the range is out of reach, so that neither ever stands still (T-09,
/// C-06).
const fn counter(number: u64) -> Option<u64> {
    if number <= Tick::LAST.as_millis() { Some(number) } else { None }
}

/// The handles of a table of names.
fn resolve<I: Id>(
    registry: &mut Registry<I>,
    names: &[&str],
    limit: u32,
) -> Result<Vec<I>, RestoreError> {
    let mut handles = Vec::with_capacity(names.len());
    for name in names {
        handles.push(take_in(registry, name, limit)?);
    }
    Ok(handles)
}

/// The handle of a name that is not there yet.
pub(super) fn take_in<I: Id>(
    registry: &mut Registry<I>,
    name: &str,
    limit: u32,
) -> Result<I, RestoreError> {
    if !is_id(name, limit) {
        return Err(Broken(Rule::Inv05).into());
    }
    if registry.lookup(name).is_some() {
        return Err(impossible("name, which is there twice"));
    }
    registry.resolve(name).ok_or(impossible("number of names"))
}

fn rooms(state: &mut State, names: &Names, image: &Image<'_>) -> Result<Vec<RoomId>, RestoreError> {
    let mut open = Vec::with_capacity(image.rooms.len());
    let (mut restored, mut expected) = (Restored::default(), Vec::new());
    let mut before = 0;
    for room in &image.rooms {
        let id = take_in(&mut state.names.rooms, room.name, state.limits.id_bytes)?;
        if room.opening <= before {
            return Err(impossible("opening"));
        }
        before = room.opening;
        open.push(id);
        let owner = room.owner.map(|owner| names.user(owner)).transpose()?;
        state.rooms.restore(&mut state.names, id, room.opening, owner);
        members(state, names, id, room)?;
        for live in &room.live {
            restored.add_live(names.live(id, live)?);
        }
        for ended in &room.ended {
            restored.add_ended(names.ended(id, ended)?);
        }
        for image in &room.expected {
            expected.push(names.expectation(id, image)?);
        }
    }
    let openings = counter(image.openings).filter(|openings| *openings >= before);
    state.rooms.set_openings(openings.ok_or(impossible("number of openings"))?);
    let made = counter(image.attempts_made).ok_or(impossible("number of attempts"))?;
    let State { calls, expected: expectations, names, .. } = state;
    let noted = counter(image.noted).ok_or(impossible("number of marks and tries"))?;
    let (ended, rung) = (image.attempts_ended, image.attempts_rung);
    calls.restore(names, restored, Counts { base: image.base, made, ended, rung, noted });
    expectations.restore(names, expected);
    Ok(open)
}

fn members(
    state: &mut State,
    names: &Names,
    room: RoomId,
    image: &RoomImage<'_>,
) -> Result<(), RestoreError> {
    let State { members, names: registries, clock, .. } = state;
    let mut before = Tick::START;
    for member in &image.members {
        let MemberImage { user, is_admin, gone_at, ref present, ref ended } = *member;
        let user = names.user(user)?;
        let is_gone = !is_admin && present.is_empty();
        let is_member = gone_at.is_some() == is_gone && !(is_gone && ended.is_empty());
        if members.member(room, user).is_some() || !is_member {
            return Err(impossible("member"));
        }
        // In order, and not later than the clock.
        let at = gone_at.map_or(Tick::START, Tick::from_millis);
        if at > *clock || gone_at.is_some_and(|_| at < before) {
            return Err(impossible("point of time"));
        }
        before = at;
        let present = present.iter().map(|it| names.presence(*it));
        let present: Vec<_> = present.collect::<Result<_, _>>()?;
        let ended: Vec<_> =
            ended.iter().map(|digest| session(*digest)).collect::<Result<_, _>>()?;
        members.restore(registries, (room, user), is_admin, (&present, &ended), at);
        // Neither is there twice, nor more of them than may be.
        let restored = members.member(room, user);
        if restored.is_none_or(|it| members.ended_sessions(it).count() != ended.len()) {
            return Err(impossible("session"));
        }
    }
    Ok(())
}

/// The handles of the tables of names.
pub(super) struct Names {
    users: Vec<UserId>,
    devices: Vec<DeviceId>,
}

impl Names {
    pub(super) fn user(&self, place: u32) -> Result<UserId, RestoreError> {
        self.users.get(index(place)).copied().ok_or(impossible("place of a user"))
    }

    pub(super) fn device(&self, place: u32) -> Result<DeviceId, RestoreError> {
        self.devices.get(index(place)).copied().ok_or(impossible("place of a device"))
    }

    pub(super) fn by(&self, by: ByImage) -> Result<By, RestoreError> {
        let reason = None;
        Ok(By {
            reason,
            user: by.user.map(|user| self.user(user)).transpose()?,
            device: by.device.map(|device| self.device(device)).transpose()?,
        })
    }

    fn presence(&self, image: PresentImage) -> Result<Presence, RestoreError> {
        Ok(Presence {
            device: image.device.map(|device| self.device(device)).transpose()?,
            session: image.session.map(session).transpose()?,
        })
    }

    fn live<'a>(
        &self,
        room: RoomId,
        image: &LiveImage<'a>,
    ) -> Result<RestoredLive<'a>, RestoreError> {
        Ok(RestoredLive {
            attempt: Attempt::new(image.attempt),
            room,
            callee: self.user(image.callee)?,
            caller: self.user(image.caller)?,
            device: image.device.map(|device| self.device(device)).transpose()?,
            deadline: image.deadline.map(deadline).transpose()?,
            extension: image.extension,
            has_rung: image.has_rung,
        })
    }

    fn expectation(
        &self,
        room: RoomId,
        image: &ExpectedImage,
    ) -> Result<Expectation, RestoreError> {
        let users = (self.user(image.callee)?, self.user(image.caller)?);
        let device = image.device.map(|device| self.device(device)).transpose()?;
        let attempt = Attempt::new(image.attempt);
        Ok(Expectation::new((attempt, room), users, device, deadline(image.deadline)?))
    }

    fn ended(&self, room: RoomId, image: &EndedImage) -> Result<RestoredEnded, RestoreError> {
        if !image.is_kept && image.device.is_some() {
            return Err(impossible("device of a call that is not kept"));
        }
        if !image.is_kept && image.remembered.is_none() {
            return Err(impossible("call, which is neither kept nor remembered"));
        }
        let reason = reason(image.reason)?;
        let remembered = image.remembered.map(|by| self.by(by)).transpose()?;
        Ok(RestoredEnded {
            attempt: Attempt::new(image.attempt),
            room,
            callee: self.user(image.callee)?,
            caller: self.user(image.caller)?,
            kind: ending_kind(image.kind)?,
            is_kept: image.is_kept,
            device: image.device.map(|device| self.device(device)).transpose()?,
            remembered: remembered.map(|by| By { reason, ..by }),
        })
    }
}

/// A deadline, which is later than a clock.
const fn deadline(millis: u64) -> Result<Tick, RestoreError> {
    if millis == 0 { Err(impossible("deadline")) } else { Ok(Tick::stored(millis)) }
}

/// A session, whose digest is never 0.
const fn session(digest: u64) -> Result<Session, RestoreError> {
    if digest == 0 { Err(impossible("session")) } else { Ok(Session::stored(digest)) }
}

pub(super) fn reason(place: Option<u8>) -> Result<Option<CallRejectionReason>, RestoreError> {
    let Some(place) = place else { return Ok(None) };
    let reason = CallRejectionReason::ALL.get(usize::from(place)).copied();
    Ok(Some(reason.ok_or(impossible("reason"))?))
}

pub(super) fn ending_kind(place: u8) -> Result<EndingKind, RestoreError> {
    EndingKind::ALL.get(usize::from(place)).copied().ok_or(impossible("ending"))
}
