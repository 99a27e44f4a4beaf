//! What was told is not forgotten (Q-07, Q-09, F-18): on a connection the revision does not fall; a snapshot that was asked
//! for after an attempt or a revision was told, to anybody, knows one that is not lower. Else state was lost, as by a crash
//! before it was stored, and nobody said so.
//!
//! It cannot see a loss of what nobody was told, nor, where state was lost and that was said, numbers that nobody was told.

use roomcall::Rule;
use roomcall::protocol::Answer;

use super::super::attempt::Mark;
use super::super::state::State;

impl State {
    /// An answer has numbers that only rise.
    pub(in super::super) fn has_not_forgotten(
        &mut self,
        connection: Option<u64>,
        answer: &Answer,
        asked: Option<Mark>,
    ) {
        let (revision, last) = match answer {
            Answer::GetIncomingCalls { revision, endings, .. } => {
                (*revision, endings.as_ref().map(|endings| endings.last_attempt))
            }
            Answer::GetMyCalls(mine) => {
                (mine.revision, Some(mine.last_attempt).filter(|_| !mine.more))
            }
            Answer::GetCallLog(log) => (log.revision, None),
            Answer::GetUserCalls { revision, .. } | Answer::GetLiveCalls { revision, .. } => {
                (*revision, None)
            }
            _ => return,
        };
        if let Some(last) = last.filter(|last| *last > revision) {
            let message = format!("{last} attempts, and revision {revision}");
            self.wrong(Rule::Q07, message, vec![self.now.line]);
        }
        if !self.rises_on(connection, revision) {
            return;
        }
        for (what, number, highest) in
            [("attempt", last, self.highest), ("revision", Some(revision), self.revision)]
        {
            let (Some(number), Some((told, mark)), Some(asked)) = (number, highest, asked) else {
                continue;
            };
            if number < told && self.is_before(mark, asked) {
                let message = format!("the last {what} is {number}, and {told} was told");
                self.wrong(Rule::F18, message, vec![mark.line, self.now.line]);
            }
        }
        if self.revision.is_none_or(|(highest, _)| highest < revision) {
            self.revision = Some((revision, self.now));
        }
        if let Some(last) = last.filter(|last| self.highest.is_none_or(|(it, _)| it < *last)) {
            self.highest = Some((last, self.now));
        }
    }

    /// The highest revision that was told before what is told now; 0, which all are above, if the order is not certain.
    pub(super) fn told_revision(&self) -> u64 {
        self.revision.filter(|_| self.is_at_authority()).map_or(0, |(revision, _)| revision)
    }

    /// Whether the revision has not fallen on a connection.
    fn rises_on(&mut self, connection: Option<u64>, revision: u64) -> bool {
        let line = self.now.line;
        let is_ordered = self.is_ordered();
        let Some(of) = connection.and_then(|it| self.connections.get_mut(&it)) else { return true };
        match of.revision {
            Some((before, at)) if before > revision => {
                if is_ordered {
                    let message = format!("revision {revision} after {before}");
                    self.wrong(Rule::Q07, message, vec![at, line]);
                }
            }
            _ => {
                of.revision = Some((revision, line));
                return true;
            }
        }
        !is_ordered
    }
}
