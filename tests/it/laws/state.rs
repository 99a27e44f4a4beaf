//! Laws about the state as a whole: refusals, snapshots, hashes.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use roomcall::switchboard::{RestoreError, Switchboard};
use roomcall::{Limits, Policy};

use crate::damage::damage;
use roomcall_testkit::forge::forge;
use roomcall_testkit::play::{board, is_equal, play, tick};
use roomcall_testkit::strategies::journal::{journal, settings};

laws! {
    // INV-01 to INV-06
    fn total_and_checked(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = board.apply_record(line);
            prop_assert_eq!(board.verify(), Ok(()));
        }
    }

    // R-03, C-12, N-02: a refused ask, an ignored fact and a repeated answer are ticks.
    fn refusal_is_a_tick(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let mut ticked = board.clone();
            let turn = board.apply_record(line);
            if matches!(turn.answer, Some(Err(_))) || turn.unchanged.is_some() {
                prop_assert_eq!(tick(&mut ticked, line.at).effects, turn.effects);
                prop_assert_eq!(&ticked, &board);
                prop_assert_eq!(ticked.known_names(), board.known_names());
            }
        }
    }

    // S-03
    fn state_hash_tells_states_apart(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let mut ticked = board.clone();
            let _ = board.apply_record(line);
            let _ = tick(&mut ticked, line.at);
            prop_assert_eq!(board == ticked, is_equal(&board, &ticked));
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
        before.iter().for_each(|line| drop(board.apply_record(line)));
        let mut restored = Switchboard::restore(&board.snapshot()).unwrap();
        prop_assert_eq!(&restored, &board);
        for line in after {
            prop_assert_eq!(restored.apply_record(line), board.apply_record(line));
        }
        prop_assert_eq!(&restored, &board);
    }

    // S-01: what the host holds does not survive, and what it does not hold does.
    #[test]
    fn a_snapshot_lets_go(journal in journal(), held in 0..8_usize) {
        let (mut board, _) = play(&journal);
        let names = ["zoe", "ana", "eve", "bo", "yan", "cy", "dee", "xi"];
        names.into_iter().take(held).for_each(|name| {
            board.intern_user(name).unwrap();
        });
        let restored = Switchboard::restore(&board.snapshot()).unwrap();
        prop_assert!(is_equal(&restored, &board));
        prop_assert_eq!(restored.lookup_user("zoe"), None);
        prop_assert_eq!(Switchboard::restore(&restored.snapshot()), Ok(restored));
    }

    // S-02: damage anywhere is found; a checksum made to fit does not help.
    #[test]
    fn damage_is_found(journal in journal(), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let (board, _) = play(&journal);
        if let Some(mut forged) = damage(&board, (at, flip), &journal.lines)? {
            while let Some(deadline) = forged.next_deadline() {
                let live = forged.live_count();
                let effects = tick(&mut forged, deadline.as_millis()).effects;
                prop_assert_eq!(forged.verify(), Ok(()));
                // Past the end of time there is no tick (T-09).
                let is_over = effects.iter().any(|effect| effect.because == roomcall::Rule::E21);
                prop_assert!(is_over || forged.live_count() < live || deadline > roomcall::Tick::LAST);
                if deadline > roomcall::Tick::LAST {
                    break;
                }
            }
        }
    }
}

// S-02: what is impossible in a payload, the unit tests of the snapshot try field by field.
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
    assert_eq!(restore(b""), Err(RestoreError::NotASnapshot));
    assert_eq!(restore(&with(0, b"x")), Err(RestoreError::NotASnapshot));
    for version in [1, 3, 11] {
        let of_version = with(8, &[version, 0]);
        let version = u16::from(version);
        assert_eq!(restore(&of_version), Err(RestoreError::Version { version }));
    }
    // An image without calls is one of the version before, too, and one bit is not a version.
    for version in [4, 5, 6, 7, 8, 9] {
        assert_eq!(restore(&with(8, &[version, 0])), Err(RestoreError::Damaged), "{version}");
    }
    assert_eq!(restore(&snapshot[..snapshot.len() - 1]), Err(RestoreError::Damaged));
    assert_eq!(restore(&with(20, &[9])), Err(RestoreError::Damaged));
    let longer = [&snapshot[..], b"x"].concat();
    assert_eq!(restore(&longer), Err(RestoreError::Damaged));
}

