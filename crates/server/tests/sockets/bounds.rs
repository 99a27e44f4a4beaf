//! How much may wait for a device: who reads hears everything, however much it is, and who does not read
//! is cut off and costs the others nothing.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use roomcall::{Limits, Policy};
use roomcall_server::server::Parts;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, call, cancel};
use crate::http;
use crate::misbehaviour::with_little_room;
use crate::rig::{Manual, PATIENCE, Rig, device_token, memory, parts, parts_at, parts_with};

/// The names of a hundred users, the first of them with this number.
fn hundred(from: usize) -> Vec<String> {
    (from..from + 100).map(|number| format!("user-{number}")).collect()
}

/// The request to call them.
fn call_all(users: &[String], timeout: u32) -> Value {
    call("standup", &users.iter().map(String::as_str).collect::<Vec<_>>(), timeout)
}

/// A server with the queues that a server has that nobody has set up otherwise.
fn usual() -> Parts {
    parts(memory())
}

/// Texts as long as these fill what the system keeps.
fn with_long_texts() -> Parts {
    let limits = Limits { extension_bytes: 200_000, ..Limits::DEFAULT };
    let mut set = parts_with(limits, Policy::DEFAULT);
    set.socket.message_bytes = 300_000;
    set
}

/// A call with such a text.
fn long_call(user: &str, bytes: usize) -> Value {
    let mut call = call("standup", &[user], 30);
    call["command"]["callUserToRoom"]["extensionInfo"] = json!("x".repeat(bytes));
    call
}

