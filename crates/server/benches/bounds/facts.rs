//! Lists of facts over HTTP, as a backend states them that has many rooms.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use roomcall_server::config::Settings;
use roomcall_server::server::Server;
use roomcall_server::token::{Signer, Who, now};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::verdict;

/// Facts a second, at least.
const RATE: f64 = 30_000.0;
/// Facts in a list: the most that one may have.
const LIST: usize = 1_000;
/// Connections of the backend.
const LANES: usize = 4;

const SECRET: &str = "a secret of the measurement, long enough";

/// Whether a server on the disk takes facts as fast as it has to.
pub(crate) async fn facts(seconds: u64) -> bool {
    let folder = tempfile::tempdir().expect("there is room");
    let settings = Settings {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        store: Some(folder.path().join("store")),
        secret: Some(SECRET.to_owned()),
        ..Settings::default()
    };
    let tenants = Arc::new(settings.tenants().expect("they are good"));
    let server = Server::start(settings.parts(tenants).expect("they are good")).await;
    let server = server.expect("it starts");
    let address = server.address;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(server.run(async {
        // Told or dropped: it stops.
        let _ = stopped.await;
    }));
    let began = Instant::now();
    let end = began + Duration::from_secs(seconds);
    let lanes = (0..LANES).map(|lane| thread::spawn(move || state(address, lane, end)));
    let lanes: Vec<_> = lanes.collect();
    let stated = tokio::task::spawn_blocking(move || {
        lanes.into_iter().map(|lane| lane.join().expect("it does not panic")).sum::<usize>()
    });
    let stated = stated.await.expect("it does not panic");
    let rate = stated as f64 / began.elapsed().as_secs_f64();
    drop(stop);
    server.await.expect("it does not panic").expect("it ends well");
    let is_good = rate >= RATE;
    println!(
        "facts in lists of {LIST} over {LANES} connections: {rate:.0} a second, at least {RATE}: {}",
        verdict(is_good),
    );
    is_good
}

/// Has users enter rooms and leave them until the end. How many facts that are.
fn state(address: SocketAddr, lane: usize, end: Instant) -> usize {
    let signer = Signer::of_secret(SECRET.as_bytes()).expect("it is long enough");
    let token = signer.sign(&Who::Backend, now(), now() + 3_600);
    let agent = ureq::Agent::new_with_defaults();
    let post = |facts: &str| {
        let request = agent.post(format!("http://{address}/v1/facts"));
        let said = request.header("Authorization", format!("Bearer {token}")).send(facts);
        let said = said.expect("they are taken").body_mut().read_to_string();
        said.expect("they are answered")
    };
    let room = |number: usize| format!("room-{lane}-{}", number % 50);
    let user = |number: usize| format!("user-{lane}-{number}");
    let list = |fact: &dyn Fn(usize) -> Value| Value::from_iter((0..LIST).map(fact)).to_string();
    let opened = Value::from_iter(
        (0..50).map(|it| json!({"roomOpened": {"roomID": room(it), "owner": user(it)}})),
    );
    post(&opened.to_string());
    let both = [
        list(
            &|it| json!({"userEntered": {"roomID": room(it), "userID": user(it), "deviceID": "phone"}}),
        ),
        list(&|it| json!({"userLeft": {"roomID": room(it), "userID": user(it)}})),
    ];
    let mut stated = 0;
    while Instant::now() < end {
        for facts in &both {
            let said = post(facts);
            // What is ignored costs less.
            assert!(!said.contains("\"ignored\""), "{said}");
            stated += LIST;
        }
    }
    stated
}
