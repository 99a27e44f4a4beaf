//! The call logs of an image.

use alloc::vec::Vec;

use super::RestoreError;
use super::image::{EntryImage, Image, WhatImage};
use super::read::{Names, ending_kind, impossible, reason, take_in};
use crate::collections::index;
use crate::domain::id::{Attempt, RoomId};
use crate::domain::time::Tick;
use crate::switchboard::state::{By, Entry, State, What};

/// Puts the logs in; `rooms` are the open rooms, by opening.
pub(super) fn restore(
    state: &mut State,
    names: &Names,
    mut rooms: Vec<RoomId>,
    image: &Image<'_>,
) -> Result<(), RestoreError> {
    for name in &image.closed_rooms {
        rooms.push(take_in(&mut state.names.rooms, name, state.limits.id_bytes)?);
    }
    let State { log, names: registries, .. } = state;
    for image in &image.log {
        log.restore(registries, entry(names, &rooms, image)?);
    }
    for &(user, mark) in &image.marks {
        log.restore_mark(names.user(user)?, mark).ok_or(impossible("mark"))?;
    }
    Ok(())
}

fn entry(names: &Names, rooms: &[RoomId], image: &EntryImage) -> Result<Entry, RestoreError> {
    let room = rooms.get(index(image.room)).copied().ok_or(impossible("place of a room"))?;
    let what = match image.what {
        WhatImage::Ended { attempt, kind, by, reason: place } => {
            let by = By { reason: reason(place)?, ..names.by(by)? };
            What::Ended { attempt: Attempt::new(attempt), kind: ending_kind(kind)?, by }
        }
        WhatImage::Tried { count } => What::Tried { count },
    };
    let (user, caller) = (names.user(image.user)?, names.user(image.caller)?);
    Ok(Entry::new(image.number, (room, user, caller), Tick::stored(image.at), what))
}
