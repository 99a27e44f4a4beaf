//! The server with a time of its own: each line of standard input has two numbers, what its wall clock shows and how many
//! milliseconds have passed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use roomcall::journal::Header;
use roomcall_server::clock::Time;
use roomcall_server::config::key;
use roomcall_server::cost::CostLimits;
use roomcall_server::follower::SnapshotPace;
use roomcall_server::hub::HubLimits;
use roomcall_server::listen::NetLimits;
use roomcall_server::log::{Embedded, Store};
use roomcall_server::server::{Parts, Server, TenantParts};
use roomcall_server::socket::SocketLimits;
use roomcall_server::state::Seed;
use roomcall_server::token::{TenantName, Tenants};

/// What tokens are signed with.
pub(crate) const SECRET: &[u8] = b"a secret of the suite, long enough";
/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Where time begins, in milliseconds since 1970.
const BEGIN: u64 = 1_700_000_000_000;

/// The time that was told: of the wall clock, and of the one that is never set.
#[derive(Clone, Debug)]
pub(crate) struct Told(Arc<[AtomicU64; 2]>);

impl Time for Told {
    fn wall(&self) -> u64 {
        self.0[0].load(Ordering::SeqCst)
    }

    fn passed(&self) -> Duration {
        Duration::from_millis(self.0[1].load(Ordering::SeqCst))
    }
}

impl Told {
    /// Both clocks show 0.
    pub(crate) fn at_zero() -> Self {
        Self(Arc::default())
    }

    /// So many milliseconds have passed.
    pub(crate) fn pass_to(&self, passed: u64) {
        self.0[1].store(passed, Ordering::SeqCst);
    }

    fn set(&self, line: &str) -> Option<()> {
        let (wall, passed) = line.split_once(' ')?;
        self.0[0].store(BEGIN + wall.parse::<u64>().ok()?, Ordering::SeqCst);
        self.pass_to(passed.parse().ok()?);
        Some(())
    }
}

/// The parts of a server that refuses nothing but what the rules refuse.
pub(crate) fn parts(store: impl Store + 'static, time: &Told, rules: Header) -> Parts {
    Parts {
        tenants: vec![TenantParts {
            name: TenantName::default(),
            is_old: false,
            rules,
            events: None,
            livekit: None,
        }],
        observe: false,
        pages: axum::Router::new(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        store: Box::new(store),
        time: Arc::new(time.clone()),
        verifier: Arc::new(Tenants::of_secret(SECRET).expect("it is long enough")),
        seed: Seed { key: key(SECRET), token_life: 86_400 },
        net: NetLimits {
            unauthenticated: 64,
            patience: PATIENCE,
            linger: Duration::from_millis(300),
        },
        socket: SocketLimits {
            message_bytes: 16_384,
            rate: 100_000,
            burst: 100_000,
            ping: PATIENCE,
            stall: PATIENCE,
        },
        hub: HubLimits { of_user: 64, ..HubLimits::default() },
        costs: CostLimits::UNLIMITED,
        batch: 64,
        admin: None,
        drain: PATIENCE,
        snapshots: SnapshotPace { log_bytes: 10_000 },
        waiting: 256,
    }
}

/// Serves until standard input ends.
pub(crate) async fn serve(store: &Path, rules: &str) -> ExitCode {
    let time = Told::at_zero();
    let first = std::io::stdin().lines().next().and_then(Result::ok);
    first.and_then(|line| time.set(&line)).expect("the first line has the time");
    let header: Header = serde_json::from_str(rules).expect("the rules are a header");
    let store = Embedded::open(store, true).expect("the store can be opened");
    let parts = parts(store, &time, header);
    let server = Server::start(parts).await.expect("the server starts");
    println!("{}", server.address);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            time.set(&line).expect("a line has the time");
            println!("{line}");
        }
        // Who started it is gone.
        std::process::exit(0);
    });
    match server.run(std::future::pending()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}
