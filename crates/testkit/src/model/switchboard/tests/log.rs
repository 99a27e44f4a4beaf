//! The call log (H-01 to H-05).

use roomcall::protocol::Answer;

use super::*;

/// The meeting, the outputs of inputs after it, and those alone that are answers.
fn answers(limits: Limits, before: &str, asked: &[&str]) -> Vec<String> {
    let mut model = NumberedModel::new(limits, Policy::DEFAULT);
    tell(&mut model, MEETING);
    play(&mut model, before);
    let answer = |line: &&str| {
        let outcome = model.apply(&serde_json::from_str(line).unwrap());
        match outcome.answer.unwrap() {
            Ok(answer) => serde_json::to_string(&answer).unwrap(),
            Err(refused) => serde_json::to_string(&refused).unwrap(),
        }
    };
    asked.iter().map(answer).collect()
}

/// The numbers of the entries of a log, and the mark.
fn numbers(answer: &str) -> (Vec<u64>, u64) {
    match serde_json::from_str(answer).unwrap() {
        Answer::<String>::GetCallLog(log) => {
            (log.entries.iter().map(|entry| entry.number).collect(), log.seen)
        }
        answer => panic!("{answer:?}"),
    }
}

/// H-01: each try of cy counts, and the last one is where it stands; ana, whose call rings, leaves none; and what rang outlives
/// its room.
#[test]
fn the_second_caller_leaves_one_entry() {
    let mut model = meeting();
    play(&mut model, include_str!("tries_before.txt"));
    tell(&mut model, include_str!("tries.txt"));
}

/// H-05, R-02, E-10, P-08: the log says to its user alone how it ended, and on which device if that was one of the user.
#[test]
fn a_late_answer_is_told_what_the_log_has() {
    let mut model = meeting();
    play(&mut model, include_str!("late_before.txt"));
    tell(&mut model, include_str!("late.txt"));
}

const TWO_OF_BO_AND_TWO_OF_EVE: &str = r#"
{"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":1}}}
{"at":1000,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":1}}}
{"at":2000,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["eve"],"timeout":1}}}
{"at":3000,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["eve"],"timeout":1}}}
{"at":4000,"tick":{}}"#;

const LOG_OF_BO: &str = r#"{"at":4000,"by":{"user":"bo","device":"tv"},"query":{"getCallLog":{}}}"#;

const LOG_OF_EVE: &str =
    r#"{"at":4000,"by":{"user":"eve","device":"tv"},"query":{"getCallLog":{}}}"#;

/// H-02: the lowest of the user goes first, then the lowest of all.
#[test]
fn the_highest_numbers_are_kept() {
    for (logged_per_user, logged_calls, of_bo, of_eve) in [
        (50, 50, &[2, 4][..], &[6, 8][..]),
        (1, 50, &[4], &[8]),
        (1, 2, &[4], &[8]),
        (50, 3, &[4], &[6, 8]),
        (50, 2, &[], &[6, 8]),
        (2, 1, &[], &[8]),
        (0, 50, &[], &[]),
        (50, 0, &[], &[]),
    ] {
        let limits = Limits { logged_per_user, logged_calls, ..Limits::DEFAULT };
        let changed = format!(
            r#"{{"at":4000,"fact":{{"rulesChanged":{{"limits":{{"loggedPerUser":{logged_per_user},"loggedCalls":{logged_calls}}}}}}}}}"#
        );
        for (limits, before) in [
            (limits, TWO_OF_BO_AND_TWO_OF_EVE.to_owned()),
            // F-19: each as where it is one too many.
            (Limits::DEFAULT, format!("{TWO_OF_BO_AND_TWO_OF_EVE}\n{changed}")),
        ] {
            let said = answers(limits, &before, &[LOG_OF_BO, LOG_OF_EVE]);
            assert_eq!((numbers(&said[0]).0, numbers(&said[1]).0), (of_bo.into(), of_eve.into()));
        }
    }
}

/// H-02, H-04: more than so many seconds later; of whom nothing is left, the mark is 0, also once there is something again.
#[test]
fn what_is_too_old_takes_the_mark_with_it() {
    let mark =
        r#"{"at":4000,"by":{"user":"bo","device":"tv"},"command":{"markCallsSeen":{"upTo":9}}}"#;
    let before = format!("{TWO_OF_BO_AND_TWO_OF_EVE}\n{mark}");
    let limits = Limits { logged_for: 3, ..Limits::DEFAULT };
    let at = |at: u64| LOG_OF_BO.replace("4000", &at.to_string());
    let call = r#"{"at":4500,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":1}}}"#;
    for (asked, last) in [
        (vec![at(4000)], (vec![2, 4], 4)),
        (vec![at(4001)], (vec![4], 4)),
        (vec![at(5000)], (vec![4], 4)),
        (vec![at(5001)], (vec![], 0)),
        // Before it is too old there is another one, or only after it.
        (vec![call.replace("4500", "4000"), at(5001)], (vec![11], 4)),
        (vec![call.to_owned(), at(5501)], (vec![11], 0)),
        (vec![call.to_owned(), at(5001), at(5501)], (vec![11], 0)),
    ] {
        let lines: Vec<&str> = asked.iter().map(String::as_str).collect();
        let said = answers(limits, &before, &lines);
        assert_eq!(numbers(said.last().unwrap()), last, "{asked:?}");
    }
}

/// F-19: what was older than the smaller of both values is gone.
#[test]
fn what_was_too_old_does_not_come_back() {
    let change = |seconds: u32| {
        format!(r#"{{"at":4000,"fact":{{"rulesChanged":{{"limits":{{"loggedFor":{seconds}}}}}}}}}"#)
    };
    for (first, left) in [(3, vec![2, 4]), (2, vec![4]), (1, vec![])] {
        let lines = [change(first), change(100)];
        let said =
            answers(Limits::DEFAULT, TWO_OF_BO_AND_TWO_OF_EVE, &[&lines[0], &lines[1], LOG_OF_BO]);
        assert_eq!(numbers(&said[2]).0, left);
    }
}

/// F-18: the log and its marks stay, and what is revoked is not in it.
#[test]
fn a_log_outlives_a_life() {
    let before = format!(
        r#"{TWO_OF_BO_AND_TWO_OF_EVE}
{{"at":4000,"by":{{"user":"bo","device":"tv"}},"command":{{"markCallsSeen":{{"upTo":2}}}}}}
{{"at":4000,"by":{{"user":"ana","device":"phone"}},"command":{{"callUserToRoom":{{"roomID":"standup","userIDList":["bo"],"timeout":9}}}}}}
{{"at":4000,"fact":{{"recovered":{{"floor":1000}}}}}}"#
    );
    let said = answers(Limits::DEFAULT, &before, &[LOG_OF_BO]);
    assert_eq!(numbers(&said[0]), (vec![2, 4], 2));
    assert!(said[0].contains(r#""revision":1000"#), "{said:?}");
}
