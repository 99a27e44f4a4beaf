//! A server in this process, set up as a test needs it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use roomcall::journal::Header;
use roomcall::protocol::Record;
use roomcall::{Limits, Policy};
use roomcall_server::clock::{SystemClock, Time};
use roomcall_server::config::key;
use roomcall_server::cost::CostLimits;
use roomcall_server::drain::Drain;
use roomcall_server::follower::SnapshotPace;
use roomcall_server::hub::HubLimits;
use roomcall_server::listen::NetLimits;
use roomcall_server::log::{Batch, Entry, Memory, Store};
use roomcall_server::server::{Parts, ServeError, Server, TENANT, TenantParts};
use roomcall_server::socket::SocketLimits;
use roomcall_server::state::Seed;
use roomcall_server::token::{Signer, TenantName, Tenants, Who, now};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::http;

/// What all tests sign with.
pub(crate) const SECRET: &[u8] = b"a secret of the tests, long enough";

/// Longer than anything takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Who signs.
pub(crate) fn signer() -> Signer {
    Signer::of_secret(SECRET).expect("it is long enough")
}

pub(crate) fn device_token(user: &str, device: &str) -> String {
    signer().sign(&Who::device(user, device), now(), now() + 3_600)
}

pub(crate) fn backend_token() -> String {
    signer().sign(&Who::Backend, now(), now() + 3_600)
}

/// An empty store in memory.
pub(crate) fn memory() -> Memory {
    Memory::new()
}

/// What a server adds to nothing.
pub(crate) fn seed() -> Seed {
    Seed { key: key(SECRET), token_life: 86_400 }
}

/// All entries that a store has.
pub(crate) fn entries(store: &dyn Store) -> Vec<Entry> {
    let log = store.log(TENANT).expect("it is whole");
    let (mut last, mut all) = (0, Vec::new());
    loop {
        let read = log.read(last).now_or_never().expect("nothing is waited for");
        let read = read.expect("the log is whole");
        let Some((newest, _)) = read.last() else { return all };
        last = *newest;
        for (sequence, batch) in read {
            all.extend(Batch::read(sequence, &batch).expect("it is a batch").entries);
        }
    }
}

/// All inputs that a store has.
pub(crate) fn lines(store: &dyn Store) -> Vec<Record> {
    let record = |entry| if let Entry::Record(record) = entry { Some(record) } else { None };
    entries(store).into_iter().filter_map(record).collect()
}

/// A time that passes when the test says so.
#[derive(Clone, Debug)]
pub(crate) struct Manual(Arc<(AtomicU64, Mutex<Duration>)>);

impl Manual {
    pub(crate) fn at(wall: u64) -> Self {
        Self(Arc::new((AtomicU64::new(wall), Mutex::default())))
    }

    pub(crate) fn pass(&self, millis: u64) {
        *self.0.1.lock().unwrap() += Duration::from_millis(millis);
    }

    /// A new process looks at the wall clock anew, which shows `wall`.
    pub(crate) fn restart(&self, wall: u64) {
        self.0.0.store(wall, Ordering::SeqCst);
        *self.0.1.lock().unwrap() = Duration::ZERO;
    }
}

impl Time for Manual {
    fn wall(&self) -> u64 {
        self.0.0.load(Ordering::SeqCst)
    }

    fn passed(&self) -> Duration {
        *self.0.1.lock().unwrap()
    }
}

/// The parts of a server that no test has to wait for.
pub(crate) fn parts(store: impl Store + 'static) -> Parts {
    Parts {
        tenants: vec![TenantParts {
            name: TenantName::default(),
            is_old: false,
            rules: Header::new(Limits::DEFAULT, Policy::DEFAULT),
            events: None,
            livekit: None,
        }],
        observe: false,
        pages: axum::Router::new(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        store: Box::new(store),
        time: Arc::new(SystemClock::new()),
        verifier: Arc::new(Tenants::of_secret(SECRET).expect("it is long enough")),
        seed: seed(),
        net: NetLimits {
            unauthenticated: 64,
            patience: PATIENCE,
            linger: Duration::from_millis(300),
        },
        socket: SocketLimits {
            message_bytes: 16_384,
            rate: 10_000,
            burst: 10_000,
            ping: PATIENCE,
            stall: PATIENCE,
        },
        hub: HubLimits::default(),
        costs: CostLimits::UNLIMITED,
        batch: 64,
        admin: None,
        drain: PATIENCE,
        snapshots: SnapshotPace { log_bytes: 100_000 },
        waiting: 256,
    }
}

/// The same, with time that the test lets pass.
pub(crate) fn parts_at(store: impl Store + 'static, time: &Manual) -> Parts {
    Parts { time: Arc::new(time.clone()), ..parts(store) }
}

/// The same, on an empty store, with other rules.
pub(crate) fn parts_with(limits: Limits, policy: Policy) -> Parts {
    let mut parts = parts(memory());
    parts.tenants[0].rules = Header::new(limits, policy);
    parts
}

/// A running server.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) drain: Drain,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
}

impl Rig {
    pub(crate) async fn start(parts: Parts) -> Self {
        let server = Server::start(parts).await.expect("the server starts");
        let (address, admin) = (server.address, server.admin_address);
        let drain = server.drain();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(server.run(async {
            // Told or dropped: it stops.
            let _ = stopped.await;
        }));
        Self { address, admin, drain, stop, ended }
    }

    /// Stops it as a signal would.
    pub(crate) async fn stop(self) {
        // One that has ended already says so below.
        let _ = self.stop.send(());
        self.ended.await.expect("the server does not panic").expect("it ends well");
    }

    /// Waits until it ends of itself.
    pub(crate) async fn ends(self) -> Result<(), ServeError> {
        let ended = tokio::time::timeout(PATIENCE, self.ended).await.expect("it ends");
        ended.expect("the server does not panic")
    }

    pub(crate) async fn connect(&self, user: &str, device: &str) -> Client {
        Client::connect(self.address, &device_token(user, device)).await.expect("it connects")
    }

    /// Posts to the backend's API, with the backend's token.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        http::post(self.address, path, Some(&backend_token()), &body.to_string()).await
    }

    /// States a fact, which is taken.
    pub(crate) async fn fact(&self, fact: Value) -> Value {
        self::fact(self.address, &fact).await
    }

    /// A room that its owner has opened and is in.
    pub(crate) async fn open(&self, room: &str, owner: &str, device: &str) {
        self.fact(json!({"roomOpened": {"roomID": room, "owner": owner}})).await;
        self.enter(room, owner, device).await;
    }

    pub(crate) async fn enter(&self, room: &str, user: &str, device: &str) {
        let entered = json!({"roomID": room, "userID": user, "deviceID": device});
        self.fact(json!({ "userEntered": entered })).await;
    }
}

/// States a fact to a server, which takes it: what it answers.
pub(crate) async fn fact(address: SocketAddr, fact: &Value) -> Value {
    let token = backend_token();
    let (status, said) = http::post(address, "/v1/facts", Some(&token), &fact.to_string()).await;
    assert_eq!(status, 200, "{fact} is taken: {said}");
    assert!(said["answer"]["fact"].is_object(), "{fact} is answered: {said}");
    said
}
