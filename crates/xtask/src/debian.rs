//! Debian's Rust compilers, which have what rustup's may not have here: the release that the library
//! names as its oldest, and sources of the standard library for targets without std.
//!
//! They are unpacked under the target folder, not installed: the machine's own compiler stays as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{cargo, command, exists, files, output, run, target};

/// A release of Debian's compiler.
pub(crate) struct Compiler {
    pub(crate) release: &'static str,
    llvm: &'static str,
}

/// The `rust-version` of the library.
pub(crate) const OLDEST: Compiler = Compiler { release: "1.85", llvm: "libllvm19" };
/// One whose sources are there for other targets.
pub(crate) const NEWEST: Compiler = Compiler { release: "1.96", llvm: "libllvm22" };

pub(crate) fn install(compilers: &[Compiler]) -> Result<()> {
    if !exists("apt-get") || !exists("dpkg") {
        bail!(
            "compilers for `cargo xtask npm` and `cargo xtask long msrv` are packages of Debian, and this is no Debian"
        );
    }
    compilers.iter().try_for_each(Compiler::unpack)
}

impl Compiler {
    fn folder(&self) -> PathBuf {
        target().join("tools").join(format!("rust-{}", self.release))
    }

    /// Where it builds.
    pub(crate) fn target(&self) -> PathBuf {
        self.folder().join("target")
    }

    fn wrapper(&self) -> PathBuf {
        self.folder().join("rustc")
    }

    fn unpack(&self) -> Result<()> {
        if self.wrapper().exists() {
            return Ok(());
        }
        println!("unpacking Debian's Rust {}", self.release);
        let folder = self.folder();
        fs::create_dir_all(&folder)?;
        let version = self.version()?;
        let standard = format!("libstd-rust-web-{}", self.release);
        let names = ["rustc-web", "rust-web-src", "libstd-rust-web-dev", &standard];
        let mut download = command("apt-get download -qq");
        download.args(names.iter().map(|name| format!("{name}={version}"))).arg(self.llvm);
        run(download.current_dir(&folder))?;
        for package in files(&folder, "deb")? {
            run(command("dpkg -x").arg(&package).arg(&folder))?;
            fs::remove_file(package)?;
        }
        self.write_wrapper(&folder)
    }

    /// The version of the package, such as 1.85.0+dfsg3-1~deb12u3.
    fn version(&self) -> Result<String> {
        let known = output(&mut command("apt-cache madison rustc-web"))?;
        let versions = known.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        let wanted = format!("{}.", self.release);
        let found = versions.into_iter().find(|version| version.starts_with(&wanted));
        found.map(str::to_owned).with_context(|| {
            format!(
                "Debian has no rustc-web {} now: apt-get update, or name another release",
                self.release
            )
        })
    }

    /// The compiler finds the libraries that were unpacked beside it.
    fn write_wrapper(&self, folder: &Path) -> Result<()> {
        let lines = [
            "#!/bin/sh".to_owned(),
            format!(
                "LD_LIBRARY_PATH={0}/usr/lib/x86_64-linux-gnu exec {0}/usr/bin/rustc \"$@\"",
                folder.display()
            ),
        ];
        fs::write(self.wrapper(), lines.join("\n") + "\n")?;
        Ok(fs::set_permissions(self.wrapper(), fs::Permissions::from_mode(0o755))?)
    }

    /// A command of cargo by this compiler, in a target folder of its own.
    pub(crate) fn cargo(&self, line: &str) -> Result<Command> {
        if !self.wrapper().exists() {
            bail!("Debian's Rust {} is not there: `cargo xtask setup [--long]`", self.release);
        }
        let mut build = cargo(line);
        build.env("RUSTC", self.wrapper()).env("RUSTC_BOOTSTRAP", "1");
        build.env("CARGO_TARGET_DIR", self.target());
        build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?);
        Ok(build)
    }
}

/// The linker that comes with the machine's own compiler.
fn linker() -> Result<PathBuf> {
    let root = output(&mut command("rustc --print sysroot"))?;
    let host = output(&mut command("rustc -vV"))?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names its host")?;
    Ok(Path::new(root.trim()).join("lib/rustlib").join(host).join("bin/rust-lld"))
}
