//! The frames of `docs/clients.md`, played over real sockets, and its table of close codes.

use std::fmt::Write as _;

use futures_util::StreamExt as _;
use roomcall_testkit::repository::root;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::client::Client;
use crate::rig::{Manual, PATIENCE, Rig, memory, parts_at};

/// When it begins, in milliseconds since 1970.
const BEGIN: u64 = 1_764_492_000_000;

/// A device that writes down what it says and hears.
struct Device {
    name: &'static str,
    client: Client,
}

impl Device {
    async fn connect(rig: &Rig, name: &'static str) -> Self {
        let (user, device) = name.split_once('/').expect("a user and a device");
        Self { name, client: rig.connect(user, device).await }
    }

    /// Says something, and hears what comes of it.
    async fn says(&mut self, frames: &mut String, frame: &str) {
        writeln!(frames, "{} > {frame}", self.name).expect("a text takes it");
        self.client.send(frame).await;
        self.hears(frames).await;
    }

    /// Hears everything that it was told up to now. Steps may come in one message, a line for each output.
    async fn hears(&mut self, frames: &mut String) {
        self.client.send(r#"{"query":{"getCallLog":{}}}"#).await;
        loop {
            let next = timeout(PATIENCE, self.client.socket.next()).await.expect("something comes");
            let text = match next {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(_)) => continue,
                over => panic!("the connection is over: {over:?}"),
            };
            for line in text.lines() {
                if line.contains(r#""answer":{"getCallLog""#) {
                    return;
                }
                writeln!(frames, "{} < {line}", self.name).expect("a text takes it");
            }
        }
    }
}

/// A fact of the backend, and its answer.
async fn states(rig: &Rig, frames: &mut String, fact: &str) {
    let said = rig.fact(serde_json::from_str(fact).expect("it is JSON")).await;
    writeln!(frames, "backend > POST /v1/facts {fact}\nbackend < 200 {said}")
        .expect("a text takes it");
}

/// Everything that is played, by the name of its block in the page.
async fn played() -> Vec<(&'static str, String)> {
    let time = Manual::at(BEGIN);
    let rig = Rig::start(parts_at(memory(), &time)).await;
    let (mut connect, mut call, mut ring) = (String::new(), String::new(), String::new());
    let (mut accept, mut join, mut reconnect) = (String::new(), String::new(), String::new());

    let opened = r#"{"roomOpened":{"roomID":"standup","owner":"ana"}}"#;
    states(&rig, &mut connect, opened).await;
    let entered =
        r#"{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac","sessionID":"s1"}}"#;
    states(&rig, &mut connect, entered).await;
    let mut ana = Device::connect(&rig, "ana/mac").await;
    let mut phone = Device::connect(&rig, "bo/phone").await;
    let mut tablet = Device::connect(&rig, "bo/tablet").await;
    let snapshot = r#"{"requestID":1,"query":{"getMyCalls":{"since":0}}}"#;
    phone.says(&mut connect, snapshot).await;

    time.pass(1_000);
    let calls = r#"{"requestID":1,"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30,"extensionInfo":"about lunch"}}}"#;
    ana.says(&mut call, calls).await;
    phone.hears(&mut call).await;
    tablet.hears(&mut call).await;

    time.pass(200);
    phone.says(&mut ring, r#"{"command":{"ringing":{"attempt":1}}}"#).await;
    ana.hears(&mut ring).await;

    // The tablet is out of reach when it matters.
    drop(tablet);
    time.pass(3_000);
    let taken = r#"{"requestID":2,"command":{"acceptCall":{"roomID":"standup","attempt":1}}}"#;
    phone.says(&mut accept, taken).await;
    ana.hears(&mut accept).await;

    time.pass(500);
    let entered =
        r#"{"userEntered":{"roomID":"standup","userID":"bo","deviceID":"phone","sessionID":"s2"}}"#;
    states(&rig, &mut join, entered).await;

    time.pass(10_000);
    let mut tablet = Device::connect(&rig, "bo/tablet").await;
    tablet.says(&mut reconnect, snapshot).await;
    tablet.says(&mut reconnect, taken).await;
    phone.says(&mut reconnect, taken).await;
    rig.stop().await;
    vec![
        ("connect", connect),
        ("call", call),
        ("ring", ring),
        ("accept", accept),
        ("join", join),
        ("reconnect", reconnect),
    ]
}

/// A newer client works with this server: what it does not know is left out of the request.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_not_known_is_ignored() {
    let rig = Rig::start(parts_at(memory(), &Manual::at(BEGIN))).await;
    rig.open("standup", "ana", "mac").await;
    let mut ana = rig.connect("ana", "mac").await;
    let body = json!({"roomID": "standup", "userIDList": ["bo"], "video": {"codec": "av1"}});
    let called = ana.reply(json!({"trace": "x", "command": {"callUserToRoom": body}})).await;
    assert_eq!(called["answer"], json!({"callUserToRoom": {"bo": "success"}}));
    ana.send(r#"{"by":"backend","query":{"getMyCalls":{}}}"#).await;
    // Who asks is not for the line to say.
    let heard = ana.until("refused").await;
    assert_eq!(heard[heard.len() - 1]["refused"]["rule"], "J-02", "{heard:?}");
    rig.stop().await;
}

/// The close codes as the document of the socket has them.
fn close_codes() -> String {
    let path = root().join("spec/schema/asyncapi.json");
    let text = std::fs::read_to_string(path).expect("it can be read");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let mut table = "| code | reason | the client |\n|---|---|---|\n".to_owned();
    for it in document["channels"]["socket"]["x-close-codes"].as_array().expect("codes") {
        let text = |name: &str| it[name].as_str().expect("a text").to_owned();
        let (reason, client) = (text("reason"), text("client"));
        writeln!(table, "| {} | {reason} | {client} |", it["code"]).expect("a text takes it");
    }
    table
}

/// The page, with this between the marks of that name.
pub(crate) fn with_block(page: &str, name: &str, content: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("there is no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("there is no {end}"));
    format!("{before}{begin}{content}{end}{after}")
}

/// `UPDATE_TABLES=1` writes the frames and the table anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_clients_has_the_frames_that_are_sent() {
    let path = root().join("docs/clients.md");
    let page = std::fs::read_to_string(&path).expect("it can be read");
    let mut newest = with_block(&page, "close codes", &close_codes());
    for (name, frames) in played().await {
        newest = with_block(&newest, name, &format!("```text\n{frames}```\n"));
    }
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, &newest).expect("it can be written");
    } else {
        let differs = page.lines().zip(newest.lines()).find(|(old, new)| old != new);
        assert!(page == newest, "docs/clients.md differs (UPDATE_TABLES=1): {differs:#?}");
    }
}
