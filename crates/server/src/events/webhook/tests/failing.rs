//! An endpoint that fails by chance, and a server that is killed.

use std::collections::BTreeMap;

use super::rig::{Heard, accepted, joined, ring};
use super::*;

/// Fails three times in ten, and else takes too long or breaks now and then.
fn by_chance(seed: u64) -> impl FnMut(&Heard) -> Answer + Send + 'static {
    let mut dice = fastrand::Rng::with_seed(seed);
    move |_| match dice.u32(0..100) {
        0..30 => Answer::Status(500),
        30..35 => Answer::Never,
        35..40 => Answer::Broken,
        _ => Answer::Status(200),
    }
}

/// The events of a call come in order, and all of them.
fn is_in_order(put: &[Event], heard: &[Heard]) {
    let mut of_calls = BTreeMap::<u64, Vec<&Event>>::new();
    for event in put {
        of_calls.entry(event.attempt).or_default().push(event);
    }
    for (attempt, events) in of_calls {
        let sent: Vec<_> = heard.iter().filter(|it| it.attempt() == attempt).collect();
        let mut done = BTreeSet::new();
        for heard in &sent {
            let before = events.iter().filter(|event| event.id < heard.id());
            for event in before {
                // Of a ring it is enough that it was sent, once the call is over.
                let is_ring = event.kind() == Kind::Ring;
                let is_sent = sent.iter().any(|it| it.id() == event.id);
                assert!(
                    done.contains(&event.id) || is_ring && is_sent,
                    "{} came before {} was taken",
                    heard.id(),
                    event.id
                );
            }
            if heard.is_taken {
                done.insert(heard.id());
            }
        }
        for event in events {
            let is_sent = sent.iter().any(|it| it.id() == event.id);
            assert!(is_sent, "{} was never sent", event.id);
            assert!(event.kind() == Kind::Ring || done.contains(&event.id), "{}", event.id);
        }
    }
}

/// Calls that ring, are accepted and joined, all mixed.
fn calls(count: u64, dice: &mut fastrand::Rng) -> Vec<Event> {
    let mut left: Vec<u64> = (1..=count).flat_map(|attempt| [attempt; 3]).collect();
    dice.shuffle(&mut left);
    let mut seen = BTreeMap::<u64, u32>::new();
    let of = |(sequence, attempt): (u64, u64)| {
        let times = seen.entry(attempt).or_default();
        *times += 1;
        match times {
            1 => ring(sequence, 0, attempt),
            2 => accepted(sequence, 0, attempt),
            _ => joined(sequence, 0, attempt),
        }
    };
    (1..).zip(left).map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn every_event_comes_and_those_of_a_call_in_order() {
    for seed in 0..5 {
        let rig = Rig::start(by_chance(seed)).await;
        let mut dice = fastrand::Rng::with_seed(seed);
        let events = calls(100, &mut dice);
        for event in &events {
            rig.put(std::slice::from_ref(event));
            sleep(Duration::from_millis(dice.u64(0..100))).await;
        }
        sleep(20_000 * SECOND).await;
        is_in_order(&events, &rig.heard());
        assert_eq!(rig.position().await, events.last().unwrap().id.to_string());
        assert!(rig.heard().len() > events.len(), "some failed");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_kill_it_goes_on_from_the_position() {
    for seed in 0..5 {
        let mut rig = Rig::stopped(by_chance(seed));
        let mut dice = fastrand::Rng::with_seed(seed);
        let events = calls(60, &mut dice);
        let mut position = EventId::default();
        for part in events.chunks(30) {
            rig = rig.go_on(position).await;
            let before = rig.heard().len();
            for event in part {
                rig.put(std::slice::from_ref(event));
                sleep(Duration::from_millis(dice.u64(0..200))).await;
            }
            sleep(Duration::from_millis(dice.u64(0..20_000))).await;
            rig.kill().await;
            let heard = &rig.heard()[before..];
            assert!(heard.iter().all(|it| it.id() > position), "what is done is not sent again");
            position = rig.reported().last().map_or(position, |it| it.parse().unwrap());
        }
        rig = rig.go_on(position).await;
        sleep(20_000 * SECOND).await;
        is_in_order(&events, &rig.heard());
        assert_eq!(rig.position().await, events.last().unwrap().id.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_says_how_far_it_came() {
    let mut rig = Rig::start(|_| Answer::Status(200)).await;
    rig.put(&[ring(1, 0, 1)]);
    sleep(SECOND / 10).await;
    rig.put(&[ring(2, 0, 2)]);
    sleep(SECOND / 10).await;
    rig.stop().await;
    assert_eq!(rig.reported().last().unwrap(), "2-0", "it does not wait for the second to pass");
}
