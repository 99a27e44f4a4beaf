//! All engines side by side at one size: A B C A B C.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

use crate::clock::{CpuClock, median};
use crate::count::Wrong;
use crate::effort::{Size, commas};
use crate::engine::{Engine, Spent, round};
use crate::floor::batch::FloorBatch;
use crate::floor::by_id::FloorById;
use crate::floor::by_string::FloorByString;
use crate::naive::Naive;
use crate::ours::batch::{BatchByHandle, BatchByName};
use crate::ours::by_handle::ByHandle;
use crate::ours::by_name::ByName;
use crate::ours::desk::{self, Desk, Handles};
use crate::progress::Progress;
use crate::tokio_tasks::TokioTasks;
use crate::workload::Plan;

/// The engines that are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// The bare floor by number.
    FloorById,
    /// The bare floor by name.
    FloorByString,
    /// The same in batches.
    FloorBatch,
    /// The switchboard by handle.
    ByHandle,
    /// The same in batches.
    BatchByHandle,
    /// The switchboard by name.
    ByString,
    /// The same in batches.
    BatchByString,
    /// A beginner's maps.
    Naive,
    /// A tokio task for each call.
    Tokio,
}

impl Form {
    /// Every engine.
    pub const ALL: [Self; 9] = [
        Self::FloorById,
        Self::FloorByString,
        Self::FloorBatch,
        Self::ByHandle,
        Self::BatchByHandle,
        Self::ByString,
        Self::BatchByString,
        Self::Naive,
        Self::Tokio,
    ];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FloorById => "floor by id",
            Self::FloorByString => "floor by string",
            Self::FloorBatch => "floor by string, batches of 32",
            Self::ByHandle => "roomcall by handle",
            Self::BatchByHandle => "roomcall by handle, batches of 32",
            Self::ByString => "roomcall by string",
            Self::BatchByString => "roomcall by string, batches of 32",
            Self::Naive => "naive maps",
            Self::Tokio => "tokio task per call",
        }
    }

    /// Whether it is only there to be compared with, and slow.
    const fn is_peer(self) -> bool {
        matches!(self, Self::Naive | Self::Tokio)
    }

    /// About how long a lifecycle takes, in nanoseconds, to foretell the end.
    const fn guess_ns(self) -> u64 {
        match self {
            Self::FloorById | Self::FloorByString | Self::FloorBatch => 1_000,
            Self::ByHandle | Self::BatchByHandle | Self::ByString | Self::BatchByString => 3_000,
            Self::Naive => 8_000,
            Self::Tokio => 14_000,
        }
    }

    /// About how long so many rounds take, in milliseconds.
    fn parts(self, size: &Size, rounds: u32) -> u64 {
        u64::from(size.callees) * u64::from(rounds) * self.guess_ns() / 1_000_000
    }
}

/// What was measured of an engine: a figure for each repetition.
#[derive(Clone, Debug)]
pub struct Series {
    /// Of which engine.
    pub form: Form,
    /// Nanoseconds for a lifecycle.
    pub lifecycle_ns: Vec<f64>,
    /// Nanoseconds for an input.
    pub input_ns: Vec<f64>,
}

/// What was measured at one size.
#[derive(Clone, Debug)]
pub struct Side {
    /// Calls pending at once.
    pub callees: u32,
    /// By engine.
    pub series: Vec<Series>,
}

impl Side {
    /// What was measured of an engine, if anything was.
    pub fn of(&self, form: Form) -> Option<&Series> {
        self.series.iter().find(|series| series.form == form && !series.input_ns.is_empty())
    }

    /// How many times as long `slow` takes as `fast`: the median of the ratios.
    pub fn ratio(&self, slow: Form, fast: Form) -> Option<f64> {
        let (slow, fast) = (self.of(slow)?, self.of(fast)?);
        let pairs = slow.lifecycle_ns.iter().zip(&fast.lifecycle_ns);
        Some(median(&mut pairs.map(|(slow, fast)| slow / fast).collect::<Vec<_>>()))
    }

    /// The median time of an input.
    pub fn input_ns(&self, form: Form) -> Option<f64> {
        Some(median(&mut self.of(form)?.input_ns.clone()))
    }

    /// The median time of a lifecycle.
    pub fn lifecycle_ns(&self, form: Form) -> Option<f64> {
        Some(median(&mut self.of(form)?.lifecycle_ns.clone()))
    }
}

/// About how long it takes, in milliseconds.
pub fn parts(size: &Size) -> u64 {
    let of = |form: Form| {
        let repetitions = match form {
            Form::Naive | Form::Tokio => size.of_peers,
            Form::ByHandle | Form::ByString => size.repetitions,
            Form::FloorById
            | Form::FloorByString
            | Form::FloorBatch
            | Form::BatchByHandle
            | Form::BatchByString => size.repetitions * u32::from(size.is_compared),
        };
        // One more round is played before.
        if repetitions == 0 { 0 } else { form.parts(size, repetitions * size.rounds + 1) }
    };
    Form::ALL.into_iter().map(of).sum()
}

