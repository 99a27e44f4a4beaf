//! Which rules are seen at run time.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::Handset;
use roomcall::journal::Replay;
use roomcall::protocol::{Answer, Outcome};
use roomcall::switchboard::Switchboard;
use roomcall::{Actor, Fact, Input, Limits, Policy, Rule, Tick};

use roomcall_testkit::play;
use roomcall_testkit::repository::{files, read};

/// The rules that a turn shows.
pub(crate) fn shown_by(turn: &Outcome) -> BTreeSet<Rule> {
    let mut rules: BTreeSet<Rule> = turn.effects.iter().map(|effect| effect.because).collect();
    rules.extend(turn.unchanged);
    match &turn.answer {
        Some(Err(refused)) => drop(rules.insert(refused.rule)),
        Some(Ok(Answer::CallUserToRoom(results))) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
        }
        Some(Ok(Answer::CancelCall(results) | Answer::RevokeCall(results))) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
        }
        _ => {}
    }
    rules
}

/// The scenarios in which each rule is seen.
pub(crate) fn seen() -> BTreeMap<Rule, BTreeSet<String>> {
    let mut seen: BTreeMap<Rule, BTreeSet<String>> = BTreeMap::new();
    for path in files("spec/scenarios") {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for rule in play::play(&read(&path).1).1.iter().flat_map(shown_by) {
            seen.entry(rule).or_default().insert(name.clone());
        }
    }
    for rule in seen_outside_journals() {
        seen.entry(rule).or_default();
    }
    seen
}

/// What no journal can show: stale handles, and errors outside the reducer.
fn seen_outside_journals() -> BTreeSet<Rule> {
    let limits = Limits { held_names: 1, ..Limits::DEFAULT };
    let mut board = Switchboard::new(limits, Policy::DEFAULT);
    let user = board.intern_user("ana").unwrap();
    let (room, device) = (board.intern_room("r").unwrap(), board.intern_device("phone").unwrap());
    let too_many = board.intern_user("bo").unwrap_err().rule();
    board.release_user(user);
    let by = Actor::Device { user, device };
    let command = roomcall::Command::AcceptCall { room, attempt: None };
    let stale = board
        .apply(Tick::START, Input::Ask { by, request_id: None, command })
        .answer
        .unwrap_err()
        .rule();
    let fact = board.apply(Tick::START, Input::Fact(Fact::RoomOpened { room, owner: user }));
    assert_eq!(fact.answer, Ok(roomcall::Answer::Ignored(stale)));
    let restore = Switchboard::restore(b"").unwrap_err().rule();
    let lines: [&[&[u8]]; 3] =
        [&[b"{}"], &[b"{\"journal\":1}", b"{}"], &[b"{\"journal\":1}", &[b' '; 2 << 20]]];
    let journal = lines.map(|lines| {
        let mut replay = Replay::new();
        let error = lines.iter().find_map(|line| replay.line(line).err());
        error.unwrap().problem.rule()
    });
    let saved = Handset::restore("", None).unwrap_err().rule();
    let handset = crate::handset::rules_seen();
    [too_many, stale, restore, saved].into_iter().chain(journal).chain(handset).collect()
}
