//! The package as it is published: made from a clean clone, unpacked, and used by another package.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Unit;
use super::store::Log;
use crate::command::{cargo, command, files, target};
use crate::git;

const MANIFEST: &str = r#"[package]
name = "dependent"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
roomcall = { path = "../roomcall" }
"#;
const PROGRAM: &str = include_str!("dependent/main.rs");

pub(super) fn units() -> Vec<Unit> {
    vec![Unit::new("dependent", package)]
}

fn package(log: &Log) -> Result<String> {
    let (copy, made) = (git::copy("package")?, target().join("package-of-roomcall"));
    let mut package = cargo("package -p roomcall --locked --target-dir");
    log.run(package.arg(&made).current_dir(&copy))?;
    let archives = files(made.join("package"), "crate")?;
    let archive = archives.last().context("cargo package makes an archive")?;
    let folder = made.join("unpacked");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join("roomcall"))?;
    let mut unpack = command("tar --strip-components=1 -xzf");
    log.run(unpack.arg(archive).arg("-C").arg(folder.join("roomcall")))?;
    dependent(log, &folder.join("dependent"))?;
    let bytes = fs::metadata(archive)?.len();
    Ok(format!("{} bytes, built and used", bytes))
}

/// Builds and runs a program that depends on what was unpacked beside it.
fn dependent(log: &Log, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("src/main.rs"), PROGRAM)?;
    let mut run = cargo("run --quiet --target-dir");
    log.run(run.arg(folder.join("target")).current_dir(folder))
}
