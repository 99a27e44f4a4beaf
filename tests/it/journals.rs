//! Failures that random tests found, kept as journals and replayed for ever. The title of each
//! says why it is here.

use std::fs;

use roomcall::journal::Replay;
use roomcall::switchboard::Switchboard;

use roomcall_testkit::model::compare_switchboard;
use roomcall_testkit::repository::{files, read};

use crate::laws;

/// Whatever broke the reducer once must go well on it and agree with the model.
#[test]
fn past_failures_stay_fixed() {
    for path in files("tests/journals") {
        let (header, journal) = read(&path);
        assert!(!header.title.is_empty(), "{}: a title says why it is kept", path.display());
        compare_switchboard(&journal).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
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
