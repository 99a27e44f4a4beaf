//! How long worlds are made short, all together.

use std::cell::Cell;
use std::thread;
use std::time::Duration;

use roomcall_testkit::suite::{Memory, Suite};

use crate::block_on;

/// Each run takes so long at least.
const RUN: Duration = Duration::from_millis(20);
const BUDGET: Duration = Duration::from_millis(100);
const WORLDS: u64 = 12;

#[test]
fn worlds_share_the_time_to_be_made_short() {
    let starts = Cell::new(0);
    let start = async |rules| {
        starts.set(starts.get() + 1);
        thread::sleep(RUN);
        let mut host = Memory::new(rules);
        // It tells nobody anything.
        host.is_recipient = |_, _, _| false;
        Ok(host)
    };
    let suite = Suite::new().only("no race").worlds(0..WORLDS).shrinks_for(BUDGET);
    let report = block_on(suite.run(start));
    let failures: Vec<_> = report.failures().collect();
    assert!(failures.len() > 6, "{report}");
    assert!(failures.iter().all(|(_, failure)| failure.run.is_some()), "each run is printed");
    // One to see what it can do, one a world, and five shorter ones and the one in which the time passes.
    let most = 1 + WORLDS + 6;
    assert!(starts.get() <= most, "{} runs are played, and {most} have the time", starts.get());
}
