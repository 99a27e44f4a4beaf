//! Failures that random tests found, kept as journals and replayed for ever. The title of each
//! says why it is here.

use std::fs;
use std::path::{Path, PathBuf};

use roomcall::journal::{Header, Replay};
use roomcall::switchboard::Switchboard;

use crate::random::Journal;
use crate::{laws, refine};

/// A folder of the crate. The package of the tests may be one inside it, `crates/bridge`.
pub(crate) fn folder(name: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = package.ancestors().map(|folder| folder.join(name));
    folders.find(|folder| folder.is_dir()).unwrap_or_else(|| panic!("no folder {name}"))
}

/// The files of a folder that are journals, by name.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = self::folder(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|input| input.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ndjson"))
        .collect();
    files.sort();
    files
}

/// A journal file as data.
pub(crate) fn read(path: &Path) -> (Header, Journal) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Header = serde_json::from_str(lines.next().unwrap()).unwrap();
    let lines = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let journal = Journal { limits: header.limits, policy: header.policy, lines };
    (header, journal)
}

/// Whatever broke the reducer once must go well on it and agree with the model.
#[test]
fn past_failures_stay_fixed() {
    for path in files("tests/journals") {
        let (header, journal) = read(&path);
        assert!(!header.title.is_empty(), "{}: a title says why it is kept", path.display());
        refine::compare(&journal).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (law, holds) in laws::all() {
            holds(&journal).unwrap_or_else(|error| panic!("{}: {law}: {error}", path.display()));
        }
        let mut replay = Replay::new();
        for line in fs::read(&path).unwrap().split(|byte| *byte == b'\n') {
            if !line.is_empty() {
                replay.line(line).unwrap();
            }
        }
        let board = replay.board().unwrap();
        assert_eq!(board.verify(), Ok(()));
        assert_eq!(Switchboard::restore(&board.snapshot()).as_ref(), Ok(board));
    }
}
