//! Plays the workload and nothing else, to be run by a tool that counts instructions:
//! `crates/scaling/instructions` does that.
#![allow(clippy::print_stderr, reason = "this is a command-line program")]

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Parser, ValueEnum};
use roomcall_scaling::clock::CpuClock;
use roomcall_scaling::count::Wrong;
use roomcall_scaling::engine::{Engine, Spent, round, stage_only};
use roomcall_scaling::floor::by_id::FloorById;
use roomcall_scaling::floor::by_string::FloorByString;
use roomcall_scaling::goals::pending::refused;
use roomcall_scaling::ours::by_handle::ByHandle;
use roomcall_scaling::ours::by_name::ByName;
use roomcall_scaling::ours::desk::{self, Desk, Handles};
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
    /// How the switchboard is asked.
    #[arg(long, value_enum, default_value_t = Form::Handle)]
    form: Form,
    /// Only prepares the inputs: what that takes is not the switchboard's.
    #[arg(long)]
    only_stage: bool,
}

/// What is asked, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Form {
    /// The switchboard by handle.
    Handle,
    /// The switchboard by name.
    String,
    /// The floor by number.
    FloorId,
    /// The floor by name.
    FloorString,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Wrong> {
    match args.form {
        Form::FloorId => return play(args, &mut FloorById::new(args.pending)),
        Form::FloorString => return play(args, &mut FloorByString::new(args.pending)),
        Form::Handle | Form::String => {}
    }
    let mut desk = Desk::new(desk::sized(desk::LIMITS, desk::Size::of(args.pending)));
    let handles = Handles::open(&mut desk, args.pending).map_err(refused)?;
    let desk = Rc::new(RefCell::new(desk));
    match args.form {
        Form::Handle => play(args, &mut ByHandle::new(desk, &handles)),
        Form::String | Form::FloorId | Form::FloorString => play(args, &mut ByName::new(desk)),
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
