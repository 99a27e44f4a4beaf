//! A server that judges its own traffic by the rules.

use roomcall::protocol::Input;
use roomcall_server::server::Parts;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::child::{self, PROGRAM};
use crate::client::Client;
use crate::events::every_ending;
use crate::http;
use crate::journal::{DEVICES, Rng, USERS, beginning, input};
use crate::rig::{Rig, memory, parts};

/// Everything that was fed to the observer is judged, and it has found nothing.
async fn is_good(rig: &Rig) -> u64 {
    let text = "roomcall_observed_lines_total ";
    let (mut lines, mut before) = (0, None);
    while before != Some(lines) {
        before = Some(lines);
        sleep(std::time::Duration::from_millis(300)).await;
        let (_, metrics) = http::get(rig.address, "/metrics").await;
        assert!(!metrics.contains("roomcall_violations_total{"), "{metrics}");
        assert!(metrics.contains("roomcall_unobserved_lines_total 0"), "{metrics}");
        let count = metrics.lines().find_map(|line| line.strip_prefix(text));
        lines = count.expect("it is counted").parse().expect("a number");
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_what_an_observed_server_says() {
    let mut observed = Parts { observe: true, ..parts(memory()) };
    let policy = roomcall::Policy { join_grace: 1, ..roomcall::Policy::DEFAULT };
    let rules = roomcall::journal::Header::new(roomcall::Limits::DEFAULT, policy);
    (observed.tenants[0].is_old, observed.tenants[0].rules) = (true, rules);
    let rig = Rig::start(observed).await;
    rig.open("lobby", "ana", "mac").await;
    rig.open("standup", "ana", "mac").await;
    let mut ana = rig.connect("ana", "mac").await;
    every_ending(&rig, &mut ana).await;
    assert!(is_good(&rig).await > 60);
    rig.stop().await;
}

/// A frame of a device, as it is sent.
fn frame(input: &Input, number: u64) -> Option<(usize, Value)> {
    let said =
        json!(roomcall::protocol::Record { at: 0, request_id: Some(number), input: input.clone() });
    let of = |name: &str| said["by"][name].as_str().map(str::to_owned);
    let (user, device) = (of("user")?, of("device")?);
    let user = USERS.iter().position(|it| *it == user)?;
    let device = DEVICES.iter().position(|it| *it == device)?;
    let mut frame = said;
    frame.as_object_mut()?.retain(|name, _| !matches!(&**name, "at" | "by"));
    Some((user * DEVICES.len() + device, frame))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_however_people_come_and_go() {
    let store = memory();
    let mut rng = Rng(7);
    let mut number = 0;
    for _ in 0..2 {
        // From the second time on it has not seen the beginning.
        let rig = Rig::start(Parts { observe: true, ..parts(store.clone()) }).await;
        for fact in beginning() {
            if let Input::Fact(fact) = fact {
                rig.fact(json!(fact)).await;
            }
        }
        let mut clients: Vec<Client> = Vec::new();
        for user in USERS {
            for device in DEVICES {
                clients.push(rig.connect(user, device).await);
            }
        }
        for _ in 0..600 {
            number += 1;
            let input = input(&mut rng);
            if let Input::Fact(fact) = &input {
                rig.fact(json!(fact)).await;
            } else if let Some((client, frame)) = frame(&input, number) {
                clients[client].send(frame.to_string()).await;
            }
            if rng.below(20) == 0 {
                let at = rng.below(clients.len() as u64) as usize;
                let (user, device) = (USERS[at / DEVICES.len()], DEVICES[at % DEVICES.len()]);
                clients[at] = rig.connect(user, device).await;
            }
        }
        for client in &mut clients {
            client.settle().await;
        }
        assert!(is_good(&rig).await > 1_000);
        rig.stop().await;
    }
}

#[test]
fn it_is_observed_when_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("there is room");
    let store = folder.path().join("store");
    let server = child::Server::start(&mut child::serve(PROGRAM, &store, &["--observe"]));
    let runtime = tokio::runtime::Runtime::new().expect("there is room");
    runtime.block_on(async {
        // That the state may be older than what was told is a fact.
        http::metrics_say(server.address, "roomcall_observed_lines_total 2").await;
    });
    server.stop();
    let (status, said) = server.ends();
    assert!(status.success(), "{said}");
    assert!(!said.contains("violated"), "{said}");
}
