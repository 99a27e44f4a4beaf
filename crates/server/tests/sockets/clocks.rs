//! The clock: stepped back between two runs, and passing as the test says.

use serde_json::json;

use crate::client::call;
use crate::rig::{Manual, Rig, lines, memory, parts, parts_at};

const NOON: u64 = 1_700_000_000_000;
const HOUR: u64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_back_stops_no_call_and_starts_none_anew() {
    let store = memory();
    let time = Manual::at(NOON);
    let rig = Rig::start(parts_at(store.clone(), &time)).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    time.pass(5_000);
    ana.reply(call("standup", &["bo"], 30)).await;
    rig.stop().await;

    // The next process finds a wall clock that is an hour behind.
    time.restart(NOON - HOUR);
    let rig = Rig::start(parts_at(store.clone(), &time)).await;
    let mut bo = rig.connect("bo", "phone").await;
    time.pass(10_000);
    let reply = bo.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    let rings = &reply["answer"]["getIncomingCalls"]["calls"][0];
    assert_eq!(rings["timeLeft"], 20_000, "time goes on from the journal: {reply}");
    assert_eq!(reply["at"], NOON + 15_000);
    time.pass(20_000);
    let timed_out = bo.settle().await;
    assert!(timed_out[0]["event"]["onCallTimeout"].is_object(), "{timed_out:?}");
    let times: Vec<u64> = lines(&store).iter().map(|line| line.at).collect();
    assert!(times.is_sorted(), "the journal never goes back: {times:?}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_while_there_was_no_server_is_done_when_there_is() {
    let store = memory();
    let time = Manual::at(NOON);
    let rig = Rig::start(parts_at(store.clone(), &time)).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    ana.reply(call("standup", &["bo"], 30)).await;
    rig.stop().await;

    time.restart(NOON + HOUR);
    let rig = Rig::start(parts_at(store.clone(), &time)).await;
    let mut bo = rig.connect("bo", "phone").await;
    let reply = bo.reply(json!({"query": {"getIncomingCalls": {"since": 0}}})).await;
    let answer = &reply["answer"]["getIncomingCalls"];
    assert_eq!(answer["calls"], json!([]), "{reply}");
    assert_eq!(answer["ended"][0]["how"], "timedOut", "{reply}");
    rig.stop().await;
}

/// By the real clock: nobody asks for anything, and it is over in time.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_times_out_of_itself() {
    let rig = Rig::start(parts(memory())).await;
    rig.open("standup", "ana", "phone").await;
    let (mut ana, mut bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
    let began = ana.reply(call("standup", &["bo"], 1)).await["at"].as_u64();
    let over = bo.until("onCallTimeout").await.pop().and_then(|it| it["at"].as_u64());
    let length = over.zip(began).map(|(over, began)| over - began);
    // On a busy machine a timer may be late, never early.
    assert!(length.is_some_and(|it| (1_000..3_000).contains(&it)), "{length:?}");
    rig.stop().await;
}