/// Measures all engines at one size.
///
/// # Errors
///
/// An engine is wrong.
pub fn measure(size: &Size, clock: &CpuClock, progress: &Progress) -> Result<Side, Wrong> {
    let callees = size.callees;
    progress.say(format!("{}: names", commas(callees.into())));
    let mut desk = Desk::new(desk::sized(desk::LIMITS, desk::Size::of(callees)));
    let wrong = |why: &dyn std::fmt::Display| Wrong::new("roomcall", why.to_string());
    let handles = Handles::open(&mut desk, callees).map_err(|why| wrong(&why))?;
    let desk = Rc::new(RefCell::new(desk));
    let mut engines: Vec<(Form, Box<dyn Engine + '_>)> = vec![
        (Form::ByHandle, Box::new(ByHandle::new(Rc::clone(&desk), &handles))),
        (Form::ByString, Box::new(ByName::new(Rc::clone(&desk)))),
    ];
    if size.is_compared {
        let floor = FloorByString::new(callees);
        engines.push((Form::FloorBatch, Box::new(FloorBatch::sharing(&floor))));
        engines.push((Form::FloorByString, Box::new(floor)));
        engines.push((Form::FloorById, Box::new(FloorById::new(callees))));
        let by_handle = BatchByHandle::new(Rc::clone(&desk), &handles);
        engines.push((Form::BatchByHandle, Box::new(by_handle)));
        engines.push((Form::BatchByString, Box::new(BatchByName::new(Rc::clone(&desk)))));
    }
    if size.of_peers > 0 {
        engines.push((Form::Naive, Box::new(Naive::new(callees)?)));
        let tokio = TokioTasks::new(callees).map_err(|why| wrong(&why))?;
        engines.push((Form::Tokio, Box::new(tokio)));
    }
    repeat(size, &mut engines, clock, progress)
}

/// Plays a round of each that does not count, and then samples of each in turn.
fn repeat(
    size: &Size,
    engines: &mut [(Form, Box<dyn Engine + '_>)],
    clock: &CpuClock,
    progress: &Progress,
) -> Result<Side, Wrong> {
    let empty = |form| Series { form, lifecycle_ns: Vec::new(), input_ns: Vec::new() };
    let mut series: Vec<_> = engines.iter().map(|(form, _)| empty(*form)).collect();
    // Engines that share a board never play the same time again.
    let mut turn = 0;
    for repetition in 0..=size.repetitions {
        for ((form, engine), series) in engines.iter_mut().zip(&mut series) {
            if form.is_peer() && repetition > size.of_peers {
                continue;
            }
            progress.say(format!("{} pending: {}", commas(size.callees.into()), form.name()));
            let rounds = if repetition == 0 { 1 } else { size.rounds };
            let spent = sample(&mut **engine, size.callees, repetition, turn, rounds, clock)?;
            turn += u64::from(rounds);
            progress.done(form.parts(size, rounds));
            if repetition > 0 {
                series.lifecycle_ns.push(spent.per_lifecycle());
                series.input_ns.push(spent.per_input());
            }
        }
    }
    Ok(Side { callees: size.callees, series })
}

/// Plays rounds: in one repetition the same ones with every engine.
fn sample(
    engine: &mut dyn Engine,
    callees: u32,
    repetition: u32,
    turn: u64,
    rounds: u32,
    clock: &CpuClock,
) -> Result<Spent, Wrong> {
    let mut plan = Plan::new(callees, repetition.into(), turn);
    let mut spent = Spent::default();
    for number in 0..rounds {
        if number > 0 {
            plan.next();
        }
        round(engine, &plan, clock, &mut spent)?;
    }
    Ok(spent)
}

/// The time of a lifecycle by engine and size, for a person to read.
pub fn table(sides: &[Side]) -> String {
    let mut out = String::new();
    if sides.is_empty() {
        return out;
    }
    let _ = write!(out, "\n{:34}", "ns of a whole call, pending:");
    for side in sides {
        let _ = write!(out, "{:>12}", commas(side.callees.into()));
    }
    out.push('\n');
    for form in Form::ALL {
        if sides.iter().all(|side| side.of(form).is_none()) {
            continue;
        }
        let _ = write!(out, "{:34}", form.name());
        for side in sides {
            let ns = side.lifecycle_ns(form).map_or_else(String::new, |ns| format!("{ns:.0}"));
            let _ = write!(out, "{ns:>12}");
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_engines_are_right() -> Result<(), Wrong> {
        let size = Size { callees: 80, rounds: 3, repetitions: 2, of_peers: 2, is_compared: true };
        let side = measure(&size, &CpuClock::new(), &Progress::new(0))?;
        assert!(side.of(Form::Tokio).is_some_and(|series| series.input_ns.len() == 2));
        assert!(side.ratio(Form::Naive, Form::FloorById).is_some());
        Ok(())
    }

    #[test]
    fn an_engine_that_does_nothing_is_found_out() {
        #[derive(Debug)]
        struct Idle;
        impl Engine for Idle {
            fn name(&self) -> &'static str {
                "idle"
            }
            fn stage(&mut self, _: &[crate::workload::Act]) {}
            fn play(&mut self, _: &mut crate::count::Counts) {}
            fn tick(&mut self, _: u64, _: &mut crate::count::Counts) {}
        }
        let found = sample(&mut Idle, 80, 0, 0, 1, &CpuClock::unread());
        assert!(found.is_err_and(|wrong| wrong.to_string().contains("`idle` is wrong")));
    }
}
