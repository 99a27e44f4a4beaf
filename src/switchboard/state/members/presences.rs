//! The presences of users in rooms, each on a device and in a session, and the sessions that ended.

use crate::collections::{Links, List, Slab, index, linked};
use crate::domain::id::DeviceId;
use crate::domain::session::Session;
use crate::switchboard::state::names::Names;

/// Presences of a user in a room (F-05).
const PRESENCES: u32 = 16;

/// Sessions of a user in a room that ended and are remembered (F-13).
const ENDED_SESSIONS: u32 = 8;

/// A presence of a user in a room: on a device, in a session, of which either may be unknown (F-04).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Presence {
    pub(crate) device: Option<DeviceId>,
    pub(crate) session: Option<Session>,
}

impl Presence {
    /// A presence of which nothing is known, and what matches every other.
    pub(crate) const ANY: Self = Self { device: None, session: None };

    /// Whether neither their devices nor their sessions differ (F-05).
    pub(crate) fn matches(self, other: Self) -> bool {
        !differ(self.device, other.device) && !differ(self.session, other.session)
    }

    /// Whether entering by this one ends the other: it is on the same device, in another session (F-05).
    pub(crate) fn replaces(self, other: Self) -> bool {
        self.device.is_some() && self.device == other.device && differ(self.session, other.session)
    }
}

/// What is left out differs from nothing (F-05).
fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && other.is_some() && one != other
}

/// A presence, or a session that ended, in a list of its user and room. A presence uses the name of its
/// device.
#[derive(Clone, Debug)]
struct Record {
    presence: Presence,
    of_member: Links,
}

/// The lists of one user in one room.
#[derive(Debug)]
pub(super) struct OfMember;

linked! { Record { OfMember: of_member } }

/// The presences of one user in one room, and the sessions that ended, each from the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberPresences {
    present: List<OfMember>,
    ended: List<OfMember>,
}

impl MemberPresences {
    pub(super) const NONE: Self = Self { present: List::EMPTY, ended: List::EMPTY };

    #[inline]
    pub(super) const fn is_present(&self) -> bool {
        !self.present.is_empty()
    }

    /// Whether sessions that ended are remembered.
    pub(super) const fn remembers(&self) -> bool {
        !self.ended.is_empty()
    }
}

/// All presences and sessions that ended.
#[derive(Clone, Debug)]
pub(super) struct Presences {
    slab: Slab<Record>,
}

impl Presences {
    pub(super) const fn new() -> Self {
        Self { slab: Slab::new() }
    }

    pub(super) const fn fits_one(&self) -> bool {
        self.slab.fits(1)
    }

    /// The presences, in the order in which they began.
    pub(super) fn present(&self, of: &MemberPresences) -> impl Iterator<Item = Presence> {
        of.present.iter(&self.slab).map(|(_, record)| record.presence)
    }

    /// The sessions that ended, in the order in which they did.
    pub(super) fn ended(&self, of: &MemberPresences) -> impl Iterator<Item = Session> {
        of.ended.iter(&self.slab).filter_map(|(_, record)| record.presence.session)
    }

    /// Begins a presence, which ends the oldest if there are too many (F-05).
    pub(super) fn begin(
        &mut self,
        names: &mut Names,
        of: &mut MemberPresences,
        presence: Presence,
    ) {
        self.add(names, of, presence);
        let oldest = of.present.first();
        if count(of.present, &self.slab) > PRESENCES {
            self.end(names, of, oldest);
        }
    }

    /// Begins a presence, however many there are.
    pub(super) fn add(&mut self, names: &mut Names, of: &mut MemberPresences, presence: Presence) {
        if let Some(device) = presence.device {
            names.devices.retain(device);
        }
        let position = self.slab.insert(Record { presence, of_member: Links::NONE });
        of.present.push_back(&mut self.slab, position);
    }

