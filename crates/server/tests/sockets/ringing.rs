//! Devices say that they ring (C-14): the caller hears it once, and what changes nothing is in no journal.

use roomcall::protocol::{Command, Input};
use serde_json::{Value, json};

use crate::client::{Client, call};
use crate::rig::{Rig, lines, memory, parts};

fn rings(attempt: u64) -> Value {
    json!({"command": {"ringing": {"attempt": attempt}}})
}

/// What is answered to it, with a number or without.
async fn answer(client: &mut Client, attempt: u64) -> Value {
    client.reply(rings(attempt)).await["answer"]["ringing"]["rung"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_ringing_is_in_the_journal() {
    let store = memory();
    let rig = Rig::start(parts(store.clone())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let (mut phone, mut tablet) =
        (rig.connect("bo", "phone").await, rig.connect("bo", "tablet").await);
    let mut cy = rig.connect("cy", "phone").await;
    let called = ana.reply(call("standup", &["bo"], 300)).await;
    let attempt = called["attempts"]["bo"].as_u64().expect("it rings");

    assert_eq!(answer(&mut cy, attempt).await, json!(false), "it is not a call to cy");
    // As a handset sends it: without a number, and nothing answers it that has one.
    phone.send(rings(attempt).to_string()).await;
    phone.until("\"rung\":true").await;
    for client in [&mut tablet, &mut phone] {
        assert_eq!(answer(client, attempt).await, json!(true), "it is answered each time");
    }
    let heard = ana.settle().await;
    let count = heard.iter().filter(|line| line["event"].get("onCallRinging").is_some()).count();
    assert_eq!(count, 1, "{heard:?}");
    let incoming = tablet.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    assert_eq!(incoming["answer"]["getIncomingCalls"]["calls"][0]["rung"], json!(true));
    // One that may become live is written down: it is judged when its turn comes.
    assert_eq!(answer(&mut tablet, attempt + 1).await, json!(false));
    rig.stop().await;

    let stored = lines(&store).into_iter().filter_map(|line| match line.input {
        Input::Ask { command: Command::Ringing { attempt }, .. } => Some(attempt),
        _ => None,
    });
    assert_eq!(stored.collect::<Vec<_>>(), [attempt, attempt + 1]);
}
