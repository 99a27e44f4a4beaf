//! All of the formal specification, without a limit of time.

use super::Unit;
use crate::spec;

pub(super) fn units() -> Vec<Unit> {
    let unit = |part| {
        Unit::new(spec::name(part), move |log| {
            spec::prepare()?;
            log.run(&mut spec::part(part))?;
            Ok(log.text()?.lines().last().unwrap_or_default().to_owned())
        })
    };
    spec::CHECKS.into_iter().map(unit).collect()
}
