//! The house rules that no lint knows.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Folders whose files are not ours, or are made of others.
const NOT_OURS: [&str; 5] = ["snapshots", "node_modules", "dist", "build", "generated"];

/// Every file of ours that is text, by folder, but for those that are generated from the schema.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> =
        ["src", "tests", "benches", "examples", "crates", "spec", "fuzz/fuzz_targets"]
            .map(|folder| root.join(folder))
            .into();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for input in fs::read_dir(&folder).into_iter().flatten() {
            let path = input.unwrap().path();
            let is_ours = !NOT_OURS.iter().any(|name| path.ends_with(name));
            if path.is_dir() && is_ours {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path)
                && !text.starts_with("//! Generated from the schema")
            {
                texts.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(texts.len() > 100, "only {} files found", texts.len());
    texts
}

#[test]
fn rust_files_are_short() {
    for (path, text) in texts() {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = text.lines().count();
            assert!(lines <= 400, "{}: {lines} lines", path.display());
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= 160, "{}: a line of {widest}", path.display());
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    let banned = ["TODO", "FIXME", "XXX", "todo!(", "#[ignore"];
    for (path, text) in texts() {
        if path.ends_with("tidy.rs") {
            continue;
        }
        for word in banned {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}
