//! The gates of the measurements: counts that do not depend on what else the machine does.

use anyhow::Result;

use crate::command::{cargo, command, run};

pub(crate) fn gates() -> Result<String> {
    run(&mut command("crates/scaling/instructions"))?;
    let gates = "-- --only memory --strict";
    run(&mut cargo(&format!("run --profile bench -p roomcall-scaling {gates}")))?;
    Ok(String::new())
}
