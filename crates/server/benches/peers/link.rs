//! A connection of a device: text frames of WebSocket (RFC 6455), or messages of MQTT 3.1.1 at QoS 0, as cheap as
//! they can be read and written. The client should not be what is measured.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wire {
    WebSocket,
    Mqtt,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    wire: Wire,
    heard: Vec<u8>,
    /// From where on nothing of it was looked at.
    start: usize,
}

/// What was heard.
enum Frame {
    Text,
    Ping,
    Close,
    /// What belongs to the connection itself.
    Other,
}

/// Room for what comes at once.
const READ: usize = 4_096;

fn wrong(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}

impl Link {
    async fn open(address: SocketAddr, wire: Wire) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, wire, heard: Vec::new(), start: 0 })
    }

    /// A socket at this path, with what it asks for.
    pub(crate) async fn websocket(address: SocketAddr, path: &str) -> io::Result<Self> {
        let mut link = Self::open(address, Wire::WebSocket).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        link.stream.write_all(request.as_bytes()).await?;
        loop {
            link.fill().await?;
            let end = link.heard.windows(4).position(|it| it == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&link.heard[..end]).into_owned();
                link.start = end + 4;
                let is_open = head.starts_with("HTTP/1.1 101");
                return if is_open { Ok(link) } else { Err(wrong(&head)) };
            }
        }
    }

    /// A client of MQTT that has subscribed to one topic.
    pub(crate) async fn mqtt(address: SocketAddr, topic: &str) -> io::Result<Self> {
        let mut link = Self::open(address, Wire::Mqtt).await?;
        // A clean session, and no keep-alive.
        let mut connect = b"\x00\x04MQTT\x04\x02\x00\x00".to_vec();
        put_text(&mut connect, topic);
        let mut subscribe = vec![0, 1];
        put_text(&mut subscribe, topic);
        subscribe.push(0);
        let mut both = Vec::new();
        put_packet(&mut both, 0x10, &connect);
        put_packet(&mut both, 0x82, &subscribe);
        link.stream.write_all(&both).await?;
        // The answers, of four bytes and of five.
        while link.heard.len() < 9 {
            link.fill().await?;
        }
        let (accepted, granted) = (link.heard[3] == 0, link.heard[8] == 0);
        link.start = 9;
        if accepted && granted { Ok(link) } else { Err(wrong("the broker does not take it")) }
    }

    /// Sends a text.
    pub(crate) async fn send(&mut self, text: &str) -> io::Result<()> {
        let mut frame = Vec::with_capacity(text.len() + 8);
        put_frame(&mut frame, 0x81, text.as_bytes());
        self.stream.write_all(&frame).await
    }

    /// Publishes texts, with one write.
    pub(crate) async fn publish(&mut self, messages: &[(&str, &str)]) -> io::Result<()> {
        let mut packets = Vec::new();
        for (topic, text) in messages {
            let mut publish = Vec::new();
            put_text(&mut publish, topic);
            publish.extend_from_slice(text.as_bytes());
            put_packet(&mut packets, 0x30, &publish);
        }
        self.stream.write_all(&packets).await
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> io::Result<&str> {
        loop {
            let Some((frame, body)) = self.next() else {
                self.fill().await?;
                continue;
            };
            self.start = body.end;
            match frame {
                Frame::Text => {
                    let text = str::from_utf8(&self.heard[body]);
                    return text.map_err(|_| wrong("this is no text"));
                }
                Frame::Close => {
                    let why = String::from_utf8_lossy(&self.heard[body]).into_owned();
                    return Err(wrong(&format!("the server closed a connection: {why}")));
                }
                Frame::Ping => {
                    let mut pong = Vec::new();
                    put_frame(&mut pong, 0x8a, &self.heard[body]);
                    self.stream.write_all(&pong).await?;
                }
                Frame::Other => {}
            }
        }
    }

    /// A frame that was heard whole, and where its body is.
    fn next(&self) -> Option<(Frame, Range<usize>)> {
        let heard = self.heard.get(self.start..)?;
        let (kind, rest) = heard.split_first()?;
        match self.wire {
            Wire::WebSocket => {
                let (head, length) = match rest.first()? & 0x7f {
                    126 => (4, usize::from(u16::from_be_bytes([*rest.get(1)?, *rest.get(2)?]))),
                    127 => (
                        10,
                        usize::try_from(u64::from_be_bytes(*rest.get(1..)?.first_chunk()?)).ok()?,
                    ),
                    length => (2, usize::from(length)),
                };
                heard.get(..head + length)?;
                let frame = match kind & 0xf {
                    1 => Frame::Text,
                    8 => Frame::Close,
                    9 => Frame::Ping,
                    _ => Frame::Other,
                };
                let body = self.start + head;
                Some((frame, body..body + length))
            }
            Wire::Mqtt => {
                let (mut length, mut head) = (0, 1);
                loop {
                    let byte = *heard.get(head)?;
                    length |= usize::from(byte & 0x7f) << (7 * (head - 1));
                    head += 1;
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
                let packet = heard.get(head..head + length)?;
                let end = self.start + head + length;
                if kind >> 4 != 3 {
                    return Some((Frame::Other, end..end));
                }
                let topic = usize::from(u16::from_be_bytes(*packet.first_chunk()?));
                Some((Frame::Text, self.start + head + 2 + topic..end))
            }
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.heard.drain(..self.start);
        self.start = 0;
        self.heard.reserve(READ);
        match self.stream.read_buf(&mut self.heard).await? {
            0 => Err(wrong("the server closed a connection without a word")),
            _ => Ok(()),
        }
    }
}

/// A frame of a client: with a mask, which may be of zeros.
fn put_frame(to: &mut Vec<u8>, kind: u8, body: &[u8]) {
    to.push(kind);
    match u16::try_from(body.len()) {
        Ok(length @ ..126) => to.push(0x80 | length as u8),
        Ok(length) => {
            to.push(0x80 | 126);
            to.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => unreachable!("nothing here is so long"),
    }
    to.extend_from_slice(&[0; 4]);
    to.extend_from_slice(body);
}

fn put_packet(to: &mut Vec<u8>, kind: u8, body: &[u8]) {
    to.push(kind);
    let mut length = body.len();
    while length >= 0x80 {
        to.push(0x80 | (length & 0x7f) as u8);
        length >>= 7;
    }
    to.push(length as u8);
    to.extend_from_slice(body);
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    to.extend_from_slice(&(text.len() as u16).to_be_bytes());
    to.extend_from_slice(text.as_bytes());
}
