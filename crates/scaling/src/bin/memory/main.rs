//! Counts heap bytes and allocations of the switchboard. It is a program of its own, so that the
//! times of the others do not have the counting in them. It prints lines of a name and a number.
#![allow(clippy::print_stdout, reason = "this is a command-line program")]

mod allocations;
mod heap;
mod requests;
mod units;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser;
use roomcall_scaling::count::Wrong;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Counts heap bytes and allocations of the switchboard.
#[derive(Parser)]
struct Args {
    /// Prints the table of `docs/policy-and-limits.md` instead: bytes of each unit, measured at a
    /// thousandth of the default limits, and their product with the default limits.
    #[arg(long)]
    units: bool,
}

fn main() -> ExitCode {
    Wrong::exit(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), Wrong> {
    if args.units {
        return units::print();
    }
    heap::print()?;
    requests::print()?;
    allocations::print()
}

/// What was made, and the heap bytes that are in use for it.
fn heap_of<T>(make: impl FnOnce() -> Result<T, Wrong>) -> Result<(f64, T), Wrong> {
    let region = Region::new(COUNTED);
    let made = make()?;
    let stats = region.change();
    // A reallocation counts in one of the two, with the difference.
    Ok((stats.bytes_allocated as f64 - stats.bytes_deallocated as f64, made))
}

/// What is done, and how often memory is allocated for it.
fn allocations_of<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let region = Region::new(COUNTED);
    let done = work();
    let stats = region.change();
    (stats.allocations + stats.reallocations, done)
}
