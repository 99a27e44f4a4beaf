//! The packages of `crates/mobile`: a wheel for Python, a jar for Kotlin, sources for Swift.
//!
//! The library is built twice: as it ships, and with the feature `wire` for tests and testees.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::command::{cargo, command, empty, output, root, run, target};

/// What a notice may take, in microseconds.
const KOTLIN_MICROSECONDS: u32 = 50;
const PYTHON_MICROSECONDS: u32 = 500;

/// What the wheel is built and tested with.
const PYTHON_TOOLS: [&str; 2] = ["setuptools==84.2.1", "websockets==17.4"];

/// Debian's JNA, by which Kotlin calls the library.
pub(crate) const JNA: &str = "/usr/share/java/jna.jar";

#[derive(Args)]
pub(crate) struct Options {
    /// Tests them, too, as the gate does.
    #[arg(long)]
    check: bool,
}

pub(crate) fn task(options: &Options) -> Result<()> {
    if options.check {
        println!("{}", check()?);
        return Ok(());
    }
    let plain = plain()?;
    println!("{}\n{}", plain.wheel.display(), jar(&plain.built)?.display());
    println!("{}", plain.built.sources("swift").display());
    Ok(())
}

/// The compiler of Kotlin, and what builds wheels.
pub(crate) fn install() -> Result<()> {
    run(command("npm ci --no-audit --no-fund").current_dir(kotlin()))?;
    let tools = target().join("mobile/tools");
    if !tools.join("bin/pip").exists() {
        run(command("python3 -m venv").arg(&tools))?;
    }
    let mut pip = Command::new(tools.join("bin/pip"));
    run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(PYTHON_TOOLS))
}

/// The step of the gate: unit tests, all cases of conformance and the speeds of both languages, and a new
/// project of each that rings.
pub(crate) fn check() -> Result<String> {
    let wire = wire()?;
    let plain = plain()?;
    let kinds = swift_names_every_kind(&plain.built.sources("swift"))?;
    let python = check_python(&wire, &plain.wheel)?;
    let kotlin = check_kotlin(&wire, &plain.built)?;
    println!("{python}{kotlin}");
    Ok(format!("all cases in Python and Kotlin; Swift names {kinds} kinds"))
}

fn kotlin() -> PathBuf {
    root().join("crates/mobile/kotlin")
}

fn python() -> PathBuf {
    root().join("crates/mobile/python")
}

/// A built library, and the sources of the languages.
struct Built(PathBuf);

impl Built {
    fn library(&self) -> PathBuf {
        self.0.join("lib")
    }

    fn sources(&self, language: &str) -> PathBuf {
        self.0.join(language)
    }
}

/// The library as it ships.
struct Plain {
    built: Built,
    wheel: PathBuf,
}

const LIBRARY: &str =
    if cfg!(target_os = "macos") { "libroomcall_mobile.dylib" } else { "libroomcall_mobile.so" };

/// Copies the library that was built last, and writes the sources of some languages.
fn take(name: &str, languages: &[&str]) -> Result<Built> {
    let built = Built(target().join("mobile").join(name));
    empty(&built.0)?;
    fs::create_dir_all(built.library())?;
    let library = built.library().join(LIBRARY);
    fs::copy(target().join("release").join(LIBRARY), &library)?;
    for language in languages {
        let mut generate = Command::new(target().join("release/uniffi-bindgen"));
        generate.args(["generate", "--no-format", "--language", language]).arg(&library);
        output(generate.arg("--out-dir").arg(built.sources(language)).current_dir(root()))?;
    }
    Ok(built)
}

/// With the functions that testees need.
fn wire() -> Result<Built> {
    run(&mut cargo("build --quiet --release -p roomcall-mobile --features bindgen,wire"))?;
    let built = take("wire", &["python", "kotlin"])?;
    let package = built.0.join("package/roomcall");
    fs::create_dir_all(&package)?;
    for folder in [python().join("src/roomcall"), built.sources("python"), built.library()] {
        for file in fs::read_dir(folder)? {
            let file = file?;
            if file.file_type()?.is_file() {
                fs::copy(file.path(), package.join(file.file_name()))?;
            }
        }
    }
    Ok(built)
}

