//! Clients that behave badly are cut off, each with its code; and nobody else notices.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::SinkExt;
use roomcall::{Limits, Policy};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, call, cancel};
use crate::rig::{PATIENCE, Rig, device_token, memory, parts, parts_with};

/// Within this long an event is heard, whatever others do. Far less is usual; the machine is busy.
const IN_TIME: Duration = Duration::from_secs(2);

/// ana, who calls, and bo, who is called, in one room with whoever behaves badly.
struct Room {
    rig: Rig,
    ana: Client,
    bo: Client,
}

impl Room {
    async fn new(rig: Rig) -> Self {
        rig.open("standup", "ana", "phone").await;
        rig.enter("standup", "eve", "phone").await;
        let (ana, bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
        Self { rig, ana, bo }
    }

    /// A call is heard in time, and so is its end.
    async fn is_well(&mut self) {
        let start = Instant::now();
        self.ana.reply(call("standup", &["bo"], 30)).await;
        self.bo.until("onCallReceived").await;
        self.ana.reply(cancel("standup", &["bo"])).await;
        self.bo.until("onCallCancelled").await;
        assert!(start.elapsed() < IN_TIME, "it took {:?}", start.elapsed());
    }

    /// The metrics come to say for which reason a connection was closed.
    async fn counted(&self, why: &str) {
        let line = format!("connections_closed_total{{kind=\"{why}\"}} 1");
        crate::http::metrics_say(self.rig.address, &line).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_request() {
    let mut room = Room::new(Rig::start(parts(memory())).await).await;
    let accept = r#"{"acceptCall":{"roomID":"standup"}}"#;
    let wrong = [
        "hello".to_owned(),
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{".repeat(8_000),
        "[".repeat(8_000),
        format!(r#"[1,{accept}]"#),
        r#"{"requestID":1,"command":{"acceptCall":["standup"]}}"#.to_owned(),
        r#"{"requestID":1,"command":{"callUserToRoom":["standup",["bo"],3]}}"#.to_owned(),
        format!(r#"{{"requestID":-1,"command":{accept}}}"#),
        format!(r#"{{"requestID":1,"requestID":2,"command":{accept}}}"#),
        format!(r#"{{"requestID":1,"at":0,"command":{accept}}}"#),
        r#"{"requestID":1,"fact":{"userLeft":{"roomID":"standup","userID":"ana"}}}"#.to_owned(),
        r#"{"tick":{}}"#.to_owned(),
        format!(r#"{{"requestID":1,"by":"backend","command":{accept}}}"#),
    ];
    let mut eve = room.rig.connect("eve", "phone").await;
    for text in wrong {
        eve.send(text.clone()).await;
        let said = eve.hear().await;
        assert_eq!(said["refused"]["rule"], "J-02", "{text}: {said}");
        assert_eq!(said["refused"]["code"], -1001, "{text}: {said}");
        // It is answered with its number, where it has one.
        let number: Option<Value> = serde_json::from_str(&text).ok();
        let number = number.map(|it| it["requestID"].clone()).filter(|it| *it == json!(1));
        let is_twice = text.matches("requestID").count() > 1;
        assert_eq!(said.get("requestID").cloned(), number.filter(|_| !is_twice), "{text}: {said}");
    }
    // It is said what is wrong with it, and where; not all of what was sent.
    eve.send(r#"{"requestID":7,"command":{"acceptCall":{"roomName":"standup"}}}"#).await;
    let said = eve.hear().await;
    let message = said["refused"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("unknown field `roomName`"), "{said}");
    assert!(message.ends_with("at column 50"), "{said}");
    let long = "\u{1}".repeat(2_000);
    eve.send(json!({"requestID": 7, "command": {long: {}}}).to_string()).await;
    let said = eve.hear().await;
    let message = said["refused"]["message"].as_str().unwrap_or_default();
    assert!(message.len() < 600 && message.contains(" at column 12"), "{said}");
    // The connection is as good as before.
    assert_eq!(eve.settle().await, Vec::<Value>::new());
    eve.socket.send(Message::binary(vec![1, 2, 3])).await.expect("it can be sent");
    assert_eq!(eve.closes().await, Some(4400), "bytes");
    room.is_well().await;
    room.rig.stop().await;
}

// The other lines of a message with a malformed one are judged, and all are answered in their order.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_which_one_line_is_malformed() {
    let mut room = Room::new(Rig::start(parts(memory())).await).await;
    let query = json!({"query": {"getIncomingCalls": {}}});
    room.bo.send(format!("{query}\n\n{query}\n{{}}\n{query}\n")).await;
    for is_good in [true, false, true, false, true] {
        let said = room.bo.hear().await;
        assert_eq!(said["answer"].is_object(), is_good, "{said}");
        assert_eq!(said["refused"].is_object(), !is_good, "{said}");
    }
    room.is_well().await;
    room.rig.stop().await;
}

// What is malformed counts as five messages.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_nothing_but_what_is_malformed() {
    let mut set = parts(memory());
    (set.socket.rate, set.socket.burst) = (1, 40);
    let mut room = Room::new(Rig::start(set).await).await;
    let mut eve = room.rig.connect("eve", "phone").await;
    for _ in 0..20 {
        // It may be cut off before the last.
        let _ = eve.socket.send(Message::text("{}")).await;
    }
    let mut refused = 0;
    let code = loop {
        match eve.next().await {
            Ok(said) => refused += usize::from(said["refused"].is_object()),
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(4429));
    assert!((7..=9).contains(&refused), "{refused} were refused");
    room.is_well().await;
    room.rig.stop().await;
}

// A message holds one or more requests, one a line.
#[tokio::test(flavor = "multi_thread")]
async fn two_requests_in_a_message() {
    let mut room = Room::new(Rig::start(parts(memory())).await).await;
    let query = |id: u32| json!({ "requestID": id, "query": { "getIncomingCalls": {} } });
    room.bo.send(format!("{}\r\n{}\n", query(7), query(8))).await;
    for id in [7, 8] {
        let reply = room.bo.hear().await;
        assert_eq!(reply["requestID"], id, "{reply}");
    }
    room.is_well().await;
    room.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large() {
    let mut room = Room::new(Rig::start(parts(memory())).await).await;
    let mut eve = room.rig.connect("eve", "phone").await;
    // As long as may be: it is judged.
    let mut frame = call("standup", &["bo"], 30);
    frame["command"]["callUserToRoom"]["extensionInfo"] = json!("x".repeat(16_000));
    let reply = eve.reply(frame.clone()).await;
    assert_eq!(reply["refused"]["rule"], "L-06", "{reply}");
    frame["command"]["callUserToRoom"]["extensionInfo"] = json!("x".repeat(100_000));
    eve.send(frame.to_string()).await;
    assert_eq!(eve.closes().await, Some(1009));
    // In parts it is as large.
    let mut eve = room.rig.connect("eve", "phone").await;
    let part = tokio_tungstenite::tungstenite::protocol::frame::Frame::message(
        vec![b'['; 9_000],
        tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode::Data(
            tokio_tungstenite::tungstenite::protocol::frame::coding::Data::Text,
        ),
        false,
    );
    let mut rest = part.clone();
    rest.header_mut().opcode =
        tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode::Data(
            tokio_tungstenite::tungstenite::protocol::frame::coding::Data::Continue,
        );
    for part in [part, rest] {
        // It may be cut off after the first.
        let _ = eve.socket.send(Message::Frame(part)).await;
    }
    assert_eq!(eve.closes().await, Some(1009), "in parts");
    // And the backend's.
    for (path, bytes) in [("/v1/requests", 100_000), ("/v1/facts", 9_000_000)] {
        let (status, _) = room.rig.post(path, &json!("x".repeat(bytes))).await;
        assert_eq!(status, 413, "{path}");
    }
    room.is_well().await;
    room.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood() {
    let mut set = parts(memory());
    (set.socket.rate, set.socket.burst) = (20, 40);
    let mut room = Room::new(Rig::start(set).await).await;
    let mut eve = room.rig.connect("eve", "phone").await;
    let ask = json!({"query": {"getIncomingCalls": {}}}).to_string();
    let flood = tokio::spawn(async move {
        for _ in 0..20_000 {
            if eve.socket.send(Message::text(ask.clone())).await.is_err() {
                break;
            }
        }
        let mut answered = 0;
        loop {
            match eve.next().await {
                Ok(_) => answered += 1,
                Err(code) => return (code, answered),
            }
        }
    });
    room.is_well().await;
    let flooded = timeout(PATIENCE, flood).await.expect("it is cut off in time");
    let (code, answered) = flooded.expect("it is cut off");
    assert_eq!(code, Some(4429));
    assert!(answered <= 60, "{answered} were answered");
    room.counted("too_fast").await;
    // Pings are messages, too.
    let mut eve = room.rig.connect("eve", "phone").await;
    for _ in 0..100 {
        // It may be cut off before the last.
        let _ = eve.socket.send(Message::Ping(Default::default())).await;
    }
    assert_eq!(eve.closes().await, Some(4429), "pings");
    room.is_well().await;
    room.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_silent() {
    let mut set = parts(memory());
    set.socket.ping = Duration::from_millis(300);
    // It will look some time after it was cut off.
    set.net.linger = PATIENCE;
    let mut room = Room::new(Rig::start(set).await).await;
    // It is there, but no pong comes: nobody reads.
    let mut eve = room.rig.connect("eve", "phone").await;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1_200) {
        room.is_well().await;
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(eve.closes().await, Some(4408));
    drop(eve);
    room.counted("stalled").await;
    // Who answers pings stays, though it says nothing.
    room.is_well().await;
    room.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_websocket() {
    let mut room = Room::new(Rig::start(parts(memory())).await).await;
    let raw = |bytes: &'static [u8], code| (bytes, code);
    // A frame of a kind that there is not, one that is not masked, and a text that is none.
    for (bytes, code) in [
        raw(&[0x8b, 0x80, 1, 2, 3, 4], 1002),
        raw(&[0x81, 0x02, b'{', b'}'], 1002),
        raw(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff], 1007),
    ] {
        let mut eve = room.rig.connect("eve", "phone").await;
        eve.socket.get_mut().write_all(bytes).await.expect("it can be sent");
        assert_eq!(eve.closes().await, Some(code), "{bytes:?}");
    }
    room.counted("not_text").await;
    room.is_well().await;
    room.rig.stop().await;
}

/// A device with as little room for what it does not read as there can be.
pub(crate) async fn with_little_room(address: SocketAddr, user: &str) -> Client {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.set_recv_buffer_size(4_096).expect("it may be small");
    let stream = socket.connect(address).await.expect("it listens");
    Client::over(stream, &device_token(user, "phone")).await.expect("it connects")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing() {
    let limits = Limits { extension_bytes: 60_000, ..Limits::DEFAULT };
    let mut set = parts_with(limits, Policy::DEFAULT);
    set.socket.message_bytes = 100_000;
    (set.hub.queue_bytes, set.socket.stall) = (500_000, Duration::from_secs(2));
    let mut room = Room::new(Rig::start(set).await).await;
    let mut eve = with_little_room(room.rig.address, "fay").await;
    let text = "x".repeat(60_000);
    let mut big = call("standup", &["fay"], 30);
    big["command"]["callUserToRoom"]["extensionInfo"] = json!(text);
    let (mut told, start) = (0, Instant::now());
    loop {
        room.ana.reply(big.clone()).await;
        room.ana.reply(cancel("standup", &["fay"])).await;
        told += 2;
        if told % 20 == 0 {
            room.is_well().await;
            let (_, text) = crate::http::get(room.rig.address, "/metrics").await;
            if text.contains("connections{tenant=\"default\"} 2\n") {
                break;
            }
        }
        assert!(start.elapsed() < PATIENCE, "it is still connected");
    }
    assert_eq!(eve.closes().await, Some(4431));
    // Back again it learns what rings.
    room.ana.reply(call("standup", &["fay"], 30)).await;
    let mut eve = room.rig.connect("fay", "phone").await;
    let reply = eve.reply(json!({"query": {"getIncomingCalls": {}}})).await;
    let calls: &Value = &reply["answer"]["getIncomingCalls"]["calls"];
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{reply}");
    room.counted("too_slow").await;
    room.rig.stop().await;
}

/// There is room for what waits, but nothing of it moves: the other side is there and does not take it.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing() {
    let limits = Limits { extension_bytes: 60_000, ..Limits::DEFAULT };
    let mut set = parts_with(limits, Policy::DEFAULT);
    set.socket.message_bytes = 100_000;
    set.socket.stall = Duration::from_millis(700);
    set.hub.queue_bytes = 1 << 30;
    // That is for unauthenticated connections.
    set.net.patience = Duration::from_millis(200);
    let room = Rig::start(set).await;
    room.open("standup", "ana", "phone").await;
    let mut ana = room.connect("ana", "phone").await;
    let mut fay = with_little_room(room.address, "fay").await;
    let mut big = call("standup", &["fay"], 30);
    big["command"]["callUserToRoom"]["extensionInfo"] = json!("x".repeat(60_000));
    let start = Instant::now();
    loop {
        ana.reply(big.clone()).await;
        ana.reply(cancel("standup", &["fay"])).await;
        // It is not silent.
        let _ = fay.socket.send(Message::Pong(Default::default())).await;
        let (_, text) = crate::http::get(room.address, "/metrics").await;
        if text.contains("connections{tenant=\"default\"} 1\n") {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "it is still connected");
    }
    assert_eq!(fay.closes().await, Some(4431));
    room.stop().await;
}

/// Frames that come to no message, without end.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_never_ends() {
    let mut set = parts(memory());
    (set.socket.rate, set.socket.burst, set.socket.message_bytes) = (20, 20, 1_000);
    let mut room = Room::new(Rig::start(set).await).await;
    let mut eve = room.rig.connect("eve", "phone").await;
    let stream = eve.socket.get_mut();
    stream.write_all(&[0x01, 0x80, 0, 0, 0, 0]).await.expect("it can be sent");
    let more = [0x00, 0x80, 0, 0, 0, 0].repeat(100);
    let mut sent = 0;
    while sent < 10_000 && stream.write_all(&more).await.is_ok() {
        sent += 1;
    }
    assert_eq!(eve.closes().await, Some(4429));
    room.is_well().await;
    room.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_connections() {
    let mut set = parts(memory());
    (set.hub.of_user, set.hub.connections) = (2, 4);
    let mut room = Room::new(Rig::start(set).await).await;
    let address = room.rig.address;
    let _first = room.rig.connect("eve", "a").await;
    let second = room.rig.connect("eve", "b").await;
    let refused = Client::connect(address, &device_token("eve", "c")).await.err();
    assert!(refused.is_some_and(|it| it.0 == 429 && it.1.contains("2 connections")));
    let refused = Client::connect(address, &device_token("fay", "a")).await.err();
    assert!(refused.is_some_and(|it| it.0 == 429 && it.1.contains("4 connections")));
    // The same device again takes its own place, and one that goes makes room.
    let duplicate = room.rig.connect("eve", "a").await;
    drop((second, duplicate));
    let start = Instant::now();
    while let Err((status, _)) = Client::connect(address, &device_token("fay", "a")).await {
        assert_eq!(status, 429);
        assert!(start.elapsed() < IN_TIME, "there is room now");
        sleep(Duration::from_millis(10)).await;
    }
    room.is_well().await;
    room.rig.stop().await;
}
