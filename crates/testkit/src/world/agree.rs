//! What everybody must agree on once messages have flowed again (D-28).

use std::collections::{BTreeMap, BTreeSet};

use roomcall::switchboard::Page;
use roomcall::{Actor, CallStatus};

use super::screen::Entry;
use super::simulation::World;
use super::{Checked, violation};

/// A record of a room's pending list.
#[derive(Clone, Debug)]
pub struct PendingCall {
    pub caller: String,
    pub callee: String,
    pub status: CallStatus,
    pub attempt: u64,
    pub time_left: Option<u64>,
}

impl World {
    /// Every screen, list and progress is what the switchboard says. A device is not notified of what
    /// becomes of the calls that another device of its user made, if the policy and its room have it
    /// so (P-06): of those it says what its last snapshot did.
    pub fn agree(&self) -> Checked {
        self.all_presence_agrees()?;
        self.erased_are_forgotten()?;
        (0..self.devices.len()).try_for_each(|device| self.agrees(device))
    }

    /// As [`agree`](Self::agree), where every device has just had a snapshot.
    pub fn agree_after_snapshots(&self) -> Checked {
        self.agree()?;
        (0..self.devices.len()).try_for_each(|device| {
            self.hidden_agrees(device)?;
            self.log_agrees(device, true)?;
            self.progress_agrees(device, true)
        })
    }

    /// The screen, the list and the progress of one device are what the switchboard says.
    pub fn agrees(&self, device: usize) -> Checked {
        let of = &self.devices[device];
        if of.state.is_signed_out {
            return self.shows_nothing(device);
        }
        self.screen_agrees(device)?;
        self.what_is_shown_has_rung(device)?;
        of.commands_are_answered()?;
        if of.alive {
            of.check_ringing(i128::from(of.seen.max(of.clock(self.now).as_millis())))?;
        }
        if let Some(room) = self.devices[device].room.as_ref().filter(|_| self.has_no_strays()) {
            self.list_agrees(device, &self.list(room))?;
        }
        if self.has_asked_again {
            self.log_agrees(device, false)?;
        }
        self.progress_agrees(device, false)
    }

    /// Whether no late event of a life of the switchboard that is lost has changed a list since every device had a snapshot: an
    /// attempt that such an event is about may be in the list of the backup, until the next pagination (D-23).
    const fn has_no_strays(&self) -> bool {
        self.losses == 0 || self.has_asked_again
    }

    /// What rings for a user: by attempt the room, and the time left.
    pub fn rings(&self, user: &str) -> BTreeMap<u64, (&str, Option<u64>)> {
        let rooms: BTreeSet<&str> = self.truth.attempts.values().map(|call| &*call.room).collect();
        let calls = rooms
            .into_iter()
            .flat_map(|room| self.list(room).into_iter().map(move |call| (room, call)));
        calls
            .filter(|(_, call)| call.status == CallStatus::Calling && call.callee == user)
            .map(|(room, call)| (call.attempt, (room, call.time_left)))
            .collect()
    }

    /// The pending list of a room. There are few users, so it is one page.
    pub fn list(&self, room: &str) -> Vec<PendingCall> {
        let board = &self.switchboard;
        let page = Page { cursor: None, count: board.limits().page_size, status: None };
        let read = |room| board.pending_calls(Actor::Backend, room, page).ok();
        let name = |user| board.user_name(user).unwrap_or_default().to_owned();
        let list = board.lookup_room(room).and_then(read);
        let calls = list.into_iter().flat_map(|list| list.calls);
        calls
            .map(|pending| PendingCall {
                caller: name(pending.call.caller),
                callee: name(pending.call.callee),
                status: pending.call.status,
                attempt: pending.attempt.get(),
                time_left: pending.time_left,
            })
            .collect()
    }

    /// D-09, but for what D-06, D-08, D-13 and D-19 leave out.
    fn screen_agrees(&self, device: usize) -> Checked {
        let live = self.rings(&self.devices[device].plan.user);
        let of = &self.devices[device];
        let settings = of.settings;
        let here = |room: &str| of.room.as_deref() == Some(room);
        let name = of.name();
        for attempt in of.screen.calls.keys() {
            match live.get(attempt) {
                None => {
                    let truth = self.truth.attempts.get(attempt);
                    let message = format!("{name} shows attempt {attempt}, the truth is {truth:?}");
                    return violation("every screen shows what rings", message);
                }
                Some((room, _)) if here(room) => {
                    let message = format!("{name} is in {room} and shows a call into it");
                    return violation("every screen shows what rings", message);
                }
                Some(_) => {}
            }
        }
        for (attempt, (room, left)) in live {
            let short = left.is_some_and(|left| left < settings.min_ring);
            let is_hidden = of.state.hidden.contains(&attempt);
            let left_out = here(room) || short || of.crowded || is_hidden;
            if !of.screen.calls.contains_key(&attempt) && !left_out {
                let message = format!("{name} does not show {attempt}, which has {left:?} left");
                return violation("every screen shows what rings", message);
            }
        }
        Ok(())
    }

    /// D-33
    pub(super) fn shows_nothing(&self, device: usize) -> Checked {
        let (name, screen) = (self.devices[device].name(), &self.devices[device].screen);
        if screen.calls.is_empty() && screen.list.is_empty() && screen.progress.is_empty() {
            return Ok(());
        }
        violation("who signed out hears nothing", format!("{name} shows {screen:?}"))
    }

    /// D-22
    fn list_agrees(&self, device: usize, list: &[PendingCall]) -> Checked {
        let input = |call: &PendingCall| Entry {
            attempt: call.attempt,
            caller: call.caller.clone(),
            status: call.status,
        };
        let list: BTreeMap<_, _> =
            list.iter().map(|call| (call.callee.clone(), input(call))).collect();
        let of = &self.devices[device];
        if of.screen.list == list {
            return Ok(());
        }
        let message = format!("{} lists {:?}, the switchboard {list:?}", of.name(), of.screen.list);
        violation("every list is the room's", message)
    }
}