/// As it ships. The command that makes the wheel builds the library.
fn plain() -> Result<Plain> {
    let folder = target().join("mobile/wheel");
    empty(&folder)?;
    let pip = target().join("mobile/tools/bin/pip");
    if !pip.exists() {
        bail!("what builds wheels is not there: `cargo xtask setup`");
    }
    let mut wheel = Command::new(pip);
    wheel.args(["wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    wheel.args(["--no-build-isolation", "--wheel-dir"]).arg(&folder).arg(python());
    run(wheel.current_dir(root()))?;
    let wheel = fs::read_dir(folder)?.next().context("pip made no wheel")??.path();
    Ok(Plain { built: take("plain", &["kotlin", "swift"])?, wheel })
}

/// All cases of role handset.
fn conforms(testee: &str, environment: Option<(&str, &Path)>) -> Result<()> {
    let line = "run --quiet -p roomcall-testkit --features repository,conformance";
    let mut runner =
        cargo(&format!("{line} --bin roomcall-conformance -- --role handset --may-skip none"));
    run(runner.args(["--testee", testee]).envs(environment))
}

/// There is no compiler of Swift here: at least no kind is missing in what is generated.
fn swift_names_every_kind(folder: &Path) -> Result<usize> {
    let text = fs::read_to_string(folder.join("Roomcall.swift"))?;
    let schema = fs::read_to_string(root().join("spec/schema/handset.json"))?;
    let schema: Value = serde_json::from_str(&schema)?;
    let definitions =
        schema.get("$defs").and_then(Value::as_object).context("a schema has definitions")?;
    let kinds = definitions.values().filter_map(|it| it.get("oneOf")?.as_array()).flatten();
    let mut count = 0;
    for kind in kinds {
        let word = kind.get("const").and_then(Value::as_str);
        let fields = kind.get("properties").and_then(Value::as_object);
        let field = fields.and_then(|it| it.keys().next());
        let kind = word.or(field.map(String::as_str)).context("a kind has a name")?;
        let is_there =
            [format!("case {kind}\n"), format!("case {kind}("), format!("case `{kind}`")];
        if !is_there.iter().any(|it| text.contains(it.as_str())) {
            bail!("the sources of Swift lack the kind {kind}");
        }
        count += 1;
    }
    Ok(count)
}

/// Unit tests, cases, speed; and a new environment that installs the wheel and rings.
fn check_python(wire: &Built, wheel: &Path) -> Result<String> {
    let package = wire.0.join("package");
    let with_package = |mut command: Command| {
        command.env("PYTHONPATH", &package).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let mut tests = Command::new(target().join("mobile/tools/bin/python"));
    tests.args(["-m", "unittest", "discover", "-s"]).arg(python().join("tests"));
    run(&mut with_package(tests))?;
    conforms("python3 -B crates/mobile/python/testee.py", Some(("PYTHONPATH", &package)))?;
    let speed = format!("python3 -B crates/mobile/python/speed.py --most {PYTHON_MICROSECONDS}");
    let speed = output(&mut with_package(command(&speed)))?;
    let fresh = target().join("mobile/fresh");
    run(command("python3 -m venv --clear").arg(&fresh))?;
    let mut install = Command::new(fresh.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--no-index"]);
    run(install.arg(wheel))?;
    let mut ring = Command::new(fresh.join("bin/python"));
    rings(ring.arg("-B").arg(python().join("ring.py")), "bo/phone: Effect.JOIN")?;
    Ok(speed)
}

/// An example rings, and says that the callee joins.
fn rings(example: &mut Command, joins: &str) -> Result<()> {
    let said = output(example)?;
    if !said.contains(joins) {
        bail!("nobody joins:\n{said}");
    }
    Ok(())
}

/// A part of the compiler of Kotlin.
fn part(name: &str) -> Result<PathBuf> {
    let part = kotlin().join("node_modules/kotlin-compiler/lib").join(name);
    if !part.exists() {
        bail!("the compiler of Kotlin is not there: `cargo xtask setup`");
    }
    Ok(part)
}

/// Paths of classes.
fn classes(paths: &[&Path]) -> Result<String> {
    let standard = part("kotlin-stdlib.jar")?;
    let all = paths.iter().copied().chain([standard.as_path(), Path::new(JNA)]);
    Ok(all.map(|path| path.display().to_string()).collect::<Vec<_>>().join(":"))
}

/// Compiles sources and folders of them into a jar.
fn compile(jar: &Path, using: &[&Path], sources: &[PathBuf]) -> Result<()> {
    let compiler = part("kotlin-compiler.jar")?;
    let parts = compiler.with_file_name("*");
    let mut kotlinc = command("java -Xmx1g -cp");
    kotlinc.arg(parts).arg("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler");
    kotlinc.args(["-no-stdlib", "-no-reflect", "-nowarn", "-cp", &classes(using)?, "-d"]);
    run(kotlinc.arg(jar).args(sources))
}

/// The package: what is generated, and the runtime.
fn jar(plain: &Built) -> Result<PathBuf> {
    let jar = plain.0.join("roomcall.jar");
    compile(&jar, &[], &[plain.sources("kotlin"), kotlin().join("src")])?;
    Ok(jar)
}

/// A program of a jar, with the library.
fn java(built: &Built, jars: &[&Path], main: &str) -> Result<Command> {
    let mut java = command("java");
    java.arg(format!("-Djna.library.path={}", built.library().display()));
    java.arg(format!("-Droomcall.root={}", root().display()));
    java.args(["-cp", &classes(jars)?, main]);
    Ok(java)
}

/// Unit tests, cases, speed; and a new program that has nothing but the jar and rings.
fn check_kotlin(wire: &Built, plain: &Built) -> Result<String> {
    let tests = wire.0.join("tests.jar");
    let sources = [wire.sources("kotlin"), kotlin().join("src"), kotlin().join("test")];
    compile(&tests, &[], &sources)?;
    run(&mut java(wire, &[&tests], "Tests")?)?;
    let testee = java(wire, &[&tests], "Testee")?;
    conforms(&crate::command::shown(&testee), None)?;
    let mut speed = java(wire, &[&tests], "Speed")?;
    let speed = output(speed.arg(KOTLIN_MICROSECONDS.to_string()))?;
    let jar = jar(plain)?;
    let example = plain.0.join("ring.jar");
    compile(&example, &[&jar], &[kotlin().join("ring.kt")])?;
    rings(&mut java(plain, &[&jar, &example], "RingKt")?, "bo/phone: Join")?;
    Ok(speed)
}
