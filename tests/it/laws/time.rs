//! Laws about time.

use proptest::prelude::*;
use roomcall::protocol::{Answer, Command, Effect, Fact, Input, Outcome, Record, Withdrawn};
use roomcall::switchboard::Switchboard;
use roomcall::{CallRejectionReason, CallResult, Limits, Policy, Rule, Tick};

use roomcall_testkit::play::{ask, board, call, meeting, play, tick};
use roomcall_testkit::strategies::journal::{Journal, journal, settings};

/// The journal with the clock that the switchboard holds in the place of each time.
fn held(journal: &Journal) -> Journal {
    let mut clock = 0;
    let lines = journal.lines.iter().map(|line| {
        clock = clock.max(line.at);
        Record { at: clock, ..line.clone() }
    });
    Journal { lines: lines.collect(), ..journal.clone() }
}

fn shifted(journal: &Journal, by: u64) -> Journal {
    let lines =
        journal.lines.iter().map(|line| Record { at: line.at + by, ..line.clone() }).collect();
    Journal { lines, ..journal.clone() }
}

fn effects(turns: Vec<Outcome>) -> Vec<Effect> {
    turns.into_iter().flat_map(|turn| turn.effects).collect()
}

laws! {
    // T-02
    fn clock_is_held(journal) {
        let (as_sent, as_held) = (play(journal), play(&held(journal)));
        prop_assert_eq!(as_sent, as_held);
    }

    // T-07
    fn next_deadline_is_tight(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = board.apply_record(line);
            let Some(deadline) = board.next_deadline().map(Tick::as_millis) else { continue };
            prop_assert!(deadline > board.clock().as_millis());
            prop_assert!(tick(&mut board.clone(), deadline - 1).effects.is_empty());
            prop_assert!(!tick(&mut board.clone(), deadline).effects.is_empty());
        }
    }

    // T-06: once nothing comes in, what has a timeout ends; what has none rings on.
    fn quiescence(journal) {
        let mut board = board(journal);
        let mut never = journal.limits.never;
        for line in &journal.lines {
            let _ = board.apply_record(line);
            // What was allowed then rings on (F-19).
            never |= board.limits().never;
        }
        while let Some(deadline) = board.next_deadline() {
            let before = board.live_count();
            // E-21: who is expected is so no more.
            let effects = tick(&mut board, deadline.as_millis()).effects;
            let is_over = effects.iter().any(|effect| effect.because == Rule::E21);
            prop_assert!(is_over || board.live_count() < before);
        }
        let for_ever = board.live_count();
        let _ = tick(&mut board, u64::MAX);
        prop_assert_eq!(board.live_count(), for_ever);
        prop_assert!(for_ever == 0 || never);
    }
}

