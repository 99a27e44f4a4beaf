//! The journals and scenarios that the repository keeps.

use std::fs;
use std::path::{Path, PathBuf};

use roomcall::journal::Header;

use crate::strategies::journal::Journal;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder that are journals, in the order of their names. The folder is named from the root.
///
/// # Panics
///
/// The folder cannot be read.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ndjson"))
        .collect();
    files.sort();
    files
}

/// A journal file as data.
///
/// # Panics
///
/// The file cannot be read, or is not a journal.
pub fn read(path: &Path) -> (Header, Journal) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Header = serde_json::from_str(lines.next().unwrap()).unwrap();
    let lines = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let journal = Journal { limits: header.limits, policy: header.policy, lines };
    (header, journal)
}
