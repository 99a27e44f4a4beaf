//! Where a page of a long list begins: every so many records one is a fence, so that the
//! first record after any attempt is found without a walk along the list.

use alloc::vec::Vec;

use super::state::Call;
use crate::store::{Arena, Lanes};

/// Records that are listed from one fence to the next.
const SPAN: u32 = 32;
/// A list that is shorter has no fences.
const LONG: u32 = 64;

/// Records of a list after the last fence before them, at most: what a page skips. The last of a
/// short list may come before the first fence, and those of the last span behind it.
pub(super) const GAP: u32 = LONG + SPAN;

/// The fences of one list, in attempt order.
#[derive(Clone, Debug)]
pub(crate) struct Fences {
    /// Attempt and position.
    fences: Vec<(u64, u32)>,
    /// Records that were listed since the last one.
    since: u32,
}

impl Fences {
    pub(super) const EMPTY: Self = Self { fences: Vec::new(), since: 0 };

    /// Without fences, and with the memory for them.
    pub(super) fn emptied(mut self) -> Self {
        self.fences.clear();
        Self { since: 0, ..self }
    }

    /// A record was put at the end of a list, which has `listed` records now.
    #[inline]
    pub(super) fn listed(&mut self, calls: &mut Arena<Call>, at: u32, listed: u32) {
        self.since = self.since.saturating_add(1);
        if self.since >= SPAN && listed >= LONG {
            self.raise(calls, at);
        }
    }

    #[cold]
    fn raise(&mut self, calls: &mut Arena<Call>, at: u32) {
        if let Some(call) = calls.get_mut(at) {
            call.is_fence = true;
            self.fences.push((call.attempt, at));
            self.since = 0;
        }
    }

    /// The record at `at`, which is a fence, is about to leave the list: the next record is one in
    /// its place.
    #[cold]
    pub(super) fn moved(&mut self, calls: &mut Arena<Call>, at: u32) {
        let Some(call) = calls.get_mut(at) else { return };
        call.is_fence = false;
        let next = call.links(Call::IN_ROOM).next;
        let Ok(place) = self.fences.binary_search_by_key(&call.attempt, |fence| fence.0) else {
            debug_assert!(false, "a fence is among the fences");
            return;
        };
        match (calls.get_mut(next), self.fences.get_mut(place)) {
            (Some(call), Some(fence)) if !call.is_fence => {
                call.is_fence = true;
                *fence = (call.attempt, next);
            }
            (next, _) => {
                // What stands before the last fence is behind no other: the next record is one.
                if next.is_none() {
                    self.since = SPAN;
                }
                self.fences.remove(place);
            }
        }
    }

    /// The last fence up to an attempt: from there on the first record after it is near.
    pub(super) fn before(&self, attempt: u64) -> Option<u32> {
        let place = self.fences.partition_point(|fence| fence.0 <= attempt).checked_sub(1)?;
        self.fences.get(place).map(|fence| fence.1)
    }

    /// Attempts and positions, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u32)> {
        self.fences.iter().copied()
    }

    /// The fences of a list of a snapshot.
    pub(super) const fn restored(fences: Vec<(u64, u32)>) -> Self {
        // Who knows how many came since the last one: the next record of a long list is a fence.
        Self { fences, since: SPAN }
    }
}

#[cfg(test)]
mod tests;
