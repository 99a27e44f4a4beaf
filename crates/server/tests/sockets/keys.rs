//! Keys: made, signed with, rotated while the server runs, and kept from others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use roomcall_server::private_file::write_new;
use serde_json::json;

use crate::child::{self, PROGRAM, Server};
use crate::client::Client;
use crate::http;
use crate::rig::PATIENCE;

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().expect("the program starts")
}

fn made(arguments: &[&str]) {
    let output = run(&[&["keys"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn signed(key: &str) -> String {
    signed_for(key, "phone")
}

fn signed_for(key: &str, device: &str) -> String {
    let output = run(&["token", "--key", key, "--user", "ana", "--device", device]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text").trim().to_owned()
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn serve(folder: &Path, arguments: &[&str]) -> Server {
    let more = [&["--log", "info"], arguments].concat();
    Server::start(&mut child::serve_others(&folder.join("store.redb"), &more))
}

/// Waits until a token is good, or is not.
async fn comes_to(server: &Server, token: &str, is_good: bool) {
    let start = Instant::now();
    while Client::connect(server.address, token).await.is_ok() != is_good {
        assert!(start.elapsed() < PATIENCE, "it does not come to be {is_good}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_while_the_server_runs() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name).to_str().expect("it is text").to_owned();
    let (one, two, set) = (path("one.json"), path("two.json"), path("keys.json"));
    made(&["--private", &one, "--set", &set, "--kid", "1"]);
    let server = serve(folder.path(), &["--keys", &set]);
    assert!(Client::connect(server.address, &signed(&one)).await.is_ok());
    let before = fs::read_to_string(&set).expect("it can be read");
    made(&["--private", &two, "--set", &set, "--kid", "2", "--kind", "es256", "--add"]);
    assert!(Client::connect(server.address, &signed(&two)).await.is_err(), "nobody told it");
    server.tell("HUP");
    comes_to(&server, &signed(&two), true).await;
    let open = Client::connect(server.address, &signed_for(&one, "laptop")).await;
    let mut open = open.expect("it is still good");
    // A file that is broken changes nothing.
    let both = fs::read_to_string(&set).expect("it can be read");
    fs::write(&set, &both[..both.len() / 2]).expect("it can be written");
    server.tell("HUP");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(Client::connect(server.address, &signed(&two)).await.is_ok());
    let mut keys: serde_json::Value = serde_json::from_str(&both).expect("it is JSON");
    assert_eq!(
        keys["keys"][0],
        serde_json::from_str::<serde_json::Value>(&before).unwrap()["keys"][0]
    );
    keys["keys"].as_array_mut().expect("a list").remove(0);
    fs::write(&set, keys.to_string()).expect("it can be written");
    // Who is connected stays.
    open.settle().await;
    server.tell("HUP");
    comes_to(&server, &signed(&one), false).await;
    assert!(Client::connect(server.address, &signed(&two)).await.is_ok());
    server.stop();
    let (status, said) = server.ends();
    assert!(status.success() && said.contains("the keys are those from before"), "{said}");
    assert!(!said.contains("others may read"), "public keys are no secret: {said}");
}

/// What is read again is taken whole, or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_administration_does_not_change_beside_keys_that_are_broken() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name).to_str().expect("it is text").to_owned();
    let (set, admin_token) = (path("keys.json"), path("admin.txt"));
    let [old, new] =
        ["old", "new"].map(|it| format!("{it}, a token of administration, long enough"));
    made(&["--private", &path("one.json"), "--set", &set, "--kid", "1"]);
    write_new(Path::new(&admin_token), &old).expect("there is room");
    // It is free for a moment: nobody else asks for it here.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let admin = free.local_addr().expect("it listens");
    drop(free);
    let listen = admin.to_string();
    let config = path("server.toml");
    let settings =
        format!("keys = {set:?}\nadmin = {listen:?}\nadmin-token-file = {admin_token:?}\n");
    let configure =
        |more: &str| fs::write(&config, format!("{settings}{more}")).expect("there is room");
    configure("ping = 15\n");
    let server = serve(folder.path(), &["--config", &config, "--patience", "9"]);
    let reloaded = async |token: &str| http::post(admin, "/admin/v1/reload", Some(token), "").await;
    let reload = async |token: &str| reloaded(token).await.0;
    let keys = fs::read_to_string(&set).expect("it can be read");
    fs::write(&set, &keys[..keys.len() / 2]).expect("it can be written");
    fs::write(&admin_token, &new).expect("it can be written");
    assert_eq!(reload(&old).await, 500);
    assert_eq!((reload(&old).await, reload(&new).await), (500, 401), "nothing was taken");
    fs::write(&set, keys).expect("it can be written");
    assert_eq!(reload(&old).await, 200);
    assert_eq!((reload(&old).await, reload(&new).await), (401, 200));
    // What needs a restart is named; a flag weighs more than the file.
    configure(
        "ping = 14\npatience = 8\nwebhook = [{ name = 'a', url = 'http://127.0.0.1:1', secret-files = ['x'] }]\n",
    );
    let said = reloaded(&new).await;
    assert_eq!(said, (200, json!({"needRestart": ["ping", "webhook"]})));
    configure("pings = 14\n");
    let (status, said) = reloaded(&new).await;
    assert!(status == 500 && said.to_string().contains("pings"), "{said}");
    configure("ping = 15\n");
    assert_eq!(reloaded(&new).await, (200, json!({"needRestart": []})));
    server.kill();
}

#[test]
fn files_with_secrets_are_of_their_owner() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name).to_str().expect("it is text").to_owned();
    let (private, set, secret) = (path("private.json"), path("keys.json"), path("secret.txt"));
    let arguments = ["--private", &private, "--set", &set, "--kid", "1"];
    made(&arguments);
    assert_eq!((mode(&private), mode(&set)), (0o600, 0o644));
    for (more, said) in [
        (vec![], "is there already: --add adds"),
        (vec!["--add"], "two keys have the kid"),
        (vec!["--add", "--kid", "2"], "File exists"),
    ] {
        let arguments = if more.len() == 3 { &arguments[..4] } else { &arguments[..] };
        let output = run(&[&["keys"], arguments, &more].concat());
        let heard = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && heard.contains(said), "{more:?}: {heard}");
    }
    let (shared, shared_set) = (path("shared.json"), path("shared-keys.json"));
    made(&["--private", &shared, "--set", &shared_set, "--kid", "1", "--kind", "hs256"]);
    assert_eq!((mode(&shared), mode(&shared_set)), (0o600, 0o600), "both are the secret");
    assert!(run(&["secret", "--out", &secret]).status.success());
    assert_eq!(mode(&secret), 0o600);
    assert!(!run(&["secret", "--out", &secret]).status.success(), "it is there already");
    for (flag, file, warns) in [
        ("--secret-file", &secret, false),
        ("--keys", &shared_set, false),
        ("--secret-file", &secret, true),
        ("--keys", &shared_set, true),
    ] {
        if warns {
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("it is ours");
        }
        let server = serve(folder.path(), &[flag, file]);
        server.stop();
        let (_, said) = server.ends();
        assert_eq!(said.contains("others may read or write this file"), warns, "{flag}: {said}");
    }
}
