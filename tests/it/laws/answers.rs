//! Laws about answers: who is told what, to the end.

use proptest::prelude::*;
use roomcall::protocol::{Answer, Command, Input, Record};
use roomcall::{CallRejectionReason, EndingKind, Limits, Rule};

use roomcall_testkit::play::{board, device, now, tick};
use roomcall_testkit::strategies::journal::{Journal, roomy};

/// The journal where endings are remembered, whatever the rules become (F-19).
fn remembering(journal: &Journal) -> Journal {
    let ended_per_room = journal.limits.ended_per_room.max(1);
    let limits = Limits { ended_per_room, ..journal.limits };
    Journal { limits, ..journal.clone() }.with_changes(|_, limits| {
        limits.ended_per_room = limits.ended_per_room.map(|most| most.max(1));
    })
}

/// The user and device of an ask that was answered, and the attempt that it decided.
fn decided(
    line: &Record,
    answer: &Option<Result<Answer, roomcall::protocol::Refused>>,
) -> Option<(String, String, u64)> {
    let Input::Ask { by: roomcall::protocol::Actor::Device { user, device }, .. } = &line.input
    else {
        return None;
    };
    match answer {
        Some(Ok(Answer::AcceptCall { attempt } | Answer::RejectCall { attempt })) => {
            Some((user.clone(), device.clone(), *attempt))
        }
        _ => None,
    }
}

fn room_of(line: &Record) -> String {
    match &line.input {
        Input::Ask {
            command: Command::AcceptCall { room, .. } | Command::RejectCall { room, .. },
            ..
        } => room.clone(),
        other => panic!("not an answer: {other:?}"),
    }
}

laws! {
    // E-08
    fn same_answer_again(journal) {
        let journal = &remembering(journal);
        let mut board = board(journal);
        for line in &journal.lines {
            let turn = board.apply_record(line);
            if decided(line, &turn.answer).is_none() {
                continue;
            }
            let before = board.clone();
            let duplicate = board.apply_record(&now(&board, line.input.clone()));
            prop_assert_eq!(&duplicate.answer, &turn.answer);
            prop_assert_eq!(duplicate.unchanged, Some(Rule::E08));
            prop_assert!(duplicate.effects.is_empty());
            prop_assert_eq!(&board, &before);
        }
    }

    // E-09
    fn the_loser_is_told(journal) {
        let journal = &remembering(journal);
        let mut board = board(journal);
        for line in &journal.lines {
            let turn = board.apply_record(line);
            let Some((user, winner, attempt)) = decided(line, &turn.answer) else { continue };
            let room = room_of(line);
            let reason = CallRejectionReason::Rejected;
            for command in [
                Command::AcceptCall { room: room.clone(), attempt: Some(attempt) },
                Command::RejectCall { room, attempt: Some(attempt), reason },
            ] {
                let by = device(&user, "watch");
                let lost = board.apply_record(&now(&board, Input::Ask { by, command }));
                let refused = lost.answer.unwrap().unwrap_err();
                prop_assert_eq!((refused.code, refused.rule), (-2311, Rule::E09));
                let ended = refused.ended.unwrap();
                prop_assert!(matches!(ended.how, EndingKind::Accepted | EndingKind::Rejected));
                prop_assert_eq!(ended.attempt, attempt);
                prop_assert_eq!((ended.user, ended.device), (Some(user.clone()), Some(winner.clone())));
                prop_assert!(lost.effects.is_empty());
            }
        }
    }

    // E-11
    fn a_named_attempt_is_the_only_one_hit(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let named = match &line.input {
                Input::Ask { command: Command::AcceptCall { attempt, .. }, .. }
                | Input::Ask { command: Command::RejectCall { attempt, .. }, .. } => *attempt,
                _ => None,
            };
            // What the clock does is not the answer's doing.
            let _ = tick(&mut board, line.at);
            let turn = board.apply_record(line);
            let Some(named) = named else { continue };
            if let Some((_, _, attempt)) = decided(line, &turn.answer) {
                prop_assert_eq!(attempt, named);
            }
            for effect in turn.effects.iter().filter(|effect| effect.because != Rule::K03) {
                prop_assert_eq!(effect.event.attempt(), named);
            }
        }
    }

    // C-03, E-12
    fn batch_covers_its_list(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let turn = board.apply_record(line);
            let Input::Ask {
                command: Command::CallUserToRoom { users, .. }
                    | Command::CancelCall { users, .. }
                    | Command::RevokeCall { users, .. },
                ..
            } = &line.input else { continue };
            let mut distinct: Vec<&String> = Vec::new();
            for user in users {
                if !distinct.contains(&user) {
                    distinct.push(user);
                }
            }
            let answered: Vec<String> = match turn.answer.unwrap() {
                Ok(Answer::CallUserToRoom(results)) => results.into_iter().map(|r| r.0).collect(),
                Ok(Answer::CancelCall(results) | Answer::RevokeCall(results)) => {
                    results.into_iter().map(|r| r.0).collect()
                }
                _ => continue,
            };
            prop_assert_eq!(answered.iter().collect::<Vec<_>>(), distinct);
        }
    }

    // C-13
    fn batch_equals_singles(journal) {
        let journal = &roomy(journal);
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = tick(&mut board, line.at);
            let mut single = board.clone();
            let batch = board.apply_record(line);
            let Input::Ask { by, command: Command::CallUserToRoom { room, users, timeout, extension, caller: None } } =
                &line.input else { continue };
            let Some(Ok(Answer::CallUserToRoom(results))) = batch.answer else { continue };
            let mut effects = Vec::new();
            for (user, result) in results {
                prop_assert!(users.contains(&user));
                let command = Command::CallUserToRoom {
                    room: room.clone(),
                    users: vec![user.clone()],
                    timeout: *timeout,
                    extension: extension.clone(), caller: None,
                };
                let turn = single.apply_record(&now(&single, Input::Ask { by: by.clone(), command }));
                prop_assert_eq!(turn.answer, Some(Ok(Answer::CallUserToRoom(vec![(user, result)]))));
                effects.extend(turn.effects);
            }
            prop_assert_eq!(batch.effects, effects);
            prop_assert_eq!(single.state_hash(), board.state_hash());
        }
    }
}
