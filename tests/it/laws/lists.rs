//! Laws about lists, queries and bounds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use roomcall::protocol::{
    Actor, Answer, EndedCall, Input, LiveCall, LogEntry, PendingCall, Query, Refused,
};
use roomcall::switchboard::Switchboard;
use roomcall::{CallStatus, Limits, Rule};

use super::without_revokes_by_page;
use roomcall_testkit::play::{board, device, list, live, now, play, tick};
use roomcall_testkit::strategies::journal::{
    Journal, ROOMS, USERS, journal, roomy_journal, settings,
};

laws! {
    //
    fn queries_change_nothing(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let mut ticked = board.clone();
            let turn = board.apply_record(line);
            if let Input::Query { .. } = line.input {
                prop_assert_eq!(tick(&mut ticked, line.at).effects, turn.effects);
                prop_assert_eq!(&ticked, &board);
            }
        }
    }

    //
    fn participants_match_presence(journal) {
        let mut board = board(journal);
        for line in &journal.lines {
            let _ = board.apply_record(line);
            for room in ROOMS.into_iter().filter_map(|room| board.lookup_room(room)) {
                let participants: BTreeSet<_> = board.participants(room).collect();
                prop_assert_eq!(participants.len(), board.participants(room).count(), "once each");
                prop_assert!(participants.iter().all(|user| board.is_inside(room, *user)));
                let users = USERS.into_iter().filter_map(|user| board.lookup_user(user));
                let mut inside = users.filter(|user| board.is_inside(room, *user));
                prop_assert!(inside.all(|user| participants.contains(&user)));
            }
        }
    }

    // L-13, K-03, E-18, H-02
    fn bounds_hold(journal) {
        let mut board = board(journal);
        let (mut all, mut of_room) = (0, ROOMS.map(|_| 0));
        for line in &journal.lines {
            let _ = board.apply_record(line);
            let limits = *board.limits();
            // INV-05: what is live where the limit is smaller now stays, and cannot become more (F-19).
            prop_assert!(board.live_count() <= limits.live_calls.max(all));
            all = board.live_count();
            for (room, before) in ROOMS.into_iter().zip(&mut of_room) {
                let list = list(&board, room);
                let live = list.iter().filter(|call| call.status == CallStatus::Calling).count();
                prop_assert!(live <= *before.max(&mut (limits.live_calls_per_room as usize)));
                prop_assert!(list.len() - live <= limits.kept_per_room as usize);
                *before = live;
            }
            prop_assert_eq!(live(&board).len(), board.live_count() as usize);
            let logs = USERS.map(|user| logged(&board, user));
            prop_assert!(logs.iter().all(|log| log.len() <= limits.logged_per_user as usize));
            let logged: Vec<LogEntry> = logs.into_iter().flatten().collect();
            prop_assert!(logged.len() <= limits.logged_calls as usize);
            let longest = u64::from(limits.logged_for) * 1_000;
            prop_assert!(logged.iter().all(|entry| entry.age <= longest));
            prop_assert_eq!(board.verify(), Ok(()));
        }
    }

    // of more endings than a page may have the newest, of any `since`.
    fn missed_calls_are_the_newest(journal) {
        let journal = without_revokes_by_page(journal);
        let with = |page_size| {
            let limits = Limits { page_size, ..journal.limits };
            play(&Journal { limits, ..journal.clone() }).0
        };
        let roomy = with(u32::MAX);
        for page_size in [0, 1, 2] {
            let narrow = with(page_size);
            for user in USERS {
                let all = missed(&roomy, user, 0);
                for since in 0..4 {
                    let last = &all[all.partition_point(|call| call.ended.attempt <= since)..];
                    let newest = &last[last.len().saturating_sub(page_size as usize)..];
                    prop_assert_eq!(missed(&roomy, user, since), last);
                    prop_assert_eq!(missed(&narrow, user, since), newest);
                }
            }
        }
    }
}

/// The whole log of a user, as a phone reads it.
fn logged(board: &Switchboard, user: &str) -> Vec<LogEntry> {
    let mut copy = board.clone();
    let (mut all, mut since, count) = (Vec::new(), 0, board.limits().page_size);
    loop {
        let query = Query::GetCallLog { since, count };
        let line = now(board, Input::Query { by: device(user, "phone"), query });
        match copy.apply_record(&line).answer {
            Some(Ok(Answer::GetCallLog(page))) => {
                all.extend(page.entries);
                if !page.more {
                    return all;
                }
                since = page.last_logged;
            }
            // There are no pages, or no such users.
            Some(Err(refused)) if matches!(refused.rule, Rule::Q05 | Rule::L01) => return all,
            other => panic!("{other:?}"),
        }
    }
}

/// What ended after an attempt, as a user's phone asks for it.
fn missed(board: &Switchboard, user: &str, since: u64) -> Vec<EndedCall> {
    let query = Query::GetIncomingCalls { since: Some(since) };
    let line = now(board, Input::Query { by: device(user, "phone"), query });
    match board.clone().apply_record(&line).answer {
        Some(Ok(Answer::GetIncomingCalls { endings: Some(endings), .. })) => endings.calls,
        Some(Err(refused)) if refused.rule == Rule::L01 => Vec::new(),
        other => panic!("{other:?}"),
    }
}