proptest! {
    #![proptest_config(settings())]

    // T-03, T-08
    #[test]
    fn ticks_subdivide(
        journal in journal(),
        extra in prop::collection::vec((0..60_usize, 0..=10_u64), 0..20),
    ) {
        let journal = held(&journal);
        let mut more = Vec::new();
        let mut clock = 0;
        for (place, line) in journal.lines.iter().enumerate() {
            let mut ticks: Vec<u64> = extra
                .iter()
                .filter(|(at, _)| *at == place && !matches!(line.input, Input::Fact(Fact::Recovered { .. })))
                .map(|(_, tenths)| clock + (line.at - clock) * tenths / 10)
                .collect();
            ticks.sort_unstable();
            more.extend(ticks.into_iter().map(|at| Record { at, request_id: None, input: Input::Tick }));
            more.push(line.clone());
            clock = line.at;
        }
        let (end, turns) = play(&journal);
        let (end_with_ticks, turns_with_ticks) = play(&Journal { lines: more, ..journal });
        prop_assert_eq!(effects(turns), effects(turns_with_ticks));
        prop_assert_eq!(end, end_with_ticks);
    }

    // T-10
    #[test]
    fn shifting_time_changes_nothing_else(journal in journal(), by in 0..1_000_000_u64) {
        let (_, turns) = play(&journal);
        let (_, mut later) = play(&shifted(&journal, by));
        later.iter_mut().for_each(|turn| turn.at -= by);
        prop_assert_eq!(turns, later);
    }

    // T-04, T-05: whatever is asked finds the attempt live if and only if it comes before the
    // deadline, and calling again does not move the deadline.
    #[test]
    fn deadline_wins(
        began in 0..100_000_u64,
        timeout in 1..100_u32,
        duplicate in 0..100_000_u64,
        after in prop_oneof![0..200_000_u64, Just(0), (1..100_u64).prop_map(|s| s * 1_000)],
        verb in 0..4_u8,
    ) {
        let mut board = meeting(Policy::DEFAULT);
        let timeout_ms = u64::from(timeout) * 1_000;
        let line = |at, input| Record { at, request_id: None, input };
        let _ = board.apply_record(&line(began, ask("ana", "phone", call("standup", &["bo"], timeout))));
        let duplicate = began + duplicate.min(after);
        let second = board.apply_record(&line(duplicate, ask("ana", "phone", call("standup", &["bo"], 100))));
        let is_second_attempt = duplicate >= began + timeout_ms;
        let result =
            if is_second_attempt { CallResult::Success } else { CallResult::AlreadyInCalling };
        prop_assert_eq!(
            second.answer,
            Some(Ok(Answer::CallUserToRoom(vec![("bo".to_owned(), result)])))
        );
        let (room, attempt) = ("standup".to_owned(), Some(1));
        let users = vec!["bo".to_owned()];
        let input = match verb {
            0 => ask("bo", "phone", Command::AcceptCall { room, attempt }),
            1 => {
                let reason = CallRejectionReason::Rejected;
                ask("bo", "phone", Command::RejectCall { room, attempt, reason })
            }
            2 => ask("ana", "phone", Command::CancelCall { room, users }),
            _ => ask("ana", "phone", Command::RevokeCall { room, users }),
        };
        let turn = board.apply_record(&line(began + after, input));
        let is_live = after < timeout_ms;
        match turn.answer {
            Some(Ok(Answer::AcceptCall { attempt: 1 } | Answer::RejectCall { attempt: 1 })) => {
                prop_assert!(is_live);
            }
            Some(Err(refused)) => {
                prop_assert!(!is_live);
                // The end of a second attempt takes the place of that of the first.
                let is_remembered = !is_second_attempt || began + after < duplicate + 100_000;
                let rule = if is_remembered { Rule::E09 } else { Rule::E10 };
                prop_assert_eq!(refused.rule, rule);
            }
            Some(Ok(Answer::CancelCall(results) | Answer::RevokeCall(results))) => {
                let ended_now = matches!(results[0].1, Withdrawn::Cancelled | Withdrawn::Revoked);
                // A second attempt may be live in the place of the first.
                prop_assert!(ended_now == is_live || is_second_attempt);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

// T-09
#[test]
fn the_end_of_time() {
    let mut board = meeting(Policy::DEFAULT);
    let last = Tick::LAST.as_millis();
    let input = ask("ana", "phone", call("standup", &["bo"], 300));
    let turn = board.apply_record(&Record { at: u64::MAX, request_id: None, input });
    assert_eq!(turn.at, last, "times above the last are held there");
    let deadline = board.next_deadline().unwrap().as_millis();
    assert_eq!(deadline, last + 300_000, "the sum did not wrap");
    assert!(tick(&mut board, u64::MAX).effects.is_empty(), "the clock stands at the end of time");
    assert_eq!(Switchboard::restore(&board.snapshot()), Ok(board));
    assert_eq!(Switchboard::new(Limits::DEFAULT, Policy::DEFAULT).clock(), Tick::START);
    // E-20: neither does a grace.
    let mut board = meeting(Policy { join_grace: u32::MAX, ..Policy::DEFAULT });
    for (by, command) in [
        (("ana", "phone"), call("standup", &["bo"], 300)),
        (("bo", "phone"), Command::AcceptCall { room: "standup".into(), attempt: None }),
    ] {
        let input = ask(by.0, by.1, command);
        let turn = board.apply_record(&Record { at: u64::MAX, request_id: None, input });
        assert!(matches!(turn.answer, Some(Ok(_))), "{turn:?}");
    }
    let deadline = board.next_deadline().unwrap().as_millis();
    assert_eq!(deadline, last + u64::from(u32::MAX) * 1_000, "the sum did not wrap");
    assert!(tick(&mut board, u64::MAX).effects.is_empty(), "no tick reaches it");
    assert_eq!(board.verify(), Ok(()));
    assert_eq!(Switchboard::restore(&board.snapshot()), Ok(board));
}
