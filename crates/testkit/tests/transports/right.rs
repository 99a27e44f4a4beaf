//! Hosts that are right, each in its way.

use roomcall_testkit::suite::{Memory, Suite};

use crate::block_on;
use crate::reached::REACHED;

#[test]
fn a_right_host_passes() {
    let worlds = std::env::var("WORLDS").map_or(300, |worlds| worlds.parse().unwrap());
    let report = block_on(Suite::new().worlds(0..worlds).run(async |rules| Ok(Memory::new(rules))));
    report.assert_passed();
    assert_eq!(report.skipped(), 0, "{report}");
    // A world in which nothing happens passes, too.
    for (event, least) in [("onCallReceived", 800), ("onCallAccepted", 100), ("onCallTimeout", 300)]
    {
        assert!(report.heard[event] >= least, "{report}");
    }
    for (what, least) in REACHED {
        let times = report.reached.get(what).copied().unwrap_or_default();
        assert!(times >= *least, "{what}: {times} times, not {least}\n{report}");
    }
}

/// It is free to keep what a device does not read, too.
#[test]
fn a_host_that_ends_no_connection_of_a_slow_reader_passes() {
    let start = async |rules| {
        let mut host = Memory::new(rules);
        host.waiting = usize::MAX;
        Ok(host)
    };
    block_on(Suite::new().worlds(0..100).run(start)).assert_passed();
}
