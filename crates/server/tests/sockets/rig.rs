//! A server in this process, set up as a test needs it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use roomcall::journal::Header;
use roomcall::protocol::Record;
use roomcall::{Limits, Policy};
use roomcall_server::clock::{SystemClock, Time};
use roomcall_server::config::key;
use roomcall_server::engine::Pace;
use roomcall_server::hub::HubLimits;
use roomcall_server::listen::NetLimits;
use roomcall_server::recover;
use roomcall_server::server::{Parts, ServeError, Server};
use roomcall_server::socket::SocketLimits;
use roomcall_server::store::{Memory, Store};
use roomcall_server::token::{Signer, Tenants, Who, now};
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

/// An empty store in memory, with the usual rules.
pub(crate) fn memory() -> Memory {
    Memory::new(Header::new(Limits::DEFAULT, Policy::DEFAULT))
}

/// All inputs that a store has.
pub(crate) fn lines(store: &dyn Store) -> Vec<Record> {
    let mut lines = Vec::new();
    let replayed = store.replay(1, &mut |sequence, input| {
        lines.push(recover::read(sequence, input)?);
        Ok(())
    });
    replayed.expect("the journal is whole");
    lines
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
        is_old: false,
        rules: None,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        store: Box::new(store),
        time: Box::new(SystemClock::new()),
        verifier: Arc::new(Tenants::of_secret(SECRET).expect("it is long enough")),
        key: key(SECRET),
        net: NetLimits {
            unauthenticated: 64,
            patience: PATIENCE,
            linger: Duration::from_millis(300),
        },
        socket: SocketLimits { message_bytes: 16_384, rate: 10_000, burst: 10_000, ping: PATIENCE },
        hub: HubLimits { connections: 10_000, of_user: 8, waiting: 1_024 },
        pace: Pace { batch: 64, snapshot_every: 1_000, token_life: 86_400 },
        waiting: 256,
    }
}

/// The same, with time that the test lets pass.
pub(crate) fn parts_at(store: impl Store + 'static, time: &Manual) -> Parts {
    Parts { time: Box::new(time.clone()), ..parts(store) }
}

/// A running server.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
}

impl Rig {
    pub(crate) async fn start(parts: Parts) -> Self {
        let server = Server::start(parts).await.expect("the server starts");
        let address = server.address;
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(server.run(async {
            // Told or dropped: it stops.
            let _ = stopped.await;
        }));
        Self { address, stop, ended }
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
        let (status, said) = self.post("/v1/facts", &fact).await;
        assert_eq!(status, 200, "{fact} is taken: {said}");
        said
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
