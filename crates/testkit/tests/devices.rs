//! Handsets in processes of their own as the devices of the suite: a right one, one that is wrong, and one that is only a part.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use roomcall::Rule;
use roomcall_testkit::conformance::case::Setup;
use roomcall_testkit::conformance::testee::Testee;
use roomcall_testkit::suite::{Memory, ProcessDevice, Report, Suite};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_roomcall-conformance");
const PATIENCE: Duration = Duration::from_secs(30);

/// The suite, in which every device is this testee.
fn play(suite: &Suite, testee: &str) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(suite.run_with(
        async |rules| Ok(Memory::new(rules)),
        async |user, device, settings| {
            ProcessDevice::start(testee, user, device, settings, PATIENCE)
        },
    ))
}

#[test]
fn the_crate_as_a_process_passes() {
    let report = play(&Suite::new().worlds(0..8), &format!("{PROGRAM} testee --role handset"));
    report.assert_passed();
    assert!(report.heard["onCallReceived"] > 20, "{report}");
}

/// A testee behind WebSockets, with a change of what it says.
fn changed(change: fn(&mut Value)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut socket = tungstenite::accept(stream.unwrap()).unwrap();
            thread::spawn(move || {
                let mut testee: Option<Testee> = None;
                while let Ok(tungstenite::Message::Text(line)) = socket.read() {
                    let mut answer = match &mut testee {
                        Some(testee) => serde_json::from_str(&testee.step(&line).unwrap()).unwrap(),
                        None => {
                            let setup: Setup = serde_json::from_str(&line).unwrap();
                            testee = Some(Testee::new(&setup.begin));
                            json!({"ready": true})
                        }
                    };
                    change(&mut answer);
                    if socket.send(answer.to_string().into()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// What is wrong with the first world that goes wrong.
fn first_failure(testee: &str) -> (Option<Rule>, String) {
    let report = play(&Suite::new().only("no race").worlds(0..8).shrinks(60), testee);
    let (_, failure) = report.failures().next().expect("a world goes wrong");
    (failure.rule, failure.to_string())
}

#[test]
fn a_handset_that_leaves_calls_on_the_screen() {
    let testee = changed(|answer| {
        if let Some(effects) = answer.get_mut("effects").and_then(Value::as_array_mut) {
            effects.retain(|effect| effect.get("dismiss").is_none());
        }
    });
    let (rule, text) = first_failure(&testee);
    assert_eq!(rule, Some(Rule::D28), "{text}");
    assert!(text.contains("at rest") && text.contains("the shortest run"), "{text}");
}

#[test]
fn a_part_of_a_handset_says_what_it_lacks() {
    let testee = changed(|answer| {
        if answer.get("effects").is_some() {
            *answer = json!({"skip": "taps"});
        }
    });
    let (rule, text) = first_failure(&testee);
    assert_eq!(rule, None, "{text}");
    assert!(text.contains("the testee skips") && text.contains("taps"), "{text}");
}
