//! Several tenants of one server: the same names are other people, and nothing of one is told to another.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::child::{self, PROGRAM};
use crate::client::{Client, call};
use crate::http;
use roomcall_server::token::{Signer, Who, now};

/// Keys of their own for two tenants, and a configuration with both.
struct SetUp {
    folder: tempfile::TempDir,
    signers: [Signer; 2],
}

const NAMES: [&str; 2] = ["acme", "zenith"];

impl SetUp {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let mut config = String::new();
        let signers = NAMES.map(|name| {
            let (private, set) = (format!("{name}-private.json"), format!("{name}.json"));
            let [private, set] = [private, set].map(|file| folder.path().join(file));
            let mut keys = std::process::Command::new(PROGRAM);
            keys.args(["keys", "--kid", "1", "--private"]).arg(&private).arg("--set").arg(&set);
            assert!(keys.output().expect("it starts").status.success());
            config += &format!(
                "[[tenant]]\nname = \"{name}\"\nissuer = \"https://{name}.example\"\nkeys = {set:?}\n"
            );
            let key = std::fs::read(private).expect("it was made");
            let signer = Signer::of_jwk(&key).expect("it is a key");
            signer.issuer(&format!("https://{name}.example"))
        });
        std::fs::write(folder.path().join("server.toml"), config).expect("there is room");
        Self { folder, signers }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn start(&self) -> child::Server {
        let config = self.folder.path().join("server.toml");
        let config = config.to_str().expect("it is text");
        let more = ["--keep-journal", "--config", config];
        child::Server::start(&mut child::serve_others(&self.store(), &more))
    }

    fn token(&self, tenant: usize, who: &Who) -> String {
        self.signers[tenant].sign(who, now(), now() + 900)
    }

    async fn connect(&self, server: &child::Server, tenant: usize, user: &str) -> Client {
        let token = self.token(tenant, &Who::device(user, "phone"));
        Client::connect(server.address, &token).await.expect("it connects")
    }

    async fn fact(&self, server: &child::Server, tenant: usize, fact: Value) -> Value {
        let token = self.token(tenant, &Who::Backend);
        let (status, said) =
            http::post(server.address, "/v1/facts", Some(&token), &fact.to_string()).await;
        assert_eq!(status, 200, "{said}");
        said
    }
}

fn inputs(store: &Path, tenant: &str) -> usize {
    let mut replay = std::process::Command::new(PROGRAM);
    let output = replay.arg("replay").arg(store).args(["--tenant", tenant]).output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("it is text");
    said.lines().filter(|line| line.contains("\"fact\":{\"roomOpened\"")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_share_a_server_and_nothing_else() {
    let set_up = SetUp::new();
    let server = set_up.start();
    for tenant in [0, 1] {
        let opened = json!({"roomOpened": {"roomID": "standup", "owner": "ana"}});
        set_up.fact(&server, tenant, opened).await;
    }
    let mut anas =
        [set_up.connect(&server, 0, "ana").await, set_up.connect(&server, 1, "ana").await];
    let mut bos = [set_up.connect(&server, 0, "bo").await, set_up.connect(&server, 1, "bo").await];
    // One bo is called, and the other hears nothing.
    let entered =
        json!({"userEntered": {"roomID": "standup", "userID": "ana", "deviceID": "phone"}});
    set_up.fact(&server, 0, entered).await;
    anas[0].reply(call("standup", &["bo"], 30)).await;
    bos[0].until("onCallReceived").await;
    assert_eq!(bos[1].settle().await, Vec::<Value>::new());
    let reply = anas[1].ask(call("standup", &["bo"], 30)).await.1;
    assert_eq!(reply["refused"]["rule"], "P-01", "she is not in her room: {reply}");
    // A token of one is none of the other.
    let forged = set_up.signers[0].clone().issuer("https://zenith.example");
    let forged = forged.sign(&Who::Backend, now(), now() + 900);
    let (status, _) = http::post(server.address, "/v1/facts", Some(&forged), "{}").await;
    assert_eq!(status, 401);

    // After a kill each has what it had.
    server.kill();
    let server = set_up.start();
    let mine = json!({"query": {"getMyCalls": {"since": 0}}});
    let mut bos = [set_up.connect(&server, 0, "bo").await, set_up.connect(&server, 1, "bo").await];
    let rings = bos[0].ask(mine.clone()).await.1;
    assert_eq!(
        rings["answer"]["getMyCalls"]["incoming"].as_array().map(Vec::len),
        Some(1),
        "{rings}"
    );
    let rings = bos[1].ask(mine).await.1;
    assert_eq!(rings["answer"]["getMyCalls"]["incoming"], json!([]), "{rings}");
    server.stop();
    let (status, said) = server.ends();
    assert!(status.success(), "{said}");
    assert_eq!(NAMES.map(|name| inputs(&set_up.store(), name)), [1, 1]);
}
