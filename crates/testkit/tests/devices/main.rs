//! Handsets in processes of their own as the devices of the suite: a right one, one that is wrong, and one that is only a part.

mod misbehaved;

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use roomcall::Rule;
use roomcall_testkit::conformance::case::Setup;
use roomcall_testkit::conformance::testee::Testee;
use roomcall_testkit::suite::{Failure, Memory, ProcessDevice, Report, Suite, Verdict};
use serde_json::{Value, json};
use tungstenite::WebSocket;

const PROGRAM: &str = env!("CARGO_BIN_EXE_roomcall-conformance");
const TIMEOUT: Duration = Duration::from_secs(30);

/// The suite, in which every device is this testee.
fn play(suite: &Suite, testee: &str) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(suite.run_with(
        async |rules| Ok(Memory::new(rules)),
        async |user, device, settings| {
            ProcessDevice::start(testee, user, device, settings, TIMEOUT)
        },
    ))
}

#[test]
fn the_crate_as_a_process_passes() {
    let report = play(&Suite::new().worlds(0..8), &format!("{PROGRAM} testee --role handset"));
    report.assert_passed();
    assert!(report.heard["onCallReceived"] > 25, "{report}");
}

/// A change of what a testee says, for each of its connections.
type Change = Box<dyn FnMut(&mut Value) + Send>;

/// A testee behind WebSockets that says something else.
fn changed(change: impl Fn() -> Change + Send + 'static) -> String {
    misheard(|_| {}, change)
}

/// The same, which hears something else, too.
fn misheard(hears: fn(&mut Vec<Value>), change: impl Fn() -> Change + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let socket = tungstenite::accept(stream.unwrap()).unwrap();
            let change = change();
            thread::spawn(move || serve(socket, hears, change));
        }
    });
    address
}

