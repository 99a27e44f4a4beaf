//! Goal 11: the state as bytes, and back.

use std::hint::black_box;

use hashbrown::HashMap;
use roomcall::switchboard::Switchboard;

use super::pending::Pending;
use crate::clock::{CpuClock, median};
use crate::count::Wrong;
use crate::effort::{Effort, commas};
use crate::names::{self, named};
use crate::progress::Progress;
use crate::report::{Row, time};
use crate::workload::rooms;

/// How often each is done.
const REPEATS: usize = 5;

/// Looks at snapshots.
///
/// # Errors
///
/// The switchboard is wrong.
pub fn rows(effort: Effort, clock: &CpuClock, progress: &Progress) -> Result<Vec<Row>, Wrong> {
    let sizes: &[u32] = if effort == Effort::Quick { &[100_000] } else { &[100_000, 1_000_000] };
    let mut rows = Vec::new();
    for &callees in sizes {
        progress.say(format!("snapshot: {} calls", commas(callees.into())));
        rows.extend(at(callees, clock)?);
        progress.done(parts(callees));
    }
    Ok(rows)
}

/// About how long one size takes, in milliseconds.
pub fn parts(callees: u32) -> u64 {
    u64::from(callees) / 40
}

fn at(callees: u32, clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
    let mut pending = Pending::new(callees)?;
    pending.call_all(0)?;
    let board = &pending.desk.board;
    let bytes = board.snapshot();
    let mut reused = bytes.clone();
    let (mut write, mut fresh, mut duplicate) = (Vec::new(), Vec::new(), Vec::new());
    let (mut read, mut index) = (Vec::new(), Vec::new());
    for _ in 0..REPEATS {
        write.push(clock.time(|| black_box(board.snapshot())).0);
        fresh.push(clock.time(|| black_box(bytes.clone())).0);
        duplicate.push(clock.time(|| black_box(&mut reused).copy_from_slice(black_box(&bytes))).0);
        let (took, restored) = clock.time(|| Switchboard::restore(&bytes));
        let restored = restored.map_err(|why| Wrong::new("roomcall", why.to_string()))?;
        read.push(took);
        if restored.live_calls() != callees {
            return Err(Wrong::new("roomcall", "a restored switchboard lacks calls"));
        }
        index.push(index_of_names(callees, clock));
    }
    let [write, fresh, duplicate, read, index] =
        [write, fresh, duplicate, read, index].map(|mut took| median(&mut took));
    let all = commas(callees.into());
    let speed = |ns: f64| format!("{:.2} GB/s", bytes.len() as f64 / ns);
    let (share, of_again) = (fresh / write, duplicate / write);
    let megabytes = bytes.len() as f64 / 1e6;
    let measured = format!(
        "{:.0} %: {} beside {}; {megabytes:.1} MB",
        share * 100.0,
        speed(write),
        speed(fresh)
    );
    let ratio = read / index;
    let restored = format!("{ratio:.2}×: {} beside {}", time(read), time(index));
    Ok(vec![
        Row::new(
            11,
            format!("snapshot, {all} users called ≥ 50 % of a copy into fresh memory"),
            measured,
            share >= 0.5,
        ),
        Row::figure(
            11,
            format!("snapshot, {all} users called, beside a copy into used memory"),
            format!("{:.0} %: {} beside {}", of_again * 100.0, speed(write), speed(duplicate)),
        ),
        Row::new(
            11,
            format!("restore, {all} users called, beside a sized hashbrown map of the names ≤ 2×"),
            restored,
            ratio <= 2.0,
        ),
    ])
}

/// How long it takes to put the same names of users into a plain map that was made large enough.
fn index_of_names(callees: u32, clock: &CpuClock) -> f64 {
    let hosts = (0..rooms(callees)).map(|host| named(names::host, host));
    let users = (0..callees).map(|user| named(names::user, user));
    let all: Vec<String> = users.chain(hosts).collect();
    let (took, map) = clock.time(|| {
        let mut map: HashMap<Box<str>, u32> = HashMap::with_capacity(all.len());
        for (name, number) in all.iter().zip(0..) {
            map.insert(name.as_str().into(), number);
        }
        map
    });
    black_box(map.len());
    took
}
