//! Laws about the names of strangers: nothing depends on the key that they are hashed with, and
//! they cost no more than others.

use siphasher::sip::SipHasher13;
use std::time::Duration;

use proptest::prelude::*;
use roomcall::protocol::{Command, Fact, Input, Record};
use roomcall::switchboard::{Capacity, Switchboard};
use roomcall::{Answer, HashKey, Limits, Outcome, Policy, Role, Rule};

use super::turnover::dissolving;
use roomcall_testkit::play::{call, device, meeting, questions};
use roomcall_testkit::strategies::journal::settings;

fn capacity() -> impl Strategy<Value = Capacity> {
    let some = || prop_oneof![Just(0), 1..40_u32];
    (some(), some(), some(), some()).prop_map(|(users, rooms, devices, calls)| Capacity {
        users,
        rooms,
        devices,
        calls,
    })
}

proptest! {
    #![proptest_config(settings())]

    // N-06, S-01
    #[test]
    fn the_key_changes_nothing(
        journal in dissolving(),
        keys in [any::<u128>(), any::<u128>()],
        capacities in [capacity(), capacity()],
    ) {
        let [mut one, mut other] = [0, 1].map(|nth| {
            let (key, capacity) = (HashKey::new(keys[nth]), capacities[nth]);
            Switchboard::with_capacity(journal.limits, journal.policy, key, capacity)
        });
        for line in &journal.lines {
            prop_assert_eq!(one.apply_record(line), other.apply_record(line));
            prop_assert_eq!(one.state_hash(), other.state_hash());
            prop_assert_eq!(&one, &other);
        }
        for line in questions(one.clock().as_millis(), one.limits().page_size) {
            prop_assert_eq!(one.apply_record(&line), other.apply_record(&line));
        }
        for board in [&one, &other] {
            prop_assert_eq!(board.verify(), Ok(()));
            let restored = Switchboard::restore(&board.snapshot()).unwrap();
            prop_assert_eq!(&restored, &one);
            // The key is in it, too.
            prop_assert_eq!(restored.snapshot(), board.snapshot());
        }
        let is_same_key = keys[0] == keys[1];
        prop_assert_eq!(one.snapshot() == other.snapshot(), is_same_key);
    }
}

/// What somebody whom nobody knows asks for and says, about rooms and people whom nobody knows;
/// and the rule by which it comes to nothing.
fn made_up(nth: u32) -> (Input, Option<Rule>) {
    let user = format!("nobody-{nth:07}");
    let by = device(&user, &format!("nothing with quite a long name, {nth}"));
    let (here, there) = ("standup".to_owned(), format!("nowhere, which is not near either, {nth}"));
    let ask = |command| Input::Ask { by: by.clone(), command };
    let accept = |room| Command::AcceptCall { room, attempt: None };
    let strangers: Vec<_> = (0..3).map(|other| format!("{nth}-{other}")).collect();
    let strangers: Vec<_> = strangers.iter().map(String::as_str).collect();
    match nth % 8 {
        0 => (ask(accept(there)), Some(Rule::R02)),
        1 => (ask(accept(here)), Some(Rule::E10)),
        2 => (ask(call("standup", &strangers, 30)), Some(Rule::P01)),
        3 => (ask(call(&there, &strangers, 30)), Some(Rule::R02)),
        4 => (ask(call("standup", &[], 30)), Some(Rule::L02)),
        // Whom nobody calls can be cancelled, which comes to nothing.
        5 => {
            let users = strangers.iter().map(|user| (*user).to_owned()).collect();
            let command = Command::CancelCall { room: here, users };
            (Input::Ask { by: device("ana", &user), command }, None)
        }
        6 => {
            let fact = Fact::user_entered(there, user, format!("{nth}"));
            (Input::Fact(fact), Some(Rule::F01))
        }
        _ => {
            let fact = Fact::role_set(here, user, Role::Participant);
            (Input::Fact(fact), Some(Rule::F10))
        }
    }
}

// N-06, N-02
#[test]
fn made_up_names_leave_nothing() {
    let (mut board, mut step) = (meeting(Policy::DEFAULT), Outcome::new());
    let _ = board.apply_record(&Record {
        at: 0,
        request_id: None,
        input: Input::Ask { by: device("ana", "phone"), command: call("standup", &["bo"], 30) },
    });
    let (before, snapshot) = (board.clone(), board.snapshot());
    for nth in 0..200_000 {
        let (input, nothing) = made_up(nth);
        board.apply_record_into(
            &Record { at: 0, request_id: None, input: input.clone() },
            &mut step,
        );
        let rule = match step.answer {
            Err(refusal) => Some(refusal.rule()),
            Ok(Answer::Ignored(rule)) => Some(rule),
            Ok(_) => None,
        };
        assert_eq!(rule, nothing, "{input:?}");
        assert!(step.effects.is_empty(), "{input:?}");
    }
    assert_eq!(board.known_names(), before.known_names());
    assert_eq!(board.snapshot().len(), snapshot.len());
    assert_eq!(board.snapshot(), snapshot);
    assert_eq!(board, before);
}

/// So many names that begin their search at one place of a table under a key that is known: what an
/// attacker would find by trying.
fn chosen(key: u128, count: usize) -> Vec<String> {
    let hasher = SipHasher13::new_with_keys(key as u64, (key >> 64) as u64);
    let names = (0_u64..).map(|nth| format!("{nth:016x}"));
    names.filter(|name| hasher.hash(name.as_bytes()) & 0xfff == 0).take(count).collect()
}

/// How long it takes to take names in and find them again: the least of some rounds.
#[expect(clippy::disallowed_types, reason = "how long it takes is the question")]
fn time(key: HashKey, names: &[String]) -> Duration {
    let round = || {
        let mut board =
            Switchboard::with_capacity(Limits::DEFAULT, Policy::DEFAULT, key, Capacity::default());
        let begun = std::time::Instant::now();
        assert!(names.iter().all(|name| board.intern_user(name).is_ok()));
        assert!(names.iter().all(|name| board.lookup_user(name).is_some()));
        assert_eq!(board.lookup_user("aaaaaaaa-nobody!"), None);
        begun.elapsed()
    };
    (0..7).map(|_| round()).min().unwrap()
}

// N-06: names that are chosen against one key are found as fast as others under another. The times
// differ by a factor of more than ten where a key is known, and so by far more than by chance.
#[test]
fn chosen_names_are_found_as_fast() {
    let chosen = chosen(1, 2_000);
    let others: Vec<String> = (0..2_000).map(|nth| format!("{nth:016}")).collect();
    let (known, secret) = (HashKey::new(1), HashKey::new(0x5eed << 64 | 0xf00d));
    let usual = time(secret, &others);
    let (known, secret) = (time(known, &chosen), time(secret, &chosen));
    assert!(known > usual * 4, "they are not chosen well: {known:?} and {usual:?}");
    assert!(secret < usual * 3, "{secret:?} and {usual:?}");
}
