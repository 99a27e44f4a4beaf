//! The engines side by side: in each repetition every engine plays the same rounds, in turn.

use std::cell::RefCell;
use std::rc::Rc;

use crate::baseline::by_name::BaselineByName;
use crate::baseline::by_number::BaselineByNumber;
use crate::board::by_handle::ByHandle;
use crate::board::by_name::ByName;
use crate::board::fixture::Fixture;
use crate::board::handles::Handles;
use crate::clock::{CpuClock, median};
use crate::count::Wrong;
use crate::engine::{Engine, Spent, round};
use crate::naive::Naive;
use crate::names::Names;
use crate::report::{Goal, Row, Unit, commas};
use crate::task_per_call::TaskPerCall;
use crate::workload::Plan;

/// The engines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    BaselineByNumber,
    BaselineByName,
    ByHandle,
    ByName,
    Naive,
    Tasks,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::BaselineByNumber => "baseline by number",
            Self::BaselineByName => "baseline by name",
            Self::ByHandle => "roomcall by handle",
            Self::ByName => "roomcall by name",
            Self::Naive => "naive maps",
            Self::Tasks => "task per call",
        }
    }

    /// Whether it is only there to be compared with, and slow.
    const fn is_peer(self) -> bool {
        matches!(self, Self::Naive | Self::Tasks)
    }
}

/// One size, and how often it is played.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Calls pending at once.
    callees: u32,
    /// Rounds in one sample.
    rounds: u32,
    /// Samples of each engine.
    samples: u32,
    /// Samples of the peers.
    of_peers: u32,
}

const fn size(callees: u32, rounds: u32, samples: u32, of_peers: u32) -> Size {
    Size { callees, rounds, samples, of_peers }
}

const QUICK: [Size; 2] = [size(1_000, 20, 5, 3), size(100_000, 1, 3, 1)];
const WHOLE: [Size; 3] = [size(1_000, 100, 9, 5), size(100_000, 1, 5, 5), size(1_000_000, 1, 3, 2)];

/// Ratios that have goals: of which engine beside which other, at which size. The goals of the
/// switchboard are those that its rules admit: what each rule needs was counted, and a prototype
/// reached about that.
const RATIOS: [(Form, Form, u32, Goal); 12] = [
    (Form::ByHandle, Form::BaselineByNumber, 1_000, Goal::AtMost(3.75)),
    (Form::ByHandle, Form::BaselineByNumber, 100_000, Goal::None),
    (Form::ByHandle, Form::BaselineByNumber, 1_000_000, Goal::AtMost(3.5)),
    (Form::ByName, Form::BaselineByName, 1_000, Goal::AtMost(3.25)),
    (Form::ByName, Form::BaselineByName, 100_000, Goal::AtMost(2.75)),
    (Form::ByName, Form::BaselineByName, 1_000_000, Goal::AtMost(2.75)),
    (Form::Naive, Form::ByName, 1_000, Goal::AtLeast(5.0)),
    (Form::Naive, Form::ByName, 100_000, Goal::AtLeast(5.0)),
    (Form::Naive, Form::ByName, 1_000_000, Goal::AtLeast(4.0)),
    (Form::Tasks, Form::ByName, 1_000, Goal::AtLeast(10.0)),
    (Form::Tasks, Form::ByName, 100_000, Goal::AtLeast(10.0)),
    (Form::Tasks, Form::ByName, 1_000_000, Goal::AtLeast(7.0)),
];

/// What was measured of an engine: a figure for each sample.
#[derive(Clone, Debug)]
struct Series {
    form: Form,
    /// Nanoseconds of a call.
    call_ns: Vec<f64>,
    /// Nanoseconds of an input.
    input_ns: Vec<f64>,
}

/// Measures the engines.
///
/// # Errors
///
/// An engine is wrong.
pub fn rows(is_quick: bool, clock: &CpuClock) -> Result<Vec<Row>, Wrong> {
    let sizes: &[Size] = if is_quick { &QUICK } else { &WHOLE };
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    for size in sizes {
        let all = measure(size, clock)?;
        let pending = commas(size.callees.into());
        for &(slow, fast, callees, goal) in &RATIOS {
            if let (true, Some(ratio)) = (callees == size.callees, ratio(&all, slow, fast)) {
                let what =
                    format!("a call, {} beside {}, {pending} pending", slow.name(), fast.name());
                ratios.push(Row::new(what, ratio, Unit::Times, goal));
            }
        }
        for series in &all {
            let name = series.form.name();
            let call = format!("a call, {name}, {pending} pending");
            times.push(Row::figure(call, median(&mut series.call_ns.clone()), Unit::Time));
            let rate = 1e9 / median(&mut series.input_ns.clone());
            times.push(Row::figure(format!("inputs, {name}, {pending} pending"), rate, Unit::Rate));
        }
    }
    ratios.append(&mut times);
    Ok(ratios)
}

