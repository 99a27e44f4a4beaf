//! Devices that are away, and come back.

use std::sync::Arc;
use std::time::Duration;

use roomcall::handset::{Dismissal, Effect, Progress, Stage, Tap};
use roomcall_server::client::{Device, Order, Told};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::child;
use crate::client::{Client, accept, call};
use crate::rig::{PATIENCE, Rig, device_token, memory, parts};

/// A device as an author of an SDK has it, and what it tells.
struct Phone {
    device: Device,
    told: UnboundedReceiver<(Instant, String, String, Told)>,
}

impl Phone {
    fn new(rig: &Rig, user: &'static str, device: &'static str) -> Self {
        let address = rig.address;
        let address = Arc::new(move || {
            format!("ws://{address}/v1/socket?token={}", device_token(user, device))
        });
        let (tell, told) = unbounded_channel();
        Self { device: Device::new(user, device, address, tell), told }
    }

    /// Waits for something that it tells.
    async fn tells(&mut self, what: &str, is_it: impl Fn(&Told) -> bool) -> Told {
        let (mut before, until) = (Vec::new(), Instant::now() + PATIENCE);
        loop {
            let Ok(Some((_, _, _, told))) = timeout_at(until, self.told.recv()).await else {
                panic!("it does not tell {what}, but {before:?}");
            };
            if is_it(&told) {
                return told;
            }
            before.push(told);
        }
    }

    async fn connects(&mut self) {
        self.tells("that it is connected", |told| *told == Told::Connected).await;
    }

    /// Waits until it rings, and gives the attempt.
    async fn rings(&mut self) -> u64 {
        let is_ring =
            |told: &Told| matches!(told, Told::Effect(Effect::Show { stage: Stage::Ringing, .. }));
        match self.tells("that it rings", is_ring).await {
            Told::Effect(Effect::Show { call, .. }) => call.attempt,
            other => panic!("{other:?}"),
        }
    }

