//! The refinement, for as long as one likes: `cargo xtask long refine` plays it on all cores.

use std::cell::Cell;
use std::{env, fs};

use proptest::prelude::ProptestConfig;
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use roomcall::journal::Header;

use roomcall_testkit::model::compare_switchboard as compare;
use roomcall_testkit::strategies::journal::{Journal, journal, settings};

/// Lines that are played: in a debug build, which verifies every state, and in a release build.
const STEPS: (u64, u64) = (20_000, 1_000_000);

/// Journals that are played from one line of progress to the next.
const CASES: u32 = 500;

/// `REFINE_STEPS` says how many lines are played, and `REFINE_KEEP` where a journal on which the
/// two differ is kept.
fn steps() -> u64 {
    let steps = env::var("REFINE_STEPS").ok().map(|steps| steps.parse());
    let usual = if cfg!(debug_assertions) { STEPS.0 } else { STEPS.1 };
    steps.unwrap_or(Ok(usual)).expect("REFINE_STEPS is a number of lines")
}

/// The journal as it is kept, with a title that says what went wrong.
fn kept(journal: &Journal, why: &str) -> String {
    let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = format!("refinement: {}", why.chars().take(400).collect::<String>());
    let header = Header { title, ..Header::new(journal.limits, journal.policy) };
    let lines = journal.lines.iter().map(|line| serde_json::to_string(line).unwrap());
    let header = serde_json::to_string(&header).unwrap();
    let lines: Vec<String> = std::iter::once(header).chain(lines).collect();
    lines.join("\n") + "\n"
}

fn fail(why: &str, journal: &Journal) -> ! {
    if let Ok(path) = env::var("REFINE_KEEP") {
        fs::write(&path, kept(journal, why)).unwrap();
        panic!("{why}\nkept in {path}");
    }
    panic!("{why}\n{journal:?}");
}

#[test]
fn the_reducer_is_the_model_for_long() {
    let (steps, played) = (steps(), Cell::new(0_u64));
    let settings = ProptestConfig { cases: CASES, ..settings() };
    let mut seeds = TestRunner::new(settings.clone());
    while played.get() < steps {
        let mut runner = TestRunner::new_with_rng(settings.clone(), seeds.new_rng());
        let run = runner.run(&journal(), |journal| {
            played.set(played.get() + journal.lines.len() as u64);
            compare(&journal)
        });
        match run {
            Ok(()) => println!("played {} of {steps}", played.get()),
            Err(TestError::Fail(why, journal)) => fail(&why.to_string(), &journal),
            Err(TestError::Abort(why)) => panic!("{why}"),
        }
    }
}

// What is kept is a journal, and says why it is.
#[test]
fn a_difference_is_kept_as_a_journal() {
    let settings = ProptestConfig { max_shrink_iters: 10_000, ..settings() };
    let run = TestRunner::new(settings).run(&journal(), |journal| match journal.lines.len() {
        0..3 => Ok(()),
        lines => Err(TestCaseError::fail(format!("{lines}\nlines"))),
    });
    let Err(TestError::Fail(why, journal)) = run else { panic!("most have more lines") };
    let text = kept(&journal, &why.to_string());
    let header: Header = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(header.title, "refinement: 3 lines");
    assert_eq!(text.lines().count(), 4, "made as short as it goes");
}
