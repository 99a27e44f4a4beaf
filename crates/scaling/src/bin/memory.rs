//! Counts heap bytes and allocations of the switchboard. It is a program of its own, so that the
//! times of the others do not have the counting in them. It prints lines of a name and a number.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

use std::alloc::System;
use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Parser;
use roomcall::switchboard::Switchboard;
use roomcall::{Input, Policy};
use roomcall_scaling::count::{Counts, Wrong};
use roomcall_scaling::engine::{CHUNK, Engine};
use roomcall_scaling::goals::pending::refused;
use roomcall_scaling::names::{self, named};
use roomcall_scaling::ours::by_handle::ByHandle;
use roomcall_scaling::ours::by_name::ByName;
use roomcall_scaling::ours::desk::{self, Desk, Handles, LIMITS, Size};
use roomcall_scaling::workload::{Act, Phase, Plan, Verb};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Counts heap bytes and allocations of the switchboard.
#[derive(Parser)]
struct Args {
    /// Calls pending at once, and users.
    #[arg(long, default_value_t = 100_000)]
    pending: u32,
}

fn main() -> ExitCode {
    let Args { pending } = Args::parse();
    match per_call(pending).and_then(|()| per_user(pending)).and_then(|()| allocations()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

/// Bytes that are there more than before.
fn grown(stats: &Stats) -> f64 {
    // A reallocation counts in one of the two, with the difference.
    stats.bytes_allocated as f64 - stats.bytes_deallocated as f64
}

/// The heap of a board on which so many of its callees ring.
fn heap(callees: u32, ringing: u32, board: impl Fn() -> Switchboard) -> Result<f64, Wrong> {
    let region = Region::new(COUNTED);
    let mut desk = Desk::new(board());
    let handles = Handles::open(&mut desk, callees).map_err(refused)?;
    for callee in 0..ringing {
        let (at, input) = handles.input(&Act { at: 0, callee, verb: Verb::Call });
        desk.apply(at, input);
    }
    let live = desk.board.live_calls();
    if live != ringing {
        return Err(Wrong::new("roomcall", format!("{live} calls ring, not {ringing}")));
    }
    let Desk { board, step } = desk;
    // What belongs to the measurement is not counted.
    drop((step, handles));
    let grown = grown(&region.change());
    drop(board);
    Ok(grown)
}

/// Bytes of one pending call.
fn per_call(callees: u32) -> Result<(), Wrong> {
    let ready = |calls| Size { calls, ..Size::of(callees) };
    let each = |many: f64, one: f64| (many - one) / f64::from(callees - 1);
    let many = heap(callees, callees, || desk::sized(LIMITS, ready(callees)))?;
    let one = heap(callees, 1, || desk::sized(LIMITS, ready(1)))?;
    println!("call-sized {:.2}", each(many, one));
    let new = || Switchboard::new(LIMITS, Policy::DEFAULT);
    let (many, one) = (heap(callees, callees, new)?, heap(callees, 1, new)?);
    println!("call-grown {:.2}", each(many, one));
    Ok(())
}

/// Bytes of one known user with two devices of its own.
fn per_user(users: u32) -> Result<(), Wrong> {
    let size = Size { users, devices: users * 2, ..Size::default() };
    let kinds = [("user-grown", Size::default()), ("user-sized", size)];
    for (name, size) in kinds {
        let region = Region::new(COUNTED);
        let mut board = match name {
            "user-grown" => Switchboard::new(LIMITS, Policy::DEFAULT),
            _ => desk::sized(LIMITS, size),
        };
        for user in 0..users {
            board.intern_user(&named(names::user, user)).map_err(refused)?;
            for device in [2 * user, 2 * user + 1] {
                board.intern_device(&format!("device-{device:09}")).map_err(refused)?;
            }
        }
        println!("{name} {:.2}", grown(&region.change()) / f64::from(users));
        drop(board);
    }
    Ok(())
}

/// Allocations of each kind of input, once everything has been there before.
fn allocations() -> Result<(), Wrong> {
    const CALLEES: u32 = 8_000;
    let mut desk = Desk::new(desk::sized(LIMITS, Size::of(CALLEES)));
    let handles = Handles::open(&mut desk, CALLEES).map_err(refused)?;
    let desk = Rc::new(RefCell::new(desk));
    let by_handle = ByHandle::new(Rc::clone(&desk), &handles);
    let mut turn = 0;
    count("handle", by_handle, CALLEES, &mut turn)?;
    count("string", ByName::new(Rc::clone(&desk)), CALLEES, &mut turn)?;
    let desk = &mut *desk.borrow_mut();
    let at = desk.board.clock();
    let region = Region::new(COUNTED);
    for _ in 0..100 {
        desk.apply(at, Input::Tick);
    }
    print_allocations("handle", "empty-tick", allocations_of(&region.change()), 100);
    Ok(())
}

/// Plays three rounds, and counts in the last one.
fn count(form: &str, mut engine: impl Engine, callees: u32, turn: &mut u64) -> Result<(), Wrong> {
    let (mut made, mut times) = ([0; Verb::ALL.len()], [0; Verb::ALL.len()]);
    let mut by_tick = 0;
    let last = *turn + 2;
    while *turn <= last {
        let mut plan = Plan::new(callees, *turn, *turn);
        plan.sort_answers();
        let mut counts = Counts::default();
        let mut phase = |engine: &mut dyn Engine, phase, counts: &mut Counts| {
            plan.chunks(phase, CHUNK, |acts| {
                for acts in acts.chunk_by(|one, next| one.verb == next.verb) {
                    engine.stage(acts);
                    let region = Region::new(COUNTED);
                    engine.play(counts);
                    let Some(verb) = acts.first().map(|act| act.verb as usize) else { continue };
                    if *turn == last {
                        made[verb] += allocations_of(&region.change());
                        times[verb] += acts.len();
                    }
                }
            });
        };
        for part in [Phase::Call, Phase::Answer, Phase::Enter] {
            phase(&mut engine, part, &mut counts);
        }
        let region = Region::new(COUNTED);
        engine.tick(plan.tick_at(), &mut counts);
        if *turn == last {
            by_tick = allocations_of(&region.change());
        }
        phase(&mut engine, Phase::Leave, &mut counts);
        Wrong::unless_equal(engine.name(), &counts, &plan.expected())?;
        *turn += 1;
    }
    for verb in Verb::ALL {
        print_allocations(form, verb.name(), made[verb as usize], times[verb as usize]);
    }
    // A tick that ends many counts once for each that it ends.
    print_allocations(form, "expiry", by_tick, callees as usize / 10);
    Ok(())
}

const fn allocations_of(stats: &Stats) -> usize {
    stats.allocations + stats.reallocations
}

fn print_allocations(form: &str, kind: &str, allocations: usize, times: usize) {
    println!("allocations-{form}-{kind} {:.4}", allocations as f64 / times as f64);
}
