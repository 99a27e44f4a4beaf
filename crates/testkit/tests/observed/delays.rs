//! The traffic of random worlds as their devices would record it: what they send is on its way before it is applied, and what
//! they receive after it was sent, each connection in order.

use std::collections::BTreeMap;

use roomcall_testkit::dice::Dice;
use roomcall_testkit::observer::{Settings, Traffic, Vantage, What};
use roomcall_testkit::world::observed::{settings, traffic};
use roomcall_testkit::world::random_run;

use super::damage::judge;

const WORLDS: u64 = 1_000;

const fn connection(what: &What) -> Option<u64> {
    match what {
        What::Opened { connection, .. }
        | What::Closed { connection }
        | What::Sent { connection, .. }
        | What::Received { connection, .. } => Some(*connection),
        What::Backend(_) | What::Answered(_) | What::Lost {} => None,
    }
}

/// The lines of one connection, as its device records them. What arrives after it is closed does not arrive; what was sent
/// arrived after that, if it did.
fn delayed(lines: &[Traffic], longest: u64, dice: &mut Dice) -> Vec<Traffic> {
    let mut all: Vec<Traffic> = Vec::new();
    let mut closed: Option<Traffic> = None;
    for line in lines {
        let delay = dice.between(0, longest + 1);
        let is_sent = matches!(line.what, What::Sent { .. });
        let at = if is_sent { line.at.saturating_sub(delay) } else { line.at + delay };
        let last = all.last().map_or(0, |last| last.at);
        let at = closed.as_ref().map_or(at, |closed| closed.at).max(last);
        let line = Traffic { at, what: line.what.clone() };
        match &line.what {
            What::Closed { .. } => closed = Some(line),
            What::Received { .. } if closed.is_some() => {}
            _ => all.push(line),
        }
    }
    all.extend(closed);
    all
}

fn at_devices(good: &[Traffic], longest: u64, dice: &mut Dice) -> Vec<Traffic> {
    let mut connections: BTreeMap<Option<u64>, Vec<Traffic>> = BTreeMap::new();
    for line in good {
        connections.entry(connection(&line.what)).or_default().push(line.clone());
    }
    let mut all = connections.remove(&None).unwrap_or_default();
    for lines in connections.values() {
        all.extend(delayed(lines, longest, dice));
    }
    all.sort_by_key(|line| line.at);
    all
}

#[test]
fn devices_find_nothing_in_delayed_traffic() {
    let (mut dice, mut wrong) = (Dice::new(3), Vec::new());
    for seed in 0..WORLDS {
        let run = random_run(seed);
        let good = traffic(&run);
        for longest in [1, 40, 700] {
            let (vantage, slack) = (Vantage::Devices, 2 * longest);
            let settings = Settings { vantage, slack, is_ordered: true, ..settings(&run.plan) };
            let delayed = at_devices(&good, longest, &mut dice);
            let found = judge(settings, &delayed);
            wrong.extend(found.iter().map(|it| format!("seed {seed}, {longest} ms: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
