//! Installs the tools that are missing. Nothing else in this repository installs anything.

use anyhow::{Result, bail};
use clap::Args;

use crate::command::{command, exists, has_nightly, output, python, root, run, succeeds};
use crate::{debian, mobile, nats, npm, pages};

#[derive(Args)]
pub(crate) struct Options {
    /// Those of `cargo xtask long`, too.
    #[arg(long)]
    long: bool,
    /// The servers that `cargo bench -p roomcall-server --bench peers` compares with, too.
    #[arg(long)]
    bench: bool,
}

/// Programs, and Debian's packages that have them.
const PROGRAMS: [(&str, &str); 11] = [
    ("git", "git"),
    ("python3", "python3-venv"),
    ("valgrind", "valgrind"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("java", "default-jre-headless"),
    ("cvc5", "cvc5"),
    ("systemd-analyze", "systemd"),
    ("node", "nodejs"),
    ("npm", "npm"),
    (mobile::JNA, "libjna-java libjna-jni"),
];

/// Those of the servers that the benchmark compares with.
const PEERS: [(&str, &str); 2] =
    [("redis-server", "redis-server"), ("/usr/sbin/mosquitto", "mosquitto")];

pub(crate) fn install(options: &Options) -> Result<()> {
    programs(&PROGRAMS)?;
    subcommand("deny")?;
    if has_nightly() {
        subcommand("fuzz")?;
    } else {
        println!(
            "there is no nightly toolchain, so nothing is fuzzed: rustup toolchain install nightly"
        );
    }
    // TLC and z3, by their hashes.
    run(&mut python("spec/checks/tools.py"))?;
    debian::install(&[debian::NEWEST])?;
    npm::install()?;
    pages::install()?;
    mobile::install()?;
    nats::install()?;
    if options.long {
        subcommand("mutants")?;
        debian::install(&[debian::OLDEST])?;
    }
    if options.bench {
        programs(&PEERS)?;
        let mut libraries = command("npm ci --no-audit --no-fund");
        run(libraries.current_dir(root().join("crates/server/benches/peers/node")))?;
    }
    println!("all tools are installed");
    Ok(())
}

/// Programs of Debian.
fn programs(wanted: &[(&str, &str)]) -> Result<()> {
    let missing = wanted.iter().filter(|(program, _)| !exists(program));
    let missing: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let is_root = output(&mut command("id -u"))?.trim() == "0";
    if !is_root || !exists("apt-get") {
        bail!("install these first (names of Debian's packages): {}", missing.join(" "));
    }
    println!("installing {}", missing.join(" "));
    run(&mut command("apt-get update -qq"))?;
    let mut install = command("apt-get install -qq -y --no-install-recommends");
    let missing = missing.iter().flat_map(|packages| packages.split_whitespace());
    run(install.args(missing).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// A subcommand of cargo, built from its source.
fn subcommand(name: &str) -> Result<()> {
    if succeeds(&mut command(&format!("cargo {name} --version"))) {
        return Ok(());
    }
    println!("installing cargo-{name}, which takes some minutes");
    run(&mut command(&format!("cargo install --locked cargo-{name}")))
}
