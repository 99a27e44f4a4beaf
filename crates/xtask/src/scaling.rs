//! The gates of the measurements: counts that do not depend on what else the machine does.

use anyhow::Result;

use crate::command::{cargo, command, run};

pub(crate) fn gates() -> Result<String> {
    run(&mut command("crates/scaling/instructions"))?;
    let goals = "-- --quick --only 6,7 --strict";
    run(&mut cargo(&format!("run --profile bench -p roomcall-scaling {goals}")))?;
    Ok(String::new())
}
