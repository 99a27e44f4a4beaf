//! R-01: where several refusals apply, the first in order is given. Every set of faults of a
//! request is tried, and the refusal must be that of its first.

use roomcall::protocol::{Actor, Command, Input, Query, Record};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, MayCall, Policy, Rule, Which};

use roomcall_testkit::play::device;

const LIMITS: Limits = Limits {
    callees: 2,
    timeout_max: 10,
    extension_bytes: 2,
    page_size: 5,
    id_bytes: 8,
    ..Limits::DEFAULT
};

/// `ana` owns `standup` and is in it with `bo`; `gus` is being called.
fn board(limits: Limits) -> Switchboard {
    let policy = Policy { may_call: MayCall::Admins, ..Policy::DEFAULT };
    let mut board = Switchboard::new(limits, policy);
    for line in [
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"phone"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"bo","deviceID":"phone"}}}"#,
        r#"{"at":0,"by":{"user":"ana","device":"phone"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["gus"],"timeout":9}}}"#,
    ] {
        let line: Record = serde_json::from_str(line).unwrap();
        let _ = board.apply_record(&line);
    }
    board
}

/// Applies a request that has the faults of `set`, and compares with the first of them.
fn first_wins(faults: &[Rule], request: impl Fn(&dyn Fn(Rule) -> bool) -> (Switchboard, Input)) {
    for set in 1..1_u32 << faults.len() {
        let has = |fault: Rule| {
            faults.iter().position(|f| *f == fault).is_some_and(|at| set & (1 << at) != 0)
        };
        let (mut board, input) = request(&has);
        let first = faults.iter().copied().find(|fault| has(*fault)).unwrap();
        let turn = board.apply_record(&Record { at: 1, request_id: None, input: input.clone() });
        let refused = turn.answer.unwrap().expect_err(&format!("{set:b} {input:?}"));
        assert_eq!(refused.rule, first, "{set:b} {input:?}");
    }
    let (mut board, input) = request(&|_| false);
    assert!(board.apply_record(&Record { at: 1, request_id: None, input }).answer.unwrap().is_ok());
}

fn users(has: &dyn Fn(Rule) -> bool) -> Vec<String> {
    let list: &[&str] = match (has(Rule::L02), has(Rule::L03)) {
        (true, _) => &[],
        (false, true) => &["eve", "fay", "dee"],
        (false, false) => &["eve", "fay"],
    };
    list.iter().map(|user| user.to_string()).collect()
}

fn room(has: &dyn Fn(Rule) -> bool) -> String {
    if has(Rule::R02) { "nowhere" } else { "standup" }.to_owned()
}

/// A name that is too long, or a good one.
fn on(has: &dyn Fn(Rule) -> bool) -> &'static str {
    if has(Rule::L01) { "a-device-too-long" } else { "phone" }
}

