//! Commands: all of them run at the root of the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// The folder of all that is built.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |it| root().join(it))
}

/// A program with arguments that are separated by spaces. `arg` adds those that contain spaces.
pub(crate) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(root());
    command
}

/// The same for cargo. A snapshot that differs from the stored one fails, and none is written.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = command("cargo");
    command.args(line.split_whitespace());
    command.env("INSTA_UPDATE", "no").env("INSTA_REQUIRE_FULL_MATCH", "1");
    command
}

/// The same for Python, which leaves no compiled files among the sources.
pub(crate) fn python(line: &str) -> Command {
    let mut command = command("python3 -B");
    command.args(line.split_whitespace());
    command
}

/// Runs `inner` under a limit that `ulimit` sets.
pub(crate) fn limited(limit: &str, most: u64, inner: &Command) -> Command {
    let mut shell = command("sh -c");
    shell.arg(format!("ulimit {limit} {most} && exec \"$@\"")).arg("sh");
    around(shell, inner)
}

/// Stops `inner`, and what it has started, after some seconds. The exit status is then `OUT_OF_TIME`.
pub(crate) fn within(seconds: u64, inner: &Command) -> Command {
    around(command(&format!("timeout --kill-after=5 {seconds}")), inner)
}

/// The exit status of a command that was stopped because its time was over.
pub(crate) const OUT_OF_TIME: i32 = 124;

/// A program that runs the program that its arguments name.
fn around(mut outer: Command, inner: &Command) -> Command {
    outer.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.current_dir(inner.get_current_dir().unwrap_or(root()));
    outer
}

/// Whether a program is on the path.
pub(crate) fn exists(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// What a person would type.
pub(crate) fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Runs a command, which prints as it likes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it prints; its errors are shown.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command.stderr(Stdio::inherit()).output();
    let done = done.with_context(|| format!("cannot start {}", shown(command)))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() {
        bail!("{} failed: {}\n{text}", shown(command), done.status);
    }
    Ok(text)
}

/// Whether a command succeeds. It prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The program that a `cargo build` or `cargo test --no-run` makes.
pub(crate) fn built(name: &str, build: &mut Command) -> Result<PathBuf> {
    let messages = output(build.arg("--message-format=json-render-diagnostics"))?;
    let mut found = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message.pointer("/target/name")?.as_str()? == name;
        let executable = message.get("executable")?.as_str()?;
        is_it.then(|| PathBuf::from(executable))
    });
    found.next_back().with_context(|| format!("{} made no program {name}", shown(build)))
}

/// Whether there is a nightly toolchain.
pub(crate) fn has_nightly() -> bool {
    succeeds(&mut command("cargo +nightly --version"))
}

/// The files of a folder, in order of their names.
pub(crate) fn files(folder: impl AsRef<Path>, extension: &str) -> Result<Vec<PathBuf>> {
    let folder = root().join(folder);
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> =
        paths.into_iter().filter(|path| path.extension() == Some(OsStr::new(extension))).collect();
    files.sort();
    if files.is_empty() {
        bail!("there is no file *.{extension} in {}", folder.display());
    }
    Ok(files)
}

/// A folder with nothing in it.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

/// The name of a file without its extension.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
