//! A server in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::rig::{PATIENCE, SECRET};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_roomcall-server");

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// The command that serves a store.
pub(crate) fn serve(program: impl AsRef<OsStr>, store: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(program);
    with_arguments(&mut command, store, more);
    command
}

/// Gives a command the arguments that serve a store for whoever has a token of the tests.
pub(crate) fn with_arguments(command: &mut Command, store: &Path, more: &[&str]) {
    let secret = std::str::from_utf8(SECRET).expect("it is text");
    serving(command, store, &[&["--secret", secret], more].concat());
}

/// The command that serves a store for those whom the arguments let in.
pub(crate) fn serve_others(store: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    serving(&mut command, store, more);
    command
}

fn serving(command: &mut Command, store: &Path, more: &[&str]) {
    command.arg("serve");
    if !more.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    if !more.contains(&"--log") {
        command.args(["--log", "warn"]);
    }
    // What rings is not waited for, unless a test says so.
    if !more.contains(&"--drain") {
        command.args(["--drain", "0"]);
    }
    command.arg("--store").arg(store).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("it is piped");
        // It prints nothing after this line.
        BufReader::new(out).read_line(&mut line).expect("it can be read");
        let address = line.trim().strip_prefix("listening on ").and_then(|it| it.parse().ok());
        let Some(address) = address else {
            let (status, said) = end(&mut child);
            panic!("the server does not listen: {status}, {said}");
        };
        Self { child, address }
    }

    /// Tells it to stop, as `kill` does.
    pub(crate) fn stop(&self) {
        self.tell("TERM");
    }

    /// Sends it a signal.
    pub(crate) fn tell(&self, signal: &str) {
        let signal = format!("-{signal}");
        let told = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status();
        assert!(told.expect("there is such a program").success());
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// Waits until it ends of itself: how, and what it said.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        end(&mut self.child)
    }
}

/// A test that fails leaves no server behind.
impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end: how it ended, and what it said on standard error.
pub(crate) fn run(command: &mut Command) -> (ExitStatus, String) {
    end(&mut command.spawn().expect("the program starts"))
}

fn end(child: &mut Child) -> (ExitStatus, String) {
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("it can be waited for") {
            Some(status) => break status,
            None if start.elapsed() > PATIENCE => {
                child.kill().expect("it can be killed");
                panic!("the server does not end");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let mut said = String::new();
    // What it says fits into the pipe.
    let error = child.stderr.as_mut().expect("it is piped");
    error.read_to_string(&mut said).expect("it is text");
    (status, said)
}
