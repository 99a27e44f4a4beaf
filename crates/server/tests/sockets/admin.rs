//! The listener of administration, over HTTP and by the program.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use roomcall_server::admin::{AdminParts, AdminToken, Reload};
use roomcall_server::log::{Embedded, Store};
use roomcall_server::private_file::write_new;
use roomcall_server::recover::recover;
use roomcall_server::server::{Parts, TENANT};
use roomcall_server::state::Unseen;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::child::PROGRAM;
use crate::client::{Client, call};
use crate::http;
use crate::rig::{Rig, backend_token, memory, parts, seed};

const TOKEN: &str = "a token of the tests, and long enough";

/// A server that is administered.
struct SetUp {
    rig: Rig,
    address: SocketAddr,
    token_file: PathBuf,
    folder: tempfile::TempDir,
    asked: mpsc::Receiver<Reload>,
}

impl SetUp {
    async fn new(store: impl Store + 'static) -> Self {
        Self::of(parts(store)).await
    }

    async fn of(mut parts: Parts) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let token_file = folder.path().join("admin.txt");
        write_new(&token_file, TOKEN).expect("there is room");
        let token = Arc::new(AdminToken::load(&token_file).expect("it is a token"));
        let (reload, asked) = mpsc::channel(1);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        parts.admin = Some(AdminParts { listen, token, reload });
        let rig = Rig::start(parts).await;
        let address = rig.admin.expect("it is administered");
        Self { rig, address, token_file, folder, asked }
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let path = if path.starts_with('/') { path } else { &format!("/admin/v1/{path}") };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http::send(self.address, method, path, Some(TOKEN), &body).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, said) = self.send("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {said}");
        said
    }

    /// What the program prints.
    async fn program(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(PROGRAM);
        command.args(["admin", "--url", &format!("http://{}", self.address), "--token-file"]);
        command.arg(&self.token_file).args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.expect("it ends").expect("it starts");
        let text = |it: Vec<u8>| String::from_utf8(it).expect("it is text");
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_administers_without_the_token() {
    let set_up = SetUp::new(memory()).await;
    for (method, path) in [
        ("GET", "/metrics"),
        ("GET", "/admin/v1/connections"),
        ("DELETE", "/admin/v1/connections?user=ana"),
        ("GET", "/admin/v1/calls"),
        ("POST", "/admin/v1/drain"),
        ("POST", "/admin/v1/backup"),
        ("PATCH", "/admin/v1/rules"),
        ("POST", "/admin/v1/reload"),
        ("GET", "/nothing"),
    ] {
        for token in [None, Some("another token, and long enough, too"), Some(&backend_token()[..])]
        {
            let (status, said) = http::send(set_up.address, method, path, token, "{}").await;
            assert_eq!(status, 401, "{method} {path}: {said}");
        }
    }
    assert!(!set_up.rig.drain.has_begun());
    // The metrics are there, and not where everybody comes.
    assert!(set_up.get("/metrics").await.to_string().contains("roomcall_connections"));
    assert_eq!(http::get(set_up.rig.address, "/metrics").await.0, 404);
    assert_eq!(http::get(set_up.rig.address, "/admin/v1/calls").await.0, 404);
    set_up.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_connected_is_listed_and_kicked() {
    let set_up = SetUp::new(memory()).await;
    let mut phone = set_up.rig.connect("ana", "phone").await;
    let mut laptop = set_up.rig.connect("ana", "lap top").await;
    let mut bo = set_up.rig.connect("bo", "phone").await;
    let page = set_up.get("connections?count=2").await;
    let names = |page: &Value| -> Vec<(String, String)> {
        let listed = page["connections"].as_array().expect("a list").iter();
        let text = |it: &Value| it.as_str().expect("a text").to_owned();
        listed.map(|it| (text(&it["user"]), text(&it["device"]))).collect()
    };
    let of = |user: &str, device: &str| (user.to_owned(), device.to_owned());
    assert_eq!(names(&page), [of("ana", "lap top"), of("ana", "phone")]);
    let cursor = page["nextCursor"].as_str().expect("there are more");
    let page = set_up.get(&format!("connections?cursor={cursor}")).await;
    assert_eq!((names(&page), &page["nextCursor"]), (vec![of("bo", "phone")], &Value::Null));
    for wrong in ["connections?count=0", "connections?cursor=x", "connections?count=1001"] {
        assert_eq!(set_up.send("GET", wrong, &Value::Null).await.0, 400, "{wrong}");
    }
    let (status, _) = set_up.send("GET", "connections?tenant=nobody", &Value::Null).await;
    assert_eq!(status, 404);

    let listed = set_up.program(&["connections", "--user", "bo"]).await.expect("it is told");
    assert!(listed.starts_with("user  device") && listed.contains("bo    phone"), "{listed}");
    let kick = ["kick", "--user", "ana", "--device", "lap top"];
    assert_eq!(set_up.program(&kick).await, Ok("closed: 1\n".to_owned()));
    assert_eq!(laptop.closes().await, Some(1001), "it connects again");
    phone.settle().await;
    let all = set_up.send("DELETE", "connections?user=ana", &Value::Null).await;
    assert_eq!(all, (200, json!({"closed": 1})));
    assert_eq!(phone.closes().await, Some(1001));
    set_up.rig.connect("ana", "phone").await.settle().await;
    bo.settle().await;
    set_up.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rings_is_listed() {
    let set_up = SetUp::new(memory()).await;
    set_up.rig.open("standup", "ana", "phone").await;
    set_up.rig.open("other room", "eve", "phone").await;
    let mut ana = set_up.rig.connect("ana", "phone").await;
    ana.reply(call("standup", &["bo", "cy"], 60)).await;
    let count = |page: &Value| page["calls"].as_array().map(Vec::len);
    for (query, expected) in [
        ("", 2),
        ("?user=bo", 1),
        ("?user=eve", 0),
        ("?room=standup", 2),
        ("?room=other%20room", 0),
    ] {
        let page = set_up.get(&format!("calls{query}")).await;
        assert_eq!(count(&page), Some(expected), "{query}: {page}");
    }
    let (status, said) = set_up.send("GET", "calls?room=nowhere", &Value::Null).await;
    assert_eq!(status, 400, "{said}");
    let first = set_up.get("calls?count=1").await;
    assert!(first["nextCursor"].as_str().is_some_and(|it| !it.is_empty()), "{first}");
    let said = set_up.program(&["--json", "calls", "--user", "ana"]).await.expect("it is told");
    assert_eq!(count(&serde_json::from_str(&said).expect("it is JSON")), Some(2));
    set_up.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_change_in_mid_life() {
    let set_up = SetUp::new(memory()).await;
    set_up.rig.open("standup", "ana", "phone").await;
    let mut ana = set_up.rig.connect("ana", "phone").await;
    let change = r#"{"limits":{"callees":1}}"#;
    let said = set_up.program(&["rules", change]).await.expect("it is taken");
    assert!(said.contains("fact"), "{said}");
    let reply = ana.reply(call("standup", &["bo", "cy"], 30)).await;
    assert_eq!(reply["refused"]["rule"], "L-03", "{reply}");
    let (status, said) = set_up.send("PATCH", "rules", &json!({"rights": {}})).await;
    assert_eq!(status, 400, "{said}");
    // A limit that may only grow: it is answered, as a fact is, that nothing came of it.
    let (status, said) = set_up.send("PATCH", "rules", &json!({"limits": {"idBytes": 1}})).await;
    assert!(status == 200 && said["answer"]["fact"]["ignored"].is_string(), "{said}");
    set_up.rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_to_drain_and_to_read_its_configuration() {
    let mut set_up = SetUp::new(memory()).await;
    let mut asked = std::mem::replace(&mut set_up.asked, mpsc::channel(1).1);
    let reads = tokio::spawn(async move {
        let _ = asked.recv().await.expect("it is asked").send(Ok(vec!["batch".to_owned()]));
        let _ = asked.recv().await.expect("it is asked").send(Err("no such file".to_owned()));
    });
    let said = set_up.send("POST", "reload", &Value::Null).await;
    assert_eq!(said, (200, json!({"needRestart": ["batch"]})));
    let why = set_up.program(&["reload"]).await.expect_err("it could not be read");
    assert!(why.contains("500") && why.contains("no such file"), "{why}");
    reads.await.expect("it was asked twice");
    let mut ana = set_up.rig.connect("ana", "phone").await;
    assert!(set_up.program(&["drain"]).await.is_ok_and(|said| said.contains("draining: true")));
    assert_eq!(ana.closes().await, Some(1001));
    set_up.rig.ends().await.expect("it ends well");
}

/// What a log knows: the last batch in its newest snapshot, its last batch, and the rooms of a name like this.
async fn known(store: &Path) -> (u64, u64, Vec<String>) {
    let log = Embedded::existing(store).expect("it is a store").log(TENANT).expect("it is whole");
    let recovered = recover(&*log, seed(), &mut Unseen).await.expect("it is whole");
    let board = recovered.state.switchboard();
    let names = (0..400).map(|it| format!("room-{it}"));
    let rooms = names.filter(|it| board.lookup_room(it).is_some()).collect();
    (recovered.saved, recovered.state.last(), rooms)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_a_store() {
    let folder = tempfile::tempdir().expect("there is room");
    let store = Embedded::open(&folder.path().join("store"), false).expect("there is room");
    let mut often_saved = parts(store);
    often_saved.snapshots.log_bytes = 2_000;
    let set_up = SetUp::of(often_saved).await;
    let open = async |number: usize| {
        let room = format!("room-{number}");
        set_up.rig.fact(json!({"roomOpened": {"roomID": room, "owner": "ana"}})).await;
    };
    for number in 0..100 {
        open(number).await;
    }
    // It is made while more comes in.
    let directory = set_up.folder.path().join("backup");
    let text = directory.to_str().expect("it is text");
    let more = async {
        for number in 100..200 {
            open(number).await;
        }
    };
    let arguments = ["--json", "backup", text];
    let (said, ()) = tokio::join!(set_up.program(&arguments), more);
    let said: Value = serde_json::from_str(&said.expect("it is made")).expect("it is JSON");
    for number in 200..210 {
        open(number).await;
    }
    // Nothing takes the place of what is there, and nothing is made where nobody said.
    for (to, status) in [(json!(text), 500), (json!("backup"), 400), (json!(3), 400)] {
        let made = set_up.send("POST", "backup", &json!({ "directory": to })).await;
        assert_eq!(made.0, status, "{}", made.1);
    }
    let names = fs::read_dir(set_up.folder.path()).expect("it is there");
    assert_eq!(names.count(), 2, "the token and the backup, and nothing is left over");
    set_up.rig.stop().await;

    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&directory).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    let (saved, last, rooms) = known(&directory).await;
    assert!(saved > 0, "it has a snapshot");
    let expected = json!([{"tenant": TENANT, "snapshot": saved, "last": last}]);
    assert_eq!(said["tenants"], expected);
    assert!((100..=200).contains(&rooms.len()), "{}", rooms.len());
    let expected: Vec<String> = (0..rooms.len()).map(|it| format!("room-{it}")).collect();
    assert_eq!(rooms, expected, "all up to some moment");

    let mut old = parts(Embedded::open(&directory, false).expect("it is a store"));
    old.tenants[0].is_old = true;
    let rig = Rig::start(old).await;
    rig.enter("room-99", "ana", "phone").await;
    let mut ana =
        Client::connect(rig.address, &crate::rig::device_token("ana", "phone")).await.unwrap();
    let said = ana.reply(call("room-99", &["bo"], 30)).await;
    assert!(said["attempts"]["bo"].as_u64() > Some(1 << 10), "above all that was told: {said}");
    rig.stop().await;
}
