//! Unauthenticated connections: none of them stays for long, and nobody else notices them.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::child::{self, PROGRAM};
use crate::client::{Client, accept, call};
use crate::rig::{self, PATIENCE, Rig, backend_token, device_token, memory};

/// How long the server of these tests waits for a request.
const SHORT: Duration = Duration::from_millis(400);

/// A server with little patience, and few permits for unauthenticated connections.
async fn impatient() -> Rig {
    let mut parts = rig::parts(memory());
    (parts.net.patience, parts.net.unauthenticated) = (SHORT, 4);
    parts.hub.connections = 4;
    Rig::start(parts).await
}

/// What is still said, and how long it takes, until the connection is closed.
async fn closes(stream: &mut TcpStream) -> (String, Duration) {
    let (start, mut said) = (Instant::now(), Vec::new());
    let read = timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("it is closed");
    // One that is reset is closed, too.
    let _ = read;
    (String::from_utf8_lossy(&said).into_owned(), start.elapsed())
}

async fn says(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it can be sent");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_ends() {
    let rig = impatient().await;
    let (said, after) = closes(&mut says(rig.address, "").await).await;
    assert_eq!(said, "");
    assert!(after >= SHORT / 2, "{after:?}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_request_ends() {
    let rig = impatient().await;
    let (_, after) =
        closes(&mut says(rig.address, "GET /livez HTTP/1.1\r\nHost: x\r\nA: ").await).await;
    assert!(after >= SHORT / 2, "{after:?}");
    // A letter at a time is no way to stay, either.
    let (mut read, mut write) = says(rig.address, "GET /livez HTTP/1.1\r\nA: ").await.into_split();
    let start = Instant::now();
    let drip = tokio::spawn(async move {
        while write.write_all(b"a").await.is_ok() {
            sleep(SHORT / 20).await;
        }
    });
    let mut said = Vec::new();
    // One that is reset is closed, too.
    let _ = timeout(PATIENCE, read.read_to_end(&mut said)).await.expect("it is closed");
    drop(read);
    assert!(start.elapsed() < SHORT * 10, "{:?}", start.elapsed());
    timeout(PATIENCE, drip).await.expect("it is closed").expect("nothing goes wrong");
    rig.stop().await;
}

/// Whoever shows no token makes one request, and its permit is free for the next.
#[tokio::test(flavor = "multi_thread")]
async fn one_request_without_a_token() {
    let rig = impatient().await;
    for path in ["/livez", "/readyz", "/", "/metrics", "/nothing", "/v1/facts", "/v1/socket"] {
        let ask = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        let (said, after) = closes(&mut says(rig.address, &ask.repeat(3)).await).await;
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{path}: {said}");
        assert!(after < SHORT, "{path}: {after:?}");
    }
    rig.stop().await;
}

/// The backend keeps its connection, for as long as it has something to say.
#[tokio::test(flavor = "multi_thread")]
async fn the_backend_is_authenticated() {
    let rig = impatient().await;
    let fact = json!({"roomOpened": {"roomID": "standup", "owner": "ana"}}).to_string();
    let (token, length) = (backend_token(), fact.len());
    let post = format!(
        "POST /v1/facts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{fact}"
    );
    let (said, after) = closes(&mut says(rig.address, &post.repeat(3)).await).await;
    assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 3, "{said}");
    assert!(after >= SHORT / 2, "{after:?}");
    // One that has nothing more to say may hear the answer.
    let mut stream = says(rig.address, &post).await;
    stream.shutdown().await.expect("it can be closed in one direction");
    let (said, _) = closes(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 200 OK"), "{said}");
    rig.stop().await;
}

/// The head alone decides: nobody sends a body that nobody may send.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_token() {
    let rig = impatient().await;
    let head = "POST /v1/facts HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n";
    let start = Instant::now();
    let mut stream = says(rig.address, &format!("{head}\r\n")).await;
    let mut said = vec![0; 12];
    stream.read_exact(&mut said).await.expect("it answers");
    assert_eq!(String::from_utf8_lossy(&said), "HTTP/1.1 401");
    assert!(start.elapsed() < SHORT, "it does not wait for the body");
    closes(&mut stream).await;
    // With a token it waits for it, for a while.
    let token = backend_token();
    let head = format!("{head}Authorization: Bearer {token}\r\n\r\n{{");
    let (said, after) = closes(&mut says(rig.address, &head).await).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("did not come in time"), "{said}");
    assert!(after >= SHORT / 2, "{after:?}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_an_end() {
    let rig = impatient().await;
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "a".repeat(100_000));
    let mut stream = TcpStream::connect(rig.address).await.expect("it listens");
    // It may be cut off before the end.
    let _ = stream.write_all(head.as_bytes()).await;
    let (said, after) = closes(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
    assert!(after < PATIENCE / 2, "{after:?}");
    rig.stop().await;
}

