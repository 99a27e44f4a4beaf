//! Laws about the state as a whole: refusals, snapshots, hashes.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use roomcall::server::{RestoreError, Switchboard};
use roomcall::{Limits, Policy};

use crate::play::{board, play, same, tick};
use crate::random::{journal, settings};

laws! {
    // INV-01 to INV-06
    fn total_and_checked(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = board.apply_named(line);
            prop_assert_eq!(board.check(), Ok(()));
        }
    }

    // R-03, C-12, N-02: a refused ask, an ignored fact and a repeated answer are ticks.
    fn refusal_is_a_tick(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let mut ticked = board.clone();
            let turn = board.apply_named(line);
            if matches!(turn.answer, Some(Err(_))) || turn.unchanged.is_some() {
                prop_assert_eq!(tick(&mut ticked, line.at).effects, turn.effects);
                prop_assert_eq!(&ticked, &board);
            }
        }
    }

    // S-03
    fn state_hash_tells_states_apart(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let mut ticked = board.clone();
            let _ = board.apply_named(line);
            let _ = tick(&mut ticked, line.at);
            prop_assert_eq!(board == ticked, same(&board, &ticked));
        }
    }
}

proptest! {
    #![proptest_config(settings())]

    // S-01: the same state, the same handles, the same future.
    #[test]
    fn a_snapshot_is_invisible(journal in journal(), cut in 0..60_usize) {
        let (before, after) = journal.lines.split_at(cut.min(journal.lines.len()));
        let mut board = board(&journal);
        before.iter().for_each(|line| drop(board.apply_named(line)));
        let mut restored = Switchboard::restore(&board.snapshot()).unwrap();
        prop_assert_eq!(&restored, &board);
        for line in after {
            prop_assert_eq!(restored.apply_named(line), board.apply_named(line));
        }
        prop_assert_eq!(&restored, &board);
    }

    // S-01: what the host holds does not survive, and what it does not hold does.
    #[test]
    fn a_snapshot_lets_go(journal in journal(), held in 0..8_usize) {
        let (mut board, _) = play(&journal);
        let names = ["zoe", "ana", "eve", "bo", "yan", "cy", "dee", "xi"];
        names.into_iter().take(held).for_each(|name| {
            board.hold_user(name).unwrap();
        });
        let restored = Switchboard::restore(&board.snapshot()).unwrap();
        prop_assert!(same(&restored, &board));
        prop_assert_eq!(restored.find_user("zoe"), None);
        prop_assert_eq!(Switchboard::restore(&restored.snapshot()), Ok(restored));
    }

    // S-02: damage anywhere is found; a checksum made to fit does not help.
    #[test]
    fn damage_is_found(journal in journal(), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let (board, _) = play(&journal);
        let snapshot = board.snapshot();
        let mut damaged = snapshot.clone();
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        prop_assert!(Switchboard::restore(&damaged).is_err());
        prop_assert!(Switchboard::restore(&snapshot[..at]).is_err());
        // With a checksum that fits, what is restored at least keeps the invariants.
        if let Ok(forged) = Switchboard::restore(&forge(damaged)) {
            prop_assert_eq!(forged.check(), Ok(()));
        }
    }
}

/// The snapshot with the checksum of the payload that it has, as an attacker would make it.
fn forge(mut snapshot: Vec<u8>) -> Vec<u8> {
    let body = 18..snapshot.len() - 8;
    let sum = snapshot[body.clone()].iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let sum = (sum ^ (sum >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let sum = (sum ^ (sum >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    let sum = sum ^ (sum >> 33);
    snapshot[body.end..].copy_from_slice(&sum.to_le_bytes());
    snapshot
}

// S-02
#[test]
fn bad_snapshots() {
    let board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let snapshot = board.snapshot();
    let with = |at: usize, bytes: &[u8]| {
        let mut copy = snapshot.clone();
        copy[at..at + bytes.len()].copy_from_slice(bytes);
        copy
    };
    let restore = |bytes: &[u8]| Switchboard::restore(bytes).map(|_| ());
    assert_eq!(restore(&snapshot), Ok(()));
    assert_eq!(restore(&forge(snapshot.clone())), Ok(()), "the forger knows the checksum");
    assert_eq!(restore(b""), Err(RestoreError::Foreign));
    assert_eq!(restore(&with(0, b"x")), Err(RestoreError::Foreign));
    assert_eq!(restore(&with(8, &[2, 0])), Err(RestoreError::Version { version: 2 }));
    assert_eq!(restore(&snapshot[..snapshot.len() - 1]), Err(RestoreError::Damaged));
    assert_eq!(restore(&with(20, &[9])), Err(RestoreError::Damaged));
    let longer = [&snapshot[..], b"x"].concat();
    assert_eq!(restore(&longer), Err(RestoreError::Damaged));
    // `never` is neither 0 nor 1.
    assert_eq!(restore(&forge(with(18 + 8, &[7]))), Err(RestoreError::Impossible { at: 12 }));
    // A list of 2^64 - 1 names is not believed.
    let names = 18 + 14 * 4 + 5 + 4 * 8;
    let huge = forge(with(names, &[0xff; 8]));
    assert!(matches!(restore(&huge), Err(RestoreError::Impossible { .. })));
    // More attempts ended than made.
    let endings = 18 + 14 * 4 + 5 + 2 * 8;
    let error = restore(&forge(with(endings, &[1]))).unwrap_err();
    assert_eq!(error.to_string(), "the state breaks INV-04 (Indexes agree)");
}

// S-03
#[test]
fn replay_in_another_process() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(Config::default().rng_algorithm),
    );
    for _ in 0..20 {
        let journal = journal().new_tree(&mut runner).unwrap().current();
        let (board, _) = play(&journal);
        let mut child = Command::new(crate::play::replay_binary())
            .args(["--hash", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let text = format!("{journal:?}");
        child.stdin.take().unwrap().write_all(text.trim_start().as_bytes()).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        assert_eq!(said.trim(), format!("state {:016x}", board.state_hash()), "{journal:?}");
    }
}
