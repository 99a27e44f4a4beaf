//! The scenarios of the repository as traffic: every device that is named in one is connected from the beginning.

use std::collections::BTreeSet;

use roomcall::protocol::{Actor, Audience, Body, Fact, Frame, Input, Outcome, Record, Request};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::hosting::is_recipient;
use roomcall_testkit::observer::{Settings, Traffic, What};
use roomcall_testkit::play::tick;
use roomcall_testkit::repository::{files, read};
use roomcall_testkit::strategies::journal::Journal;

use super::damage::judge;

type Devices = BTreeSet<(String, String)>;

/// The devices that ask or are told something, and one more of each user.
fn devices(journal: &Journal) -> Devices {
    let mut all = Devices::new();
    let mut name = |user: &String, device: &str| all.insert((user.clone(), device.to_owned()));
    let mut board = Switchboard::new(journal.limits, journal.policy);
    for line in &journal.lines {
        if let Input::Ask { by, .. } | Input::Query { by, .. } = &line.input {
            if let Actor::Device { user, device } = by {
                name(user, device);
            }
        }
        for effect in board.apply_record(line).effects {
            match &effect.to {
                Audience::Device { user, device } => name(user, device),
                Audience::OtherDevices { user, .. } | Audience::User(user) => name(user, "another"),
                Audience::Room(_) => false,
            };
        }
    }
    all
}

fn sent(line: &Record, connection: Option<u64>) -> Option<What> {
    let frame = |request| Frame { request_id: line.request_id, request };
    match (&line.input, connection) {
        (Input::Ask { command, .. }, Some(connection)) => {
            Some(What::Sent { connection, frame: frame(Request::Command(command.clone())) })
        }
        (Input::Query { query, .. }, Some(connection)) => {
            Some(What::Sent { connection, frame: frame(Request::Query(query.clone())) })
        }
        (Input::Tick, _) => None,
        _ => Some(What::Backend(line.clone())),
    }
}

/// What an outcome comes to, for whoever `asking` is.
fn received(
    board: &Switchboard,
    devices: &[(String, String)],
    outcome: Outcome,
    asking: Option<u64>,
) -> Vec<Traffic> {
    let at = outcome.at;
    let whats = outcome.outputs().flat_map(|output| match (&output.body, asking) {
        (Body::Effect(effect), _) => (0..)
            .zip(devices)
            .filter(|(_, (user, device))| is_recipient(board, &effect.to, (user, device)))
            .map(|(connection, _)| What::Received { connection, output: output.clone() })
            .collect(),
        (_, Some(connection)) => vec![What::Received { connection, output }],
        (_, None) => vec![What::Answered(output)],
    });
    whats.map(|what| Traffic { at, what }).collect()
}

/// What everybody sends and receives. Timers are not late, which is not seen in a scenario (T-08).
pub(crate) fn traffic(journal: &Journal) -> Vec<Traffic> {
    let devices: Vec<_> = devices(journal).into_iter().collect();
    let number = |by: &(String, String)| devices.iter().position(|it| it == by).map(|at| at as u64);
    let mut board = Switchboard::new(journal.limits, journal.policy);
    let mut all = Vec::new();
    for (connection, (user, device)) in (0..).zip(devices.clone()) {
        all.push(Traffic { at: 0, what: What::Opened { connection, user, device } });
    }
    for line in &journal.lines {
        let asking = match &line.input {
            Input::Ask { by: Actor::Device { user, device }, .. }
            | Input::Query { by: Actor::Device { user, device }, .. } => {
                number(&(user.clone(), device.clone()))
            }
            _ => None,
        };
        let recovers = matches!(line.input, Input::Fact(Fact::Recovered { .. }));
        while let Some(due) = board.next_deadline().map(|due| due.as_millis()) {
            if recovers || due > line.at {
                break;
            }
            let outcome = tick(&mut board, due);
            all.extend(received(&board, &devices, outcome, None));
        }
        let at = line.at.max(board.clock().as_millis());
        all.extend(sent(line, asking).map(|what| Traffic { at, what }));
        let outcome = board.apply_record(line);
        all.extend(received(&board, &devices, outcome, asking));
    }
    all
}

#[test]
fn scenarios_obey_the_rules() {
    let files = files("spec/scenarios");
    assert!(files.len() > 100);
    let mut lines = 0;
    for path in files {
        let (_, journal) = read(&path);
        let (policy, limits) = (journal.policy, journal.limits);
        let settings = Settings { policy, limits, sees_backend: true, ..Settings::default() };
        let traffic = traffic(&journal);
        lines += traffic.len();
        assert_eq!(judge(settings, &traffic), [], "{}", path.display());
        // As NDJSON it is the same.
        for line in &traffic {
            let text = serde_json::to_string(line).unwrap();
            assert_eq!(serde_json::from_str::<Traffic>(&text).unwrap(), *line, "{text}");
        }
    }
    assert!(lines > 2_000, "{lines} lines");
}
