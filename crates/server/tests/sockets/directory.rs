//! What is in a directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The bytes of all files in a directory and below it; `None` stands for a directory.
pub(crate) type Contents = BTreeMap<PathBuf, Option<Vec<u8>>>;

pub(crate) fn contents(directory: &Path) -> Contents {
    let mut all = Contents::new();
    for entry in fs::read_dir(directory).expect("it is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            all.extend(contents(&path));
            all.insert(path, None);
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            all.insert(path, Some(bytes));
        }
    }
    all
}

/// The directory is as it was, but for files of these names.
pub(crate) fn is_as_it_was(directory: &Path, before: &Contents, but: &[&str], which: &str) {
    let now = contents(directory);
    let paths: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let changed: Vec<_> = paths
        .into_iter()
        .filter(|path| before.get(*path) != now.get(*path))
        .filter(|path| !but.iter().any(|name| path.ends_with(name)))
        .collect();
    assert!(changed.is_empty(), "{which}: {changed:?} changed");
}
