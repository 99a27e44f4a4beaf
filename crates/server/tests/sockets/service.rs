//! The server as a service of systemd: the unit is one, and the server says how far it is.

use std::os::unix::net::UnixDatagram;
use std::process::Command;

use roomcall_testkit::repository::root;

use crate::child::{self, PROGRAM, Server};
use crate::http;
use crate::rig::{PATIENCE, Rig, memory, parts};

#[test]
fn systemd_takes_the_unit() {
    let unit = root().join("crates/server/systemd/roomcall-server.service");
    let text = std::fs::read_to_string(unit).expect("it is there");
    // Where this is built the program is elsewhere.
    let folder = tempfile::tempdir().expect("there is room");
    let copy = folder.path().join("roomcall-server.service");
    std::fs::write(&copy, text.replace("/usr/local/bin/roomcall-server", PROGRAM)).expect("room");
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(copy).output();
    let verified = verified.expect("systemd-analyze is installed by `cargo xtask setup`");
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !said.contains("roomcall-server.service:"), "{said}");
}

#[test]
fn the_service_manager_is_told() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("there is room");
    socket.set_read_timeout(Some(PATIENCE)).expect("it can be set");
    let mut command = child::serve(PROGRAM, &folder.path().join("store"), &[]);
    let server = Server::start(command.env("NOTIFY_SOCKET", &path));
    let hear = || {
        let mut said = [0; 256];
        let length = socket.recv(&mut said).expect("it says so");
        String::from_utf8_lossy(&said[..length]).into_owned()
    };
    assert!(hear().contains("READY=1"));
    server.stop();
    assert!(hear().contains("STOPPING=1"));
    assert!(server.ends().0.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_have_the_process() {
    let rig = Rig::start(parts(memory())).await;
    let (_, metrics) = http::get(rig.address, "/metrics").await;
    for name in [
        "process_start_time_seconds",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
    ] {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value: Option<f64> = line.and_then(|it| it.parse().ok());
        assert!(value.is_some_and(|it| it >= 0.0), "{name}: {metrics}");
    }
    let version = concat!("roomcall_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1");
    assert!(metrics.contains(version), "{metrics}");
    rig.stop().await;
}