    /// Ends the presences of which `ends` holds (F-06).
    pub(super) fn end_where(
        &mut self,
        names: &mut Names,
        of: &mut MemberPresences,
        ends: impl Fn(Presence) -> bool,
    ) {
        let mut position = of.present.first();
        while let Some(record) = self.slab.get(position) {
            let (here, presence) = (position, record.presence);
            position = record.of_member.next;
            if ends(presence) {
                self.end(names, of, here);
            }
        }
    }

    /// Ends a presence, and remembers its session.
    fn end(&mut self, names: &mut Names, of: &mut MemberPresences, position: u32) {
        if let Some(session) = self.remove(names, of, position) {
            self.remember(of, session);
        }
    }

    /// Removes a presence, and gives its session.
    fn remove(
        &mut self,
        names: &mut Names,
        of: &mut MemberPresences,
        position: u32,
    ) -> Option<Session> {
        of.present.remove(&mut self.slab, position);
        let &Record { presence, .. } = self.slab.get(position)?;
        self.slab.remove(position);
        if let Some(device) = presence.device {
            names.devices.release(device);
        }
        presence.session
    }

    /// Remembers that a session ended, unless a presence is in it, and forgets the oldest if there are too many
    /// (F-13).
    pub(super) fn remember(&mut self, of: &mut MemberPresences, session: Session) {
        let is_present = self.present(of).any(|it| it.session == Some(session));
        let is_known = self.ended(of).any(|ended| ended == session);
        if is_present || is_known || !self.fits_one() {
            return;
        }
        let presence = Presence { device: None, session: Some(session) };
        let position = self.slab.insert(Record { presence, of_member: Links::NONE });
        of.ended.push_back(&mut self.slab, position);
        if count(of.ended, &self.slab) > ENDED_SESSIONS {
            self.remove_ended(of, of.ended.first());
        }
    }

    /// Forgets that a session ended (F-15).
    pub(super) fn forget(&mut self, of: &mut MemberPresences, session: Session) {
        let mut ended = of.ended.iter(&self.slab);
        let found = ended.find(|(_, record)| record.presence.session == Some(session));
        if let Some((position, _)) = found {
            drop(ended);
            self.remove_ended(of, position);
        }
    }

    /// Removes all there is of a user in a room.
    pub(super) fn clear(&mut self, names: &mut Names, of: &mut MemberPresences) {
        while of.is_present() {
            self.remove(names, of, of.present.first());
        }
        while of.remembers() {
            self.remove_ended(of, of.ended.first());
        }
    }

    fn remove_ended(&mut self, of: &mut MemberPresences, position: u32) {
        of.ended.remove(&mut self.slab, position);
        self.slab.remove(position);
    }

    /// The records of a member, if its lists agree (INV-04) and are within their bounds (INV-05).
    pub(super) fn verify(&self, of: &MemberPresences) -> Option<u32> {
        let (present, ended) = (of.present.verify(&self.slab)?, of.ended.verify(&self.slab)?);
        // F-05: none matches another or would have ended it.
        let is_apart = self.present(of).enumerate().all(|(at, one)| {
            let others = self.present(of).skip(at.saturating_add(1));
            others.into_iter().all(|other| !one.matches(other) && !one.replaces(other))
        });
        let are_sessions = self.ended(of).count() == index(ended);
        let is_once = self.ended(of).enumerate().all(|(at, one)| {
            let is_present = self.present(of).any(|it| it.session == Some(one));
            !is_present && self.ended(of).skip(at.saturating_add(1)).all(|other| one != other)
        });
        let is_bounded = present <= PRESENCES && ended <= ENDED_SESSIONS;
        let is_right = is_apart && are_sessions && is_once && is_bounded;
        is_right.then(|| present.saturating_add(ended))
    }

    pub(super) const fn len(&self) -> u32 {
        self.slab.len()
    }
}

fn count(list: List<OfMember>, slab: &Slab<Record>) -> u32 {
    list.iter(slab).fold(0, |count, _| count.saturating_add(1))
}
