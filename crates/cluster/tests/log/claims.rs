//! Who may append, and what was told.

use std::time::Duration;

use roomcall_cluster::log::Released;
use roomcall_cluster::log::envelope::{self, Head, RULES};
use roomcall_server::log::{Appended, Before, Log as _};

use crate::rig::{Broker, batch, claimed, read};

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_claimed_it_does_not_append() {
    let broker = Broker::start(1).await;
    let log = broker.process().await.unwrap();
    let Appended::Unknown(why) = log.append(0, batch(1)).await else { panic!("it appends") };
    assert!(why.to_string().contains("claim it first"), "{why}");
    assert_eq!(log.last().await.unwrap(), 0);
    assert!(!log.is_current() && !log.is_claimed());
    assert_eq!(claimed(&log).await, 1);
    assert!(log.is_current() && log.is_claimed());
    assert!(matches!(log.append(1, batch(1)).await, Appended::At(2)));
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(!log.is_current(), "somebody else may have claimed it");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_claims_one_counts() {
    let broker = Broker::start(1).await;
    let (first, second) = (broker.process().await.unwrap(), broker.process().await.unwrap());
    let claims = tokio::join!(first.claim(0, batch(1)), second.claim(0, batch(2)));
    let winners = match claims {
        (Appended::At(1), Appended::Conflict(1)) => (&first, &second),
        (Appended::Conflict(1), Appended::At(1)) => (&second, &first),
        claims => panic!("{claims:?}"),
    };
    assert!(matches!(winners.0.append(1, batch(3)).await, Appended::At(2)));
    assert!(matches!(winners.1.append(2, batch(4)).await, Appended::Unknown(_)));
    read(winners.1, 0).await;
    assert_eq!(claimed(winners.1).await, 3);
    assert!(matches!(winners.0.append(3, batch(5)).await, Appended::Conflict(3)));
    assert_eq!((first.epoch(), second.epoch()), (2, 2));
    assert!(!winners.0.is_claimed() && winners.1.is_claimed());
}

/// The same message is sent again under the same name, and is there once.
#[tokio::test(flavor = "multi_thread")]
async fn an_append_outlasts_a_pause() {
    let mut broker = Broker::start(1).await;
    broker.settings.patience = Duration::from_secs(15);
    let log = broker.process().await.unwrap();
    claimed(&log).await;
    broker.nodes.lock().await.pause(0).unwrap();
    let appending = tokio::spawn(log.append(1, batch(1)));
    // Longer than one try.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(!appending.is_finished());
    broker.nodes.lock().await.resume(0).unwrap();
    assert!(matches!(appending.await.unwrap(), Appended::At(2)));
    assert!(matches!(log.append(2, batch(2)).await, Appended::At(3)));
    let whole = [(1, batch(0)), (2, batch(1)), (3, batch(2))];
    assert_eq!(read(&broker.process().await.unwrap(), 0).await, whole);
}

/// Even where the broker lets it pass.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_old_claim_writes_is_void() {
    let broker = Broker::start(1).await;
    let (first, second) = (broker.process().await.unwrap(), broker.process().await.unwrap());
    claimed(&first).await;
    claimed(&second).await;
    let head = Head { rules: RULES, epoch: 1, previous: 2, released: 1 };
    assert_eq!(broker.publish(envelope::write(&head, &batch(9))).await, 3);
    // The broker has something behind what this one knows of.
    let at = second.append(2, batch(1)).await;
    assert!(matches!(at, Appended::Conflict(3)), "{at:?}");
    assert!(matches!(second.append(3, batch(2)).await, Appended::At(4)));
    let expected = [(1, batch(0)), (2, batch(0)), (3, batch(0)), (4, batch(2))];
    for log in [&first, &second, &broker.process().await.unwrap()] {
        assert_eq!(log.last().await.unwrap(), 4);
        assert_eq!(read(log, 0).await, expected);
        assert_eq!(log.epoch(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_epoch_is_known_from_a_snapshot_on() {
    let broker = Broker::start(1).await;
    for _ in 0..3 {
        claimed(&broker.process().await.unwrap()).await;
    }
    let log = broker.process().await.unwrap();
    claimed(&log).await;
    for number in 4..10 {
        assert!(matches!(log.append(number, batch(number)).await, Appended::At(_)));
    }
    log.save(7, b"state".to_vec(), Before::Nothing).await.unwrap();
    let other = broker.process().await.unwrap();
    assert_eq!(read(&other, 7).await, read(&log, 7).await);
    assert_eq!(other.epoch(), 4);
    assert_eq!(read(&other, 9).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_ends_where_all_was_told() {
    let broker = Broker::start(1).await;
    let (active, standby) = (broker.process().await.unwrap(), broker.process().await.unwrap());
    claimed(&active).await;
    read(&standby, 0).await;
    let view = Released::new(standby.clone());
    for number in 1..20 {
        active.release(number / 2);
        assert!(matches!(active.append(number, batch(number)).await, Appended::At(_)));
    }
    let mut released = view.follow();
    let wait = released.wait_for(|it| *it == 9);
    tokio::time::timeout(Duration::from_secs(5), wait).await.unwrap().unwrap();
    let told = read(&view, 0).await;
    assert_eq!(told, read(&active, 0).await[..9]);
    assert!(matches!(view.append(20, batch(1)).await, Appended::Unknown(_)));
    // A process that begins knows it from the last message on, whatever was published behind it.
    broker.publish(b"hello".to_vec()).await;
    let begins = Released::new(broker.process().await.unwrap());
    assert_eq!(*begins.follow().borrow(), 9);
    assert_eq!(read(&begins, 0).await, told);
}
