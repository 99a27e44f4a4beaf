//! The server, killed at random moments, and with many devices.

use super::Unit;
use crate::server;

const KILLS_A_UNIT: u32 = 10;
const UNITS: u64 = 5;
const DEVICES: u64 = 10_000;

pub(super) fn kills() -> Vec<Unit> {
    // The gate has played the first seed.
    let seeds = 2..UNITS.saturating_add(2);
    let unit = |seed| {
        Unit::new(format!("seed-{seed}"), move |log| {
            log.run(&mut server::kill(KILLS_A_UNIT, seed))?;
            Ok(format!("{KILLS_A_UNIT} kills"))
        })
    };
    seeds.map(unit).collect()
}

pub(super) fn many() -> Vec<Unit> {
    vec![Unit::new(format!("devices-{DEVICES}"), |log| {
        log.run(&mut server::many(DEVICES)?)?;
        Ok(format!("{DEVICES} devices"))
    })]
}
