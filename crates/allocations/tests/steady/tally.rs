//! How often what was allocated.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Default)]
struct Count {
    times: u64,
    allocations: u64,
    bytes: u64,
}

/// Allocations by kind of input.
#[derive(Default)]
pub(crate) struct Tally {
    kinds: BTreeMap<String, Count>,
}

impl Tally {
    /// Does something of a kind, which may be told apart by how it is done.
    pub(crate) fn of<T>(&mut self, how: &str, kind: &str, what: impl FnOnce() -> T) -> T {
        let mut made = None;
        let info = allocation_counter::measure(|| made = Some(what()));
        let count = self.kinds.entry(format!("{how}: {kind}")).or_default();
        count.times += 1;
        count.allocations += info.count_total;
        count.bytes += info.bytes_total;
        made.unwrap()
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (kind, count) in other.kinds {
            let all = self.kinds.entry(kind).or_default();
            all.times += count.times;
            all.allocations += count.allocations;
            all.bytes += count.bytes;
        }
    }

    /// A table of all kinds, and the kinds that allocate.
    pub(crate) fn told(&self) -> (String, Vec<&str>) {
        let row = |(kind, count): (&String, &Count)| {
            let Count { times, allocations, bytes } = *count;
            format!("{kind:<70} {times:>6} times, {allocations:>5} allocations of {bytes:>8} bytes")
        };
        let rows: Vec<String> = self.kinds.iter().map(row).collect();
        let wrong = self.kinds.iter().filter(|(_, count)| count.allocations > 0);
        (rows.join("\n"), wrong.map(|(kind, _)| kind.as_str()).collect())
    }
}
