//! A testee that is the server of a WebSocket, on which each message is a line.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::channel;
use std::thread;

use tungstenite::client::{IntoClientRequest, client_with_config};
use tungstenite::error::CapacityError;
use tungstenite::handshake::HandshakeError;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use super::{Deadline, Failure, LONGEST, TOO_LONG};

/// A WebSocket to a testee.
#[derive(Debug)]
pub struct Server {
    socket: WebSocket<Stream>,
}

impl Server {
    pub(super) fn open(url: &str, deadline: Deadline) -> Result<Self, Failure> {
        let unreachable =
            |error: &dyn std::fmt::Display| Failure::Unreachable(format!("{url}: {error}"));
        let request = url.into_client_request().map_err(|error| unreachable(&error))?;
        let uri = request.uri();
        let host = uri.host().ok_or_else(|| unreachable(&"it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let stream = connect(host, uri.port_u16().unwrap_or(80), deadline, &unreachable)?;
        let limits = WebSocketConfig::default();
        let limits = limits.max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
        match client_with_config(request, stream, Some(limits)) {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(HandshakeError::Failure(Error::Io(error))) if is_late(&error) => {
                Err(deadline.missed())
            }
            Err(error) => Err(unreachable(&error)),
        }
    }

    pub(super) fn send(&mut self, line: &str, deadline: Deadline) -> Result<(), Failure> {
        self.socket.get_mut().deadline = deadline;
        self.socket.send(Message::text(line)).map_err(|error| failure(error, deadline))
    }

    pub(super) fn receive(&mut self, deadline: Deadline) -> Result<String, Failure> {
        self.socket.get_mut().deadline = deadline;
        loop {
            // Whoever sends pings without end may never let a read wait.
            deadline.left()?;
            match self.socket.read().map_err(|error| failure(error, deadline))? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(_) => return Err(Failure::Died(": it closed".to_owned())),
                _ => {}
            }
        }
    }
}

fn failure(error: Error, deadline: Deadline) -> Failure {
    match error {
        Error::Io(error) if is_late(&error) => deadline.missed(),
        Error::Capacity(CapacityError::MessageTooLong { .. }) => TOO_LONG,
        error => Failure::Died(format!(": {error}")),
    }
}

/// A connection to the first address of a host that takes one.
fn connect(
    host: &str,
    port: u16,
    deadline: Deadline,
    unreachable: &dyn Fn(&dyn std::fmt::Display) -> Failure,
) -> Result<Stream, Failure> {
    let mut why = unreachable(&"the host has no address");
    for address in addresses(host, port, deadline)?.map_err(|error| unreachable(&error))? {
        match TcpStream::connect_timeout(&address, deadline.left()?) {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
                return Ok(Stream { stream, deadline });
            }
            Err(error) if is_late(&error) => return Err(deadline.missed()),
            Err(error) => why = unreachable(&error),
        }
    }
    Err(why)
}

/// The addresses of a host. The system's resolver has no time limit, so a thread waits for it.
fn addresses(
    host: &str,
    port: u16,
    deadline: Deadline,
) -> Result<io::Result<Vec<SocketAddr>>, Failure> {
    let (sender, found) = channel();
    let host = host.to_owned();
    thread::spawn(move || sender.send((host, port).to_socket_addrs().map(Iterator::collect)));
    found.recv_timeout(deadline.left()?).map_err(|_| deadline.missed())
}

/// A stream that ends each read and write at its deadline, however many there are for a line.
#[derive(Debug)]
struct Stream {
    stream: TcpStream,
    deadline: Deadline,
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.deadline.left().map_err(late)?))?;
        self.stream.read(bytes).map_err(timed)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.deadline.left().map_err(late)?))?;
        self.stream.write(bytes).map_err(timed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn late(failure: Failure) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, failure)
}

/// Systems differ in how they call it that time is up.
fn timed(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

fn is_late(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}
