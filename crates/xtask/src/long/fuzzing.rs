//! An hour of fuzzing.

use anyhow::Result;

use super::Unit;
use crate::fuzz;

const SECONDS: usize = 3_600;
/// Rounds over all targets. Each begins with what the rounds before have found.
const ROUNDS: usize = 3;

pub(super) fn units() -> Result<Vec<Unit>> {
    let targets = fuzz::targets()?;
    let seconds: u32 = (SECONDS / (ROUNDS * targets.len().max(1))).try_into()?;
    let rounds =
        (1..=ROUNDS).flat_map(|round| targets.iter().map(move |name| (round, name.clone())));
    Ok(rounds
        .map(|(round, name)| {
            Unit::new(format!("{name}-{round}"), move |log| {
                log.run(
                    fuzz::fuzz(&name, seconds)?.args(["-verbosity=0", "-print_final_stats=1"]),
                )?;
                let text = log.text()?;
                let runs = text
                    .lines()
                    .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
                Ok(format!("{} inputs in {seconds} s", runs.unwrap_or("?").trim()))
            })
        })
        .collect())
}
