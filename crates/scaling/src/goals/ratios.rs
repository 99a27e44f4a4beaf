//! Goals 1 to 5 and 12: how long it takes beside others.

use crate::effort::commas;
use crate::report::{Row, Verdict, rate, time};
use crate::side::{Form, Side};

/// Goals that are of one size each: more or less than so many times as long as another engine.
struct Ratio {
    goal: u8,
    slow: Form,
    fast: Form,
    bounds: &'static [(u32, f64)],
    /// Whether `slow` is to be slower than that, or not.
    at_least: bool,
    text: &'static str,
}

const RATIOS: [Ratio; 8] = [
    Ratio {
        goal: 1,
        slow: Form::Naive,
        fast: Form::ByString,
        bounds: &[(1_000, 5.0), (100_000, 5.0), (1_000_000, 4.0)],
        at_least: true,
        text: "by string, faster than naive maps",
    },
    Ratio {
        goal: 2,
        slow: Form::Tokio,
        fast: Form::ByString,
        bounds: &[(1_000, 10.0), (100_000, 10.0), (1_000_000, 7.0)],
        at_least: true,
        text: "by string, faster than a tokio task per call",
    },
    Ratio {
        goal: 3,
        slow: Form::ByString,
        fast: Form::FloorByString,
        bounds: &[(1_000, 2.0), (100_000, 1.5), (1_000_000, 1.5)],
        at_least: false,
        text: "by string, time beside the floor by string",
    },
    Ratio {
        goal: 3,
        slow: Form::ByHandle,
        fast: Form::FloorById,
        bounds: &[(1_000, 2.5), (100_000, f64::INFINITY), (1_000_000, 1.5)],
        at_least: false,
        text: "by handle, time beside the floor by id",
    },
    Ratio {
        goal: 4,
        slow: Form::ByString,
        fast: Form::BatchByString,
        bounds: &[(1_000_000, 1.5)],
        at_least: true,
        text: "32 by string in a batch, faster than one by one",
    },
    Ratio {
        goal: 4,
        slow: Form::ByHandle,
        fast: Form::BatchByHandle,
        bounds: &[(1_000_000, 1.5)],
        at_least: true,
        text: "32 by handle in a batch, faster than one by one",
    },
    Ratio {
        goal: 4,
        slow: Form::BatchByString,
        fast: Form::ByString,
        bounds: &[(1_000, 1.1)],
        at_least: false,
        text: "32 by string in a batch, time beside one by one",
    },
    Ratio {
        goal: 4,
        slow: Form::BatchByHandle,
        fast: Form::ByHandle,
        bounds: &[(1_000, 1.1)],
        at_least: false,
        text: "32 by handle in a batch, time beside one by one",
    },
];

/// Rates that are to be reached, in millions of inputs a second.
const RATES: [(Form, u32, f64); 3] = [
    (Form::ByHandle, 1_000, 25.0),
    (Form::ByString, 1_000, 10.0),
    (Form::BatchByString, 1_000_000, 1.5),
];

/// How often the time at ten million may be that at one.
const GROWTH: f64 = 2.5;

/// What the sizes that were measured say of a goal.
pub fn rows(goal: u8, sides: &[Side]) -> Vec<Row> {
    match goal {
        5 => growth(sides),
        12 => RATES
            .iter()
            .map(|(form, callees, least)| headline(sides, *form, *callees, *least))
            .collect(),
        goal => {
            let of_goal = RATIOS.iter().filter(|ratio| ratio.goal == goal);
            of_goal.flat_map(|ratio| ratio.rows(sides)).collect()
        }
    }
}

impl Ratio {
    fn rows(&self, sides: &[Side]) -> Vec<Row> {
        let Self { goal, slow, fast, bounds, at_least, text } = self;
        let row = |(callees, bound): &(u32, f64)| {
            let sign = if *at_least { "≥" } else { "≤" };
            let bound_text = match bound.is_finite() {
                true => format!(" {sign} {bound:.1}×"),
                false => String::new(),
            };
            let text = format!("{text}, {} pending{bound_text}", commas((*callees).into()));
            let ratio = side(sides, *callees).and_then(|side| side.ratio(*slow, *fast));
            let Some(ratio) = ratio else {
                return Row::not_run(*goal, text, missing(sides, *callees));
            };
            let met = if *at_least { ratio >= *bound } else { ratio <= *bound };
            let mut row = Row::new(*goal, text, format!("{ratio:.2}×"), met);
            if bound.is_infinite() {
                row.verdict = Verdict::Figure;
            }
            row
        };
        bounds.iter().map(row).collect()
    }
}

fn headline(sides: &[Side], form: Form, callees: u32, least: f64) -> Row {
    let name = form.name();
    let text = format!("{name}, {} pending ≥ {least:.1} M inputs/s", commas(callees.into()));
    let ns = side(sides, callees).and_then(|side| side.input_ns(form));
    match ns {
        None => Row::not_run(12, text, missing(sides, callees)),
        Some(ns) => Row::new(12, text, format!("{}, {}", rate(ns), time(ns)), 1e3 / ns >= least),
    }
}

fn growth(sides: &[Side]) -> Vec<Row> {
    let row = |form: Form| {
        let text = format!("{}, time at 10,000,000 beside 1,000,000 ≤ {GROWTH:.1}×", form.name());
        let of = |callees| side(sides, callees).and_then(|side| side.lifecycle_ns(form));
        match (of(10_000_000), of(1_000_000)) {
            (Some(much), Some(less)) => {
                let ratio = much / less;
                Row::new(5, text, format!("{ratio:.2}×"), ratio <= GROWTH)
            }
            _ => Row::not_run(5, text, "only with --large"),
        }
    };
    [Form::ByHandle, Form::ByString].into_iter().map(row).collect()
}

/// What was measured at a size.
fn side(sides: &[Side], callees: u32) -> Option<&Side> {
    sides.iter().find(|side| side.callees == callees)
}

/// Why there is no figure.
fn missing(sides: &[Side], callees: u32) -> &'static str {
    match side(sides, callees) {
        None => "not this size",
        Some(_) => "not there yet",
    }
}
