//! Who is connected: connections by user and device, and what is sent to them.
//!
//! Sending never waits. A connection whose queue is full is cut, and costs the others nothing: its
//! device asks what rings when it is back.

use std::collections::HashMap;

use axum::extract::ws::Utf8Bytes;
use roomcall::protocol::{Actor, Audience};
use roomcall::switchboard::Switchboard;
use tokio::sync::{mpsc, oneshot};

use crate::close_code::CloseCode;

/// The end of a connection that the server's task of that connection has.
#[derive(Debug)]
pub struct Line {
    /// What is to be sent.
    pub messages: mpsc::Receiver<Utf8Bytes>,
    /// When it is to be closed, and why.
    pub close_code: oneshot::Receiver<CloseCode>,
}

/// Which connection: of one run of the server, never used again.
pub type Number = u64;

#[derive(Debug)]
struct Connection {
    number: Number,
    device: String,
    messages: mpsc::Sender<Utf8Bytes>,
    close_code: Option<oneshot::Sender<CloseCode>>,
}

impl Connection {
    /// Sends a message, or says that the connection is over.
    fn send(&mut self, message: &Utf8Bytes) -> bool {
        match self.messages.try_send(message.clone()) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.cut(CloseCode::TooSlow);
                false
            }
        }
    }

    fn cut(&mut self, why: CloseCode) {
        if let Some(close_code) = self.close_code.take() {
            // If nobody hears it, it is gone already.
            let _ = close_code.send(why);
        }
    }
}

/// There are as many connections as there may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Full {
    /// Of this user.
    #[error("the user has {0} connections, which is the limit: close one")]
    OfUser(usize),
    /// In all.
    #[error("the server has {0} connections, which is the limit: try again later")]
    InAll(usize),
    /// Those that have just gone are in the way.
    #[error("too many connections have just been closed: try again later")]
    Leaving,
}

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct HubLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one user.
    pub of_user: usize,
    /// Messages that wait to be sent on one connection.
    pub waiting: usize,
}

/// All connections.
#[derive(Debug)]
pub struct Hub {
    users: HashMap<String, Vec<Connection>>,
    limits: HubLimits,
    last: Number,
    count: usize,
}

impl Hub {
    /// Nobody is connected.
    pub fn new(limits: HubLimits) -> Self {
        Self { users: HashMap::new(), limits, last: 0, count: 0 }
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A device has connected. An earlier connection of it is closed.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn connect(&mut self, user: &str, device: &str) -> Result<(Number, Line), Full> {
        self.forget_gone(user);
        let Self { users, limits, last, count } = self;
        let connections = users.get_mut(user);
        let known = connections.as_ref().map_or(0, |it| it.len());
        let is_known = connections.is_some_and(|it| {
            let found = it.iter_mut().find(|it| it.device == device);
            found.is_some_and(|old| {
                old.cut(CloseCode::Replaced);
                true
            })
        });
        if is_known {
            if let Some(it) = users.get_mut(user) {
                it.retain(|connection| connection.device != device);
                *count -= 1;
            }
        } else if known >= limits.of_user {
            return Err(Full::OfUser(limits.of_user));
        } else if *count >= limits.connections {
            return Err(Full::InAll(limits.connections));
        }
        *last += 1;
        *count += 1;
        let (messages, waiting) = mpsc::channel(limits.waiting);
        let (close_code, heard) = oneshot::channel();
        let connection = Connection {
            number: *last,
            device: device.to_owned(),
            messages,
            close_code: Some(close_code),
        };
        users.entry(user.to_owned()).or_default().push(connection);
        Ok((*last, Line { messages: waiting, close_code: heard }))
    }

    /// Who went away before the connection was a socket has not said so. Nobody is counted for ever:
    /// the connections of this user are looked at, and where there are as many as may be, all.
    fn forget_gone(&mut self, user: &str) {
        self.keep(user, |connection| !connection.messages.is_closed());
        if self.count >= self.limits.connections {
            for connections in self.users.values_mut() {
                connections.retain(|connection| !connection.messages.is_closed());
            }
            self.users.retain(|_, connections| !connections.is_empty());
            self.count = self.users.values().map(Vec::len).sum();
        }
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, user: &str, number: Number) {
        self.keep(user, |connection| connection.number != number);
    }

    /// Closes the connection of a device, or of all devices of a user.
    pub fn cut(&mut self, user: &str, device: Option<&str>, why: CloseCode) {
        self.keep(user, |connection| {
            let is_meant = device.is_none_or(|device| connection.device == device);
            if is_meant {
                connection.cut(why);
            }
            !is_meant
        });
    }

    /// Sends to one connection.
    pub fn answer(&mut self, user: &str, number: Number, message: &Utf8Bytes) {
        self.keep(user, |connection| connection.number != number || connection.send(message));
    }

    /// Sends to an audience, as it is now.
    pub fn tell(&mut self, board: &Switchboard, to: &Audience, message: &Utf8Bytes) {
        match to {
            Audience::User(user) => self.keep(user, |connection| connection.send(message)),
            Audience::Device { user, device } => {
                self.keep(user, |it| it.device != *device || it.send(message));
            }
            Audience::OtherDevices { user, than } => {
                self.keep(user, |it| it.device == *than || it.send(message));
            }
            Audience::Room(room) => {
                let Some(room) = board.lookup_room(room) else { return };
                for user in board.participants(room) {
                    if let Some(user) = board.user_name(user) {
                        self.keep(user, |connection| connection.send(message));
                    }
                }
            }
        }
    }

    /// Closes all connections.
    pub fn close(&mut self, why: CloseCode) {
        self.users.values_mut().flatten().for_each(|connection| connection.cut(why));
        self.users.clear();
        self.count = 0;
    }

    /// Keeps those connections of a user of which `keep` says yes.
    fn keep(&mut self, user: &str, keep: impl FnMut(&mut Connection) -> bool) {
        let Some(connections) = self.users.get_mut(user) else { return };
        let before = connections.len();
        connections.retain_mut(keep);
        self.count -= before - connections.len();
        if connections.is_empty() {
            self.users.remove(user);
        }
    }
}

/// The actor that a connection speaks for.
pub fn actor(user: &str, device: &str) -> Actor {
    Actor::Device { user: user.to_owned(), device: device.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_gone_without_a_word_is_not_counted() {
        let limits = HubLimits { connections: 3, of_user: 2, waiting: 1 };
        let mut hub = Hub::new(limits);
        for device in ["one", "two", "three", "four"] {
            drop(hub.connect("ana", device).unwrap());
        }
        let (ana, bo) = (hub.connect("ana", "phone").unwrap(), hub.connect("bo", "phone").unwrap());
        drop(hub.connect("cy", "phone").unwrap());
        // It is the fourth, but cy has gone.
        let dee = hub.connect("dee", "phone").unwrap();
        assert_eq!(hub.len(), 3);
        assert_eq!(hub.connect("eve", "phone").unwrap_err(), Full::InAll(3));
        drop((ana, bo, dee));
        assert!(hub.connect("eve", "phone").is_ok());
        assert_eq!(hub.len(), 1);
    }
}
