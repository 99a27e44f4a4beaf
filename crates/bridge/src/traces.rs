//! `traces`: random runs of the code as a TLA+ module, which TLC plays step by step
//! (`spec/scopes/trace.tla`); `checked`: what TLC printed, held against what the code did.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use roomcall::journal::Header;
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use serde_json::{Value, json};

use crate::runs::{self, Sizes};
use crate::{graph, tla};
use roomcall_testkit::spec::diagram::diagram;
use roomcall_testkit::spec::plain;

/// The largest number of TLC.
const LARGEST: u64 = (1 << 31) - 1;

/// Of three runs two have a `joinGrace`.
fn sizes() -> Sizes {
    Sizes { grace: 2, ..Sizes::default() }
}

/// Which runs.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many runs, of successive seeds: 48 have all policies.
    #[arg(long, default_value_t = 48)]
    count: u64,
    /// How many steps each has.
    #[arg(long, default_value_t = 250)]
    steps: usize,
    /// After how many steps queries are asked.
    #[arg(long, default_value_t = 10)]
    every: usize,
}

/// Writes random runs of the switchboard as the TLA+ module `runs`.
#[derive(Args, Debug)]
pub(crate) struct Traces {
    /// The file to write; its name is that of the module.
    file: PathBuf,
    #[command(flatten)]
    which: Which,
}

/// Reads what TLC prints of these runs, and holds it against what the code did.
#[derive(Args, Debug)]
pub(crate) struct Checked {
    #[command(flatten)]
    which: Which,
    /// Takes one step of the code wrong, to see that it is noticed.
    #[arg(long)]
    broken: bool,
}

/// One step of a run: what came, and what the code said.
struct Step {
    /// `<<dt, input>>`
    came: Value,
    said: Value,
    /// What queries said after it; 0 where they were not asked.
    seen: Value,
}

/// A run as the specification says it, as far as TLC has numbers.
struct Told {
    setup: Value,
    steps: Vec<Step>,
}

fn names(kind: &str, count: u64) -> Vec<String> {
    (0..count).map(|n| format!("{kind}{n}")).collect()
}

impl Which {
    fn runs(&self) -> impl Iterator<Item = Told> {
        let seeds = self.seed..self.seed.saturating_add(self.count);
        seeds.map(|seed| told(seed, self.steps, self.every))
    }
}

/// # Errors
///
/// The file cannot be written.
pub(crate) fn traces(args: &Traces) -> Result<(), String> {
    let (mut text, mut steps, mut count) = (String::new(), 0, 0);
    for run in args.which.runs() {
        let came: Vec<String> = run.steps.iter().map(|step| tla::write(&step.came)).collect();
        let setup = tla::write(&run.setup);
        text +=
            &format!("Run{count} == [setup |-> {setup}, steps |-> <<\n{}>>]\n", came.join(",\n"));
        (steps, count) = (steps + came.len(), count + 1);
    }
    let set = |names: Vec<String>| format!("{{\"{}\"}}", names.join("\", \""));
    let sizes = sizes();
    let all: Vec<String> = (0..count).map(|n| format!("Run{n}")).collect();
    let text = format!(
        "---- MODULE runs ----\nEXTENDS graph\n\
         TheUsers == {}\nTheRooms == {}\nTheSetups == {{}}\nThePrelude == <<>>\nTheKinds == {{}}\n\
         TheCallers == {{}}\nTheAnswerers == {{}}\nTheRevokers == {{}}\nTheEnterers == {{}}\n\
         TheLists == {{}}\nTheTimeouts == {{}}\nTheTicks == {{}}\nTheJumps == {{}}\n\
         TheAttempts == 0\nTheOpenings == 0\nTheHandsets == {{}}\nEvery == {}\n\
         {text}Runs == <<{}>>\n====\n",
        set(names("user", sizes.users)),
        set(names("room", sizes.rooms)),
        args.which.every,
        all.join(", ")
    );
    fs::write(&args.file, &text).map_err(|error| format!("{}: {error}", args.file.display()))?;
    println!("{count} runs, {steps} steps, {} kB", text.len() / 1024);
    Ok(())
}

