//! The server, whose power goes at random moments.

use std::fmt;
use std::path::Path;

use anyhow::Result;

use super::Unit;
use crate::command::{command, exists, output};
use crate::server;

const CUTS_A_UNIT: u32 = 60;
const UNITS: u64 = 4;

/// The machine, or who runs this, has not what it needs.
#[derive(Debug)]
pub(crate) struct CannotRun(String);

impl fmt::Display for CannotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`long power` cannot run here: {}; name the other parts to run those", self.0)
    }
}

impl std::error::Error for CannotRun {}

/// Disks are mounted, and what is written to them is recorded.
pub(super) fn can_run() -> Result<()> {
    if output(command("id").arg("-u"))?.trim() != "0" {
        return Err(CannotRun("it mounts disks, so it needs root".to_owned()).into());
    }
    let programs = ["mkfs.ext4", "mount", "losetup", "qemu-storage-daemon"];
    if let Some(program) = programs.into_iter().find(|program| !exists(program)) {
        let why = format!("there is no {program} (Debian: e2fsprogs, mount, qemu-utils)");
        return Err(CannotRun(why).into());
    }
    let devices = ["/dev/loop-control", "/dev/fuse"];
    if let Some(device) = devices.into_iter().find(|device| !Path::new(device).exists()) {
        return Err(CannotRun(format!("the kernel has no {device}")).into());
    }
    Ok(())
}

pub(super) fn units() -> Vec<Unit> {
    let unit = |seed| {
        Unit::new(format!("seed-{seed}"), move |log| {
            log.run(&mut server::power(CUTS_A_UNIT, seed))?;
            let text = log.text()?;
            Ok(text.lines().last().unwrap_or_default().to_owned())
        })
    };
    (1..=UNITS).map(unit).collect()
}
