//! The public API of the library as a text, so that a change of it is seen in a diff.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{cargo, root, target};

const STORED: &str = "tests/public-api.txt";

#[derive(Args)]
pub(crate) struct Options {
    /// Stores the text as it is now.
    #[arg(long)]
    update: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.update {
        let text = text()?;
        fs::write(root().join(STORED), &text)?;
        println!("{STORED}: {} lines", text.lines().count());
    } else {
        println!("{}", compare()?);
    }
    Ok(())
}

/// The API is as stored.
pub(crate) fn compare() -> Result<String> {
    let now = text()?;
    let stored = fs::read_to_string(root().join(STORED)).context(STORED)?;
    if now == stored {
        return Ok(format!("{} lines", now.lines().count()));
    }
    let lines = |text| str::lines(text).collect::<BTreeSet<&str>>();
    let (now, stored) = (lines(&now), lines(&stored));
    stored.difference(&now).for_each(|line| println!("-{line}"));
    now.difference(&stored).for_each(|line| println!("+{line}"));
    bail!(
        "the public API is not as {STORED} says: `cargo xtask public-api --update` stores it, CHANGELOG.md tells of it"
    );
}

/// One line for each public item with all features, sorted.
fn text() -> Result<String> {
    let folder = target().join("public-api");
    // The JSON of rustdoc is unstable. A folder of its own keeps what is built otherwise.
    let mut doc = cargo("rustdoc --quiet -p roomcall --lib --all-features --target-dir");
    doc.arg(&folder).args(["--", "-Z", "unstable-options", "--output-format", "json"]);
    crate::command::run(doc.env("RUSTC_BOOTSTRAP", "1"))?;
    let api = public_api::Builder::from_rustdoc_json(folder.join("doc/roomcall.json"))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()
        .context("cannot read the JSON of rustdoc; crates/xtask/Cargo.toml says which Rust writes the form that is read")?;
    Ok(api.to_string())
}