/// From standard input.
///
/// # Errors
///
/// The first step at which the two differ, or that TLC did not play all.
pub(crate) fn checked(args: &Checked) -> Result<(), String> {
    let mut runs: Vec<Told> = args.which.runs().collect();
    let due: usize = runs.iter().map(|run| run.steps.len()).sum();
    if args.broken {
        spoil(&mut runs)?;
    }
    let mut steps = 0;
    for record in graph::records(io::stdin().lock()) {
        let record = record?;
        let ["\"STEP\"", trace, n, said, seen] = tla::parts(&record)[..] else {
            return Err(format!("not a step: {record}"));
        };
        let (trace, n) = (index(trace)?, index(n)?);
        let step = runs.get(trace).and_then(|run| run.steps.get(n)).ok_or("a step of no run")?;
        let said: Value = serde_json::from_str(&graph::output(said)?).map_err(|e| e.to_string())?;
        let at = format!("run {trace}, step {n}, {}", step.came);
        if said != step.said {
            let code = &step.said;
            return Err(format!("{at}\n  specification: {said}\n  code:          {code}"));
        }
        let seen = tla::to_wire(tla::read(seen)?);
        if seen != step.seen {
            let code = &step.seen;
            return Err(format!(
                "{at}, the state\n  specification: {seen}\n  code:          {code}"
            ));
        }
        steps += 1;
    }
    if steps != due {
        return Err(format!("TLC played {steps} steps of {due}"));
    }
    println!("{} runs, {steps} steps, no difference", runs.len());
    Ok(())
}

/// A number of TLA+, which counts from 1.
fn index(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| format!("not a number: {text}"))?;
    number.checked_sub(1).ok_or_else(|| "numbers begin at 1".to_owned())
}

fn told(seed: u64, steps: usize, every: usize) -> Told {
    let sizes = sizes();
    let (users, rooms) = (names("user", sizes.users), names("room", sizes.rooms));
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let run = runs::run(seed, steps, sizes);
    let header = json!(Header::new(run.limits, run.policy));
    let mut setup = header["limits"].clone();
    for (choice, value) in header["policy"].as_object().into_iter().flatten() {
        setup[choice.as_str()] = value.clone();
    }
    let mut board = Switchboard::new(run.limits, run.policy);
    let mut told = Vec::new();
    for (line, turn) in &run.steps {
        let before = board.clock().as_millis();
        let _ = board.apply_record(line);
        let came = json!([turn.at.saturating_sub(before), input(line)]);
        if !is_small(&came) {
            break;
        }
        let mut seen = json!(0);
        if (told.len() + 1) % every == 0 {
            seen = diagram(&board, &users, &rooms);
            seen["screens"] = json!([]);
        }
        told.push(Step { came: tla::from_wire(came), said: plain::outcome(turn), seen });
    }
    Told { setup, steps: told }
}

/// A line without its time, and with the attempt that it names or null.
fn input(line: &Record) -> Value {
    let mut input = json!(line);
    if let Some(fields) = input.as_object_mut() {
        fields.remove("at");
    }
    let answer = input.get_mut("command").and_then(Value::as_object_mut).and_then(|command| {
        command.iter_mut().find(|(name, _)| ["acceptCall", "rejectCall"].contains(&name.as_str()))
    });
    if let Some(answer) = answer.and_then(|(_, answer)| answer.as_object_mut()) {
        answer.entry("attempt").or_insert(Value::Null);
    }
    input
}

fn is_small(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_some_and(|n| n.unsigned_abs() <= LARGEST),
        Value::Array(items) => items.iter().all(is_small),
        Value::Object(fields) => fields.values().all(is_small),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// Takes the last effect of the last step that has two.
fn spoil(runs: &mut [Told]) -> Result<(), String> {
    let steps = runs.iter_mut().rev().flat_map(|run| run.steps.iter_mut().rev());
    let mut effects = steps.filter_map(|step| step.said["effects"].as_array_mut());
    let full = effects.find(|effects| effects.len() > 1);
    full.and_then(Vec::pop).map(drop).ok_or_else(|| "nothing to spoil".to_owned())
}
