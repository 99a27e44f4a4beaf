//! The numbers of commands that were never sent (D-15), and a new life of the switchboard (F-18).

use roomcall::protocol::Command;

use super::*;

/// A snapshot with the number that a new request may have.
fn numbered(request_id: u64, calls: MyCalls, next: u64) -> Input {
    Input::Reply(Reply {
        next_request_id: Some(next),
        ..Reply::new(request_id, Ok(Answer::GetMyCalls(calls)))
    })
}

/// The numbers of the commands that are sent.
fn commands(effects: &[Effect]) -> Vec<u64> {
    let commands = effects.iter().filter_map(|effect| match effect {
        Effect::Send { request_id, request: Request::Command(_) } => *request_id,
        _ => None,
    });
    commands.collect()
}

/// What is sent: numbers of commands, and numbers of queries.
fn sent(effects: &[Effect]) -> (Vec<u64>, Vec<u64>) {
    (commands(effects), queries(effects).into_iter().map(|(request_id, _)| request_id).collect())
}

fn link(is_up: bool) -> Input {
    Input::Link(if is_up { Link::Up } else { Link::Down })
}

/// D-15: a tap whose link broke before it was sent waits for the snapshot of the next one, and is numbered anew with it.
#[test]
fn what_was_never_sent_waits_for_a_snapshot() {
    for (next, number) in [(1, 4), (4, 4), (9, 9)] {
        let mut ann = ready();
        apply(&mut ann, 0, link(false));
        let effects = apply(&mut ann, 0, call());
        assert_eq!(
            (progress(&effects), sent(&effects)),
            (vec![Progress::Asking], (vec![], vec![]))
        );
        assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![3]));
        // Time sends the query again, and nothing else.
        assert_eq!(sent(&apply(&mut ann, 2_000, Input::Tick)), (vec![], vec![3]));
        let effects = apply(&mut ann, 2_000, numbered(3, snapshot(0, 0), next));
        assert_eq!(sent(&effects), (vec![number], vec![]), "{next}");
    }
}

/// D-15: so does one that is tapped while the link is up, and a link that comes up while it is up is a new one.
#[test]
fn a_tap_before_the_first_snapshot_waits() {
    let mut ann = ready();
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![2]));
    assert_eq!(sent(&apply(&mut ann, 0, call())), (vec![], vec![]));
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![4]));
    let users = vec!["bob".to_owned()];
    let cancel = Input::Tap(Tap::Cancel { room: "stage".into(), users });
    assert_eq!(sent(&apply(&mut ann, 0, cancel.clone())), (vec![], vec![]));
    // Both at once, in order.
    assert_eq!(sent(&apply(&mut ann, 0, my_calls(4, snapshot(0, 0)))), (vec![6, 7], vec![]));
    // From then on nothing waits, and no other snapshot gives a number.
    assert_eq!(sent(&apply(&mut ann, 0, cancel)), (vec![8], vec![]));
    let calls = MyCalls { revision: 1, ..snapshot(0, 0) };
    assert_eq!(sent(&apply(&mut ann, 0, numbered(90, calls, 20))), (vec![], vec![]));
    assert_eq!(sent(&apply(&mut ann, 0, call())), (vec![20], vec![]));
}

/// D-15, D-17: what was sent keeps its number, and is sent again when the link comes up, before any snapshot.
#[test]
fn what_was_sent_keeps_its_number() {
    let mut ann = ready();
    assert_eq!(sent(&apply(&mut ann, 0, call())), (vec![2], vec![]));
    apply(&mut ann, 0, link(false));
    apply(&mut ann, 0, call());
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![2], vec![4]));
    assert_eq!(sent(&apply(&mut ann, 0, numbered(4, snapshot(0, 0), 3))), (vec![5], vec![]));
    // After a restart both were sent, and wait until the handset is ready.
    let mut ann = ann.restart(Some(0));
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![6]));
    assert_eq!(sent(&apply(&mut ann, 0, numbered(6, snapshot(0, 0), 9))), (vec![2, 5], vec![]));
}

/// D-15, D-24: a snapshot that comes when the link has gone down again is the first one, too; but the next link waits for its own.
#[test]
fn each_connection_numbers_anew() {
    let mut ann = ready();
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![2]));
    apply(&mut ann, 0, link(false));
    apply(&mut ann, 0, call());
    let calls = MyCalls { revision: 1, ..snapshot(0, 0) };
    assert_eq!(apply(&mut ann, 0, my_calls(2, calls.clone())), []);
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![5]));
    assert_eq!(sent(&apply(&mut ann, 0, my_calls(5, calls))), (vec![6], vec![]));
}

/// D-15, D-18, D-20
#[test]
fn one_that_is_too_far_then_is_not_sent() {
    let settings = Settings { requests: 4, ..SETTINGS };
    for (next, is_sent) in [(5, true), (6, false)] {
        let mut ann = ready();
        apply(&mut ann, 0, Input::Settings(settings));
        assert_eq!(commands(&apply(&mut ann, 0, call())), [2]);
        apply(&mut ann, 0, link(false));
        let (room, users) = ("stage".to_owned(), vec!["cat".to_owned()]);
        let (timeout, extension) = (30, String::new());
        let tap = Tap::Call { room, users, timeout, extension };
        assert_eq!(progress(&apply(&mut ann, 0, Input::Tap(tap))), [Progress::Asking]);
        apply(&mut ann, 0, link(true));
        let effects = apply(&mut ann, 0, numbered(4, snapshot(0, 0), next));
        let not_sent = effects.iter().find_map(|effect| match effect {
            Effect::NotSent { command: Command::CallUserToRoom { users, .. }, why } => {
                Some((users[0].as_str(), *why))
            }
            _ => None,
        });
        if is_sent {
            assert_eq!((commands(&effects), not_sent), (vec![5], None));
        } else {
            assert_eq!(not_sent, Some(("cat", NotSentReason::TooMany)));
            assert_eq!((commands(&effects), progress(&effects)), (vec![], vec![Progress::NotSent]));
        }
    }
}

/// F-18, D-24: the first snapshot of a new life ends the calls of the lost one, and its numbers are high; one of the lost
/// life is stale, and rings of it do not ring.
#[test]
fn a_new_life_ends_what_rang() {
    let ring = |attempt| {
        let call = named("eve", "ann", attempt, CallStatus::Calling);
        let (extension, time_left) = (String::new(), None);
        Input::Notice(Event::CallReceived { call, extension, time_left })
    };
    let base = 1_700_000_000_000 << 10;
    let mut ann = calling();
    apply(&mut ann, 0, ring(4));
    assert_eq!(ann.screen()[&4], Stage::Ringing);
    assert_eq!(sent(&apply(&mut ann, 0, link(true))), (vec![], vec![3]));
    let life = MyCalls { revision: base, ..snapshot(0, base) };
    let effects = apply(&mut ann, 0, numbered(3, life, 1));
    assert_eq!(effects[0], Effect::Dismiss { attempt: 4, why: Dismissal::Gone });
    assert_eq!(progress(&effects), [Progress::Unknown]);
    // Nothing of the lost life is news.
    assert_eq!(apply(&mut ann, 0, ring(5)), []);
    assert_eq!(apply(&mut ann, 0, my_calls(1, snapshot(0, 7))), []);
    let effects = apply(&mut ann, 0, ring(base + 1));
    assert_eq!(answers(&effects).0, [(base + 1, None)]);
    assert_eq!(sent(&apply(&mut ann, 0, call())), (vec![4], vec![]));
}