    async fn dismisses(&mut self, attempt: u64) -> Dismissal {
        let is_it = |told: &Told| matches!(told, Told::Effect(Effect::Dismiss { attempt: it, .. }) if *it == attempt);
        match self.tells("that the call is over", is_it).await {
            Told::Effect(Effect::Dismiss { why, .. }) => why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_connection_of_a_device_closes_the_first() {
    let rig = Rig::start(parts(memory())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let (mut old, mut laptop) =
        (rig.connect("bo", "phone").await, rig.connect("bo", "laptop").await);
    let mut new = rig.connect("bo", "phone").await;
    assert_eq!(old.closes().await, Some(4409));
    ana.reply(call("standup", &["bo"], 30)).await;
    new.until("onCallReceived").await;
    laptop.until("onCallReceived").await;
    // That the old one is gone meanwhile takes nothing from the new one.
    drop(old);
    laptop.reply(accept("standup")).await;
    let heard = new.until("onCallHandledByOtherDevice").await;
    assert_eq!(
        heard.last().map(|it| it["event"]["onCallHandledByOtherDevice"]["deviceID"].clone()),
        Some(json!("laptop"))
    );
    rig.stop().await;
}

/// A client that is replaced does not come back, or the two would take turns for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_device_stays_away() {
    let rig = Rig::start(parts(memory())).await;
    let mut first = Phone::new(&rig, "bo", "phone");
    first.connects().await;
    let mut second = Phone::new(&rig, "bo", "phone");
    second.connects().await;
    first.tells("that it is over", |told| matches!(told, Told::Over(_))).await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_learns_what_rings_and_what_it_missed() {
    let rig = Rig::start(parts(memory())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    ana.reply(call("standup", &["bo"], 30)).await;

    // It comes in the middle of a ring.
    let mut phone = Phone::new(&rig, "bo", "phone");
    let first = phone.rings().await;
    phone.device.order(Order::Cut);
    phone.tells("that it is cut", |told| matches!(told, Told::Disconnected(_))).await;
    phone.connects().await;

    // While it is away the laptop takes the call.
    phone.device.order(Order::Stop);
    let mut laptop = Phone::new(&rig, "bo", "laptop");
    let rung = laptop.rings().await;
    assert_eq!(rung, first);
    laptop.device.tap(Tap::Accept { attempt: rung });
    let joins = |told: &Told| matches!(told, Told::Effect(Effect::Join { .. }));
    laptop.tells("that it joins", joins).await;
    rig.stop().await;
}

/// The screen of a device that loses its connection and meanwhile its call.
#[tokio::test(flavor = "multi_thread")]
async fn what_ended_meanwhile_leaves_the_screen() {
    let rig = Rig::start(parts(memory())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut phone = Phone::new(&rig, "bo", "phone");
    phone.connects().await;
    ana.reply(call("standup", &["bo"], 30)).await;
    let attempt = phone.rings().await;
    // Another connection of the same device takes its place without a word of it: the phone is away
    // with its screen as it was, which its own client would not come back from. So it is cut.
    for _ in 0..3 {
        phone.device.order(Order::Cut);
        phone.connects().await;
    }
    let mut laptop = rig.connect("bo", "laptop").await;
    phone.device.order(Order::Cut);
    laptop.reply(accept("standup")).await;
    let why = phone.dismisses(attempt).await;
    assert_eq!(why, Dismissal::AnsweredElsewhere { device: Some("laptop".to_owned()) });
    rig.stop().await;
}

/// Numbers go on where they were, in another process, too: what is tapped after a reconnect is one
/// new request, and what was sent before it has no second effect.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_revisions_go_on() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let called = ana.reply(call("standup", &["bo"], 300)).await;
    let before = ana.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    assert_eq!(before["nextRequestID"], 2, "the command was 1, the query is not counted: {before}");
    rig.stop().await;

    let rig = Rig::start(parts(store)).await;
    let mut ana = rig.connect("ana", "phone").await;
    let after = ana.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    assert_eq!(after["nextRequestID"], 2, "{after}");
    let revision =
        |reply: &serde_json::Value| reply["answer"]["getIncomingCalls"]["revision"].clone();
    assert_eq!((revision(&before), revision(&after)), (json!(1), json!(1)));
    ana.request_id = 0;
    let mut bo = rig.connect("bo", "phone").await;
    let duplicate = ana.reply(call("standup", &["bo"], 300)).await;
    assert_eq!(duplicate["attempts"], called["attempts"], "answered as before: {duplicate}");
    assert_eq!(duplicate["answer"], called["answer"]);
    assert_eq!(bo.settle().await, Vec::<serde_json::Value>::new(), "and rings nobody twice");

    // A handset that begins anew learns the next number by itself.
    drop(ana);
    let mut phone = Phone::new(&rig, "ana", "phone");
    phone.connects().await;
    let (room, users) = ("standup".to_owned(), vec!["cy".to_owned()]);
    let mut cy = Phone::new(&rig, "cy", "phone");
    cy.connects().await;
    phone.device.tap(Tap::Call { room, users, timeout: 60, extension: String::new() });
    let calling = |told: &Told| {
        matches!(told, Told::Effect(Effect::Progress { callee, progress, .. })
            if callee == "cy" && *progress == Progress::Calling)
    };
    phone.tells("that it calls", calling).await;
    cy.rings().await;
    rig.stop().await;
}

/// The server is stopped and started: devices come back by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn devices_outlive_the_server() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    rig.open("standup", "ana", "phone").await;
    let mut phone = Phone::new(&rig, "bo", "phone");
    phone.connects().await;
    let listen = rig.address;
    rig.stop().await;
    phone.tells("that it is gone", |told| *told == Told::Disconnected(Some(1001))).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut set = parts(store);
    set.listen = listen;
    let rig = Rig::start(set).await;
    phone.connects().await;
    let mut ana = rig.connect("ana", "phone").await;
    ana.reply(call("standup", &["bo"], 30)).await;
    phone.rings().await;
    rig.stop().await;
}

/// Whoever is connected hears that the server goes, and comes back soon and not at once.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_when_the_process_is_told_to_stop() {
    let folder = tempfile::tempdir().expect("there is room");
    let store = folder.path().join("stopped.redb");
    let server = child::Server::start(&mut child::serve(child::PROGRAM, &store, &[]));
    let mut clients = Vec::new();
    for number in 0..100 {
        let token = device_token(&format!("user-{number}"), "phone");
        clients.push(Client::connect(server.address, &token).await.expect("it connects"));
    }
    server.stop();
    // One goes on talking and listens only later: a server that had ended meanwhile could tell it nothing.
    let mut late = clients.pop().expect("there are some");
    for _ in 0..50 {
        late.send(json!({"query": {"getIncomingCalls": {}}}).to_string()).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(late.closes().await, Some(1001));
    for mut client in clients {
        assert_eq!(client.closes().await, Some(1001));
    }
    let (status, said) = server.ends();
    assert!(status.success(), "{said}");
}
