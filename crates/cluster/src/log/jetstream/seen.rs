//! What a process knows of a log without asking: under which epoch its parts were written, and its end.

use std::collections::{BTreeMap, VecDeque};

use roomcall_server::log::{Read, Sequence};

use crate::log::envelope::Epoch;

/// What is kept of the end of a log, in bytes: the follower reads what the engine has just appended, and a standby what
/// was fetched to learn how far the log has come.
const KEPT: usize = 16 << 20;

/// What is read at once, in bytes: the batch with which it is more is the last one.
const READ_AT_ONCE: usize = 4 << 20;

/// The epochs of a log, as far as they are known: of ranges of places, after the message of which it is this one.
#[derive(Debug, Default)]
pub(super) struct Epochs(BTreeMap<Sequence, (Sequence, Epoch)>);

impl Epochs {
    /// After each message from one to another one the epoch is this.
    pub(super) fn learn(&mut self, from: Sequence, through: Sequence, epoch: Epoch) {
        if let Some((_, (end, known))) = self.0.range_mut(..=from).next_back()
            && *known == epoch
            && from <= end.saturating_add(1)
        {
            *end = through.max(*end);
            return;
        }
        self.0.insert(from, (through, epoch));
    }

    /// The last place up to here at which it is known, and what it is there.
    pub(super) fn nearest(&self, sequence: Sequence) -> Option<(Sequence, Epoch)> {
        let (_, (through, epoch)) = self.0.range(..=sequence).next_back()?;
        Some((sequence.min(*through), *epoch))
    }

    /// The highest that is known.
    pub(super) fn highest(&self) -> Epoch {
        self.0.values().map(|(_, epoch)| *epoch).max().unwrap_or(0)
    }
}

/// The end of a log.
#[derive(Debug, Default)]
pub(super) struct Recent {
    batches: VecDeque<Read>,
    bytes: usize,
    /// The last batch that it has had.
    end: Option<Sequence>,
}

impl Recent {
    /// The last batch that it knows of, if it knows the log to its end.
    pub(super) const fn end(&self) -> Option<Sequence> {
        self.end
    }

    /// The log ends with this batch.
    pub(super) fn begin(&mut self, end: Sequence) {
        if self.end.is_none_or(|it| it < end) {
            *self = Self { end: Some(end), ..Self::default() };
        }
    }

    /// A batch, if it is the next. One that is farther on begins anew.
    pub(super) fn push(&mut self, sequence: Sequence, batch: &[u8]) {
        self.begin(sequence.saturating_sub(1));
        if self.end.and_then(|it| it.checked_add(1)) != Some(sequence) {
            return;
        }
        self.end = Some(sequence);
        self.bytes += batch.len();
        self.batches.push_back((sequence, batch.to_vec()));
        while self.bytes > KEPT
            && let Some((_, first)) = self.batches.pop_front()
        {
            self.bytes -= first.len();
        }
    }

    /// The batches up to here are not to be had any more.
    pub(super) fn forget(&mut self, through: Sequence) {
        while self.batches.front().is_some_and(|(first, _)| *first <= through)
            && let Some((_, batch)) = self.batches.pop_front()
        {
            self.bytes -= batch.len();
        }
    }

    /// The batches after one; none if it does not have the next.
    pub(super) fn after(&self, after: Sequence) -> Vec<Read> {
        let Some((first, _)) = self.batches.front() else { return Vec::new() };
        let Some(skipped) = after.saturating_add(1).checked_sub(*first) else { return Vec::new() };
        let mut bytes = 0;
        let rest = self.batches.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX));
        let read = rest.take_while(|(_, batch)| {
            let has_room = bytes <= READ_AT_ONCE;
            bytes += batch.len();
            has_room
        });
        read.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_known_where_they_were_learned() {
        let mut epochs = Epochs::default();
        assert_eq!(epochs.nearest(5), None);
        epochs.learn(0, 0, 0);
        epochs.learn(1, 4, 1);
        epochs.learn(5, 9, 1);
        epochs.learn(20, 20, 3);
        for (at, known) in [(0, (0, 0)), (1, (1, 1)), (9, (9, 1)), (15, (9, 1)), (30, (20, 3))] {
            assert_eq!(epochs.nearest(at), Some(known), "after {at}");
        }
        assert_eq!(epochs.0.len(), 3, "ranges are joined");
        assert_eq!(epochs.highest(), 3);
    }

    #[test]
    fn the_end_is_kept_without_gaps() {
        let mut recent = Recent::default();
        recent.push(3, b"c");
        recent.push(4, b"d");
        recent.push(4, b"d");
        assert_eq!(recent.after(1), Vec::new());
        assert_eq!(recent.after(3), vec![(4, b"d".to_vec())]);
        assert_eq!(recent.after(4), Vec::new());
        recent.forget(3);
        assert_eq!(recent.after(2), Vec::new());
        assert_eq!(recent.after(3), vec![(4, b"d".to_vec())]);
        recent.push(9, b"i");
        assert_eq!(recent.after(3), Vec::new());
        assert_eq!(recent.after(8), vec![(9, b"i".to_vec())]);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut recent = Recent::default();
        let batch = vec![0; 1 << 20];
        (1..=40).for_each(|sequence| recent.push(sequence, &batch));
        assert_eq!(recent.after(10), Vec::new());
        assert_eq!(recent.after(30).len(), READ_AT_ONCE / batch.len() + 1);
        assert_eq!(recent.end(), Some(40));
    }
}
