//! How often the state refers to each name (INV-06).

use alloc::vec::Vec;

use crate::Actor;
use crate::names::{Named, Names};
use crate::store::NONE;
use crate::switchboard::Switchboard;
use crate::switchboard::directory::Directory;

/// Uses of slots, counted from the state.
pub(in crate::switchboard) struct Uses {
    users: Vec<u32>,
    rooms: Vec<u32>,
    devices: Vec<u32>,
}

impl Uses {
    /// `None` if the state refers to what cannot be a name.
    pub(in crate::switchboard) fn of(board: &Switchboard) -> Option<Self> {
        let names = &board.names;
        let mut uses = Self {
            users: alloc::vec![0; names.users.slots().len()],
            rooms: alloc::vec![0; names.rooms.slots().len()],
            devices: alloc::vec![0; names.devices.slots().len()],
        };
        for (slot, at) in names.rooms.slots().iter().zip(0_u32..) {
            if slot.state.is_open() {
                count(&mut uses.rooms, at)?;
                count_if_any(&mut uses.users, slot.state.owner)?;
            }
        }
        for (_, seat) in board.seats.arena.iter() {
            count(&mut uses.users, seat.user)?;
        }
        for (_, call) in board.calls.arena.iter() {
            count(&mut uses.users, call.callee)?;
            count(&mut uses.users, call.caller)?;
            if call.is_listed() {
                count(&mut uses.devices, call.device)?;
            } else if call.device != NONE {
                return None;
            }
            if call.is_remembered {
                let (user, device) = call.by();
                count_if_any(&mut uses.users, user)?;
                count_if_any(&mut uses.devices, device)?;
            }
        }
        // F-12
        if let Some((_, Actor::Device { user, device })) = board.dissolving {
            count(&mut uses.users, user.0.slot())?;
            count(&mut uses.devices, device.0.slot())?;
        }
        Some(uses)
    }

    /// Whether the directory counted the same.
    pub(super) fn are_counted(&self, names: &Directory) -> bool {
        are_counted(&self.users, &names.users)
            && are_counted(&self.rooms, &names.rooms)
            && are_counted(&self.devices, &names.devices)
    }

    /// Gives the counts to a directory that has none yet, and returns whether it can have them.
    pub(in crate::switchboard) fn restore(&self, names: &mut Directory) -> bool {
        names.users.restore_uses(&self.users)
            && names.rooms.restore_uses(&self.rooms)
            && names.devices.restore_uses(&self.devices)
    }
}

fn count(uses: &mut [u32], at: u32) -> Option<()> {
    let uses = uses.get_mut(usize::try_from(at).ok()?)?;
    *uses = uses.saturating_add(1);
    Some(())
}

fn count_if_any(uses: &mut [u32], at: u32) -> Option<()> {
    if at == NONE { Some(()) } else { count(uses, at) }
}

fn are_counted<T: Named, const N: usize>(uses: &[u32], names: &Names<T, N>) -> bool {
    // Where there is no name, nobody uses it.
    names.slots().iter().zip(uses).all(|(slot, uses)| slot.uses == *uses)
}
