//! Memory that inputs by name need. It is empty between steps, and kept so that a steady state
//! allocates nothing.

use alloc::vec::Vec;
use core::mem::take;

use super::Switchboard;
use super::scout::Ahead;
use crate::UserId;

/// Memory without content.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    named: Vec<UserId>,
    ahead: Ahead,
}

impl Scratch {
    pub(super) const EMPTY: Self = Self { named: Vec::new(), ahead: Ahead::EMPTY };
}

/// What the form by name needs.
impl Switchboard {
    pub(crate) const fn names(&self) -> &super::Directory {
        &self.names
    }

    pub(crate) const fn names_mut(&mut self) -> &mut super::Directory {
        &mut self.names
    }

    pub(crate) const fn names_and_limits(&mut self) -> (&mut super::Directory, &crate::Limits) {
        (&mut self.names, &self.limits)
    }

    /// Memory for the callees of an input by name, which comes back by
    /// [`put_callees`](Self::put_callees).
    pub(crate) fn take_callees(&mut self) -> Vec<UserId> {
        take(&mut self.scratch.named)
    }

    pub(crate) fn put_callees(&mut self, callees: Vec<UserId>) {
        self.scratch.named = callees;
    }

    pub(crate) fn take_ahead(&mut self) -> Ahead {
        take(&mut self.scratch.ahead)
    }

    pub(crate) fn put_ahead(&mut self, mut ahead: Ahead) {
        ahead.clear();
        self.scratch.ahead = ahead;
    }
}
