//! The pages that a browser sees: the demonstration, and the playground below it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::command::{cargo, command, root, run, target};
use crate::npm;

/// Folders of `crates/web` with a page each. The first one begins target/pages anew, and the other one goes below it.
const PAGES: [&str; 2] = ["page", "playground"];

fn folder(page: &str) -> PathBuf {
    root().join("crates/web").join(page)
}

/// What their tests need: a driver of browsers.
pub(crate) fn install() -> Result<()> {
    PAGES
        .iter()
        .try_for_each(|page| run(command("npm ci --no-audit --no-fund").current_dir(folder(page))))
}

/// Builds both on the npm package, which is there: target/pages, which `roomcall-server try` serves.
pub(crate) fn build() -> Result<PathBuf> {
    for page in PAGES {
        run(command("node build.mjs").current_dir(folder(page)))?;
    }
    Ok(target().join("pages"))
}

/// The step of the gate: what can be tested without a browser, and then both pages in headless Chromium, one of them
/// with a server.
pub(crate) fn check() -> Result<String> {
    if !npm::is_built() {
        npm::build()?;
    }
    let pages = build()?;
    for page in PAGES {
        run(command("npm test --silent").current_dir(folder(page)))?;
    }
    run(&mut cargo("build --release -p roomcall-server"))?;
    let server = Server::start(&pages)?;
    browser("page", &[&server.address])?;
    run(&mut cargo("build --quiet -p roomcall --example replay"))?;
    browser("playground", &[&format!("{}/playground/", server.address)])?;
    Ok(String::new())
}

fn browser(page: &str, arguments: &[&str]) -> Result<()> {
    let mut script = command("npm run --silent browser --");
    let replay = target().join("debug/examples/replay");
    run(script.args(arguments).env("REPLAY", replay).current_dir(folder(page)))
}

/// A server to try, with its sample backend.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(pages: &Path) -> Result<Self> {
        let mut server = Command::new(target().join("release/roomcall-server"));
        server.args(["try", "--listen", "127.0.0.1:0", "--pages"]).arg(pages);
        let mut child = server.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let said = child.stdout.take().context("it is piped")?;
        BufReader::new(said).read_line(&mut line)?;
        let address = line.split_whitespace().find(|word| word.starts_with("http://"));
        let address = address.with_context(|| format!("it says where it listens: {line}"))?;
        Ok(Self { address: address.to_owned(), child })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
