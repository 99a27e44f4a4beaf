//! Holds an implementation of roomcall in any language to the cases of `conformance/`.
//!
//! `roomcall-conformance --testee 'COMMAND' --role handset`; `conformance/README.md` has the protocol.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use glob::Pattern;
use indicatif::{ProgressBar, ProgressStyle};
use roomcall_testkit::conformance::case::{Case, Level, Role};
use roomcall_testkit::conformance::known::Known;
use roomcall_testkit::conformance::report::{Judged, Sums, junit, summary};
use roomcall_testkit::conformance::runner::{MaySkip, Runner};
use roomcall_testkit::conformance::testee;

/// Holds an implementation of roomcall in any language to the cases of the crate.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    run: Run,
}

#[derive(Subcommand)]
enum Task {
    /// Is a testee itself, which runs the crate.
    Testee {
        /// What it stands for; a case says so, too.
        #[arg(long)]
        role: Role,
    },
}

#[derive(clap::Args)]
struct Run {
    /// The command that starts it, its words separated by spaces, or `ws://..` of one that runs.
    #[arg(long, required = true)]
    testee: Option<String>,
    /// What it stands for.
    #[arg(long, required = true)]
    role: Option<Role>,
    /// Plays only the cases of this level.
    #[arg(long)]
    level: Option<Level>,
    /// Plays only the cases whose id matches; `*` stands for any text.
    #[arg(long, value_name = "ID")]
    only: Option<Pattern>,
    /// Ids of cases that are known to fail, a line each, with `*` and comments after `#`.
    #[arg(long, value_name = "FILE")]
    known_failing: Option<PathBuf>,
    /// Which cases it may skip: any other skip is a failure.
    #[arg(long, value_name = "WHICH", default_value = "optional")]
    may_skip: MaySkip,
    /// Writes the verdicts in the form of JUnit.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How many seconds a testee may take for a line; the first one starts it.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    timeout: f64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.task {
        Some(Task::Testee { role: _ }) => {
            testee::serve(io::stdin().lock(), io::stdout().lock()).map(|()| true)
        }
        None => run(&args.run),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went as expected.
fn run(args: &Run) -> io::Result<bool> {
    let (Some(testee), Some(role)) = (&args.testee, args.role) else {
        return Err(io::Error::other("--testee and --role are missing"));
    };
    let mut known = match &args.known_failing {
        Some(file) => Known::read(&fs::read_to_string(file)?).map_err(io::Error::other)?,
        None => Known::default(),
    };
    let mut cases = Case::all(role);
    cases.retain(|case| {
        args.level.is_none_or(|level| case.setup.level == level)
            && args.only.as_ref().is_none_or(|only| only.matches(&case.setup.case))
    });
    if cases.is_empty() {
        return Err(io::Error::other("no case has such an id"));
    }
    let timeout = Duration::try_from_secs_f64(args.timeout).map_err(io::Error::other)?;
    let mut runner = Runner::new(testee, timeout).may_skip(args.may_skip);
    let all = play(&mut runner, &cases, &mut known, |judged| {
        let id = &judged.case.setup.case;
        let role = role.word();
        judged.complaint(&format!(
            "roomcall-conformance --testee '{testee}' --role {role} --only {id}"
        ))
    });
    print!("{}", summary(&all));
    let mut is_well = all.iter().all(Judged::is_as_expected) && !Sums::of(&all).show_nothing();
    if args.only.is_none() && args.level.is_none() {
        for line in known.unmet() {
            println!("no case is called {line}: take it off the list of known failures");
            is_well = false;
        }
    }
    if let Some(file) = &args.junit {
        junit(&all, File::create(file)?)?;
    }
    Ok(is_well)
}

/// Plays all, and prints what is unexpected at once.
fn play<'a>(
    runner: &mut Runner,
    cases: &'a [Case],
    known: &mut Known,
    complaint: impl Fn(&Judged<'a>) -> String,
) -> Vec<Judged<'a>> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    let length = u64::try_from(cases.len()).unwrap_or_default();
    let bar =
        ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut all = Vec::new();
    for case in cases {
        bar.set_message(case.setup.case.clone());
        let (verdict, took) = runner.play(case);
        let judged = Judged { case, verdict, is_known: known.contains(&case.setup.case), took };
        if !judged.is_as_expected() {
            bar.suspend(|| println!("{}", complaint(&judged)));
        }
        all.push(judged);
        bar.inc(1);
    }
    bar.finish_and_clear();
    all
}
