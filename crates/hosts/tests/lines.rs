//! The host by name and two handsets, over real sockets: a ring, a tap, and a restart.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that goes wrong should stop")]

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use roomcall::handset::{Dismissal, Effect, Handset, Input, Settings, Tap};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use roomcall_hosts::device::{Numbered, run};
use roomcall_hosts::lines::serve;

fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    thread::spawn(move || serve(&listener, board));
    address
}

/// A device with an application that taps and looks at the screen.
struct Device {
    application: Sender<Numbered>,
    screen: Receiver<Effect>,
}

impl Device {
    fn start(address: SocketAddr, handset: Handset, saved: &Path) -> Self {
        let ((application, inbox), (shows, screen)) = (channel(), channel());
        let (inputs, saved) = (application.clone(), saved.to_owned());
        thread::spawn(move || run(handset, address, &saved, (&inputs, &inbox), &shows));
        Self { application, screen }
    }

    fn says(&self, input: Input) {
        self.application.send((0, input)).unwrap();
    }

    /// Waits for an effect, past others.
    fn shows(&self, is_it: impl Fn(&Effect) -> bool) -> Effect {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let effect = self.screen.recv_timeout(left).expect("it comes to that");
            if is_it(&effect) {
                return effect;
            }
        }
    }
}

fn saved(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The backend opens a room that ana is in. Its connection stays open.
fn open(address: SocketAddr) -> TcpStream {
    let mut backend = TcpStream::connect(address).unwrap();
    let lines = r#""backend"
{"roomOpened":{"roomID":"standup","owner":"ana"}}
{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}
"#;
    backend.write_all(lines.as_bytes()).unwrap();
    backend
}

#[test]
fn a_ring_is_answered_once_and_survives_a_restart() {
    let address = start();
    let handset = |user, device| Handset::new(user, device, Settings::DEFAULT);
    let _backend = open(address);
    let mac = Device::start(address, handset("ana", "mac"), &saved("mac.json"));
    let phone = Device::start(address, handset("bo", "phone"), &saved("phone.json"));
    let tablet = Device::start(address, handset("bo", "tablet"), &saved("tablet.json"));

    mac.says(Input::InRoom(Some("standup".into())));
    let (room, users) = ("standup".to_owned(), vec!["bo".to_owned()]);
    mac.says(Input::Tap(Tap::Call { room, users, timeout: 60, extension: "hello".into() }));
    let rings =
        |effect: &Effect| matches!(effect, Effect::Show { call, .. } if call.extension == "hello");
    let Effect::Show { call, .. } = phone.shows(rings) else { unreachable!() };
    tablet.shows(rings);

    // The tablet's process ends: it goes on from what it saved, and rings again by a snapshot.
    drop(tablet);
    let saved_state = std::fs::read_to_string(saved("tablet.json")).unwrap();
    let restored = Handset::restore(&saved_state, None).unwrap();
    // Its thread ends when it next has something to show: until then it saves to its own file.
    let tablet = Device::start(address, restored, &saved("restarted.json"));

    phone.says(Input::Tap(Tap::Accept { attempt: call.attempt }));
    phone.shows(|effect| matches!(effect, Effect::Join { room } if room == "standup"));
    let elsewhere = Dismissal::AnsweredElsewhere { device: Some("phone".into()) };
    tablet.shows(|effect| matches!(effect, Effect::Dismiss { why, .. } if *why == elsewhere));
}
