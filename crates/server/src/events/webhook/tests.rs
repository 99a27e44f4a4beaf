mod failing;
mod rig;
mod sockets;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use self::rig::{Answer, Rig, accepted, joined, ring};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_ring_says_who_is_connected_and_what_to_push() {
    let rig = Rig::start(|_| Answer::Status(204)).await;
    rig.put(&[ring(1, 0, 7)]);
    sleep(SECOND).await;
    let heard = rig.heard();
    assert_eq!(heard.len(), 1);
    let data = &heard[0].body["data"];
    assert_eq!(heard[0].body["type"], "ring");
    assert_eq!(heard[0].body["timestamp"], "2023-11-14T22:13:20.001Z");
    assert_eq!(data["connected"], json!(["bo's phone"]));
    assert_eq!(data["extensionInfo"], "hi");
    assert_eq!(data["push"]["apns"]["headers"]["apns-push-type"], "voip");
    assert_eq!(data.get("over"), None);
    rig.put(&[accepted(2, 0, 7)]);
    sleep(SECOND).await;
    let data = &rig.heard()[1].body["data"];
    assert_eq!(data["push"]["apns"]["headers"]["apns-push-type"], "background");
    assert_eq!(data.get("connected"), None);
}

#[tokio::test(start_paused = true)]
async fn a_ring_is_sent_again_until_its_call_is_over() {
    let rig = Rig::start(
        |heard| if heard.is("ring") { Answer::Status(500) } else { Answer::Status(200) },
    );
    let rig = rig.await;
    rig.put(&[ring(1, 0, 7)]);
    sleep(20 * SECOND).await;
    let rings = rig.heard().len();
    assert!((4..=6).contains(&rings), "at 0, 1, 3, 7, 15 seconds, or earlier: {rings}");
    // The next try is some seconds away. The ending does not wait for it.
    rig.put(&[accepted(2, 0, 7), joined(3, 0, 7)]);
    sleep(SECOND / 10).await;
    assert_eq!(rig.ids()[rings..], ["2-0", "3-0"]);
    sleep(100 * SECOND).await;
    assert_eq!(rig.heard().len(), rings + 2, "the ring is not sent again");
    assert_eq!(rig.position().await, "3-0");
}

#[tokio::test(start_paused = true)]
async fn a_ring_is_not_sent_again_when_its_time_is_over() {
    let rig = Rig::start(|_| Answer::Status(500)).await;
    rig.put(&[ring(1, 0, 7)]);
    sleep(31 * SECOND).await;
    let rings = rig.heard().len();
    sleep(1_000 * SECOND).await;
    assert_eq!(rig.heard().len(), rings, "it rang for 30 seconds");
    assert_eq!(rig.position().await, "1-0");
}

#[tokio::test(start_paused = true)]
async fn an_ending_that_comes_while_the_ring_is_on_the_way_takes_its_place() {
    let rig =
        Rig::start(|heard| if heard.is("ring") { Answer::Never } else { Answer::Status(200) });
    let rig = rig.await;
    rig.put(&[ring(1, 0, 7)]);
    sleep(5 * SECOND).await;
    rig.put(&[accepted(2, 0, 7)]);
    sleep(4 * SECOND).await;
    assert_eq!(rig.ids(), ["1-0"], "they come in order");
    sleep(2 * SECOND).await;
    assert_eq!(rig.ids(), ["1-0", "2-0"]);
}

