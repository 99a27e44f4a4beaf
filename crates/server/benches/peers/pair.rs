//! A caller with one device and a callee with two, and a call between them: both devices of the callee ring, one
//! accepts, the other is told to stop, and the caller is told. Each server has its own words for that.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use roomcall_server::token::{Signer, Who, now};

use crate::link::Link;
use crate::servers::SECRET;

/// A server that is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Roomcall,
    Node,
    Mosquitto,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Roomcall, Self::Node, Self::Mosquitto];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Roomcall => "roomcall-server",
            Self::Node => "Node ws + Redis",
            Self::Mosquitto => "Mosquitto QoS 0",
        }
    }

    /// What is in the messages that both devices of the callee, the caller, and the device that did not accept wait
    /// for.
    const fn marks(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Roomcall => {
                ("\"onCallReceived\"", "\"onCallAccepted\"", "\"onCallHandledByOtherDevice\"")
            }
            Self::Node | Self::Mosquitto => ("\"ring\"", "\"accepted\"", "\"stop\""),
        }
    }

    async fn connect(self, address: SocketAddr, user: &str, device: &str) -> io::Result<Link> {
        match self {
            Self::Roomcall => {
                let signer = Signer::of_secret(SECRET.as_bytes()).expect("it is long enough");
                let token = signer.sign(&Who::device(user, device), now(), now() + 3_600);
                Link::websocket(address, &format!("/v1/socket?token={token}")).await
            }
            Self::Node => Link::websocket(address, &format!("/?user={user}&device={device}")).await,
            Self::Mosquitto => Link::mqtt(address, &format!("{user}/{device}")).await,
        }
    }
}

/// The room of a pair, and who calls in it.
pub(crate) fn room_and_caller(number: usize) -> (String, String) {
    (format!("room-{number}"), format!("caller-{number}"))
}

/// How long a call took until both devices rang, and until the caller was told that one has accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    pub(crate) ring: Duration,
    pub(crate) accept: Duration,
}

/// A caller and a callee.
#[derive(Debug)]
pub(crate) struct Pair {
    kind: Kind,
    room: String,
    caller: String,
    callee: String,
    caller_link: Link,
    phone: Link,
    tablet: Link,
    calls: u64,
}

impl Pair {
    pub(crate) async fn connect(
        kind: Kind,
        address: SocketAddr,
        number: usize,
    ) -> io::Result<Self> {
        let ((room, caller), callee) = (room_and_caller(number), format!("callee-{number}"));
        let caller_link = kind.connect(address, &caller, "phone").await?;
        let phone = kind.connect(address, &callee, "phone").await?;
        let tablet = kind.connect(address, &callee, "tablet").await?;
        Ok(Self { kind, room, caller, callee, caller_link, phone, tablet, calls: 0 })
    }

    /// One call, from its first word to its last.
    pub(crate) async fn call(&mut self) -> io::Result<Took> {
        let (ring, accepted, stop) = self.kind.marks();
        self.calls += 1;
        let began = Instant::now();
        self.ask().await?;
        let (attempt, other) =
            tokio::try_join!(until(&mut self.phone, ring), until(&mut self.tablet, ring))?;
        let rang = Instant::now();
        if attempt != other {
            return Err(io::Error::other("the devices ring for different calls"));
        }
        self.accept(attempt).await?;
        let told = async {
            let told = until(&mut self.caller_link, accepted).await?;
            Ok((told, rang.elapsed()))
        };
        let ((told, accept), stopped) = tokio::try_join!(told, until(&mut self.tablet, stop))?;
        if [told, stopped] != [attempt; 2] {
            return Err(io::Error::other("it is another call that was accepted"));
        }
        Ok(Took { ring: rang - began, accept })
    }

    async fn ask(&mut self) -> io::Result<()> {
        let Self { room, caller, callee, calls, .. } = self;
        match self.kind {
            Kind::Roomcall => {
                let what = format!(
                    r#"{{"requestID":{calls},"command":{{"callUserToRoom":{{"roomID":"{room}","userIDList":["{callee}"],"timeout":30}}}}}}"#
                );
                self.caller_link.send(&what).await
            }
            Kind::Node => {
                let what = format!(
                    r#"{{"requestID":{calls},"call":{{"callee":"{callee}","timeout":30}}}}"#
                );
                self.caller_link.send(&what).await
            }
            Kind::Mosquitto => {
                let text = format!(r#"{{"ring":{{"caller":"{caller}","attempt":{calls}}}}}"#);
                let devices = ["phone", "tablet"].map(|device| format!("{callee}/{device}"));
                self.caller_link.publish(&devices.each_ref().map(|it| (&it[..], &text[..]))).await
            }
        }
    }

    async fn accept(&mut self, attempt: u64) -> io::Result<()> {
        let Self { room, caller, callee, calls, .. } = self;
        match self.kind {
            Kind::Roomcall => {
                let what = format!(
                    r#"{{"requestID":{calls},"command":{{"acceptCall":{{"roomID":"{room}","attempt":{attempt}}}}}}}"#
                );
                self.phone.send(&what).await
            }
            Kind::Node => {
                let what = format!(r#"{{"requestID":{calls},"accept":{{"attempt":{attempt}}}}}"#);
                self.phone.send(&what).await
            }
            Kind::Mosquitto => {
                let accepted =
                    format!(r#"{{"accepted":{{"callee":"{callee}","attempt":{attempt}}}}}"#);
                let stop = format!(r#"{{"stop":{{"attempt":{attempt}}}}}"#);
                let topics = (format!("{caller}/phone"), format!("{callee}/tablet"));
                self.phone.publish(&[(&topics.0, &accepted), (&topics.1, &stop)]).await
            }
        }
    }
}

/// Waits for a text with this in it. The attempt that it is about.
async fn until(link: &mut Link, mark: &str) -> io::Result<u64> {
    loop {
        let text = link.text().await?;
        // Several lines may come together.
        if let Some(line) = text.lines().find(|line| line.contains(mark)) {
            let at = line.find("\"attempt\":").map(|at| at + "\"attempt\":".len());
            let digits = at.and_then(|at| line.get(at..)).unwrap_or_default();
            let end = digits.find(|it: char| !it.is_ascii_digit()).unwrap_or(digits.len());
            let attempt = digits.get(..end).and_then(|it| it.parse().ok());
            return attempt.ok_or_else(|| io::Error::other(format!("no attempt: {line}")));
        }
        if text.contains("\"refused\"") {
            return Err(io::Error::other(format!("refused: {text}")));
        }
    }
}
