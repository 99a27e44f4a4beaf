//! The law about what a device asks for when it comes back.

use proptest::prelude::*;
use roomcall::protocol::{Answer, Input, LoggedCall, MyCalls, Query};
use roomcall::switchboard::Switchboard;
use roomcall::{EndingKind, Limits};

use super::without_revokes_by_page;
use roomcall_testkit::play::{device, live, now, play};
use roomcall_testkit::strategies::journal::{Journal, LONG, USERS};

laws! {
    // what rings, of both directions, is what is live; the endings are those of Q-09 of all users, and those that
    // their logs have; and page by page, of whatever size, they are the same.
    fn my_calls_are_complete(journal) {
        let journal = without_revokes_by_page(journal);
        let with = |page_size| {
            let limits = Limits { page_size, id_bytes: 64, ..journal.limits };
            play(&Journal { limits, ..journal.clone() }).0
        };
        let whole = with(u32::MAX);
        let ended: Vec<_> = USERS.into_iter().chain([LONG]).flat_map(|user| ended_to(&whole, user)).collect();
        let logged: Vec<_> = USERS.into_iter().chain([LONG]).flat_map(|user| logged_to(&whole, user)).collect();
        for user in USERS {
            let mine = my_calls(&whole, user, 0);
            prop_assert!(!mine.more);
            let mut known: Vec<_> = ended.iter().filter(|(callee, call)| {
                **callee == *user || call.caller == user
            }).map(|(_, call)| call.ended.attempt).collect();
            known.extend(logged.iter().filter(|(caller, _)| caller == user).map(|(_, attempt)| *attempt));
            known.sort_unstable();
            known.dedup();
            let given: Vec<_> = mine.endings.iter().map(|ending| ending.ended.attempt).collect();
            prop_assert_eq!(given, known);
            // E-02: also of what only a log has.
            for ending in &mine.endings {
                let is_rejected = ending.ended.how == EndingKind::Rejected;
                prop_assert_eq!(ending.reason.is_some(), is_rejected, "{:?}", ending);
            }
            let rings = live(&whole);
            let of = |is: fn(&roomcall::protocol::PendingCall) -> &String| {
                let mut attempts: Vec<u64> = rings.iter().filter(|(_, call)| is(call) == user)
                    .map(|(_, call)| call.attempt).collect();
                attempts.sort_unstable();
                attempts
            };
            let attempts = |calls: &[roomcall::protocol::LiveCall]| {
                calls.iter().map(|call| call.attempt).collect::<Vec<_>>()
            };
            prop_assert_eq!(attempts(&mine.incoming), of(|call| &call.callee));
            prop_assert_eq!(attempts(&mine.outgoing), of(|call| &call.caller));
            for page_size in [0, 1, 2] {
                let board = with(page_size);
                let (mut since, mut endings) = (0, Vec::new());
                loop {
                    let page = my_calls(&board, user, since);
                    prop_assert!(page.endings.len() <= page_size.max(1) as usize);
                    prop_assert!(page.endings.iter().all(|it| it.ended.attempt > since));
                    prop_assert_eq!((&page.incoming, &page.outgoing), (&mine.incoming, &mine.outgoing));
                    endings.extend(page.endings);
                    if !page.more {
                        prop_assert_eq!(page.last_attempt, mine.last_attempt);
                        break;
                    }
                    prop_assert!(page.last_attempt > since, "each page leads on");
                    since = page.last_attempt;
                }
                prop_assert_eq!(&endings, &mine.endings);
            }
        }
    }
}

/// What a user's phone is answered.
fn my_calls(board: &Switchboard, user: &str, since: u64) -> MyCalls {
    let query = Query::GetMyCalls { since };
    let line = now(board, Input::Query { by: device(user, "phone"), query });
    match board.clone().apply_record(&line).answer {
        Some(Ok(Answer::GetMyCalls(calls))) => calls,
        other => panic!("{other:?}"),
    }
}

/// The attempts in the log of a user, each with its caller (H-03).
fn logged_to(board: &Switchboard, user: &str) -> Vec<(String, u64)> {
    let query = Query::GetCallLog { since: 0, count: board.limits().page_size };
    let line = now(board, Input::Query { by: device(user, "phone"), query });
    match board.clone().apply_record(&line).answer {
        Some(Ok(Answer::GetCallLog(log))) => {
            let entries = log.entries.into_iter().filter_map(|entry| match entry.what {
                LoggedCall::Ended(ended) => Some((entry.caller, ended.attempt)),
                LoggedCall::Tried { .. } => None,
            });
            entries.collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The remembered endings of calls to a user.
fn ended_to(
    board: &Switchboard,
    user: &'static str,
) -> Vec<(&'static str, roomcall::protocol::EndedCall)> {
    let query = Query::GetIncomingCalls { since: Some(0) };
    let line = now(board, Input::Query { by: device(user, "phone"), query });
    match board.clone().apply_record(&line).answer {
        Some(Ok(Answer::GetIncomingCalls { endings: Some(endings), .. })) => {
            endings.calls.into_iter().map(|call| (user, call)).collect()
        }
        other => panic!("{other:?}"),
    }
}
