//! The npm package of `crates/web`: two WebAssembly modules, their glue, TypeScript, and the archive.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::command::{cargo, command, empty, output, root, run, target};
use crate::debian::NEWEST;
use crate::pages;

#[derive(Args)]
pub(crate) struct Options {
    /// Tests it, too, as the gate does.
    #[arg(long)]
    check: bool,
}

/// The modules: features of `roomcall-web`.
const MODULES: [&str; 2] = ["handset", "switchboard"];

/// What the example prints in a project that has installed the package.
const RINGS: [&str; 3] = ["bo show  D-06", "bo join  D-12", "ana progress accepted D-21"];

pub(crate) fn task(options: &Options) -> Result<()> {
    let said = if options.check { check()? } else { build()?.display().to_string() };
    println!("{said}\n{}", pages::build()?.display());
    Ok(())
}

/// The folder of the package.
fn folder() -> PathBuf {
    root().join("crates/web/npm")
}

/// Its tools: TypeScript.
pub(crate) fn install() -> Result<()> {
    run(command("npm ci --no-audit --no-fund").current_dir(folder()))
}

/// The compiler of TypeScript, as strict as a reader of these sources may have it.
fn compiler() -> Result<Command> {
    let compiler = folder().join("node_modules/typescript/bin/tsc");
    if !compiler.exists() {
        bail!("TypeScript is not there: `cargo xtask setup`");
    }
    let mut compile = command("node");
    compile.arg(compiler).args(["--strict", "--target", "es2022", "--module", "nodenext"]);
    Ok(compile)
}

/// Makes JavaScript for node of a file that needs nothing else.
pub(crate) fn compile(source: &Path, into: &Path) -> Result<()> {
    let types = folder().join("node_modules/@types");
    let mut compile = compiler()?;
    compile.args(["--types", "node", "--typeRoots"]).arg(types).arg("--outDir").arg(into);
    run(compile.arg(source))
}

/// A script of the package.
fn script(line: &str) -> Command {
    let mut script = command("npm run --silent");
    script.args(line.split_whitespace()).current_dir(folder());
    script
}

/// Whether it was built.
pub(crate) fn is_built() -> bool {
    folder().join("dist/client/index.js").exists() && folder().join("wasm/handset_bg.wasm").exists()
}

/// Builds the package: the path of its archive.
pub(crate) fn build() -> Result<PathBuf> {
    compiler()?;
    for made in ["wasm", "dist"] {
        empty(&folder().join(made))?;
    }
    MODULES.iter().try_for_each(|name| module(name))?;
    run(&mut script("build"))?;
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(license), folder().join(license))?;
    }
    let archives = target().join("npm");
    empty(&archives)?;
    let mut pack = command("npm pack --silent --pack-destination");
    let name = output(pack.arg(&archives).current_dir(folder()))?;
    Ok(archives.join(name.trim()))
}

/// A module and its glue.
fn module(name: &str) -> Result<()> {
    let line = "build --quiet -p roomcall-web --lib --profile web --target wasm32-unknown-unknown";
    let line = format!("{line} -Z build-std=std,panic_abort --features {name}");
    run(&mut NEWEST.cargo(&line)?)?;
    let built = NEWEST.target().join("wasm32-unknown-unknown/web/roomcall_web.wasm");
    let mut glue = cargo("run --quiet -p roomcall-bindgen --");
    run(glue.arg(built).args(["--name", name, "--folder"]).arg(folder().join("wasm")))
}

/// The step of the gate: its tests, the cases of conformance, the sizes, and a project that installs it.
pub(crate) fn check() -> Result<String> {
    let archive = build()?;
    run(&mut script("test"))?;
    MODULES.iter().try_for_each(|role| conforms(role))?;
    let sizes = output(&mut script("measure -- --check"))?;
    println!("{sizes}");
    fresh_project(&archive)?;
    let bytes = fs::metadata(&archive)?.len();
    Ok(format!("{} bytes, rings in a project that installs it", bytes))
}

/// All cases of a role, by values of TypeScript.
fn conforms(role: &str) -> Result<()> {
    let line = "run --quiet -p roomcall-testkit --features repository,conformance";
    let mut runner = cargo(&format!(
        "{line} --bin roomcall-conformance -- --role {role} --may-skip none --testee"
    ));
    run(runner.arg("node crates/web/npm/testee.mjs"))
}

/// A project that has nothing but the archive compiles the example strictly, and runs it.
fn fresh_project(archive: &Path) -> Result<()> {
    let project = target().join("npm/project");
    empty(&project)?;
    fs::write(project.join("package.json"), r#"{ "private": true, "type": "module" }"#)?;
    fs::copy(folder().join("examples/ring.ts"), project.join("ring.ts"))?;
    let mut install = command("npm install --offline --no-audit --no-fund --silent");
    run(install.arg(archive).current_dir(&project))?;
    run(compiler()?.arg("ring.ts").current_dir(&project))?;
    let said = output(command("node ring.js").current_dir(&project))?;
    let missing = RINGS.iter().find(|line| !said.lines().any(|it| it == **line));
    missing.map_or(Ok(()), |line| bail!("the example does not print `{line}`:\n{said}"))
}