#[tokio::test(start_paused = true)]
async fn a_ring_that_comes_late_wakes_nobody() {
    let rig = Rig::stopped(|_| Answer::Status(200));
    rig.put(&[ring(1, 0, 7), accepted(1, 1, 7), ring(2, 0, 8)]);
    // The eighth rang for 30 seconds, and nothing more is known of it.
    sleep(30 * SECOND).await;
    let rig = rig.go_on(EventId::default()).await;
    sleep(SECOND).await;
    let heard = rig.heard();
    assert_eq!(heard.len(), 3, "they are told of all the same");
    for heard in heard.iter().filter(|it| it.is("ring")) {
        let data = &heard.body["data"];
        assert_eq!(data["over"], json!(true));
        assert_eq!((data.get("push"), data.get("connected")), (None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_gets_nowhere_holds_up_no_other() {
    let pace = Pace { parallel: 2, ..Pace::default() };
    let never = |heard: &rig::Heard| {
        if heard.attempt() == 1 { Answer::Never } else { Answer::Status(200) }
    };
    let rig = Rig::paced(pace, never).await;
    rig.put(&[ring(1, 0, 1)]);
    sleep(SECOND).await;
    let others: Vec<_> = (2..=100).map(|it| ring(it, 0, it)).collect();
    rig.put(&others);
    sleep(SECOND).await;
    assert_eq!(rig.heard().len(), 100);
    assert_eq!(rig.most_at_once(), 2);
    assert_eq!(rig.reported(), Vec::<String>::new(), "the first is not done");
    // It is over after 30 seconds, and not sent again.
    sleep(60 * SECOND).await;
    assert_eq!(rig.position().await, "100-0");
}

#[tokio::test(start_paused = true)]
async fn after_a_day_an_event_is_a_dead_letter() {
    let rig =
        Rig::start(
            |heard| if heard.is("accepted") { Answer::Status(503) } else { Answer::Status(200) },
        );
    let rig = rig.await;
    rig.put(&[ring(1, 0, 7), accepted(2, 0, 7), joined(3, 0, 7)]);
    sleep(85_000 * SECOND).await;
    assert_eq!(rig.position().await, "1-0");
    assert!(rig.heard().len() > 90, "every quarter of an hour, or earlier");
    sleep(2_000 * SECOND).await;
    assert_eq!(rig.ids().last().unwrap(), "3-0", "what follows in the call is sent");
    let told = rig.told();
    let letter = told.iter().find_map(|it| match it {
        Acknowledgement::DeadLetter { event, tries, why, .. } => Some((event, tries, why)),
        _ => None,
    });
    let (event, tries, why) = letter.expect("there is one");
    assert_eq!(event.to_string(), "2-0");
    assert!(matches!(told[0], Acknowledgement::Position { .. }), "of the ring");
    assert!(
        matches!(told[1], Acknowledgement::DeadLetter { .. }),
        "before what passes it: {told:?}"
    );
    assert_eq!(rig.position().await, "3-0");
    assert_eq!(*tries as usize, rig.heard().len() - 2);
    assert!(why.contains("503"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_gone_is_left_alone() {
    let rig =
        Rig::start(|heard| Answer::Status(if heard.attempt() == 2 { 410 } else { 200 })).await;
    rig.put(&[ring(1, 0, 1)]);
    sleep(SECOND).await;
    rig.put(&[ring(2, 0, 2)]);
    sleep(2 * SECOND).await;
    rig.put(&[ring(3, 0, 3)]);
    sleep(60 * SECOND).await;
    assert_eq!(rig.ids(), ["1-0", "2-0"]);
    assert_eq!(rig.position().await, "1-0");
    let gone = Acknowledgement::Gone { endpoint: "main".into() };
    assert_eq!(rig.told().last(), Some(&gone));
}

#[tokio::test(start_paused = true)]
async fn only_the_wanted_kinds_are_sent_and_the_rest_is_passed() {
    let kinds = Some(BTreeSet::from([Kind::Ring, Kind::Joined]));
    let rig =
        Rig::wanting(kinds, |heard| Answer::Status(if heard.attempt() == 8 { 500 } else { 200 }));
    let rig = rig.await;
    rig.put(&[ring(1, 0, 7), ring(1, 1, 8), accepted(2, 0, 7), joined(3, 0, 7), accepted(4, 0, 9)]);
    sleep(2 * SECOND).await;
    let first: BTreeSet<_> = rig.ids().into_iter().collect();
    assert_eq!(first, ["1-0", "1-1", "3-0"].map(str::to_owned).into());
    assert_eq!(rig.position().await, "1-0");
    // The ending is not wanted, but known: the ring is not sent again.
    rig.put(&[accepted(5, 0, 8)]);
    let rings = rig.heard().len();
    sleep(100 * SECOND).await;
    assert_eq!(rig.heard().len(), rings);
    assert_eq!(rig.position().await, "5-0");
}

#[tokio::test(start_paused = true)]
async fn positions_are_given_out_once_a_second() {
    let rig = Rig::start(|_| Answer::Status(200)).await;
    let start = Instant::now();
    for sequence in 1..=50 {
        rig.put(&[ring(sequence, 0, sequence)]);
        sleep(SECOND / 10).await;
    }
    sleep(SECOND).await;
    let reported = rig.reported();
    let seconds = start.elapsed().as_secs() as usize;
    assert!((5..=seconds + 1).contains(&reported.len()), "{reported:?} in {seconds} s");
    assert_eq!(reported.last().unwrap(), "50-0");
}

#[tokio::test(start_paused = true)]
async fn no_more_wait_in_memory_than_may() {
    let pace = Pace { waiting: 10, parallel: 4, ..Pace::default() };
    let rig = Rig::paced(pace, |_| Answer::Never).await;
    rig.put(&(1..=1_000).map(|it| accepted(it, 0, it)).collect::<Vec<_>>());
    sleep(100 * SECOND).await;
    let sent: BTreeSet<_> = rig.heard().iter().map(|heard| heard.id().sequence).collect();
    assert_eq!(sent, (1..=10).collect());
}

#[test]
fn it_waits_twice_as_long_each_time_and_not_for_ever() {
    let rig = Rig::stopped(|_| Answer::Status(200));
    for (tries, most) in [(1, 1), (2, 2), (3, 4), (4, 8), (10, 512), (11, 900), (40, 900)] {
        let most = Duration::from_secs(most);
        let waits: Vec<_> = (0..200).map(|_| rig.webhook().wait(tries)).collect();
        assert!(waits.iter().all(|wait| (most / 2..=most).contains(wait)), "{tries}");
        assert!(waits.iter().collect::<BTreeSet<_>>().len() > 1, "by chance");
    }
}
