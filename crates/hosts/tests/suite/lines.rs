//! The host by name, as the suite drives it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use roomcall::protocol::{Actor, Body, Fact, Frame, Output, Query, Request};
use roomcall::switchboard::Switchboard;
use roomcall_hosts::lines::serve;
use roomcall_testkit::suite::{Capabilities, Rules, Transport, TransportError};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The number of the query that shows that a connection is there.
const HELLO: u64 = 1 << 51;

/// A server that lives as long as the tests do.
pub(crate) struct Lines {
    address: SocketAddr,
    backend: Connection,
    begun: Instant,
}

/// A connection to it.
pub(crate) struct Connection {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
    came: VecDeque<Body>,
}

impl Connection {
    fn open(address: SocketAddr, actor: &Actor) -> Result<Self, TransportError> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let lines = BufReader::new(stream.try_clone()?);
        let mut connection = Self { stream, lines, came: VecDeque::new() };
        connection.write(&serde_json::to_string(actor)?)?;
        Ok(connection)
    }

    fn write(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{line}\n").as_bytes())
    }

    fn read(&mut self) -> Result<Option<Body>, TransportError> {
        let mut line = String::new();
        // A connection that was reset is over, too.
        match self.lines.read_line(&mut line) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Err(error.into()),
            Ok(0) | Err(_) => Ok(None),
            Ok(_) => Ok(Some(Output::read(&line)?.body)),
        }
    }
}

impl Lines {
    pub(crate) fn start(rules: &Rules) -> Result<Self, TransportError> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let board = Switchboard::new(rules.limits, rules.policy);
        thread::spawn(move || serve(&listener, board));
        let backend = Connection::open(address, &Actor::Backend)?;
        Ok(Self { address, backend, begun: Instant::now() })
    }
}

impl Transport for Lines {
    type Connection = Connection;

    fn capabilities(&self) -> Capabilities {
        Capabilities { slow_reader: true, rules: true, erasure: true, ..Capabilities::default() }
    }

    async fn connect(&mut self, user: &str, device: &str) -> Result<Connection, TransportError> {
        let actor = Actor::Device { user: user.to_owned(), device: device.to_owned() };
        let mut connection = Connection::open(self.address, &actor)?;
        let request: Request = Request::Query(Query::GetIncomingCalls { since: None });
        let frame = Frame { request_id: Some(HELLO), request };
        connection.write(&serde_json::to_string(&frame)?)?;
        loop {
            match connection.read()?.ok_or("the connection is ended at once")? {
                Body::Reply(reply) if reply.request_id == HELLO => return Ok(connection),
                body => connection.came.push_back(body),
            }
        }
    }

    async fn disconnect(&mut self, mut connection: Connection) -> Result<(), TransportError> {
        // The server may have ended it already.
        let _ = connection.stream.shutdown(Shutdown::Write);
        while connection.read()?.is_some() {}
        Ok(())
    }

    async fn send(
        &mut self,
        connection: &mut Connection,
        frame: Frame,
    ) -> Result<(), TransportError> {
        // What is wrong with a connection shows when it is read.
        let _ = connection.write(&serde_json::to_string(&frame)?);
        Ok(())
    }

    async fn receive(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Option<Body>, TransportError> {
        match connection.came.pop_front() {
            Some(body) => Ok(Some(body)),
            None => connection.read(),
        }
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        self.backend.write(&serde_json::to_string(&fact)?)?;
        self.backend.read()?.ok_or("the backend's connection is over")?;
        Ok(())
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        thread::sleep(Duration::from_millis(millis));
        Ok(())
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
