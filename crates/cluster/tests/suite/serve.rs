//! Two gateways and two processors with a time of their own: each line of standard input has two numbers, what their wall
//! clock shows and how many milliseconds have passed.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use roomcall::journal::Header;
use roomcall::{Limits, Policy};
use roomcall_cluster::gateway::{Gateway, GatewayParts};
use roomcall_cluster::log::broker;
use roomcall_cluster::processor::{Processor, ProcessorParts, TAKEOVER};
use roomcall_server::clock::{SystemClock, Time};
use roomcall_server::config::key;
use roomcall_server::cost::CostLimits;
use roomcall_server::follower::SnapshotPace;
use roomcall_server::front::FrontParts;
use roomcall_server::hub::HubLimits;
use roomcall_server::listen::NetLimits;
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
#[derive(Clone, Debug, Default)]
struct Told(Arc<[AtomicU64; 2]>);

impl Time for Told {
    fn wall(&self) -> u64 {
        self.0[0].load(Ordering::SeqCst)
    }

    fn passed(&self) -> Duration {
        Duration::from_millis(self.0[1].load(Ordering::SeqCst))
    }
}

impl Told {
    fn set(&self, line: &str) -> Option<()> {
        let (wall, passed) = line.split_once(' ')?;
        self.0[0].store(BEGIN + wall.parse::<u64>().ok()?, Ordering::SeqCst);
        self.0[1].store(passed.parse().ok()?, Ordering::SeqCst);
        Some(())
    }
}

const HUB: HubLimits =
    HubLimits { connections: 1_000, of_user: 64, queue_bytes: 1 << 20, all_queues_bytes: 1 << 28 };

fn processor(
    name: &str,
    broker: &broker::Settings,
    time: Arc<dyn Time>,
    rules: &Header,
) -> ProcessorParts {
    ProcessorParts {
        name: name.to_owned(),
        broker: broker.clone(),
        time,
        takeover: TAKEOVER,
        partitions: vec![(TenantName::default(), rules.clone())],
        batch: 64,
        hub: HUB,
        costs: CostLimits::UNLIMITED,
        snapshots: SnapshotPace { log_bytes: 10_000 },
        seed: Seed { key: key(SECRET), token_life: 86_400 },
    }
}

pub(crate) fn front() -> FrontParts {
    FrontParts {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        verifier: Arc::new(Tenants::of_secret(SECRET).expect("it is long enough")),
        token_life: 86_400,
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
        hub: HUB,
        pages: axum::Router::new(),
    }
}

/// One processor, with the time of the system, until it is killed.
pub(crate) async fn processor_alone(name: &str, servers: &str, monitors: &str) -> ExitCode {
    let time = Arc::new(SystemClock::new());
    let rules = Header::new(Limits::DEFAULT, Policy::DEFAULT);
    let parts = processor(name, &broker(servers, monitors), time, &rules);
    let processor = Processor::start(parts).await.expect("a processor starts");
    let ended = processor.run(std::future::pending()).await;
    panic!("a processor ended: {ended:?}");
}

fn broker(servers: &str, monitors: &str) -> broker::Settings {
    let list = |text: &str| text.split(',').map(str::to_owned).collect();
    broker::Settings::new(list(servers), list(monitors))
}

/// Serves until standard input ends.
pub(crate) async fn serve(servers: &str, monitors: &str, rules: &str) -> ExitCode {
    let time = Told::default();
    let first = std::io::stdin().lines().next().and_then(Result::ok);
    first.and_then(|line| time.set(&line)).expect("the first line has the time");
    let rules: Header = serde_json::from_str(rules).expect("the rules are a header");
    let broker = broker(servers, monitors);
    for name in ["one", "two"] {
        let parts = processor(name, &broker, Arc::new(time.clone()), &rules);
        let processor = Processor::start(parts).await.expect("a processor starts");
        tokio::spawn(async {
            let ended = processor.run(std::future::pending()).await;
            panic!("a processor ended: {ended:?}");
        });
    }
    let mut addresses = Vec::new();
    for name in ["east", "west"] {
        let client = broker::connect(&broker, name).await.expect("the broker is there");
        let (front, tenants) = (front(), vec![TenantName::default()]);
        let parts = GatewayParts { name: name.to_owned(), client, front, tenants, waiting: 256 };
        let gateway = Gateway::start(parts).await.expect("a gateway starts");
        addresses.push(gateway.address.to_string());
        tokio::spawn(gateway.run(std::future::pending()));
    }
    println!("{}", addresses.join(" "));
    let ended = tokio::task::spawn_blocking(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            time.set(&line).expect("a line has the time");
            println!("{line}");
        }
    });
    // Who started it is gone.
    let _ = ended.await;
    ExitCode::SUCCESS
}
