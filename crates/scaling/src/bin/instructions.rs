//! Plays the workload and nothing else, under a tool that counts instructions:
//! `crates/scaling/instructions` runs it.

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Parser, ValueEnum};
use roomcall_scaling::baseline::by_name::BaselineByName;
use roomcall_scaling::baseline::by_number::BaselineByNumber;
use roomcall_scaling::board::by_handle::ByHandle;
use roomcall_scaling::board::by_name::ByName;
use roomcall_scaling::board::fixture::{Fixture, capacity};
use roomcall_scaling::board::handles::Handles;
use roomcall_scaling::clock::CpuClock;
use roomcall_scaling::count::Wrong;
use roomcall_scaling::engine::{Engine, Spent, round, stage_only};
use roomcall_scaling::names::Names;
use roomcall_scaling::workload::Plan;

/// Plays the workload and nothing else.
#[derive(Parser)]
struct Args {
    /// Calls pending at once.
    #[arg(long, default_value_t = 1_000)]
    pending: u32,
    /// Rounds to play.
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// The engine.
    #[arg(long, value_enum, default_value_t = Form::Handle)]
    form: Form,
    /// How long ids are.
    #[arg(long, value_enum, default_value_t = Ids::Usual)]
    ids: Ids,
    /// The switchboard reserves memory for the whole workload; otherwise it grows.
    #[arg(long)]
    with_capacity: bool,
    /// Only prepares the inputs, which is not part of the engine.
    #[arg(long)]
    only_stage: bool,
}

/// The engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Form {
    /// The switchboard by handle.
    Handle,
    /// The switchboard by name.
    Name,
    /// The baseline by number.
    BaselineNumber,
    /// The baseline by name.
    BaselineName,
}

/// How long ids are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Ids {
    /// 12 bytes.
    #[value(name = "12")]
    Short,
    /// 17 to 23 bytes.
    #[value(name = "17-23")]
    Usual,
    /// 36 bytes.
    #[value(name = "36")]
    Uuid,
}

fn main() -> ExitCode {
    Wrong::exit(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), Wrong> {
    let names = match args.ids {
        Ids::Short => Names::SHORT,
        Ids::Usual => Names::USUAL,
        Ids::Uuid => Names::UUID,
    };
    match args.form {
        Form::BaselineNumber => play(args, &mut BaselineByNumber::new(args.pending)),
        Form::BaselineName => play(args, &mut BaselineByName::new(args.pending)),
        Form::Handle | Form::Name => {
            let mut fixture = match args.with_capacity {
                true => Fixture::with_capacity(capacity(args.pending)),
                false => Fixture::grown(),
            };
            let handles = Handles::open(&mut fixture, args.pending, names)?;
            let fixture = Rc::new(RefCell::new(fixture));
            match args.form {
                Form::Handle => play(args, &mut ByHandle::new(fixture, &handles)),
                Form::Name | Form::BaselineNumber | Form::BaselineName => {
                    play(args, &mut ByName::new(fixture, names))
                }
            }
        }
    }
}

fn play(args: &Args, engine: &mut dyn Engine) -> Result<(), Wrong> {
    let clock = CpuClock::unread();
    let mut plan = Plan::new(args.pending, 0, 0);
    for number in 0..args.rounds {
        if number > 0 {
            plan.next();
        }
        if args.only_stage {
            stage_only(engine, &plan);
        } else {
            round(engine, &plan, &clock, &mut Spent::default())?;
        }
    }
    Ok(())
}
