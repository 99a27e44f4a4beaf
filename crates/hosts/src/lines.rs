//! A host by name: JSON lines over TCP. The first line of a connection is its actor, in the form of
//! `by`, and nothing proves it. After it the backend sends facts, and a device sends frames.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use roomcall::Tick;
use roomcall::protocol::{self, Actor, Audience, Body, Frame, Input, Record};
use roomcall::switchboard::Switchboard;

struct Host {
    board: Switchboard,
    /// When this process started, and the clock of the switchboard then: it goes on from there.
    started: (Instant, Tick),
    /// By number: a device may connect again before its old connection is gone.
    connections: BTreeMap<u64, (Actor, TcpStream)>,
}

type Shared = (Mutex<Host>, Condvar);

/// Serves connections until accepting one fails.
pub fn serve(listener: &TcpListener, board: Switchboard) -> Result<()> {
    let started = (Instant::now(), board.clock());
    let host = Mutex::new(Host { board, started, connections: BTreeMap::new() });
    let host: Arc<Shared> = Arc::new((host, Condvar::new()));
    let clock = Arc::clone(&host);
    std::thread::spawn(move || tick(&clock));
    for (number, stream) in (1..).zip(listener.incoming()) {
        let (stream, host) = (stream?, Arc::clone(&host));
        // A device that reads more slowly than this is disconnected.
        stream.set_write_timeout(Some(Duration::from_millis(100)))?;
        std::thread::spawn(move || {
            let _ = listen(&host, number, &stream);
            // This connection, and no other of its device.
            lock(&host.0).connections.remove(&number);
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

fn listen((host, applied): &Shared, number: u64, stream: &TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let Some(hello) = lines.next().transpose()? else { return Ok(()) };
    let actor: Actor = serde_json::from_str(&hello)?;
    lock(host).connections.insert(number, (actor.clone(), stream.try_clone()?));
    for line in lines {
        let line = line?;
        let (request_id, input) = match &actor {
            Actor::Backend => {
                (None, Input::Fact(protocol::read(&line, "a fact").map_err(Error::other)?))
            }
            Actor::Device { .. } => {
                let Frame { request_id, request } = Frame::read(&line).map_err(Error::other)?;
                (request_id, request.input(actor.clone()))
            }
        };
        lock(host).apply(number, request_id, input);
        applied.notify_one();
    }
    Ok(())
}

/// Ends what is due, and waits for the next deadline, which any input may change.
fn tick((host, applied): &Shared) {
    let mut host = lock(host);
    loop {
        host.apply(0, None, Input::Tick);
        let deadline = host.board.next_deadline().map_or(u64::MAX, Tick::as_millis);
        let left = Duration::from_millis(deadline.saturating_sub(host.now()).min(60_000));
        host = applied.wait_timeout(host, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

fn lock(host: &Mutex<Host>) -> MutexGuard<'_, Host> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Host {
    fn now(&self) -> u64 {
        let elapsed = u64::try_from(self.started.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.started.1.as_millis().saturating_add(elapsed)
    }

    /// Applies an input, and sends the answer to who asked and each event to its audience.
    fn apply(&mut self, asker: u64, request_id: Option<u64>, input: Input) {
        let record = Record { at: self.now(), request_id, input };
        for output in self.board.apply_record(&record).outputs() {
            let line = serde_json::to_string(&output).unwrap_or_default() + "\n";
            self.connections.retain(|number, (actor, stream)| {
                let is_for = match &output.body {
                    Body::Effect(effect) => is_for(&self.board, &effect.to, actor),
                    _ => *number == asker,
                };
                let is_sent = !is_for || stream.write_all(line.as_bytes()).is_ok();
                if !is_sent {
                    let _ = stream.shutdown(Shutdown::Both);
                }
                is_sent
            });
        }
    }
}

fn is_for(board: &Switchboard, to: &Audience, actor: &Actor) -> bool {
    let Actor::Device { user, device } = actor else { return false };
    match to {
        Audience::User(callee) => callee == user,
        Audience::Device { user: caller, device: on } => caller == user && on == device,
        Audience::OtherDevices { user: callee, than } => callee == user && than != device,
        Audience::Room(room) => {
            let handles = board.lookup_room(room).zip(board.lookup_user(user));
            handles.is_some_and(|(room, user)| board.is_inside(room, user))
        }
    }
}