fn serve(mut socket: WebSocket<TcpStream>, hears: fn(&mut Vec<Value>), mut change: Change) {
    let mut testee: Option<Testee> = None;
    while let Ok(tungstenite::Message::Text(line)) = socket.read() {
        let mut answer = match &mut testee {
            Some(testee) => {
                let mut line: Value = serde_json::from_str(&line).unwrap();
                line.get_mut("inputs").and_then(Value::as_array_mut).into_iter().for_each(hears);
                serde_json::from_str(&testee.step(&line.to_string()).unwrap()).unwrap()
            }
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
}

/// A testee that changes the effects of each step.
fn with_effects(change: fn(&mut Vec<Value>)) -> String {
    changed(move || {
        Box::new(move |answer| {
            answer.get_mut("effects").and_then(Value::as_array_mut).into_iter().for_each(change);
        })
    })
}

/// The first world that violates this rule, or in which the transport fails, with these words.
fn failure(fault: &str, testee: &str, rule: Option<Rule>, what: &str) -> Failure {
    let suite = Suite::new().only("no race").worlds(0..12).shrinks(40);
    failure_in(&suite, fault, testee, rule, what)
}

/// The same in these worlds.
fn failure_in(suite: &Suite, fault: &str, testee: &str, rule: Option<Rule>, what: &str) -> Failure {
    let report = play(suite, testee);
    let is_it = |it: &Failure| it.rule == rule && it.to_string().contains(what);
    let found = report.failures().find(|(_, failure)| is_it(failure));
    found.unwrap_or_else(|| panic!("no world shows that {fault}\n{report}")).1.clone()
}

/// Plays a run again with devices that are this testee.
fn replay(run: &str, testee: String) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let start = async |rules| Ok(Memory::new(rules));
    let device = async move |user: &str, device: &str, settings| {
        ProcessDevice::start(&testee, user, device, settings, TIMEOUT)
    };
    runtime.block_on(Suite::new().replay_with(run, start, device)).unwrap()
}

/// Whether an effect sends a command with this name.
fn sends(effect: &Value, command: &str) -> bool {
    !effect["send"]["request"]["command"][command].is_null()
}

fn give_up(effect: &mut Value) {
    let command = effect["send"]["request"]["command"].clone();
    if !command.is_null() && command["ringing"].is_null() {
        *effect = json!({"notSent": {"command": command, "why": "tooMany"}});
    }
}

fn show_another(effect: &mut Value) {
    if !effect["show"].is_null() {
        effect["show"]["call"]["caller"] = json!("eve");
    }
}

fn accepts_alone(all: &mut Vec<Value>) {
    let shown = all.iter().find(|it| !it["show"].is_null()).map(|it| it["show"]["call"].clone());
    if let Some(call) = shown {
        let accept = json!({"roomID": call["roomID"], "attempt": call["attempt"]});
        let request = json!({"command": {"acceptCall": accept}});
        all.push(json!({"send": {"requestID": 900, "request": request}}));
    }
}

fn shows_twice(all: &mut Vec<Value>) {
    let shows: Vec<_> = all.iter().filter(|it| !it["show"].is_null()).cloned().collect();
    all.extend(shows);
}

/// What it does, the change of its effects, the rule that it violates, and a part of the message.
type Fault = (&'static str, fn(&mut Vec<Value>), Rule, &'static str);

#[test]
fn handsets_that_are_wrong_in_one_thing_each() {
    let faults: [Fault; 11] = [
        (
            "it leaves calls on the screen",
            |all| all.retain(|it| it["dismiss"].is_null()),
            Rule::D28,
            "at rest",
        ),
        ("it does nothing", Vec::clear, Rule::D16, "connects, and requests no snapshot"),
        (
            "it answers nobody",
            |all| all.retain(|it| !sends(it, "acceptCall")),
            Rule::D11,
            "it neither sends that nor has to wait",
        ),
        (
            "it calls nobody",
            |all| all.retain(|it| !sends(it, "callUserToRoom")),
            Rule::D20,
            "it neither sends that nor has to wait",
        ),
        (
            "it does not join",
            |all| all.retain(|it| it["join"].is_null()),
            Rule::D12,
            "it does not join",
        ),
        (
            "it joins twice",
            |all| {
                let joins: Vec<_> =
                    all.iter().filter(|it| !it["join"].is_null()).cloned().collect();
                all.extend(joins);
            },
            Rule::D12,
            "the host says that",
        ),
        (
            "it gives up each tap",
            |all| all.iter_mut().for_each(give_up),
            Rule::D20,
            "it neither sends that nor has to wait",
        ),
        ("it accepts by itself", accepts_alone, Rule::D11, "nobody has tapped that"),
        (
            "it does not say that it rings",
            |all| all.retain(|it| !sends(it, "ringing")),
            Rule::D37,
            "does not say that it rings",
        ),
        ("it shows each call twice", shows_twice, Rule::D09, "which is on its screen"),
        (
            "it shows another caller",
            |all| all.iter_mut().for_each(show_another),
            Rule::D28,
            "at rest",
        ),
    ];
    for (fault, change, rule, what) in faults {
        let text = failure(fault, &with_effects(change), Some(rule), what).to_string();
        assert!(text.contains("the shortest run"), "{fault}: {text}");
    }
}

/// An answer that is lost with its connection is sent again on the next one.
#[test]
fn a_handset_that_sends_nothing_twice() {
    let testee = changed(|| {
        let mut sent = BTreeSet::new();
        Box::new(move |answer| {
            if let Some(effects) = answer.get_mut("effects").and_then(Value::as_array_mut) {
                let is_answer = |it: &Value| sends(it, "acceptCall") || sends(it, "rejectCall");
                effects.retain(|it| !is_answer(it) || sent.insert(it.to_string()));
            }
        })
    });
    let run = r#"{"actions":[{"hear":0},{"call":{"device":0,"users":[1],"timeout":30}},{"hear":2},{"loseNext":2},{"accept":2}]}"#;
    let Verdict::Failed(failure) = replay(run, testee) else { panic!("it passes") };
    assert_eq!(failure.rule, Some(Rule::D11), "{failure}");
    let text = failure.to_string();
    assert!(text.contains("at rest it still rings"), "{text}");
}

#[test]
fn a_run_of_other_devices_is_played_again() {
    let testee = with_effects(|all| all.retain(|it| !sends(it, "acceptCall")));
    let report = play(&Suite::new().only("no race").worlds(0..8).shrinks(60), &testee);
    let (_, failure) = report.failures().next().expect("a world goes wrong");
    let run = failure.run.as_ref().unwrap();
    let Verdict::Failed(same) = replay(run, testee) else { panic!("it passes") };
    assert_eq!(same.rule, failure.rule);
    let right = replay(run, format!("{PROGRAM} testee --role handset"));
    assert!(matches!(right, Verdict::Passed), "{right:?}");
}

#[test]
fn a_part_of_a_handset_says_what_it_lacks() {
    let testee = changed(|| {
        Box::new(|answer| {
            if answer.get("effects").is_some() {
                *answer = json!({"skip": "taps"});
            }
        })
    });
    let text = failure("taps are skipped", &testee, None, "the testee skips").to_string();
    assert!(text.contains("taps"), "{text}");
}
