//! The oldest compiler that the library names, and targets without an operating system.

use super::Unit;
use crate::debian::{Compiler, NEWEST, OLDEST};

const BUILDS: [(&str, Compiler, &[&str]); 3] = [
    ("rust-1.85", OLDEST, &["build --lib --no-default-features", "build --lib --all-features"]),
    (
        "wasm32",
        NEWEST,
        &[
            "build --release --lib --no-default-features --target wasm32-unknown-unknown -Z build-std=core,alloc",
            "build --release --lib --all-features --target wasm32-unknown-unknown -Z build-std=std,panic_abort",
        ],
    ),
    (
        "thumbv7em",
        NEWEST,
        &[
            "build --lib --no-default-features --target thumbv7em-none-eabi -Z build-std=core,alloc",
            "build --lib --all-features --target thumbv7em-none-eabi -Z build-std=core,alloc",
        ],
    ),
];

pub(super) fn units() -> Vec<Unit> {
    let unit = |(name, compiler, lines): (&str, Compiler, &'static [&str])| {
        Unit::new(name, move |log| {
            lines.iter().try_for_each(|line| {
                log.run(&mut compiler.cargo(&format!("{line} -p roomcall"))?)
            })?;
            Ok(format!("by Rust {}", compiler.release))
        })
    };
    BUILDS.into_iter().map(unit).collect()
}
