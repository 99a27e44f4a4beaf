//! A device of the host in [`lines`](crate::lines): a handset behind a TCP connection.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{fs, thread};

use roomcall::handset::{DeviceTick, Effect, Handset, Input, Link};
use roomcall::protocol::{Actor, Body, Frame, Output, Request};

/// An input, and the number of the connection that it came over: 0 from the application.
pub type Numbered = (u64, Input);

/// Runs a device until nobody reads its `screen`. Its state is stored at `saved` after each step.
pub fn run(
    mut handset: Handset,
    address: SocketAddr,
    saved: &Path,
    (inputs, inbox): (&Sender<Numbered>, &Receiver<Numbered>),
    screen: &Sender<Effect>,
) -> Result<()> {
    // A restored handset starts at 0, whatever its clock was: nothing is added here.
    let started = Instant::now();
    let now = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (mut number, mut connection) = (0, None);
    loop {
        let mut came = Vec::new();
        if connection.is_none() {
            number += 1;
            connection = connect(&handset, address, number, inputs).ok();
            came.extend(connection.is_some().then_some(Input::Link(Link::Up)));
        }
        let deadline = handset.next_deadline().map_or(u64::MAX, DeviceTick::as_millis);
        let left = Duration::from_millis(match (&connection, came.is_empty()) {
            (_, false) => 0,
            (Some(_), true) => deadline.saturating_sub(now()).min(60_000),
            (None, true) => deadline.saturating_sub(now()).min(500),
        });
        match inbox.recv_timeout(left) {
            // Inputs that came together are applied together: a ring and its end make no sound.
            Ok(first) => came.extend(
                // The end of an old connection says nothing about the new one.
                std::iter::once(first)
                    .chain(inbox.try_iter())
                    .filter(|(from, _)| *from == 0 || *from == number)
                    .map(|(_, input)| input),
            ),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if came.contains(&Input::Link(Link::Down)) {
            connection = None;
        }
        let effects = handset.apply_all(DeviceTick::from_millis(now()), came);
        // Stored before the effects are carried out, and at once, since the process may be killed.
        let new = saved.with_extension("new");
        fs::write(&new, handset.save()).and_then(|()| fs::rename(&new, saved))?;
        for effect in effects {
            match effect {
                Effect::Send { request_id, request } => send(&mut connection, request_id, request),
                other => {
                    if screen.send(other).is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// Connects, says who this is, and forwards what comes over the connection.
fn connect(
    handset: &Handset,
    address: SocketAddr,
    number: u64,
    inputs: &Sender<Numbered>,
) -> Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
    let actor = Actor::Device { user: handset.user(), device: handset.device() };
    stream.write_all((serde_json::to_string(&actor)? + "\n").as_bytes())?;
    let (lines, inputs) = (BufReader::new(stream.try_clone()?).lines(), inputs.clone());
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let input = match Output::read(&line).map(|output: Output| output.body) {
                Ok(Body::Effect(effect)) => Input::Notice(effect.event),
                Ok(Body::Reply(reply)) => Input::Reply(reply),
                // A line that this version cannot read: the next snapshot says what it missed.
                Ok(_) | Err(_) => continue,
            };
            let _ = inputs.send((number, input));
        }
        let _ = inputs.send((number, Input::Link(Link::Down)));
    });
    Ok(stream)
}

/// Sends a request. If that fails the connection is over, and the handset sends it again on the next.
fn send(connection: &mut Option<TcpStream>, request_id: Option<u64>, request: Request) {
    let frame = Frame { request_id, request };
    if let Some(stream) = connection {
        let line = serde_json::to_string(&frame).unwrap_or_default() + "\n";
        let _ = stream.write_all(line.as_bytes());
    }
}
