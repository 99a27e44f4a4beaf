//! The packages as they are published: made from a clean clone, unpacked, and used by another package.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{cargo, command, output, run, target};
use crate::git;

/// The library, and the kit that tests what is built on it.
const PACKAGES: [&str; 2] = ["roomcall", "roomcall-testkit"];
const MANIFEST: &str = r#"[package]
name = "dependent"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
roomcall = { path = "../roomcall" }
roomcall-testkit = { path = "../roomcall-testkit", features = ["suite"] }

[patch.crates-io]
roomcall = { path = "../roomcall" }
"#;
const PROGRAM: &str = include_str!("package/dependent.rs");

pub(crate) fn check() -> Result<String> {
    let (copy, made) = (git::copy("package")?, target().join("packages"));
    let mut package = cargo("package --quiet --locked --no-verify --target-dir");
    package.arg(&made).args(PACKAGES.iter().flat_map(|name| ["-p", name]));
    run(package.current_dir(&copy))?;
    let folder = made.join("unpacked");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut said = Vec::new();
    for name in PACKAGES {
        let archive = made.join("package").join(format!("{name}-{}.crate", version(name)?));
        let bytes = fs::metadata(&archive).with_context(|| archive.display().to_string())?.len();
        fs::create_dir_all(folder.join(name))?;
        let mut unpack = command("tar --strip-components=1 -xzf");
        run(unpack.arg(&archive).arg("-C").arg(folder.join(name)))?;
        said.push(format!("{name} {bytes} bytes"));
    }
    dependent(&folder.join("dependent"))?;
    Ok(said.join(", "))
}

/// The version of a package of the workspace.
fn version(name: &str) -> Result<String> {
    let id = output(&mut cargo(&format!("pkgid -p {name}")))?;
    // A package in a folder of its own name has no `@`.
    let (_, version) =
        id.trim().rsplit_once(['#', '@']).with_context(|| format!("no version: {id}"))?;
    Ok(version.to_owned())
}

/// Builds and runs a program that depends on what was unpacked beside it.
fn dependent(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("src/main.rs"), PROGRAM)?;
    let mut program = cargo("run --quiet --target-dir");
    run(program.arg(folder.join("target")).current_dir(folder))
}