/// The bytes that wait, as the metrics say.
async fn queued(rig: &Rig) -> usize {
    let (_, text) = http::get(rig.address, "/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix("roomcall_queued_bytes "));
    line.and_then(|number| number.parse().ok()).expect("it is counted")
}

/// How many lines of those that were heard have this in them.
fn count(heard: &[Value], what: &str) -> usize {
    heard.iter().filter(|line| line.to_string().contains(what)).count()
}

/// The next message as it is.
async fn message(client: &mut Client) -> String {
    loop {
        let next = timeout(PATIENCE, client.socket.next()).await.expect("something comes");
        if let Message::Text(text) = next.expect("it is open").expect("it lives") {
            return text.as_str().to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_step_tells_a_connection_is_one_message() {
    let rig = Rig::start(usual()).await;
    rig.open("standup", "ana", "phone").await;
    rig.enter("standup", "bo", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut bo = rig.connect("bo", "phone").await;
    let mut request = call_all(&hundred(0), 30);
    request["requestID"] = json!(1);
    ana.send(request.to_string()).await;
    let said = message(&mut ana).await;
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    // The answer, and then what it brought about (J-05).
    assert_eq!(lines[0]["requestID"], 1, "{said}");
    assert_eq!(lines.len(), 101, "{said}");
    assert!(lines[1..].iter().all(|line| line["event"]["onPendingCallChanged"].is_object()));
    assert_eq!(message(&mut bo).await.lines().count(), 100);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_three_hundred_and_reads_is_not_cut() {
    let mut set = with_long_texts();
    set.hub.queue_bytes = 20_000;
    let rig = Rig::start(set).await;
    rig.open("standup", "cy", "phone").await;
    let mut cy = rig.connect("cy", "phone").await;
    let mut ana = with_little_room(rig.address, "ana").await;
    // She does not read for a moment, and her socket is full.
    for _ in 0..4 {
        cy.reply(long_call("ana", 60_000)).await;
        cy.reply(cancel("standup", &["ana"])).await;
    }
    rig.enter("standup", "ana", "phone").await;
    for hundreds in 0..3 {
        cy.reply(call_all(&hundred(100 * hundreds), 30)).await;
    }
    assert!(queued(&rig).await > 100_000, "it waits");
    for hundreds in 3..6 {
        let mut request = call_all(&hundred(100 * hundreds), 30);
        request["requestID"] = json!(hundreds - 2);
        ana.send(request.to_string()).await;
    }
    ana.request_id = 3;
    let heard = ana.settle().await;
    assert_eq!(count(&heard, "\"requestID\""), 3);
    assert_eq!(count(&heard, "onPendingCallChanged"), 600);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_room_that_is_dissolved_while_four_hundred_ring_hears_all() {
    let mut set = usual();
    set.hub.queue_bytes = 20_000;
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    rig.enter("standup", "bo", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut bo = rig.connect("bo", "phone").await;
    for hundreds in 0..4 {
        ana.reply(call_all(&hundred(100 * hundreds), 30)).await;
    }
    rig.fact(json!({"roomDissolved": {"roomID": "standup"}})).await;
    let (told, heard) = (ana.settle().await, bo.settle().await);
    // The caller is told how each call ended; who is in the room heard that each began.
    assert_eq!(count(&told, "onCallRevokedByAdmin"), 400, "{:?}", told.last());
    assert_eq!(count(&heard, "\"calling\""), 400, "{:?}", heard.last());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_timeouts_that_fall_together_are_heard() {
    let time = Manual::at(1_700_000_000_000);
    let mut set = parts_at(memory(), &time);
    set.hub.queue_bytes = 20_000;
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    for hundreds in 0..3 {
        ana.reply(call_all(&hundred(100 * hundreds), 30)).await;
    }
    ana.settle().await;
    time.pass(30_000);
    let heard = ana.settle().await;
    assert_eq!(count(&heard, "onCallTimeout"), 300);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_is_cut_when_it_has_taken_nothing_for_so_long() {
    let mut set = with_long_texts();
    set.socket.stall = Duration::from_secs(2);
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut fay = with_little_room(rig.address, "fay").await;
    let mut bo = rig.connect("bo", "phone").await;
    // Far less than may wait.
    for _ in 0..10 {
        ana.reply(long_call("fay", 60_000)).await;
        ana.reply(cancel("standup", &["fay"])).await;
    }
    assert!(queued(&rig).await > 400_000, "it waits");
    let (start, mut rung) = (Instant::now(), 0);
    while !http::get(rig.address, "/metrics")
        .await
        .1
        .contains("connections{tenant=\"default\"} 2\n")
    {
        // The others hear what they are told meanwhile.
        ana.reply(call("standup", &["bo"], 30)).await;
        bo.until("onCallReceived").await;
        ana.reply(cancel("standup", &["bo"])).await;
        bo.until("onCallCancelled").await;
        rung += 1;
        assert!(start.elapsed() < PATIENCE, "it is still connected");
    }
    assert!(start.elapsed() > Duration::from_millis(1_500), "after {:?}", start.elapsed());
    assert!(rung > 10, "{rung} calls rang meanwhile");
    assert_eq!(fay.closes().await, Some(4431));
    assert_eq!(queued(&rig).await, 0);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_slowly_is_not_cut() {
    let mut set = with_long_texts();
    // It takes longer to read one message than to be cut, or to be silent for too long.
    set.socket.stall = Duration::from_secs(5);
    set.socket.ping = Duration::from_secs(2);
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.set_recv_buffer_size(4_096).expect("it may be small");
    let stream = socket.connect(rig.address).await.expect("it listens");
    let token = device_token("fay", "phone");
    let mut fay = Client::over(slow(stream).await, &token).await.expect("it connects");
    let start = Instant::now();
    ana.reply(long_call("fay", 180_000)).await;
    ana.reply(cancel("standup", &["fay"])).await;
    fay.until("onCallCancelled").await;
    let took = start.elapsed();
    assert!(took > Duration::from_secs(15), "it read too fast to show anything: {took:?}");
    rig.stop().await;
}

/// The other end of a stream from which 10 kB are read in a second: one every tenth of it.
async fn slow(stream: tokio::net::TcpStream) -> tokio::net::TcpStream {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there are ports");
    let address = listener.local_addr().expect("it listens");
    let ours = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let (theirs, _) = listener.accept().await.expect("somebody comes");
    tokio::spawn(async move {
        let ((mut from, mut to), (mut read, mut write)) =
            (stream.into_split(), theirs.into_split());
        tokio::spawn(async move { tokio::io::copy(&mut read, &mut to).await });
        let mut part = [0; 1_024];
        // Until either end is gone.
        while let Ok(count @ 1..) = tokio::io::AsyncReadExt::read(&mut from, &mut part).await {
            if tokio::io::AsyncWriteExt::write_all(&mut write, &part[..count]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    });
    ours
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_queries_whose_answers_nobody_reads_is_bounded() {
    let mut set = with_long_texts();
    set.hub.queue_bytes = 200_000;
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    // What the answers to fay are full of: a page of 120 kB.
    for room in 0..2 {
        let room = format!("room-{room}");
        rig.open(&room, "ana", "phone").await;
        let mut long = long_call("fay", 60_000);
        long["command"]["callUserToRoom"]["roomID"] = json!(room);
        ana.reply(long).await;
    }
    let mut fay = with_little_room(rig.address, "fay").await;
    let query = json!({"query": {"getIncomingCalls": {}}}).to_string();
    let flood = vec![query; 300].join("\n");
    fay.send(flood.clone()).await;
    let (start, mut most) = (Instant::now(), 0);
    let asks = async {
        for _ in 0..20 {
            if fay.socket.send(Message::text(flood.clone())).await.is_err() {
                break;
            }
        }
    };
    let looks = async {
        while start.elapsed() < Duration::from_secs(3) {
            most = most.max(queued(&rig).await);
            sleep(Duration::from_millis(10)).await;
        }
    };
    let _ = tokio::join!(timeout(Duration::from_secs(3), asks), looks);
    println!("at most {most} bytes waited");
    assert!(most > 50_000, "{most} bytes waited");
    assert!(most < 1_500_000, "{most} bytes waited");
    // It is not cut: what it asked it may read.
    for _ in 0..300 {
        assert!(fay.hear().await["answer"].is_object());
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_too_much_waits_in_all_who_reads_stays() {
    let mut set = with_long_texts();
    set.hub.all_queues_bytes = 1_000_000;
    let rig = Rig::start(set).await;
    rig.open("standup", "ana", "phone").await;
    let mut ana = rig.connect("ana", "phone").await;
    let mut slow = Vec::new();
    for number in 0..4 {
        slow.push(with_little_room(rig.address, &format!("fay-{number}")).await);
    }
    let mut bo = rig.connect("bo", "phone").await;
    for _ in 0..40 {
        for user in ["bo", "fay-0", "fay-1", "fay-2", "fay-3"] {
            ana.reply(long_call(user, 60_000)).await;
            ana.reply(cancel("standup", &[user])).await;
        }
        bo.until("onCallCancelled").await;
        // One step may be more, until the slowest are cut.
        assert!(queued(&rig).await < 1_200_000);
    }
    // Those who took nothing could not all stay.
    http::metrics_say(rig.address, "connections_closed_total{kind=\"too_slow\"}").await;
    assert_eq!(bo.settle().await, Vec::<Value>::new());
    rig.stop().await;
}
