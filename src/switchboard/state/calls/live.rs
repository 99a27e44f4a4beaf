//! The live calls of a user, and of everybody.

use super::Calls;
use crate::collections::List;
use crate::domain::id::UserId;
use crate::domain::input::Which;
use crate::switchboard::state::call::Call;

impl Calls {
    /// The live calls to a user, by attempt.
    pub(crate) fn live_of(&self, callee: UserId) -> impl Iterator<Item = (u32, &Call)> {
        self.of_user(callee).live.iter(&self.slab)
    }

    /// The live calls by a user, by attempt.
    pub(crate) fn live_by(&self, caller: UserId) -> impl Iterator<Item = &Call> {
        self.of_user(caller).by.live.iter(&self.slab).map(|(_, call)| call)
    }

    /// The live calls to or by a user, or both, by attempt.
    pub(crate) fn live_with(
        &self,
        user: UserId,
        which: Which,
    ) -> impl Iterator<Item = (u32, &Call)> + use<'_> {
        let of_user = self.of_user(user);
        let (to, by) = match which {
            Which::To => (of_user.live, List::EMPTY),
            Which::By => (List::EMPTY, of_user.by.live),
            Which::Both => (of_user.live, of_user.by.live),
        };
        let (mut to, mut by) = (to.iter(&self.slab).peekable(), by.iter(&self.slab).peekable());
        core::iter::from_fn(move || match (to.peek(), by.peek()) {
            (Some((_, to)), Some((_, first))) if first.attempt < to.attempt => by.next(),
            (Some(_), _) => to.next(),
            (None, _) => by.next(),
        })
    }

    /// All live calls with positions, by attempt.
    pub(crate) fn all_live_positions(&self) -> impl Iterator<Item = (u32, &Call)> {
        self.all_live.iter(&self.slab)
    }

    /// All live calls, by attempt.
    pub(crate) fn all_live(&self) -> impl Iterator<Item = &Call> {
        self.all_live_positions().map(|(_, call)| call)
    }
}
