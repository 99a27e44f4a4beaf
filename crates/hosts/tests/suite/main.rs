//! The suite of the testkit on the two minimal hosts.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that goes wrong should stop")]

mod channels;
mod lines;

use roomcall_testkit::suite::Suite;

/// Its time is virtual, and it stores nothing.
#[tokio::test(start_paused = true)]
async fn the_host_by_handle() {
    let suite = Suite::new().worlds(0..40);
    let report = suite.run(async |rules| Ok(channels::Channels::new(&rules))).await;
    report.assert_passed();
    let skipped =
        ["it stores nothing", "it takes no commands of a backend", "its clock cannot be set back"];
    assert!(skipped.iter().all(|why| report.to_string().contains(why)), "{report}");
    assert_eq!(report.skipped(), 7, "{report}");
}

/// Its time is real, and it stores nothing.
#[tokio::test]
async fn the_host_by_name() {
    let suite = Suite::new().worlds(0..4).actions(60).shrinks(20);
    let report = suite.run(async |rules| lines::Lines::start(&rules)).await;
    report.assert_passed();
    assert!(report.to_string().contains("its time is real"), "{report}");
    assert_eq!(report.skipped(), 12, "{report}");
}
