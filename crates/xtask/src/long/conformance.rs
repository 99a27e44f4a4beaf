//! Plants a few bugs of tests/planted in a copy of the tree, and demands that the runner of conformance alone catches each by
//! its rule: what it would tell the authors of another implementation that has them.

use anyhow::{Context, Result, bail};

use super::Unit;
use super::store::Log;
use crate::command::{built, cargo, command, root, target};
use crate::git;

/// The patch, the role of the testee that has it, and the rule by which it is caught.
const BUGS: &[(&str, &str, &str)] = &[
    ("request-is-judged-again", "switchboard", "X-02"),
    ("own-echo", "switchboard", "E-01"),
    ("order-of-audiences", "switchboard", "O-01"),
    ("ending-names-a-strangers-device", "switchboard", "P-08"),
    ("device-retries-anew", "handset", "D-17"),
    ("device-own-echo", "handset", "D-05"),
];

pub(super) fn units() -> Vec<Unit> {
    let unit = |(patch, role, rule): &(&'static str, &'static str, &'static str)| {
        let (patch, role, rule) = (*patch, *role, *rule);
        Unit::new(patch, move |log| plant(log, patch, role, rule))
    };
    BUGS.iter().map(unit).collect()
}

fn plant(log: &Log, patch: &str, role: &str, rule: &str) -> Result<String> {
    let copy = git::copy("conformance")?;
    let patch = root().join("tests/planted").join(format!("{patch}.patch"));
    let apply = log.run(command("git apply").arg(patch).current_dir(&copy));
    apply.context("the patch does not apply any more")?;
    let mut build = cargo("build --quiet -p roomcall-testkit --features conformance");
    build.args(["--bin", "roomcall-conformance"]).current_dir(&copy);
    build.env("CARGO_TARGET_DIR", target().join("conformance"));
    let program = built("roomcall-conformance", &mut build)?;
    let mut run = command(&format!("{} --role {role} --testee", program.display()));
    run.arg(format!("{} testee --role {role}", program.display()));
    if log.status(&mut run)? != Some(1) {
        bail!("no case catches it");
    }
    let text = log.text()?;
    let failures = text.lines().filter(|line| line.starts_with("FAILED ")).count();
    // In a failure, unlike in the table, a rule is indented.
    if !text.lines().any(|line| line.starts_with(&format!("  {rule} "))) {
        bail!("{failures} cases catch it, none by {rule}");
    }
    Ok(format!("caught by {failures} cases, and by {rule}"))
}
