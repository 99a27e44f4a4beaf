//! Servers of NATS as child processes, to test with and to look at: they are killed, paused and started again.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::time::sleep;

use super::broker::Settings;
use super::monitor;

/// Why there are no servers.
#[derive(Debug, thiserror::Error)]
pub enum NodesError {
    /// There is no program.
    #[error(
        "there is no nats-server: `cargo xtask setup` installs it, or the variable NATS_SERVER names one of version 2.12 or later"
    )]
    Program,
    /// A server cannot be started.
    #[error("cannot start a server of NATS: {0}")]
    Start(#[from] io::Error),
    /// They do not come up.
    #[error(
        "the servers of NATS are not ready within {0:?}; the log of the first one ends with:\n{1}"
    )]
    Late(Duration, String),
}

/// How large a log may become there.
const LOG_BYTES: u64 = 1 << 28;

/// Whether a server syncs what it acknowledges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    /// Each write, as logs need it.
    Always,
    /// Every two minutes, which is what a server does that is not told otherwise.
    Default,
}

/// The program: the one that `NATS_SERVER` names, or else the one of `cargo xtask setup`.
///
/// # Errors
///
/// There is none.
pub fn program() -> Result<PathBuf, NodesError> {
    if let Some(named) = std::env::var_os("NATS_SERVER") {
        return Ok(named.into());
    }
    let here = std::env::current_exe()?;
    let mut installed = here.ancestors().map(|it| it.join("tools/nats/bin/nats-server"));
    installed.find(|it| it.is_file()).ok_or(NodesError::Program)
}

/// Servers that are one cluster, or one server alone. They are killed, and their files removed, when this is dropped.
#[derive(Debug)]
pub struct Nodes {
    program: PathBuf,
    folder: TempDir,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    name: String,
    client: u16,
    route: u16,
    monitor: u16,
    child: Option<Child>,
}

impl Nodes {
    /// Starts so many servers, and waits until they are ready.
    ///
    /// # Errors
    ///
    /// They cannot be started.
    pub async fn start(count: usize, sync: Sync) -> Result<Self, NodesError> {
        let program = program()?;
        let folder = tempfile::Builder::new().prefix("roomcall-nats-").tempdir()?;
        let mut ports = ports(3 * count)?.into_iter();
        let mut port = || ports.next().unwrap_or_default();
        let mut nodes = Vec::new();
        for number in 1..=count {
            let (name, child) = (format!("node-{number}"), None);
            nodes.push(Node { name, client: port(), route: port(), monitor: port(), child });
        }
        let routes: Vec<String> =
            nodes.iter().map(|it| format!("nats://127.0.0.1:{}", it.route)).collect();
        for node in &nodes {
            fs::write(folder.path().join(&node.name), node.settings(folder.path(), &routes, sync))?;
        }
        let mut all = Self { program, folder, nodes };
        for node in 0..count {
            all.restart(node)?;
        }
        all.ready().await?;
        Ok(all)
    }

    /// How a process finds them.
    pub fn settings(&self) -> Settings {
        let address = |kind: &str, port: u16| format!("{kind}://127.0.0.1:{port}");
        let clients = self.nodes.iter().map(|it| address("nats", it.client));
        let monitors = self.nodes.iter().map(|it| address("http", it.monitor));
        // A broker reserves it, and a machine that tests has not room for many large ones.
        Settings { log_bytes: LOG_BYTES, ..Settings::new(clients.collect(), monitors.collect()) }
    }

