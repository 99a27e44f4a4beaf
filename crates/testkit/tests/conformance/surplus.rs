//! What a testee says too much, or as another kind of program, is told as what it is.

use std::net::TcpListener;
use std::thread;

use roomcall_testkit::conformance::case::{Case, Role, Setup};
use roomcall_testkit::conformance::testee::Testee;
use serde_json::{Value, json};

use crate::{TIMEOUT, changed, faults, list, verdicts};

/// A testee that says each answer to the lines of which this is true twice, and is right in everything else.
fn twice(is_said_twice: impl Fn(&Value) -> bool + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut socket, mut testee) = (tungstenite::accept(stream.unwrap()).unwrap(), None);
            while let Ok(tungstenite::Message::Text(text)) = socket.read() {
                let line: Value = serde_json::from_str(&text).unwrap();
                let answer = if line.get("conformance").is_some() {
                    let setup: Setup = serde_json::from_str(&text).unwrap();
                    testee = Some(Testee::new(&setup.begin));
                    json!({"ready": true}).to_string()
                } else if line.get("end").is_some() {
                    json!({"ended": true}).to_string()
                } else {
                    testee.as_mut().unwrap().step(&text).unwrap()
                };
                let times = if is_said_twice(&line) { 2 } else { 1 };
                if !(0..times).all(|_| socket.send(answer.clone().into()).is_ok()) {
                    break;
                }
            }
        }
    });
    address
}

/// The first problem of each of some cases.
fn problems(testee: &str, cases: &[Case]) -> Vec<String> {
    faults(verdicts(testee, cases, TIMEOUT)).into_iter().map(|fault| fault.problem).collect()
}

#[test]
fn an_answer_too_many_fails_its_case_and_no_other() {
    let cases = &Case::all(Role::Switchboard)[..3];
    let last = cases[1].steps.last().unwrap().send.get().to_owned();
    let last: Value = serde_json::from_str(&last).unwrap();
    let id = cases[1].setup.case.clone();
    let said = [
        problems(&twice(|line| line.get("conformance").is_some()), &cases[..1]),
        problems(&twice(|line| line.get("at").is_some()), &cases[..1]),
        problems(&twice(move |line| line["case"] == id.as_str()), cases),
        problems(&twice(move |line| *line == last), cases),
    ];
    for problems in said {
        let [problem] = &problems[..] else { panic!("{problems:?}") };
        assert!(problem.contains("the testee says more than one line to a line"), "{problem}");
    }
}

#[test]
fn a_host_with_devices_is_told_whose_cases_it_may_play() {
    let testee = changed(|answer| {
        list(answer, "outputs").for_each(|output| output["heardBy"] = json!(["bo/phone"]));
    });
    let problems = problems(&testee, &Case::all(Role::Switchboard)[..2]);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems.iter().all(|it| it.contains("who heard each line (`heardBy`)")),
        "{problems:?}"
    );
}
