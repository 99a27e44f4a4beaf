//! The steps that only compile.

use anyhow::Result;

use crate::command::{cargo, command, output, run};

pub(crate) fn format() -> Result<String> {
    run(&mut cargo("fmt --all --check"))?;
    run(&mut cargo("fmt --check --manifest-path fuzz/Cargo.toml"))?;
    Ok(String::new())
}

/// Licences, sources and duplicates, as deny.toml allows them.
pub(crate) fn dependencies() -> Result<String> {
    run(&mut cargo("deny --workspace check --hide-inclusion-graph bans licenses sources"))?;
    Ok(String::new())
}

pub(crate) fn lints() -> Result<String> {
    run(&mut cargo("clippy --workspace --all-targets --all-features -- -D warnings"))?;
    // These targets are built only where they are named.
    run(&mut cargo("clippy -p roomcall-server --test sockets -- -D warnings"))?;
    run(&mut cargo("clippy -p roomcall-cluster --test log --test suite -- -D warnings"))?;
    run(&mut cargo("clippy -p roomcall --lib --no-default-features -- -D warnings"))?;
    Ok(String::new())
}

pub(crate) fn documentation() -> Result<String> {
    let mut doc =
        cargo("doc --no-deps --all-features -p roomcall -p roomcall-server -p roomcall-cluster");
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(String::new())
}

/// A target without std shows that nothing brings std in.
pub(crate) fn no_std() -> Result<String> {
    run(&mut cargo("build -p roomcall --lib --no-default-features"))?;
    let installed = output(&mut command("rustup target list --installed")).unwrap_or_default();
    let bare = ["thumbv7em-none-eabi", "wasm32-unknown-unknown"];
    let Some(target) = bare.into_iter().find(|it| installed.lines().any(|line| line == *it)) else {
        return Ok("for this machine; `cargo xtask long msrv` builds for those without std".into());
    };
    run(&mut cargo(&format!("build -p roomcall --lib --no-default-features --target {target}")))?;
    Ok(format!("for {target}"))
}
