//! The conformance cases of a switchboard against the server: what its devices hear of them. `suite testee` is the testee.

use std::collections::BTreeMap;
use std::process::ExitCode;

use roomcall_testkit::conformance::case::{Case, Role};
use roomcall_testkit::conformance::report::{Judged, summary};
use roomcall_testkit::conformance::runner::{MaySkip, Runner, Verdict};

use crate::audible::Audible;
use crate::serve::PATIENCE;
use crate::testee::NO_ID;

/// What came of the cases. Another one that is skipped, and another effect that is not looked at, are noticed by these.
#[derive(Debug, Eq, PartialEq)]
struct Counts {
    passed: usize,
    skipped: BTreeMap<String, usize>,
    /// Effects that reach nobody.
    unheard: usize,
    /// Steps of which nobody knows in which order some effects came.
    reordered: usize,
}

impl Counts {
    fn demanded() -> Self {
        let skipped = BTreeMap::from([(NO_ID.to_owned(), 8)]);
        Self { passed: 327, skipped, unheard: 44, reordered: 9 }
    }

    fn of(cases: &[Audible], all: &[Judged<'_>]) -> Self {
        let mut skipped = BTreeMap::new();
        for judged in all {
            if let Verdict::Skipped(why) = &judged.verdict {
                *skipped.entry(why.clone()).or_default() += 1;
            }
        }
        Self {
            passed: all.iter().filter(|judged| judged.verdict == Verdict::Passed).count(),
            skipped,
            unheard: cases.iter().map(|case| case.unheard).sum(),
            reordered: cases.iter().map(|case| case.reordered).sum(),
        }
    }
}

/// Plays the cases in whose ids a text is.
pub(crate) fn run(only: &str) -> ExitCode {
    let program = std::env::current_exe().expect("it has a path");
    let runner = Runner::new(&format!("{} testee", program.display()), PATIENCE);
    // Which cases may be skipped, and why, is counted here.
    let mut runner = runner.may_skip(MaySkip::All);
    let mut cases = Case::all(Role::Switchboard);
    cases.retain(|case| case.setup.case.contains(only));
    let cases: Vec<Audible> = cases.iter().map(Audible::new).collect();
    let all: Vec<Judged<'_>> = cases.iter().map(|it| play(&mut runner, &it.case)).collect();
    print!("{}", summary(&all));
    let counts = Counts::of(&cases, &all);
    for (why, count) in &counts.skipped {
        println!("{count} skipped: {why}");
    }
    let Counts { unheard, reordered, .. } = counts;
    println!("{unheard} effects reach nobody; of {reordered} steps nobody knows the order");
    let is_whole = !only.is_empty() || counts == Counts::demanded();
    if !is_whole {
        println!("demanded are {:?}", Counts::demanded());
    }
    let is_well = is_whole && all.iter().all(Judged::is_as_expected);
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play<'a>(runner: &mut Runner, case: &'a Case) -> Judged<'a> {
    let (verdict, took) = runner.play(case);
    let judged = Judged { case, verdict, is_known: false, took };
    if !judged.is_as_expected() {
        let again = "cargo test --release -p roomcall-server --test suite -- conformance";
        println!("{}", judged.complaint(&format!("{again} {}", case.setup.case)));
    }
    judged
}
