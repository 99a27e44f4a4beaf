//! When it rings, every device of the callee rings that is connected (C-01, O-02): each connection that was there before the
//! call was made and is there when the slack has passed. This finds a transport that loses a device which came back, as where
//! the end of the old connection takes the new one out of its tables.
//!
//! It cannot see a call of which nobody at all is told; nor, without the facts, whether everyone in the room is told.

use roomcall::{EndingKind, Rule};

use super::super::state::State;

impl State {
    /// A connection of the callee is told something of an attempt, and was not told before that it rings.
    pub(super) fn should_have_rung(&mut self, number: u64, connection: u64) {
        let Some((attempt, of)) = self.attempts.get(&number).zip(self.connections.get(&connection))
        else {
            return;
        };
        let (Some(born), opened) = (attempt.born, of.opened) else { return };
        if self.is_ordered() && !attempt.is_crowded && self.is_before(opened, born) {
            let message =
                format!("connection {connection} of the callee was not told that {number} rings");
            self.wrong(Rule::C01, message, vec![opened.line, born.line, self.now.line]);
        }
    }

    /// The slack has passed since it was made.
    pub(in super::super) fn everybody_rings(&mut self, number: u64) {
        let Some(attempt) = self.attempts.get(&number) else { return };
        let (Some(born), Some((callee, _))) = (attempt.born, &attempt.callee) else { return };
        let may_never_ring = match &attempt.over {
            Some(over) => over.kinds.has(EndingKind::InOtherRoom) && attempt.live.is_none(),
            None => false,
        };
        if may_never_ring || attempt.is_crowded || !self.is_ordered() {
            return;
        }
        let has_heard = |connection: &u64| {
            attempt.told.get(connection).is_some_and(|it| it.ring.is_some() || it.stop.is_some())
        };
        let mut deaf = self.open_since(callee, born);
        deaf.retain(|connection| !has_heard(connection));
        let lines: Vec<u64> = deaf.iter().map(|it| self.connections[it].opened.line).collect();
        for (connection, opened) in deaf.into_iter().zip(lines) {
            let message =
                format!("connection {connection} of the callee is not told that {number} rings");
            self.wrong(Rule::C01, message, vec![opened, born.line]);
        }
    }
}
