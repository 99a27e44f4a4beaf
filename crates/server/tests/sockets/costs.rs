//! What requests may cost: an expensive one is refused with a time and goes through after that, and nobody else
//! is slower for it.

use roomcall_server::cost::CostLimits;
use roomcall_server::server::Parts;
use serde_json::{Value, json};

use crate::client::{Client, accept, call, cancel};
use crate::http;
use crate::rig::{Manual, Rig, lines, memory, parts_at};

/// A server with the limits that a server has that nobody has set up otherwise, but for a device.
fn with_limits(device: u64, store: roomcall_server::log::Memory, time: &Manual) -> Parts {
    let costs = CostLimits { device, ..CostLimits::default() };
    Parts { costs, ..parts_at(store, time) }
}

fn time() -> Manual {
    Manual::at(1_700_000_000_000)
}

/// The names of a hundred users.
fn hundred() -> Vec<String> {
    (0..100).map(|number| format!("user-{number}")).collect()
}

fn hundred_of(make: impl Fn(&[&str]) -> Value) -> Value {
    let users = hundred();
    make(&users.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The number after this name in the metrics.
async fn counted(rig: &Rig, name: &str) -> u64 {
    let (_, text) = http::get(rig.address, "/metrics").await;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{name} is not in {text}")).parse().expect("it is a number")
}

/// The same request once more, with its number.
async fn again(client: &mut Client, request: Value) -> Value {
    client.request_id -= 1;
    client.reply(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expensive_request_is_refused_with_a_time_and_goes_through_after_it() {
    let (store, time) = (memory(), time());
    // A call and cancel of a hundred is 202: five seconds of 50 are 250.
    let rig = Rig::start(with_limits(50, store.clone(), &time)).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let called = ana.reply(hundred_of(|users| call("standup", users, 30))).await;
    assert_eq!(called["answer"]["callUserToRoom"]["user-7"], "success", "{called}");
    let cancelled = ana.reply(hundred_of(|users| cancel("standup", users))).await;
    assert!(cancelled["answer"].is_object(), "{cancelled}");
    let before = lines(&store).len();
    let refused = ana.reply(hundred_of(|users| call("standup", users, 30))).await;
    assert_eq!(refused["refused"]["rule"], "L-15", "{refused}");
    assert_eq!(refused["refused"]["code"], -2, "{refused}");
    // 101 and the 10 of the refusal, where 48 are left: 63 too few, of which 50 come in a second.
    assert_eq!(refused["refused"]["retryAfter"], 1_260, "{refused}");
    assert_eq!(counted(&rig, "roomcall_refused_for_cost_total{kind=\"device\"}").await, 1);
    // Another device of the user has a budget of its own, and so has somebody else.
    rig.enter("standup", "ana", "tablet").await;
    let mut tablet = rig.connect("ana", "tablet").await;
    let called = tablet.reply(call("standup", &["bo"], 30)).await;
    assert_eq!(called["answer"]["callUserToRoom"]["bo"], "success", "{called}");
    // The connection lives, and nothing of it is in the log but the fact and that call.
    let of_ana = lines(&store).len() - before;
    assert_eq!(of_ana, 2);
    time.pass(1_260);
    let called = again(&mut ana, hundred_of(|users| call("standup", users, 30))).await;
    assert_eq!(called["answer"]["callUserToRoom"]["user-7"], "success", "{called}");
    assert_eq!(called["repeated"], Value::Null, "{called}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_number_is_refused_too() {
    let rig = Rig::start(with_limits(1, memory(), &time())).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    for _ in 0..2 {
        ana.send(hundred_of(|users| call("standup", users, 30)).to_string()).await;
    }
    let heard = ana.until("L-15").await;
    let refused = heard.last().expect("it was heard");
    assert_eq!(refused.get("requestID"), None, "{refused}");
    assert!(refused["refused"]["retryAfter"].as_u64().is_some_and(|it| it > 90_000), "{refused}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_call_no_more_can_still_answer_and_nobody_waits_for_an_outsider() {
    let time = time();
    let mut set = with_limits(50, memory(), &time);
    set.costs.room = 60;
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    rig.open("retro", "bo", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut bo = rig.connect("bo", "phone").await;
    // Somebody who is not in the room asks for much in it.
    for number in 0..4 {
        let mut eve = rig.connect(&format!("eve-{number}"), "phone").await;
        let refused = eve.reply(hundred_of(|users| call("retro", users, 30))).await;
        assert!(refused["refused"].is_object(), "{refused}");
        assert_ne!(refused["refused"]["rule"], "L-15", "{refused}");
    }
    let mut refused = Value::Null;
    for _ in 0..3 {
        refused = ana.reply(hundred_of(|users| call("standup", users, 30))).await;
    }
    assert_eq!(refused["refused"]["rule"], "L-15", "{refused}");
    // A hundred whom nobody calls yet: the room has enough for that.
    let others: Vec<String> = (100..200).map(|number| format!("user-{number}")).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let called = bo.reply(call("retro", &others, 30)).await;
    assert_eq!(called["answer"]["callUserToRoom"]["user-107"], "success", "{called}");
    // Who is in a room does not ring for another one.
    rig.fact(json!({"userLeft": {"roomID": "standup", "userID": "ana", "deviceID": "phone"}}))
        .await;
    let called = bo.reply(call("retro", &["ana"], 30)).await;
    assert_eq!(called["answer"]["callUserToRoom"]["ana"], "success", "{called}");
    ana.until("onCallReceived").await;
    let accepted = ana.reply(accept("retro")).await;
    assert!(accepted["answer"].is_object(), "{accepted}");
    rig.stop().await;
}

/// What one participant of a room of ten thousand can make the engine do: no more than its budget, however much it
/// asks, while calls elsewhere ring. The time that they take is measured by `benches/hostile.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_hostile_in_a_large_room_makes_no_more_work_than_may_be() {
    let time = time();
    let rig = Rig::start(with_limits(1_000, memory(), &time)).await;
    let present: Vec<Value> =
        (0..10_000).map(|number| json!({"userID": format!("person-{number}")})).collect();
    rig.fact(json!({"roomOpened": {"roomID": "town", "owner": "person-0"}})).await;
    rig.fact(json!({"presenceListed": {"roomID": "town", "present": present}})).await;
    rig.open("standup", "ana", "phone").await;
    let mut readers = Vec::new();
    for number in 1..20 {
        readers.push(rig.connect(&format!("person-{number}"), "phone").await);
    }
    let mut hostile = rig.connect("person-0", "phone").await;
    let (mut ana, mut bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
    let (mut done, mut refused) = (0, 0);
    // Twenty a second, for five seconds.
    for number in 0..100 {
        let request = match number % 2 {
            0 => hundred_of(|users| call("town", users, 30)),
            _ => hundred_of(|users| cancel("town", users)),
        };
        let said = hostile.reply(request).await;
        if said["refused"]["rule"] == "L-15" {
            refused += 1;
        } else {
            done += 1;
        }
        if number % 10 == 0 {
            let called = ana.reply(call("standup", &["bo"], 30)).await;
            assert_eq!(called["answer"]["callUserToRoom"]["bo"], "success", "{called}");
            bo.until("onCallReceived").await;
            ana.reply(cancel("standup", &["bo"])).await;
        }
        time.pass(50);
    }
    // It began with the budget of five seconds, and five have passed; one request may be paid for later. What is
    // done costs 2,000 and more.
    let spent = counted(&rig, "roomcall_cost_total{kind=\"device\"}").await;
    assert!((8_000..=12_100).contains(&spent), "{spent} units, {done} requests");
    assert!((4..=6).contains(&done), "{done} were done, {refused} were refused");
    // Those in the room are told what was done, and nothing else.
    let told = readers[0].settle().await.len();
    assert!((200..=100 * done).contains(&told), "{told} lines, {done} requests");
    rig.stop().await;
}
