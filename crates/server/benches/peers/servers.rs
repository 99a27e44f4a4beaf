//! The servers: roomcall-server as it is without any setting, Node with Redis, and Mosquitto, each a child of this
//! process on the loopback.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use procfs::process::Process;
use roomcall_server::token::{Signer, Who, now};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::pair::{Kind, room_and_caller};

/// What tokens are signed with.
pub(crate) const SECRET: &str = "a secret of the benchmark, long enough";

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The folder of the server for Node.
fn node_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/node")
}

/// Where a program is. That of Debian's mosquitto is not in everybody's path.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What of the peers is not installed.
pub(crate) fn missing() -> Vec<&'static str> {
    let programs = ["node", "redis-server", "mosquitto"];
    let mut missing: Vec<&str> = programs.into_iter().filter(|it| program(it).is_none()).collect();
    for (name, place) in [("ws of npm", "ws"), ("@redis/client of npm", "@redis/client")] {
        if !node_folder().join("node_modules").join(place).is_dir() {
            missing.push(name);
        }
    }
    missing
}

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    children: Vec<Child>,
    /// What it stores.
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let (address, children) = match kind {
            Kind::Roomcall => roomcall(folder.path()),
            Kind::Node => node(folder.path()),
            Kind::Mosquitto => mosquitto(folder.path()),
        };
        Self { address, children, _folder: folder }
    }

    /// What its processes have used of processors.
    pub(crate) fn used(&self) -> Duration {
        self.children.iter().map(|child| used(child.id())).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in &mut self.children {
            // What it stores is removed, so it need not end well.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What a process has used of processors.
pub(crate) fn used(process: u32) -> Duration {
    let process = Process::new(process.try_into().expect("it is a process"));
    let stat = process.and_then(|it| it.stat()).expect("the process is there");
    let ticks = procfs::ticks_per_second() as f64;
    Duration::from_secs_f64((stat.utime + stat.stime) as f64 / ticks)
}

fn command(name: &str) -> Command {
    let mut command = Command::new(program(name).expect("it was looked for"));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Starts a server that says where it listens.
fn said(command: &mut Command) -> (SocketAddr, Child) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("it has one"));
    output.read_line(&mut line).expect("it says where it listens");
    // It may say more, and should not fail for it.
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    let address = line.trim().strip_prefix("listening on ").and_then(|it| it.parse().ok());
    (address.expect("it says where it listens"), child)
}

/// An address that nobody has. Somebody may take it before it is used: then the server says so and ends.
fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are ports");
    listener.local_addr().expect("it has one")
}

/// Starts a server that is told where to listen.
fn listens(address: SocketAddr, command: &mut Command) -> Child {
    let child = command.spawn().expect("it starts");
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < PATIENCE, "{command:?} does not listen at {address}");
        sleep(Duration::from_millis(20));
    }
    child
}

fn roomcall(folder: &Path) -> (SocketAddr, Vec<Child>) {
    // It was built beside this program.
    let program = std::env::current_exe().expect("this is a program");
    let mut command = Command::new(program.with_file_name("roomcall-server"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--store"]);
    // What is set in the environment is not the default.
    command.arg(folder.join("store")).env_clear().env("ROOMCALL_SECRET", SECRET);
    let (address, child) = said(command.stdin(Stdio::null()));
    (address, vec![child])
}

fn node(folder: &Path) -> (SocketAddr, Vec<Child>) {
    let at = free();
    let mut redis = command("redis-server");
    redis.args(["--bind", "127.0.0.1", "--port", &at.port().to_string(), "--save", ""]);
    redis.args(["--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning"]);
    let redis = listens(at, redis.arg("--dir").arg(folder));
    let mut node = command("node");
    node.arg("server.js").arg(at.port().to_string()).current_dir(node_folder());
    let (address, node) = said(node.env("NODE_ENV", "production"));
    (address, vec![node, redis])
}

fn mosquitto(folder: &Path) -> (SocketAddr, Vec<Child>) {
    let at = free();
    let settings = format!(
        "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\n",
        at.port(),
    );
    let file = folder.join("mosquitto.conf");
    fs::write(&file, settings).expect("it can be written");
    (at, vec![listens(at, command("mosquitto").arg("-c").arg(file))])
}

/// Opens a room for each pair at a roomcall-server, and lets the caller in.
pub(crate) fn open_rooms(address: SocketAddr, pairs: usize) {
    let signer = Signer::of_secret(SECRET.as_bytes()).expect("it is long enough");
    let token = signer.sign(&Who::Backend, now(), now() + 3_600);
    let numbers: Vec<usize> = (0..pairs).collect();
    for some in numbers.chunks(500) {
        let facts = some.iter().flat_map(|number| {
            let (room, caller) = room_and_caller(*number);
            let entered = json!({"roomID": room, "userID": caller, "deviceID": "phone"});
            [
                json!({"roomOpened": {"roomID": room, "owner": caller}}),
                json!({ "userEntered": entered }),
            ]
        });
        let body = Value::from_iter(facts).to_string();
        let posted = ureq::post(format!("http://{address}/v1/facts"))
            .header("Authorization", format!("Bearer {token}"))
            .send(body);
        posted.expect("the facts are taken");
    }
}
