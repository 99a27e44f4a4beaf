//! The law of batches: inputs that are applied as a batch have the answers, the effects and the state
//! that they have one after another.

use std::fmt;

use proptest::prelude::*;
use roomcall::protocol::Record;
use roomcall::switchboard::Switchboard;
use roomcall::{Answer, Input, Limits, Outcome, Policy, Rule, Tick};

use super::turnover::dissolving;
use roomcall_testkit::host::{Host, Owned};
use roomcall_testkit::play::board;
use roomcall_testkit::strategies::journal::settings;

/// What each input came to, and what there was after it.
type Run = Vec<(Outcome, Switchboard)>;

/// A batch by handle on a board, and its inputs one by one on a board that is the same.
fn by_handle(board: &mut Switchboard, batch: &[Owned<'_>]) -> (Run, Run) {
    let inputs: Vec<_> = batch.iter().map(Owned::input).collect();
    let (mut alone, mut step) = (board.clone(), Outcome::new());
    let (mut batched, mut run) = (Run::new(), Run::new());
    for (at, input) in &inputs {
        alone.apply_into(*at, *input, &mut step);
        run.push((step.clone(), alone.clone()));
    }
    let each = |board: &Switchboard, step: &Outcome| batched.push((step.clone(), board.clone()));
    board.apply_batch(&inputs, &mut step, each);
    (batched, run)
}

/// The same by name.
fn by_name(board: &mut Switchboard, lines: &[Record]) -> (Run, Run) {
    let (mut alone, mut step) = (board.clone(), Outcome::new());
    let (mut batched, mut run) = (Run::new(), Run::new());
    for line in lines {
        alone.apply_record_into(line, &mut step);
        run.push((step.clone(), alone.clone()));
    }
    let each = |board: &Switchboard, step: &Outcome| batched.push((step.clone(), board.clone()));
    board.apply_records(lines, &mut step, each);
    (batched, run)
}

/// All that can be seen of a step.
fn said(step: &Outcome) -> impl PartialEq + fmt::Debug + '_ {
    (step.answer, &step.called, &step.withdrawn, &step.effects)
}

fn agree((batched, run): &(Run, Run)) -> Result<(), TestCaseError> {
    prop_assert_eq!(batched.len(), run.len(), "each sees every step");
    for (nth, ((ahead, there), (step, board))) in batched.iter().zip(run).enumerate() {
        prop_assert_eq!(said(ahead), said(step), "input {} of the batch", nth);
        prop_assert!(there == board, "after input {nth} of the batch");
        prop_assert_eq!(there.state_hash(), board.state_hash());
        prop_assert_eq!(there.verify(), Ok(()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings())]

    // O-03
    #[test]
    fn a_batch_is_its_inputs(
        journal in dissolving(),
        sizes in prop::collection::vec((1..100_usize, any::<bool>()), 1..9),
    ) {
        let (mut host, mut board) = (Host::of(board(&journal)), board(&journal));
        let (mut lines, mut sizes) = (&journal.lines[..], sizes.iter().cycle());
        while !lines.is_empty() {
            let (size, lets_go_first) = sizes.next().unwrap();
            let (now, later) = lines.split_at(lines.len().min(*size));
            agree(&by_name(&mut board, now))?;
            let batch = host.batch(now);
            if *lets_go_first {
                host.let_go();
            }
            agree(&by_handle(&mut host.board, &batch))?;
            host.let_go();
            lines = later;
        }
    }
}

fn lines(texts: &[&str]) -> Vec<Record> {
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// A room with calls to two, of whom nothing else is known.
const BEFORE: [&str; 3] = [
    r#"{"at":0,"fact":{"roomOpened":{"roomID":"hall","owner":"ana"}}}"#,
    r#"{"at":0,"fact":{"userEntered":{"roomID":"hall","userID":"ana","deviceID":"phone"}}}"#,
    r#"{"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"hall","userIDList":["bo","cy"],"timeout":30}}}"#,
];

/// It goes, others take the slots of their names, and then they are spoken of again: after a line
/// with a bad name, one with too long a list, and one with a list that is long and says little.
const BATCH: [&str; 9] = [
    r#"{"at":1,"fact":{"roomDissolved":{"roomID":"hall"}}}"#,
    r#"{"at":1,"fact":{"roomOpened":{"roomID":"a","owner":"dee"}}}"#,
    r#"{"at":1,"fact":{"roomOpened":{"roomID":"b","owner":"eve"}}}"#,
    r#"{"at":1,"fact":{"roomOpened":{"roomID":"c","owner":"fay"}}}"#,
    r#"{"at":1,"fact":{"userEntered":{"roomID":"c","userID":"fay","deviceID":"watch"}}}"#,
    r#"{"at":1,"by":{"user":"fay","device":""},"command":{"callUserToRoom":{"roomID":"c","userIDList":["bo"],"timeout":9}}}"#,
    r#"{"at":1,"by":{"user":"fay","device":"watch"},"command":{"callUserToRoom":{"roomID":"c","userIDList":["bo","cy","gus"],"timeout":9}}}"#,
    r#"{"at":1,"by":{"user":"fay","device":"watch"},"command":{"callUserToRoom":{"roomID":"c","userIDList":["cy","bo","cy","bo"],"timeout":9}}}"#,
    r#"{"at":1,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"c"}}}"#,
];

// O-03, N-01: a slot that has another name now is not taken for the one before.
#[test]
fn a_name_that_is_gone_may_come_back() {
    // Who is in a log is known (H-02).
    let limits = Limits { callees: 2, logged_calls: 0, ..Limits::DEFAULT };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    board.apply_records(&lines(&BEFORE), &mut Outcome::new(), |_, step| {
        assert!(step.answer.is_ok())
    });
    let found = ["ana", "bo", "cy"].map(|name| board.lookup_user(name).unwrap());
    let runs = by_name(&mut board, &lines(&BATCH));
    agree(&runs).unwrap();
    let answers: Vec<_> = runs.0.iter().map(|(step, _)| step.answer).collect();
    let refused = |at: usize| answers[at].unwrap_err().rule();
    assert_eq!(answers[..5], [Ok(Answer::Applied); 5]);
    assert_eq!((refused(5), refused(6)), (Rule::L01, Rule::L03));
    assert_eq!(answers[7], Ok(Answer::Called));
    assert!(matches!(answers[8], Ok(Answer::Accepted { .. })));
    // Otherwise it shows nothing.
    assert!(found.into_iter().all(|user| board.user_name(user).is_none()));
}

// What was in a step before is no part of it.
#[test]
fn steps_that_say_the_same_are_equal() {
    let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let (mut used, mut fresh) = (Outcome::new(), Outcome::new());
    for line in &lines(&BEFORE) {
        board.apply_record_into(line, &mut used);
    }
    board.clone().apply_into(Tick::START, Input::Tick, &mut fresh);
    board.apply_into(Tick::START, Input::Tick, &mut used);
    assert_eq!(used, fresh);
}