/// Who asks and does not listen: the answers fill what there is for them, and then it is over.
#[tokio::test(flavor = "multi_thread")]
async fn unread_answers_end_a_connection() {
    let rig = impatient().await;
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket.set_recv_buffer_size(4_096).expect("it may be small");
    let mut stream = socket.connect(rig.address).await.expect("it listens");
    let page = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
    let asks = async { while stream.write_all(page.as_bytes()).await.is_ok() {} };
    timeout(PATIENCE, asks).await.expect("it is closed");
    rig.stop().await;
}

/// Silent connections hold all permits. Further connections queue until one is free; whoever is
/// there already does not notice.
#[tokio::test(flavor = "multi_thread")]
async fn further_connections_queue() {
    let rig = impatient().await;
    rig.open("standup", "ana", "phone").await;
    let (mut ana, mut bo) = (rig.connect("ana", "phone").await, rig.connect("bo", "phone").await);
    let mut crowd = Vec::new();
    for _ in 0..3 * 4 {
        crowd.push(TcpStream::connect(rig.address).await.expect("the system lets it wait"));
    }
    let start = Instant::now();
    ana.reply(call("standup", &["bo"], 30)).await;
    bo.until("onCallReceived").await;
    bo.reply(accept("standup")).await;
    ana.until("onCallAccepted").await;
    assert!(start.elapsed() < SHORT, "{:?}", start.elapsed());
    let cy = Client::connect(rig.address, &device_token("cy", "phone")).await;
    assert!(cy.is_ok(), "it has waited");
    assert!(start.elapsed() > 3 * SHORT, "there was no permit: {:?}", start.elapsed());
    rig.fact(json!({"userLeft": {"roomID": "standup", "userID": "ana"}})).await;
    rig.stop().await;
}

/// Devices have permits of their own: unauthenticated connections that come back at once take none of them.
#[tokio::test(flavor = "multi_thread")]
async fn devices_have_permits_of_their_own() {
    let rig = impatient().await;
    let address = rig.address;
    let crowd = tokio::spawn(async move {
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..8 {
            all.spawn(async move {
                loop {
                    let ask = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
                    closes(&mut says(address, ask).await).await;
                }
            });
        }
        all.join_all().await;
    });
    let mut clients = Vec::new();
    for user in ["ana", "bo", "cy", "dee"] {
        clients.push(rig.connect(user, "phone").await);
    }
    for client in &mut clients {
        client.settle().await;
    }
    crowd.abort();
    drop(clients);
    rig.stop().await;
}

/// A process that may have few files open has few connections, and goes on with those.
#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_files() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 128; exec \"$@\"", "sh", PROGRAM]);
    child::with_arguments(&mut limited, &folder.path().join("few.redb"), &["--patience", "1"]);
    let server = child::Server::start(&mut limited);
    let mut clients = Vec::new();
    let refused = loop {
        let token = device_token(&format!("user-{}", clients.len()), "phone");
        match Client::connect(server.address, &token).await {
            Ok(client) => clients.push(client),
            Err(refused) => break refused,
        }
    };
    assert!(refused.0 == 429 && refused.1.contains("server has 48 connections"), "{refused:?}");
    assert_eq!(clients.len(), 48);
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(says(server.address, "").await);
    }
    for silent in &mut crowd {
        closes(silent).await;
    }
    let ask = json!({"query": {"getIncomingCalls": {}}});
    for client in &mut clients {
        client.reply(ask.clone()).await;
    }
    server.stop();
    let (status, said) = server.ends();
    assert!(status.success() && said.contains("too few files"), "{said}");
}