/// Which list is walked along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Walk {
    /// That of a room.
    List,
    /// The live calls of a user.
    Of(&'static str),
    /// All live calls.
    Live,
}

fn walk() -> impl Strategy<Value = Walk> {
    prop_oneof![Just(Walk::List), select(&USERS[..]).prop_map(Walk::Of), Just(Walk::Live)]
}

impl Walk {
    fn query(self, cursor: Option<String>, count: u32) -> Query {
        match self {
            Self::List => {
                Query::GetPendingCalls { room: "standup".into(), cursor, count, status: None }
            }
            Self::Of(user) => Query::GetUserCalls { user: user.into(), cursor, page_size: count },
            Self::Live => Query::GetLiveCalls { cursor, page_size: count },
        }
    }

    /// What is in the list, as the rooms' lists have it.
    fn attempts(self, board: &Switchboard) -> BTreeSet<u64> {
        let of_user = |user: &str, call: &PendingCall| call.callee == user || call.caller == user;
        match self {
            Self::List => list(board, "standup").iter().map(|call| call.attempt).collect(),
            Self::Of(user) => {
                let live = live(board).into_iter().filter(|(_, call)| of_user(user, call));
                live.map(|(_, call)| call.attempt).collect()
            }
            Self::Live => live(board).iter().map(|(_, call)| call.attempt).collect(),
        }
    }
}

type Listed = (u64, Option<String>, String);

/// The attempts of a page, with their rooms and callees, and where the next one begins.
fn page(answer: Option<Result<Answer, Refused>>) -> Option<(Vec<Listed>, String)> {
    match answer {
        Some(Ok(Answer::GetPendingCalls { calls, next_cursor, .. })) => {
            let listed = |call: PendingCall| (call.attempt, None, call.callee);
            Some((calls.into_iter().map(listed).collect(), next_cursor))
        }
        Some(Ok(
            Answer::GetUserCalls { calls, next_cursor, .. }
            | Answer::GetLiveCalls { calls, next_cursor, .. },
        )) => {
            let listed = |call: LiveCall| (call.attempt, Some(call.room), call.callee);
            Some((calls.into_iter().map(listed).collect(), next_cursor))
        }
        _ => None,
    }
}

proptest! {
    #![proptest_config(settings())]

    // pages with arbitrary inputs in between.
    #[test]
    fn a_walk_lists_once(
        journal in roomy_journal(),
        walk in walk(),
        cut in 0..60_usize,
        count in 1..3_u32,
        between in 0..6_usize,
    ) {
        let mut board = board(&journal);
        let (before, after) = journal.lines.split_at(cut.min(journal.lines.len()));
        before.iter().for_each(|line| drop(board.apply_record(line)));
        let mut throughout = walk.attempts(&board);
        let most = throughout.len() / count as usize + 1;
        let (mut listed, mut cursor, mut pages) = (Vec::new(), None, 0);
        let mut rest = after.iter();
        loop {
            let query = walk.query(cursor, count);
            let line = now(&board, Input::Query { by: Actor::Backend, query });
            // The room may be gone by then, and the cursor with it.
            let Some((calls, next_cursor)) = page(board.apply_record(&line).answer) else {
                prop_assert_eq!(walk, Walk::List);
                return Ok(());
            };
            prop_assert!(calls.len() <= count as usize);
            listed.extend(calls);
            pages += 1;
            prop_assert!(pages <= most, "the walk does not end");
            if next_cursor.is_empty() {
                break;
            }
            cursor = Some(next_cursor);
            for line in rest.by_ref().take(between) {
                let _ = board.apply_record(line);
                throughout = throughout.intersection(&walk.attempts(&board)).copied().collect();
            }
        }
        let attempts: Vec<u64> = listed.iter().map(|(attempt, ..)| *attempt).collect();
        prop_assert!(attempts.is_sorted_by(|a, b| a < b), "{:?}", attempts);
        let once: BTreeSet<_> = listed.iter().map(|(_, room, callee)| (room, callee)).collect();
        prop_assert_eq!(once.len(), listed.len(), "a callee twice");
        let listed: BTreeSet<u64> = attempts.into_iter().collect();
        prop_assert!(throughout.is_subset(&listed), "{:?} of {:?}", listed, throughout);
    }

    // a filter is a filter of the whole list, and only live calls have time and text.
    #[test]
    fn a_filter_filters(journal in journal(), status in select(&CallStatus::ALL[..])) {
        let mut board = board(&journal);
        journal.lines.iter().for_each(|line| drop(board.apply_record(line)));
        for room in ROOMS {
            let whole = list(&board, room);
            for call in &whole {
                prop_assert_eq!(call.extension.is_some(), call.status == CallStatus::Calling);
            }
            let expected: Vec<_> =
                whole.into_iter().filter(|call| call.status == status).collect();
            let count = board.limits().page_size;
            let query =
                Query::GetPendingCalls { room: room.into(), cursor: None, count, status: Some(status) };
            let line = now(&board, Input::Query { by: Actor::Backend, query });
            if let Some(Ok(Answer::GetPendingCalls { calls, next_cursor, .. })) =
                board.apply_record(&line).answer
            {
                prop_assert_eq!(calls.len() == expected.len(), next_cursor.is_empty());
                prop_assert_eq!(&expected[..calls.len()], &calls);
            }
        }
    }
}
