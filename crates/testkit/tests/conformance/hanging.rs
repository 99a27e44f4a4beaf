//! Whatever a testee does or leaves, the runner goes on.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use roomcall_testkit::conformance::case::{Case, Role};
use roomcall_testkit::conformance::runner::{Runner, Verdict};
use tungstenite::Message;

const TIMEOUT: Duration = Duration::from_millis(300);
/// More than a pipe and the sockets of any system hold.
const MUCH: usize = 32 << 20;
const SOME: usize = 10;

/// Why a case fails whose first line has so many bytes. A runner that hangs fails the test.
fn problem(testee: &str, bytes: usize, timeout: Duration) -> String {
    let (sender, problem) = channel();
    let testee = testee.to_owned();
    thread::spawn(move || {
        let mut case = Case::all(Role::Switchboard).swap_remove(0);
        case.setup.title = "x".repeat(bytes);
        let (verdict, _) = Runner::new(&testee, timeout).play(&case);
        let Verdict::Failed(fault) = verdict else { panic!("{verdict:?}") };
        sender.send(fault.problem)
    });
    problem.recv_timeout(Duration::from_secs(20)).expect("the runner ends")
}

/// The address of a testee that does this with a connection.
fn server(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
    address
}

fn sleep() {
    thread::sleep(Duration::from_secs(60));
}

/// Sends a byte now and then, until nobody is there.
fn drip(mut stream: &TcpStream) {
    while stream.write_all(b"x").is_ok() {
        thread::sleep(TIMEOUT / 20);
    }
}

#[track_caller]
fn hangs(testee: &str, bytes: usize) {
    let problem = problem(testee, bytes, TIMEOUT);
    assert!(problem.contains("said nothing"), "{problem}");
}

#[test]
fn a_server_that_never_shakes_hands() {
    hangs(&server(|_stream| sleep()), SOME);
}

#[test]
fn a_server_that_drips_its_handshake() {
    let serve = |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 101 ").unwrap();
        drip(&stream);
    };
    hangs(&server(serve), SOME);
}

#[test]
fn a_server_that_never_reads() {
    let serve = |stream| {
        let _socket = tungstenite::accept(stream).unwrap();
        sleep();
    };
    hangs(&server(serve), MUCH);
}

#[test]
fn a_server_that_pings_for_ever() {
    let serve = |stream| {
        let mut socket = tungstenite::accept(stream).unwrap();
        while socket.send(Message::Ping(Default::default())).is_ok() {
            thread::sleep(TIMEOUT / 20);
        }
    };
    hangs(&server(serve), SOME);
}

#[test]
fn a_server_that_drips_its_answer() {
    let serve = |stream: TcpStream| {
        let mut socket = tungstenite::accept(stream).unwrap();
        // A text of 65,535 bytes begins.
        socket.get_mut().write_all(b"\x81\x7e\xff\xff").unwrap();
        drip(socket.get_ref());
    };
    hangs(&server(serve), SOME);
}

#[test]
fn a_server_whose_answer_is_too_long() {
    let serve = |stream| {
        let mut socket = tungstenite::accept(stream).unwrap();
        drop(socket.send(Message::text("x".repeat(MUCH))));
    };
    let problem = problem(&server(serve), SOME, Duration::from_secs(10));
    assert!(problem.contains("has more than 16 MiB"), "{problem}");
}

#[cfg(unix)]
#[test]
fn a_program_that_never_reads() {
    hangs("sleep 60", MUCH);
}

#[cfg(unix)]
#[test]
fn a_program_whose_line_never_ends() {
    let problem = problem("cat /dev/zero", SOME, Duration::from_secs(10));
    assert!(problem.contains("has more than 16 MiB"), "{problem}");
}