    /// How many there are, dead or alive.
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// The one of that name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|it| it.name == name)
    }

    /// Kills one, as if its machine had stopped but for its disk.
    pub fn kill(&mut self, node: usize) {
        if let Some(mut child) = self.nodes.get_mut(node).and_then(|it| it.child.take()) {
            // Who is dead already is as he should be.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops one where it is, connections and all.
    ///
    /// # Errors
    ///
    /// It cannot be signalled.
    pub fn pause(&self, node: usize) -> io::Result<()> {
        self.signal(node, "-STOP")
    }

    /// Lets one go on that was paused.
    ///
    /// # Errors
    ///
    /// It cannot be signalled.
    pub fn resume(&self, node: usize) -> io::Result<()> {
        self.signal(node, "-CONT")
    }

    fn signal(&self, node: usize, signal: &str) -> io::Result<()> {
        let child = self.nodes.get(node).and_then(|it| it.child.as_ref());
        let child = child.ok_or_else(|| io::Error::other("this server does not run"))?;
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status()?;
        if sent.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("kill {signal}: {sent}")))
        }
    }

    /// Starts one again that was killed, with the files that it had.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub fn restart(&mut self, node: usize) -> io::Result<()> {
        let Some(node) = self.nodes.get_mut(node) else { return Ok(()) };
        let path = |end: &str| self.folder.path().join(format!("{}{end}", node.name));
        let log = File::options().create(true).append(true).open(path(".log"))?;
        let mut server = Command::new(&self.program);
        server.arg("-c").arg(path("")).stdin(Stdio::null());
        node.child = Some(server.stdout(log.try_clone()?).stderr(log).spawn()?);
        Ok(())
    }

    /// Waits until those that run are in order and have a leader.
    ///
    /// # Errors
    ///
    /// They take too long.
    pub async fn ready(&self) -> Result<(), NodesError> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let until = Instant::now() + PATIENCE;
        while !self.is_ready().await {
            if Instant::now() > until {
                let first = self.nodes.first().map(|it| format!("{}.log", it.name));
                let log = fs::read_to_string(self.folder.path().join(first.unwrap_or_default()));
                let log = log.unwrap_or_else(|why| why.to_string());
                let end = log.lines().rev().take(8).collect::<Vec<_>>();
                let end = end.into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(NodesError::Late(PATIENCE, end));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn is_ready(&self) -> bool {
        for node in self.nodes.iter().filter(|it| it.child.is_some()) {
            let url = format!("http://127.0.0.1:{}", node.monitor);
            if monitor::ask(&url, "/healthz").await.is_err() {
                return false;
            }
            let Ok(page) = monitor::ask(&url, "/jsz").await else { return false };
            let leader = page.pointer("/meta_cluster/leader").and_then(|it| it.as_str());
            let size = page.pointer("/meta_cluster/cluster_size").and_then(|it| it.as_u64());
            let is_whole = size == u64::try_from(self.nodes.len()).ok();
            if self.nodes.len() > 1 && !(is_whole && leader.is_some_and(|it| !it.is_empty())) {
                return false;
            }
        }
        true
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for node in 0..self.nodes.len() {
            self.kill(node);
        }
    }
}

impl Node {
    /// The file with which it is started.
    fn settings(&self, folder: &Path, routes: &[String], sync: Sync) -> String {
        let Self { name, client, route, monitor, .. } = self;
        let folder = folder.join(format!("{name}.data"));
        let sync = match sync {
            Sync::Always => ", sync_interval: always",
            Sync::Default => "",
        };
        let mut text = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{client}\"\nhttp: \"127.0.0.1:{monitor}\"\n\
             max_payload: 8MB\nping_interval: \"2s\"\nping_max: 2\n\
             jetstream {{ store_dir: {folder:?}{sync} }}\n"
        );
        if routes.len() > 1 {
            let routes = routes.join(", ");
            text += &format!(
                "cluster {{ name: roomcall, listen: \"127.0.0.1:{route}\", routes: [{routes}] }}\n"
            );
        }
        text
    }
}

/// Ports that nothing listens at, below those that the system gives to connections.
fn ports(count: usize) -> io::Result<Vec<u16>> {
    let mut held = Vec::new();
    for _ in 0..100 * count {
        if held.len() == count {
            break;
        }
        held.extend(TcpListener::bind(("127.0.0.1", fastrand::u16(10_000..30_000))));
    }
    if held.len() < count {
        return Err(io::Error::other("no port from 10000 to 29999 is free"));
    }
    held.iter().map(|it| Ok(it.local_addr()?.port())).collect()
}
