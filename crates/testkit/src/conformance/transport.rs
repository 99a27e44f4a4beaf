//! How lines come to a testee and back: over the pipes of a program, or as messages over a WebSocket.
#![allow(clippy::disallowed_types, reason = "a testee that hangs is noticed by a real clock")]

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is gone.
    #[error("the testee died{0}")]
    Died(String),
    /// It says nothing.
    #[error("the testee said nothing for {0:?}")]
    Hung(Duration),
    /// It cannot be reached at all.
    #[error("cannot start the testee: {0}")]
    Unreachable(String),
}

/// A testee that was started.
#[derive(Debug)]
pub enum Connection {
    /// A program.
    Program(Program),
    /// A server.
    Server(Box<Server>),
}

impl Connection {
    /// Starts a testee: `ws://..`, or a command whose words are separated by spaces.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn open(testee: &str, patience: Duration) -> Result<Self, Failure> {
        if testee.starts_with("ws://") {
            return Ok(Self::Server(Box::new(Server::open(testee, patience)?)));
        }
        Program::open(testee).map(Self::Program)
    }

    /// Sends a line.
    ///
    /// # Errors
    ///
    /// The testee is gone.
    pub fn send(&mut self, line: &str) -> Result<(), Failure> {
        match self {
            Self::Program(program) => program.send(line),
            Self::Server(server) => server.send(line),
        }
    }

    /// The next line.
    ///
    /// # Errors
    ///
    /// None came in time, or none will.
    pub fn receive(&mut self, patience: Duration) -> Result<String, Failure> {
        match self {
            Self::Program(program) => program.receive(patience),
            Self::Server(server) => server.receive(patience),
        }
    }
}

/// A program with pipes. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    input: ChildStdin,
    lines: Receiver<io::Result<String>>,
}

impl Program {
    fn open(command: &str) -> Result<Self, Failure> {
        let unreachable =
            |error: &dyn std::fmt::Display| Failure::Unreachable(format!("{command}: {error}"));
        let mut words = command.split_whitespace();
        let mut program = Command::new(words.next().unwrap_or_default());
        program.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().map_err(|error| unreachable(&error))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(unreachable(&"it has no pipes"));
        };
        // Reading blocks, and a testee that hangs must not stop the runner.
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, lines })
    }

    fn send(&mut self, line: &str) -> Result<(), Failure> {
        let sent = writeln!(self.input, "{line}").and_then(|()| self.input.flush());
        sent.map_err(|_| self.died())
    }

    fn receive(&mut self, patience: Duration) -> Result<String, Failure> {
        match self.lines.recv_timeout(patience) {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(self.died()),
            Err(RecvTimeoutError::Timeout) => Err(Failure::Hung(patience)),
        }
    }

    /// Its output has ended, so its status comes soon.
    fn died(&mut self) -> Failure {
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Failure::Died(format!(": {status}"));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Failure::Died(", or closed its output".to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A WebSocket, on which each message is a line.
#[derive(Debug)]
pub struct Server {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
}

impl Server {
    fn open(url: &str, patience: Duration) -> Result<Self, Failure> {
        let (socket, _) = tungstenite::connect(url)
            .map_err(|error| Failure::Unreachable(format!("{url}: {error}")))?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            let limited = stream.set_read_timeout(Some(patience));
            limited.map_err(|error| Failure::Unreachable(format!("{url}: {error}")))?;
        }
        Ok(Self { socket })
    }

    fn send(&mut self, line: &str) -> Result<(), Failure> {
        self.socket.send(Message::text(line)).map_err(|error| Failure::Died(format!(": {error}")))
    }

    fn receive(&mut self, patience: Duration) -> Result<String, Failure> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Ok(text.as_str().to_owned()),
                Ok(Message::Close(_)) => return Err(Failure::Died(": it closed".to_owned())),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error))
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return Err(Failure::Hung(patience));
                }
                Err(error) => return Err(Failure::Died(format!(": {error}"))),
            }
        }
    }
}