/// A state with something of everything in it.
const RICH: &str = r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}
{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"phone"}}}
{"at":0,"fact":{"roleSet":{"roomID":"standup","userID":"dee","role":"admin"}}}
{"at":5,"by":{"user":"ana","device":"laptop"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo","cy","eve"],"timeout":30,"extensionInfo":"x"}}}
{"at":6,"by":{"user":"bo","device":"tablet"},"command":{"rejectCall":{"roomID":"standup"}}}
{"at":7,"by":{"user":"eve","device":"watch"},"command":{"acceptCall":{"roomID":"standup"}}}"#;

// S-03: whatever is different in the state is different in the hash.
#[test]
fn the_hash_sees_every_field() {
    let after = |text: &str| {
        let limits = Limits { never: true, ..Limits::DEFAULT };
        let mut board = Switchboard::new(limits, Policy::DEFAULT);
        for line in text.lines() {
            let turn = board.apply_record(&serde_json::from_str(line).unwrap());
            assert!(!matches!(turn.answer, Some(Err(_))) && turn.unchanged.is_none(), "{line}");
        }
        board
    };
    let changes = [
        (r#""x""#, r#""y""#),
        (r#""timeout":30"#, r#""timeout":31"#),
        (r#""timeout":30"#, r#""timeout":0"#),
        (r#""laptop""#, r#""phone""#),
        (r#""tablet""#, r#""phone""#),
        (r#""watch""#, r#""phone""#),
        (r#""cy""#, r#""fay""#),
        (r#""at":7"#, r#""at":8"#),
        (r#""dee""#, r#""gus""#),
        (r#""role":"admin""#, r#""role":"owner""#),
        ("standup", "lounge"),
        (r#""ana""#, r#""hal""#),
        (r#""rejectCall""#, r#""acceptCall""#),
        (r#""acceptCall":{"#, r#""rejectCall":{"#),
        (r#"["bo","cy","eve"]"#, r#"["bo","eve","cy"]"#),
        (
            r#""userEntered":{"roomID":"standup","userID":"ana""#,
            r#""userEntered":{"roomID":"standup","userID":"dee""#,
        ),
    ];
    let mut texts = vec![RICH.to_owned()];
    texts.extend(changes[..15].iter().map(|(from, to)| RICH.replace(from, to)));
    // Somebody else inside, and calling: only presence, caller and role differ.
    texts.push(
        RICH.replace(changes[15].0, changes[15].1)
            .replace(r#""by":{"user":"ana""#, r#""by":{"user":"dee""#),
    );
    let hashes: std::collections::BTreeSet<u64> =
        texts.iter().map(|text| after(text).state_hash()).collect();
    assert_eq!(hashes.len(), texts.len());
    let other = Policy { outcomes_to: roomcall::OutcomesTo::AllDevices, ..Policy::DEFAULT };
    let empty = |limits, policy| Switchboard::new(limits, policy).state_hash();
    assert_ne!(empty(Limits::DEFAULT, other), empty(Limits::DEFAULT, Policy::DEFAULT));
    let fewer = [
        Limits { held_names: 1, ..Limits::DEFAULT },
        Limits { requests_per_requester: 1, ..Limits::DEFAULT },
        Limits { requesters: 1, ..Limits::DEFAULT },
    ];
    for fewer in fewer {
        assert_ne!(empty(fewer, other), empty(Limits::DEFAULT, other));
    }
}

// N-03: what the clock ends in one step can be named to the last effect.
#[test]
fn names_last_through_a_step() {
    let limits = Limits { kept_per_room: 0, ended_per_room: 0, ..Limits::DEFAULT };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    for line in RICH.lines().take(4) {
        let _ = board.apply_record(&serde_json::from_str(line).unwrap());
    }
    let effects = tick(&mut board, 60_000).effects;
    let users: Vec<String> = effects
        .iter()
        .filter_map(|effect| match &effect.to {
            roomcall::protocol::Audience::User(user) => Some(user.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(users, ["bo", "cy", "eve"]);
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
        let mut child = Command::new(roomcall_testkit::play::example_binary("replay"))
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
