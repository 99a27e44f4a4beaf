//! The host by handle, played through: a ring, a reconnect, an answer, a timeout.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that goes wrong should stop")]

use std::time::Duration;

use roomcall::protocol::{Effect, Event};
use roomcall::switchboard::Switchboard;
use roomcall::{
    Actor, Answer, Attempt, Command, Fact, Input, Limits, NameError, Policy, RoomId, Timeout,
};
use roomcall_hosts::channels::{Host, Job, ask, run};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

/// Longer than any ring: time is paused, and goes on by itself when everybody waits.
const PATIENCE: Duration = Duration::from_secs(3_600);

fn start() -> Sender<Job> {
    let (jobs, inbox) = channel(16);
    let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    tokio::spawn(run(Host::new(board), inbox));
    jobs
}

async fn connect(jobs: &Sender<Job>, device: &'static str) -> (u64, Actor, Receiver<Effect>) {
    let (outbox, events) = channel(16);
    let connect = move |host: &mut Host| {
        let (user, device) = device.split_once('/').unwrap();
        host.connect(user, device, outbox)
    };
    let (number, actor) = ask(jobs, connect).await.unwrap().unwrap();
    (number, actor, events)
}

async fn next(events: &mut Receiver<Effect>) -> Event {
    let next = timeout(PATIENCE, events.recv()).await.expect("an event comes");
    next.expect("it is connected").event
}

/// Ana opens a room and calls bo into it for 30 s.
async fn call(jobs: &Sender<Job>, ana: Actor) -> RoomId {
    let call = move |host: &mut Host| {
        let Actor::Device { user, device } = ana else { unreachable!() };
        let room = host.board.intern_room("standup")?;
        let bo = host.board.intern_user("bo")?;
        let _ = host.apply(Input::Fact(Fact::RoomOpened { room, owner: user }));
        let _ = host.apply(Input::Fact(Fact::user_entered(room, user, device)));
        let (callees, timeout) = (&[bo], Timeout::from_seconds(30));
        let command =
            Command::CallUserToRoom { room, callees, timeout, extension: "hello", caller: None };
        let answer = host.apply(Input::Ask { by: ana, request_id: None, command }).answer;
        assert_eq!(answer, Ok(Answer::Called));
        host.board.release_user(bo);
        Ok::<_, NameError>(room)
    };
    ask(jobs, call).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_old_connection_does_not_take_the_new_one_with_it() {
    let jobs = start();
    let (_, ana, mut mac) = connect(&jobs, "ana/mac").await;
    let (old, ..) = connect(&jobs, "bo/phone").await;
    let (_, bo, mut phone) = connect(&jobs, "bo/phone").await;
    ask(&jobs, move |host| host.disconnect(old)).await.unwrap();

    let room = call(&jobs, ana).await;
    let ring = next(&mut phone).await;
    assert!(matches!(&ring, Event::CallReceived { extension, .. } if extension == "hello"));
    let attempt = Some(Attempt::new(ring.attempt()));
    let command = Command::AcceptCall { room, attempt };
    let accept =
        move |host: &mut Host| host.apply(Input::Ask { by: bo, request_id: None, command }).answer;
    assert!(ask(&jobs, accept).await.unwrap().is_ok());
    while !matches!(next(&mut mac).await, Event::CallAccepted(_)) {}
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_kept_without_any_input() {
    let jobs = start();
    let (_, ana, mut mac) = connect(&jobs, "ana/mac").await;
    let (_, _, mut phone) = connect(&jobs, "bo/phone").await;
    let _ = call(&jobs, ana).await;
    assert!(matches!(next(&mut phone).await, Event::CallReceived { .. }));
    assert!(matches!(next(&mut phone).await, Event::CallTimeout(_)));
    while !matches!(next(&mut mac).await, Event::CallTimeout(_)) {}
}

#[tokio::test(start_paused = true)]
async fn a_device_that_cannot_be_named_leaves_nothing() {
    let jobs = start();
    let (outbox, _events) = channel(1);
    let names = |host: &mut Host| host.board.known_names();
    let refused = ask(&jobs, move |host| host.connect("bo", "", outbox)).await.unwrap();
    assert_eq!(refused, Err(NameError::BadName { limit: 64 }));
    assert_eq!(ask(&jobs, names).await, Some(0));

    let (number, ..) = connect(&jobs, "bo/phone").await;
    ask(&jobs, move |host| host.disconnect(number)).await.unwrap();
    assert_eq!(ask(&jobs, names).await, Some(0));
}
