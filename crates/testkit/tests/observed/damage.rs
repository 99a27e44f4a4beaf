//! How often each kind of damage to the traffic of random worlds is found.

use roomcall_testkit::dice::Dice;
use roomcall_testkit::observer::{Observer, Settings, Traffic, Vantage, Violation};
use roomcall_testkit::world::observed::{settings, traffic};
use roomcall_testkit::world::random_run;

use super::damages::{DAMAGES, Damage};

/// So many worlds, and in each so many places of each kind.
const WORLDS: u64 = 150;
const PLACES: usize = 2;

/// What an observer finds in all.
pub(crate) fn judge(settings: Settings, traffic: &[Traffic]) -> Vec<Violation> {
    let mut observer = Observer::new(settings);
    let mut found: Vec<_> = traffic.iter().flat_map(|line| observer.see(line)).collect();
    let end = traffic.last().map_or(0, |line| line.at);
    found.extend(observer.finish(end.saturating_add(settings.slack)));
    found
}

fn places(damage: Damage, good: &[Traffic], dice: &mut Dice) -> Vec<Vec<Traffic>> {
    let all: Vec<usize> = (0..good.len()).filter(|at| damage(good, *at).is_some()).collect();
    (0..PLACES.min(all.len())).filter_map(|_| damage(good, dice.pick(&all))).collect()
}

#[test]
fn every_damage_is_found_somewhere() {
    let mut dice = Dice::new(1);
    let mut counts = vec![(0, 0); DAMAGES.len()];
    for seed in 0..WORLDS {
        let run = random_run(seed);
        let good = traffic(&run);
        let settings = settings(&run.plan);
        assert_eq!(judge(settings, &good), [], "seed {seed}");
        for (nth, (_, damage)) in DAMAGES.iter().enumerate() {
            for damaged in places(*damage, &good, &mut dice) {
                counts[nth].0 += 1;
                counts[nth].1 += usize::from(!judge(settings, &damaged).is_empty());
            }
        }
    }
    for ((name, _), (tried, found)) in DAMAGES.iter().zip(&counts) {
        let share = 100 * found / (*tried).max(1);
        println!("{name:50} {found:>5} of {tried:>5} {share:>4} %");
    }
    for ((name, _), (tried, found)) in DAMAGES.iter().zip(&counts) {
        assert!(*tried > 0 && *found > 0, "{name}: {found} of {tried}");
    }
}

/// What the authority sends at one moment is in order for each device, too, and its clock is theirs.
#[test]
fn devices_find_nothing_in_good_traffic() {
    for seed in 0..WORLDS {
        let run = random_run(seed);
        let good = traffic(&run);
        for (slack, is_ordered) in [(0, true), (0, false), (500, true), (5_000, true)] {
            let vantage = Vantage::Devices;
            let settings = Settings { vantage, slack, is_ordered, ..settings(&run.plan) };
            assert_eq!(judge(settings, &good), [], "seed {seed}, {slack} ms");
        }
    }
}
