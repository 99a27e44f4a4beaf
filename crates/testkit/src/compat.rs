//! The files of every version in `tests/compat`, which are read for ever. Its README says how those of a new version are written.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use roomcall::protocol::{Actor, Answer, Fact, Input, Outcome, Query, Record};
use roomcall::switchboard::Switchboard;

use crate::play::list;
use crate::repository::{read, root};
use crate::strategies::journal::Journal;

/// The folders, from the oldest version to the newest.
///
/// # Panics
///
/// There is none, or one is not named by a number.
pub fn versions() -> Vec<PathBuf> {
    let folder = root().join("tests/compat");
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let folders = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let number = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().parse::<u32>();
    let mut folders: Vec<_> =
        folders.map(|path| (number(&path).expect("a number"), path)).collect();
    folders.sort();
    assert!(!folders.is_empty(), "{} holds no version", folder.display());
    folders.into_iter().map(|(_, path)| path).collect()
}

/// The bytes of a file. With `WRITE_COMPAT` in the environment, a file that is missing is written first, with what `now` gives;
/// one that is there is never written.
///
/// # Panics
///
/// It is missing, or cannot be read.
pub fn kept(path: &Path, now: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    if !path.exists() && is_writing() {
        let mut file = fs::File::create_new(path).unwrap();
        file.write_all(&now()).unwrap();
    }
    fs::read(path)
        .unwrap_or_else(|error| panic!("{}: {error}; see tests/compat/README.md", path.display()))
}

/// Whether missing files are written.
pub fn is_writing() -> bool {
    std::env::var_os("WRITE_COMPAT").is_some()
}

/// The journal of a version, the switchboard after it, and what each input brings about.
///
/// # Panics
///
/// The journal cannot be read.
pub fn played(folder: &Path) -> (Journal, Switchboard, Vec<Outcome>) {
    let (_, journal) = read(&folder.join("journal.ndjson"));
    let mut board = Switchboard::new(journal.limits, journal.policy);
    let outcomes = journal.lines.iter().map(|record| board.apply_record(record)).collect();
    (journal, board, outcomes)
}

/// The outputs of a journal, one a line.
pub fn outputs(outcomes: &[Outcome]) -> String {
    let outputs = outcomes.iter().cloned().flat_map(Outcome::outputs);
    outputs.map(|output| serde_json::to_string(&output).unwrap() + "\n").collect()
}

/// A state hash as it is kept.
pub fn hash(board: &Switchboard) -> String {
    format!("{:016x}\n", board.state_hash())
}

/// Everything that is to be seen of the names of a journal: the lists of its rooms, who is in them in which
/// role, and the calls of its users.
pub fn seen(board: &Switchboard, lines: &[Record]) -> Vec<String> {
    seen_with(board, lines, |outcome| format!("{outcome:?}"))
}

/// As [`seen`], of the calls what rings alone. What ended is in logs, too, which a snapshot of a version before 9 does
/// not have.
pub fn seen_to_ring(board: &Switchboard, lines: &[Record]) -> Vec<String> {
    seen_with(board, lines, |outcome| match &outcome.answer {
        Some(Ok(Answer::GetMyCalls(mine))) => format!("{:?} {:?}", mine.incoming, mine.outgoing),
        other => format!("{other:?}"),
    })
}

fn seen_with(
    board: &Switchboard,
    lines: &[Record],
    of_user: impl Fn(Outcome) -> String,
) -> Vec<String> {
    let names = RefCell::new(BTreeSet::new());
    for record in lines {
        let _ = record.clone().map(|text| names.borrow_mut().insert(text));
    }
    let mut seen = Vec::new();
    for name in names.into_inner() {
        if let Some(room) = board.lookup_room(&name).filter(|room| board.is_open(*room)) {
            let users = board.participants(room).filter_map(|user| board.user_name(user));
            seen.push(format!("{name}: {:?}", users.collect::<BTreeSet<_>>()));
            seen.push(format!("{:?} {:?}", board.opening(room), list(board, &name)));
            let users = lines.iter().filter_map(|line| match &line.input {
                Input::Fact(Fact::RoleSet { user, .. }) => board.lookup_user(user),
                _ => None,
            });
            seen.push(format!(
                "{:?}",
                users.map(|user| board.role(room, user)).collect::<Vec<_>>()
            ));
        }
        let by = Actor::Device { user: name.clone(), device: "phone".into() };
        let input = Input::Query { by, query: Query::GetMyCalls { since: 0 } };
        let asked = Record { at: 0, request_id: Some(99), input };
        seen.push(of_user(board.clone().apply_record(&asked)));
    }
    seen
}
