//! The runner of conformance: right testees pass, wrong ones fail and are told by which rule.

mod hanging;
mod program;
mod surplus;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use roomcall::Rule;
use roomcall_testkit::conformance::case::{Case, Level, Role, Setup};
use roomcall_testkit::conformance::rules::shown;
use roomcall_testkit::conformance::runner::{Fault, MaySkip, Runner, Verdict};
use roomcall_testkit::conformance::testee::Testee;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_roomcall-conformance");
const TIMEOUT: Duration = Duration::from_secs(30);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// What came of each case, if the testee is this command or address.
fn verdicts(testee: &str, cases: &[Case], timeout: Duration) -> Vec<Verdict> {
    let mut runner = Runner::new(testee, timeout).may_skip(MaySkip::All);
    cases.iter().map(|case| runner.play(case).0).collect()
}

fn faults(verdicts: Vec<Verdict>) -> Vec<Fault> {
    let fault = |verdict| match verdict {
        Verdict::Failed(fault) => Some(*fault),
        Verdict::Passed | Verdict::Skipped(_) => None,
    };
    verdicts.into_iter().filter_map(fault).collect()
}

#[test]
fn the_crate_passes_all() {
    for role in Role::ALL {
        let cases = Case::all(role);
        let testee = format!("{PROGRAM} testee --role {}", role.word());
        for (case, verdict) in cases.iter().zip(verdicts(&testee, &cases, TIMEOUT)) {
            assert_eq!(verdict, Verdict::Passed, "{}", case.setup.case);
        }
    }
}

#[test]
fn there_are_enough_cases_and_each_has_its_own_id() {
    let cases: Vec<Case> = Role::ALL.into_iter().flat_map(Case::all).collect();
    let ids: BTreeSet<&str> = cases.iter().map(|case| &*case.setup.case).collect();
    assert_eq!(ids.len(), cases.len());
    assert!(ids.len() >= 400, "{} cases", ids.len());
    for case in &cases {
        let setup = &case.setup;
        assert!(setup.case.starts_with(setup.role.word()) && !setup.rules.is_empty());
        assert_eq!(setup.needs.is_empty(), setup.level == Level::Core, "{}", setup.case);
        let mut rules = shown(&setup.begin, &case.steps).unwrap().into_iter().flatten();
        assert!(rules.all(|rule| setup.rules.contains(&rule)), "{}", setup.case);
    }
}

#[test]
fn a_testee_of_a_part_passes_what_it_claims() {
    let python = "python3";
    if Command::new(python).arg("--version").output().is_err() {
        return;
    }
    // As many as the README says.
    for (name, passes) in [("first.py", 42), ("handset.py", 58)] {
        let testee = format!("{python} {}", folder().join("testees").join(name).display());
        let verdicts = verdicts(&testee, &Case::all(Role::Handset), TIMEOUT);
        let passed = verdicts.iter().filter(|verdict| **verdict == Verdict::Passed).count();
        assert_eq!((passed, faults(verdicts)), (passes, vec![]), "{name}");
    }
}

/// A testee behind a WebSocket, with a change of what it is told and of what it says. One that says nothing closes.
fn wrong(
    hears: impl Fn(&mut Value) + Send + 'static,
    says: impl Fn(usize, &mut Value) -> bool + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut socket = tungstenite::accept(stream.unwrap()).unwrap();
            let (mut testee, mut step) = (None, 0);
            while let Ok(tungstenite::Message::Text(text)) = socket.read() {
                let mut line: Value = serde_json::from_str(&text).unwrap();
                if line.get("end").is_some() {
                    if socket.send(json!({"ended": true}).to_string().into()).is_err() {
                        break;
                    }
                    continue;
                }
                hears(&mut line);
                let mut answer = if line.get("conformance").is_some() {
                    let setup: Setup = serde_json::from_str(&text).unwrap();
                    (testee, step) = (Some(Testee::new(&setup.begin)), 0);
                    json!({"ready": true})
                } else {
                    step += 1;
                    let said = testee.as_mut().unwrap().step(&line.to_string()).unwrap();
                    serde_json::from_str(&said).unwrap()
                };
                if !says(step, &mut answer) || socket.send(answer.to_string().into()).is_err() {
                    break;
                }
            }
        }
    });
    address
}