/// How many times as long `slow` takes as `fast`: the median of the ratios of samples.
fn ratio(all: &[Series], slow: Form, fast: Form) -> Option<f64> {
    let of = |form| all.iter().find(|series| series.form == form).map(|series| &series.call_ns);
    let pairs = of(slow)?.iter().zip(of(fast)?).map(|(slow, fast)| slow / fast);
    Some(median(&mut pairs.collect::<Vec<_>>()))
}

/// Measures all engines at one size. Nobody told the switchboard how far it will grow.
fn measure(size: &Size, clock: &CpuClock) -> Result<Vec<Series>, Wrong> {
    let callees = size.callees;
    let mut fixture = Fixture::grown();
    let handles = Handles::open(&mut fixture, callees, Names::USUAL)?;
    let fixture = Rc::new(RefCell::new(fixture));
    let tasks = TaskPerCall::new(callees).map_err(|why| Wrong::new("tasks", why.to_string()))?;
    let mut engines: [(Form, Box<dyn Engine + '_>); 6] = [
        (Form::BaselineByNumber, Box::new(BaselineByNumber::new(callees))),
        (Form::BaselineByName, Box::new(BaselineByName::new(callees))),
        (Form::ByHandle, Box::new(ByHandle::new(Rc::clone(&fixture), &handles))),
        (Form::ByName, Box::new(ByName::new(fixture, Names::USUAL))),
        (Form::Naive, Box::new(Naive::new(callees)?)),
        (Form::Tasks, Box::new(tasks)),
    ];
    let mut all = engines.each_ref().map(|(form, _)| Series {
        form: *form,
        call_ns: Vec::new(),
        input_ns: Vec::new(),
    });
    // Engines that share a board never play the same time again.
    let mut number = 0;
    for sample in 0..=size.samples {
        for ((form, engine), series) in engines.iter_mut().zip(&mut all) {
            if form.is_peer() && sample > size.of_peers {
                continue;
            }
            // The first round does not count: memory still grows.
            let rounds = if sample == 0 { 1 } else { size.rounds };
            let spent = play(&mut **engine, callees, sample, number, rounds, clock)?;
            number += u64::from(rounds);
            if sample > 0 {
                series.call_ns.push(spent.ns / spent.lifecycles);
                series.input_ns.push(spent.ns / spent.inputs);
            }
        }
    }
    Ok(all.into())
}

/// Plays rounds: in one sample the same ones on every engine.
fn play(
    engine: &mut dyn Engine,
    callees: u32,
    sample: u32,
    number: u64,
    rounds: u32,
    clock: &CpuClock,
) -> Result<Spent, Wrong> {
    let mut plan = Plan::new(callees, sample.into(), number);
    let mut spent = Spent::default();
    for round_of_sample in 0..rounds {
        if round_of_sample > 0 {
            plan.next();
        }
        round(engine, &plan, clock, &mut spent)?;
    }
    Ok(spent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::Counts;
    use crate::workload::Act;

    #[test]
    fn all_engines_are_right() -> Result<(), Wrong> {
        let all = measure(&size(80, 3, 2, 2), &CpuClock::new())?;
        assert!(all.iter().all(|series| series.call_ns.len() == 2));
        assert!(ratio(&all, Form::Naive, Form::BaselineByNumber).is_some());
        Ok(())
    }

    #[test]
    fn an_engine_that_does_nothing_is_wrong() {
        #[derive(Debug)]
        struct Idle;
        impl Engine for Idle {
            fn name(&self) -> &'static str {
                "idle"
            }
            fn stage(&mut self, _: &[Act]) {}
            fn play(&mut self, _: &mut Counts) {}
            fn tick(&mut self, _: u64, _: &mut Counts) {}
        }
        let found = play(&mut Idle, 80, 0, 0, 1, &CpuClock::unread());
        assert!(found.is_err_and(|wrong| wrong.to_string().contains("`idle` is wrong")));
    }
}
