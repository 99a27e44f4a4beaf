//! Laws about users who are erased (F-20).

use std::collections::BTreeMap;

use proptest::prelude::*;
use roomcall::protocol::{
    Answer, CallLog, Ending, Fact, Input, LoggedCall, MyEnding, Outcome, PendingCall, Query,
};
use roomcall::switchboard::Switchboard;
use roomcall::{CallerLeft, Limits};

use super::names::renamed_line;
use roomcall_testkit::play::{board, device, inside, list, now, play, tick};
use roomcall_testkit::strategies::journal::{Journal, ROOMS, USERS, journal, settings};

/// A name that comes about nowhere else.
const ERASED: &str = "erased-user";
/// Another one, with which names have the same order.
const NEW: &str = "erased-usez";

/// The journal with another name in the place of one, and room for that.
fn with_name(journal: &Journal, user: &str, name: &'static str) -> Journal {
    let names = BTreeMap::from([(user, name)]);
    let lines = journal.lines.iter().map(|line| renamed_line(line, &names)).collect();
    let limits = Limits { id_bytes: 64, ..journal.limits };
    Journal { limits, lines, ..journal.clone() }.with_changes(|_, limits| limits.id_bytes = None)
}

fn erase(board: &mut Switchboard, user: &str) -> Outcome {
    let line = now(board, Input::Fact(Fact::UserErased { user: user.to_owned() }));
    board.apply_record(&line)
}

/// Whether the bytes of a snapshot have a name.
fn has_name(board: &Switchboard, name: &str) -> bool {
    board.snapshot().windows(name.len()).any(|bytes| bytes == name.as_bytes())
}

fn said(outcome: &Outcome) -> String {
    serde_json::to_string(&outcome.clone().outputs().collect::<Vec<_>>()).unwrap()
}

fn ask(board: &mut Switchboard, user: &str, query: Query) -> Answer {
    let line = now(board, Input::Query { by: device(user, "phone"), query });
    board.apply_record(&line).answer.unwrap().unwrap()
}

/// As if it had been the backend.
fn forget(ending: &mut Ending, user: &str) {
    if ending.user.as_deref() == Some(user) {
        (ending.user, ending.device) = (None, None);
    }
}

/// What others know that does not name a user.
#[derive(Debug, Eq, PartialEq)]
struct Others {
    inside: Vec<(String, String)>,
    listed: Vec<Vec<PendingCall>>,
    endings: Vec<Vec<MyEnding>>,
    logs: Vec<CallLog>,
}

impl Others {
    fn than(user: &str, board: &mut Switchboard) -> Self {
        let others = || USERS.into_iter().filter(|other| *other != user);
        let mut inside = inside(board);
        inside.retain(|(other, _)| other != user);
        let mut listed: Vec<_> = ROOMS.map(|room| list(board, room)).into();
        for listed in &mut listed {
            listed.retain(|call| call.caller != user && call.callee != user);
        }
        let (mut endings, mut logs) = (Vec::new(), Vec::new());
        for other in others() {
            let Answer::GetMyCalls(calls) = ask(board, other, Query::GetMyCalls { since: 0 })
            else {
                panic!("it answers this");
            };
            endings.push(calls.endings);
            let Answer::GetCallLog(log) =
                ask(board, other, Query::GetCallLog { since: 0, count: 1_000 })
            else {
                panic!("it answers this");
            };
            logs.push(log);
        }
        Self { inside, listed, endings, logs }
    }

    /// Without what names the user, and without what any ending counts.
    fn without(mut self, user: &str) -> Self {
        for endings in &mut self.endings {
            endings.retain(|it| it.caller != user && it.callee != user);
            endings.iter_mut().for_each(|it| forget(&mut it.ended, user));
        }
        for log in &mut self.logs {
            log.entries.retain(|entry| entry.caller != user);
            (log.last_logged, log.revision) = (0, 0);
            if log.entries.is_empty() {
                log.seen = 0;
            }
            for entry in &mut log.entries {
                if let LoggedCall::Ended(ending) = &mut entry.what {
                    forget(ending, user);
                }
            }
        }
        self
    }
}

laws! {
    // F-20: whoever it is, and nothing else goes.
    fn the_erased_are_gone(journal) {
        for user in USERS {
            let journal = with_name(journal, user, ERASED);
            let mut board = play(&journal).0;
            let mut ticked = board.clone();
            let outcome = erase(&mut board, ERASED);
            prop_assert_eq!(outcome.unchanged, None);
            prop_assert_eq!(board.verify(), Ok(()));
            prop_assert!(!has_name(&board, ERASED), "{:?}", outcome);
            let restored = Switchboard::restore(&board.snapshot()).unwrap();
            prop_assert_eq!(restored.lookup_user(ERASED), None);
            prop_assert_eq!(&restored, &board);
            if board.policy().caller_left != CallerLeft::CancelIfRoomEmpty && journal.limits.page_size >= 1_000 {
                let before = Others::than(ERASED, &mut ticked).without(ERASED);
                prop_assert_eq!(Others::than(ERASED, &mut board).without(ERASED), before);
            }
            let before = board.clone();
            prop_assert!(erase(&mut board, ERASED).effects.is_empty());
            prop_assert_eq!(&before, &board);
        }
    }
}

proptest! {
    #![proptest_config(settings())]

    // F-20: who comes again is nobody who was there.
    #[test]
    fn who_was_erased_comes_as_somebody_new(
        journal in journal(),
        user in prop::sample::select(&USERS[..]),
        cut in 0..60_usize,
    ) {
        let (was, new) = (with_name(&journal, user, ERASED), with_name(&journal, user, NEW));
        let cut = cut.min(journal.lines.len());
        let mut same = board(&was);
        was.lines[..cut].iter().for_each(|line| drop(same.apply_record(line)));
        let _ = erase(&mut same, ERASED);
        let mut other = same.clone();
        for (line, renamed) in was.lines[cut..].iter().zip(&new.lines[cut..]) {
            let (same, other) = (same.apply_record(line), other.apply_record(renamed));
            prop_assert_eq!(said(&same), said(&other).replace(NEW, ERASED));
        }
        prop_assert_eq!(tick(&mut same, 0).effects, tick(&mut other, 0).effects);
    }
}