// R-01
#[test]
fn precedence_is_kept() {
    use Rule::{
        L01, L02, L03, L04, L05, L06, L07, L08, P01, P02, P03, P04, P05, Q03, Q04, Q05, R02,
    };

    first_wins(&[L01, L02, L03, L04, L06, R02, P01, P02, L07, L08], |has| {
        let user = match (has(P01), has(P02)) {
            (true, _) => "stranger",
            (false, true) => "bo",
            (false, false) => "ana",
        };
        let command = Command::CallUserToRoom {
            room: room(has),
            users: users(has),
            timeout: if has(L04) { 11 } else { 10 },
            extension: if has(L06) { "long" } else { "{}" }.into(),
            caller: None,
        };
        let full = |is_full| if is_full { 1 } else { 9 };
        let limits =
            Limits { live_calls_per_room: full(has(L07)), live_calls: full(has(L08)), ..LIMITS };
        (board(limits), Input::Ask { by: device(user, on(has)), command })
    });
    first_wins(&[L02, L05, L06, R02], |has| {
        let command = Command::CallUserToRoom {
            room: room(has),
            users: users(has),
            timeout: u32::from(!has(L05)),
            extension: if has(L06) { "long" } else { "{}" }.into(),
            caller: None,
        };
        (board(LIMITS), Input::Ask { by: device("ana", "phone"), command })
    });
    first_wins(&[L01, L02, L03, R02, P03], |has| {
        let command = Command::RevokeCall { room: room(has), users: users(has) };
        let user = if has(P03) { "bo" } else { "ana" };
        (board(LIMITS), Input::Ask { by: device(user, on(has)), command })
    });
    first_wins(&[L02, L03, R02, P04], |has| {
        let command = Command::CancelCall { room: room(has), users: users(has) };
        let by = if has(P04) { Actor::Backend } else { device("ana", "phone") };
        (board(LIMITS), Input::Ask { by, command })
    });
    first_wins(&[R02, P04], |has| {
        let by = if has(P04) { Actor::Backend } else { device("gus", "phone") };
        (
            board(LIMITS),
            Input::Ask { by, command: Command::AcceptCall { room: room(has), attempt: None } },
        )
    });
    first_wins(&[L01, Rule::E10], |has| {
        let attempt = has(Rule::E10).then_some(9);
        let command = Command::AcceptCall { room: "standup".into(), attempt };
        (board(LIMITS), Input::Ask { by: device("gus", on(has)), command })
    });
    first_wins(&[L01, Q05, Q03, R02, P05, Q04], |has| {
        let cursor = match (has(Q03), has(Q04)) {
            (true, _) => "what",
            (false, true) => "7-1-1",
            (false, false) => "1-1-1",
        };
        let query = Query::GetPendingCalls {
            room: room(has),
            cursor: Some(cursor.into()),
            count: if has(Q05) { 6 } else { 5 },
            status: None,
        };
        let user = if has(P05) { "stranger" } else { "ana" };
        (board(LIMITS), Input::Query { by: device(user, on(has)), query })
    });
}

// R-01, P-10: what only the backend may.
#[test]
fn precedence_is_kept_of_the_backend() {
    use Rule::{L01, L02, L06, L07, P01, P10, Q03, Q04, Q05, R02};

    first_wins(&[L01, L02, L06, R02, P10, P01, L07], |has| {
        let caller = match (has(L01), has(P01)) {
            (true, _) => "a-caller-too-long",
            (false, true) => "stranger",
            (false, false) => "bo",
        };
        let command = Command::CallUserToRoom {
            room: room(has),
            users: users(has),
            timeout: 10,
            extension: if has(L06) { "long" } else { "{}" }.into(),
            caller: Some(caller.into()),
        };
        let limits = Limits { live_calls_per_room: if has(L07) { 1 } else { 9 }, ..LIMITS };
        let by = if has(P10) { device("ana", "phone") } else { Actor::Backend };
        (board(limits), Input::Ask { by, command })
    });
    first_wins(&[L01, P10], |has| {
        let user = if has(L01) { "a-user-too-long" } else { "gus" }.into();
        let by = if has(P10) { device("gus", "phone") } else { Actor::Backend };
        let command = Command::RevokeUserCalls { user, which: Which::Both };
        (board(LIMITS), Input::Ask { by, command })
    });
    first_wins(&[L01, Q05, Q03, P10, Q04], |has| {
        let cursor = match (has(Q03), has(Q04)) {
            (true, _) => "1-1-1",
            (false, true) => "1-2",
            (false, false) => "1-1",
        };
        let (user, cursor) = (if has(L01) { "a-user-too-long" } else { "gus" }, cursor.into());
        let page_size = if has(Q05) { 6 } else { 5 };
        let query = Query::GetUserCalls { user: user.into(), cursor: Some(cursor), page_size };
        let by = if has(P10) { device("gus", "phone") } else { Actor::Backend };
        (board(LIMITS), Input::Query { by, query })
    });
    first_wins(&[Q05, Q03, P10, Q04], |has| {
        let cursor = match (has(Q03), has(Q04)) {
            (true, _) => "01-1",
            (false, true) => "0-1",
            (false, false) => "1-1",
        };
        let page_size = if has(Q05) { 0 } else { 5 };
        let query = Query::GetLiveCalls { cursor: Some(cursor.into()), page_size };
        let by = if has(P10) { device("gus", "phone") } else { Actor::Backend };
        (board(LIMITS), Input::Query { by, query })
    });
}
