//! Writes what is generated from the schema: `cargo run -p roomcall-schema`, and with `--check` only says
//! which file is not the newest.
#![allow(clippy::print_stderr, reason = "this is a command-line program")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use roomcall_schema::bindings::{Description, rust, typescript};

#[derive(Parser)]
#[command(about)]
struct Args {
    /// Writes nothing, and ends with 1 where a file is not the newest
    #[arg(long)]
    check: bool,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let description = Description::new()?;
    let files = [
        ("spec/schema/wire.json", format!("{:#}\n", roomcall_schema::wire())),
        ("spec/schema/handset.json", format!("{:#}\n", roomcall_schema::handset())),
        ("spec/schema/events.json", format!("{:#}\n", roomcall_schema::webhook::events())),
        ("crates/web/npm/src/types.ts", typescript::source(&description)?),
        ("crates/mobile/src/types.rs", rust::source(&description)?),
    ];
    let mut is_well = true;
    for (name, newest) in files {
        let path = root().join(name);
        if fs::read_to_string(&path).unwrap_or_default() == newest {
            continue;
        }
        if args.check {
            eprintln!("{name} is old: cargo run -p roomcall-schema");
            is_well = false;
        } else {
            fs::write(&path, newest).with_context(|| name.to_owned())?;
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
