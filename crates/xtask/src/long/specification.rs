//! All of the formal specification, without a limit of time.

use super::Unit;
use crate::formal;

pub(super) fn units() -> Vec<Unit> {
    let unit = |part| {
        Unit::new(formal::name(part), move |log| {
            formal::prepare()?;
            log.run(&mut formal::part(part))?;
            Ok(log.text()?.lines().last().unwrap_or_default().to_owned())
        })
    };
    formal::CHECKS.into_iter().map(unit).collect()
}
