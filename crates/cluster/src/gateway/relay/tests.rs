//! The relay beside a processor that dies, on a network that loses.

use proptest::prelude::*;
use roomcall_server::close_code::CloseCode;
use tokio::sync::oneshot::error::TryRecvError;

use world::{Step, World};

mod processor;
mod world;

/// What holds in any world, once it is calm.
fn check(world: &mut World) {
    world.calm();
    for held in &world.held {
        let (is, expected) = (held.effects(), world.expected(held));
        let of = (&held.claims.who, held.since);
        if held.closed.is_none() {
            assert!(
                is.iter().copied().eq(&expected),
                "{of:?} stays: {is:#?}\nis not {expected:#?}"
            );
            for number in &held.numbered {
                assert_eq!(held.answers(Some(*number)), 1, "request {number} of {of:?}");
            }
            assert_eq!(held.answers(None), held.unnumbered, "of {of:?} without a number");
        } else {
            // It has missed something only at its end.
            assert!(
                is.iter().copied().eq(expected.iter().take(is.len())),
                "{of:?} is closed: {is:#?}\n{expected:#?}"
            );
            assert!(held.numbered.iter().all(|it| held.answers(Some(*it)) <= 1), "{of:?}");
        }
    }
    for facts in &mut world.facts {
        assert_eq!(facts.try_recv().map(|it| it.len()), Ok(1), "facts are answered");
    }
    for (is_safe, asked) in &mut world.asked {
        match asked.try_recv() {
            Ok(answer) => assert!(answer.is_some()),
            Err(why) => {
                assert!(!*is_safe && why == TryRecvError::Closed)
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let device = || 0..4_usize;
    prop_oneof![
        6 => device().prop_map(Step::Connect),
        1 => device().prop_map(Step::Leave),
        8 => (device(), 0..10_u8, prop::bool::weighted(0.9)).prop_map(|(it, what, is)| Step::Ask(it, what, is)),
        2 => (0..9_u8).prop_map(Step::State),
        2 => (0..10_u8, any::<bool>()).prop_map(|(what, is)| Step::AskAsBackend(what, is)),
        2 => (0..9_u8).prop_map(Step::StateElsewhere),
        8 => (1..5_usize).prop_map(Step::Up),
        8 => (1..5_usize).prop_map(Step::Down),
        2 => Just(Step::LoseUp),
        3 => Just(Step::LoseDown),
        2 => Just(Step::RepeatDown),
        8 => Just(Step::Beat),
        2 => (50..400_u64).prop_map(Step::Wait),
        2 => (0..3_usize, 0..6_usize, prop::bool::weighted(0.8))
            .prop_map(|(lost, back, waits)| Step::Die { lost, back, waits }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn nothing_is_lost_or_told_twice(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = connected();
        steps.into_iter().for_each(|it| world.step(it));
        check(&mut world);
    }
}

/// Everybody is connected.
fn connected() -> World {
    let mut world = World::new();
    (0..4).for_each(|device| world.step(Step::Connect(device)));
    world.calm();
    world
}

#[test]
fn who_stays_is_told_by_the_next_processor_what_the_last_one_did_not() {
    let mut world = connected();
    // The call is durable, and what came of it is lost.
    world.step(Step::Ask(0, 0, true));
    world.step(Step::Up(1));
    world.step(Step::Die { lost: 1, back: 1, waits: true });
    check(&mut world);
    assert!(world.held.iter().all(|it| it.closed.is_none()));
    assert!(world.held.iter().all(|it| !it.effects().is_empty()));
}

#[test]
fn what_has_a_number_is_asked_again() {
    let mut world = connected();
    for step in [Step::Ask(0, 0, true), Step::LoseUp, Step::Ask(2, 9, false), Step::LoseUp] {
        world.step(step);
    }
    check(&mut world);
    assert!(world.held.iter().all(|it| it.closed.is_none()));
}

#[test]
fn who_has_asked_without_a_number_is_closed_where_it_is_not_known_whether_that_was_done() {
    let mut world = connected();
    world.step(Step::Ask(0, 0, false));
    world.step(Step::Die { lost: 0, back: 0, waits: true });
    check(&mut world);
    let closed: Vec<_> = world.held.iter().map(|it| it.closed).collect();
    assert_eq!(closed, [Some(CloseCode::GoingAway), None, None, None]);
}

#[test]
fn all_are_closed_where_something_told_is_lost() {
    for also in [vec![Step::Ask(1, 0, true), Step::Up(1)], vec![Step::Beat, Step::Beat]] {
        let mut world = connected();
        for step in [Step::Ask(0, 0, true), Step::Up(1), Step::LoseDown] {
            world.step(step);
        }
        also.into_iter().for_each(|it| world.step(it));
        world.step(Step::Down(usize::MAX));
        assert!(world.held.iter().all(|it| it.closed == Some(CloseCode::GoingAway)));
        check(&mut world);
    }
}

#[test]
fn who_was_not_announced_in_time_is_reset() {
    let mut world = connected();
    world.step(Step::Ask(0, 0, true));
    world.step(Step::Up(1));
    world.step(Step::Die { lost: 1, back: 1, waits: false });
    check(&mut world);
    assert!(world.held.iter().all(|it| it.closed == Some(CloseCode::GoingAway)));
}

#[test]
fn it_stops_and_says_so() {
    let mut world = connected();
    world.relay.stop();
    world.step(Step::Up(1));
    check(&mut world);
    assert!(world.held.iter().all(|it| it.closed == Some(CloseCode::GoingAway)));
    assert_eq!(world.relay.len(), 0);
}

#[test]
fn who_has_asked_over_http_without_a_number_hears_that_it_is_not_known() {
    let mut world = connected();
    world.step(Step::AskAsBackend(0, false));
    world.step(Step::Die { lost: 0, back: 0, waits: true });
    world.calm();
    assert_eq!(world.asked[0].1.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn who_is_gone_is_not_connected() {
    let mut world = World::new();
    world.step(Step::Connect(0));
    world.give_up();
    world.calm();
    assert_eq!(world.relay.len(), 0);
    let mut world = connected();
    world.held.truncate(3);
    world.relay.sweep();
    assert_eq!(world.relay.len(), 3);
}

#[test]
fn other_epochs_are_not_heard() {
    let mut world = connected();
    let number = world.held[0].number;
    for (epoch, closed) in [(0, None), (2, None), (1, Some(CloseCode::Revoked))] {
        world.cut_by(epoch, number);
        assert_eq!(world.held[0].closed, closed, "by epoch {epoch}");
    }
}

#[test]
fn what_was_lost_before_a_processor_died_counts_as_lost() {
    let mut world = connected();
    for step in [Step::Ask(0, 0, true), Step::Up(1), Step::LoseDown, Step::Beat, Step::Down(1)] {
        world.step(step);
    }
    // What the next one tells again begins behind that.
    world.step(Step::Die { lost: 0, back: 0, waits: true });
    check(&mut world);
    assert!(world.held.iter().all(|it| it.closed == Some(CloseCode::GoingAway)));
}