/// That a testee fails, and that a failure names the rule.
fn fails_by(role: Role, testee: &str, rule: Rule) {
    let faults = faults(verdicts(testee, &Case::all(role), TIMEOUT));
    let named = faults.iter().filter(|fault| fault.rules.contains(&rule)).count();
    assert!(named > 0, "{} failures, none by {rule}", faults.len());
}

fn changed(change: impl Fn(&mut Value) + Send + 'static) -> String {
    let says = move |_: usize, answer: &mut Value| {
        change(answer);
        true
    };
    wrong(|_| {}, says)
}

fn list<'a>(answer: &'a mut Value, of: &str) -> impl Iterator<Item = &'a mut Value> {
    answer.get_mut(of).and_then(Value::as_array_mut).into_iter().flatten()
}

#[test]
fn another_order_is_noticed() {
    let reversed = |of: &'static str| {
        changed(move |answer| {
            if let Some(lines) = answer.get_mut(of).and_then(Value::as_array_mut) {
                lines.reverse();
            }
        })
    };
    fails_by(Role::Switchboard, &reversed("outputs"), Rule::O01);
    fails_by(Role::Handset, &reversed("effects"), Rule::D03);
}

#[test]
fn a_device_that_is_told_to_strangers_is_noticed() {
    let leaks = changed(|answer| {
        for output in list(answer, "outputs") {
            if let Some(ended) = output.pointer_mut("/refused/ended") {
                ended["deviceID"] = json!("phone");
            }
        }
    });
    fails_by(Role::Switchboard, &leaks, Rule::P08);
}

#[test]
fn a_retry_that_is_judged_again_is_noticed() {
    // To the switchboard each request has another number, and in what it says the one that it had.
    let (numbers, kept) = (AtomicU64::new(0), Arc::new(AtomicU64::new(0)));
    let given = Arc::clone(&kept);
    let hears = move |line: &mut Value| {
        if let Some(number) = line.get_mut("requestID") {
            kept.store(number.as_u64().unwrap_or_default(), Relaxed);
            *number = json!(numbers.fetch_add(1, Relaxed) + 1);
        }
    };
    let says = move |_: usize, answer: &mut Value| {
        for output in list(answer, "outputs") {
            if let Some(number) = output.get_mut("requestID") {
                *number = json!(given.load(Relaxed));
            }
        }
        true
    };
    fails_by(Role::Switchboard, &wrong(hears, says), Rule::X02);
}

#[test]
fn a_retry_with_a_new_number_is_noticed() {
    let renumbers = |step: usize, answer: &mut Value| {
        for effect in list(answer, "effects") {
            let number = effect.pointer_mut("/send/requestID");
            if let Some(number) = number.filter(|number| **number == 1 && step > 1) {
                *number = json!(99);
            }
        }
        true
    };
    fails_by(Role::Handset, &wrong(|_| {}, renumbers), Rule::D17);
}

#[test]
fn who_dies_hangs_or_talks_nonsense_fails_each_case_and_is_started_anew() {
    let cases = &Case::all(Role::Switchboard)[..3];
    let problem = |testee: &str| {
        let faults = faults(verdicts(testee, cases, Duration::from_millis(200)));
        assert_eq!(faults.len(), cases.len(), "{testee}");
        faults[0].problem.clone()
    };
    assert!(problem(&wrong(|_| {}, |step, _| step < 2)).contains("died"));
    let hangs = wrong(
        |_| {},
        |step, _| {
            thread::sleep(Duration::from_millis(if step < 2 { 0 } else { 600 }));
            true
        },
    );
    assert!(problem(&hangs).contains("said nothing"));
    let nonsense = changed(|answer| {
        if answer.get("outputs").is_some() {
            *answer = json!({"what": 1});
        }
    });
    assert!(problem(&nonsense).contains("no answer"));
    assert!(problem("no-such-program").contains("cannot start"));
    if cfg!(unix) {
        assert!(problem("true").contains("died"));
        assert!(problem("sleep 60").contains("said nothing"));
    }
}
