//! The program: what it prints, and when it fails.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use roomcall_testkit::conformance::case::{Case, Level, Role};
use serde_json::{Value, json};

use crate::{PROGRAM, changed, wrong};

/// Whether the program succeeds, and what it prints.
fn played(testee: &str, change: impl FnOnce(&mut Command)) -> (bool, String) {
    let mut program = Command::new(PROGRAM);
    program.args(["--role", "handset", "--testee", testee]);
    change(&mut program);
    let done = program.output().unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

/// The same, with a list of known failures.
fn program(testee: &str, known: &str, name: &str) -> (bool, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, known).unwrap();
    played(testee, |program| {
        program.arg("--known-failing").arg(&file).arg("--junit").arg(file.with_extension("xml"));
    })
}

/// A testee that skips the lines of which this is true.
fn skipping(skips: impl Fn(&Value) -> bool + Send + 'static) -> String {
    let is_skipped = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&is_skipped);
    let hears = move |line: &mut Value| heard.store(skips(line), Relaxed);
    let says = move |_: usize, answer: &mut Value| {
        if is_skipped.load(Relaxed) {
            *answer = json!({"skip": "not yet"});
        }
        true
    };
    wrong(hears, says)
}

#[test]
fn skips_are_told() {
    let (is_well, text) = played(&skipping(|setup| setup["level"] == "optional"), |_| {});
    let cases = Case::all(Role::Handset);
    let skipped = cases.iter().filter(|case| case.setup.level != Level::Core).count();
    let told = format!("of {} cases {skipped} show nothing: they were skipped", cases.len());
    assert!(is_well && text.contains(&told), "{text}");
    let core = cases.len() - skipped;
    assert!(
        text.ends_with(&format!("it passes all {core} core cases that were played\n")),
        "{text}"
    );
}

/// A testee that passes one case and skips all others.
#[test]
fn the_core_may_not_be_skipped() {
    let cases = Case::all(Role::Handset);
    let core = cases.iter().find(|case| case.setup.level == Level::Core).unwrap();
    let id = core.setup.case.clone();
    let one = skipping(move |line| line.get("case").is_some_and(|case| *case != id.as_str()));
    let (is_well, text) = played(&one, |_| {});
    assert!(!is_well && text.contains("the testee skips what everybody has to pass"), "{text}");
    assert!(text.contains("INCOMPLETE: it passes 1 of 127 core cases"), "{text}");
    let (is_well, text) = played(&one, |program| {
        program.args(["--may-skip", "all"]);
    });
    assert!(is_well && text.contains("INCOMPLETE: it passes 1 of 127 core cases"), "{text}");
}

#[test]
fn a_testee_that_only_skips_fails() {
    let skips = skipping(|_| true);
    let (is_well, text) = played(&skips, |program| {
        program.args(["--may-skip", "all"]);
    });
    assert!(!is_well && text.contains("FAILED: the testee passes no case at all"), "{text}");
}

#[test]
fn a_skip_may_be_a_failure() {
    let cases = Case::all(Role::Handset);
    let optional = cases.iter().find(|case| case.setup.level == Level::Optional).unwrap();
    let id = optional.setup.case.clone();
    let skipped = id.clone();
    let skips = skipping(move |setup| setup["case"] == skipped.as_str());
    let (is_well, _) = played(&skips, |_| {});
    assert!(is_well, "one skip is none of the testee's failures");
    let (is_well, text) = played(&skips, |program| {
        program.args(["--may-skip", "none"]);
    });
    assert!(!is_well && text.contains(&format!("FAILED {id}: ")), "{text}");
    assert!(text.contains("the testee skips: not yet") && text.contains(" 1 failed, 0 skipped"));
    let (is_well, _) = program(&skips, &id, "skipped");
    assert!(is_well, "a skip that is known");
}

#[test]
fn known_failures_must_fail() {
    let right = format!("{PROGRAM} testee --role handset");
    let (is_well, text) = program(&right, "# nothing\n", "none");
    assert!(is_well && text.contains(" passed, 0 failed, 0 skipped"), "{text}");
    let (is_well, text) = program(&right, "handset/00-*\n", "passes");
    assert!(!is_well && text.contains("take it off the list"), "{text}");
    let (is_well, text) = program(&right, "handset/no-such-case\n", "unmet");
    assert!(!is_well && text.contains("no case is called"), "{text}");
    let wrong = changed(|answer| {
        if answer.get("effects").is_some() {
            answer["effects"] = json!([{"seen": {"upTo": 1}}]);
        }
    });
    let (is_well, _) = program(&wrong, "handset/*  # all of them\n", "all");
    assert!(is_well, "what is known to fail fails");
}
