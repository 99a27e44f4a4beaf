//! The random journals of the library's own tests, line by line over real sockets: whoever is
//! connected hears what a bare switchboard says, and the states are the same in the end.
//!
//! Whoever has an id that is empty, or too long for the limits of a journal, cannot connect: what they
//! ask is left out.

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use roomcall::journal::Header;
use roomcall::protocol::{Actor, Fact, Input, Query, Record};
use roomcall_server::log::{Memory, Store as _};
use roomcall_server::recover::recover;
use roomcall_server::server::TENANT;
use roomcall_server::state::Unseen;
use serde_json::Value;

use crate::client::Client;
use crate::journal::actor;
use crate::rig::{Manual, Rig, device_token, parts_at, seed};
use crate::same_as_switchboard::{Run, connected, everybody, tell};
use roomcall_testkit::strategies::journal::{DEVICES, Journal, LONG, USERS, journal};
use roomcall_testkit::strategies::numbered_journal;

/// How many of each kind: plain, and with numbered requests.
const JOURNALS: usize = 6;

/// Everybody whom a journal can be about, and one more: a server hears no ticks, so its time goes
/// on when somebody asks what changes nothing.
fn everyone() -> Vec<Actor> {
    let users = [&USERS[..], &["", LONG]].concat();
    let devices = [&DEVICES[..], &["", LONG]].concat();
    let mut everyone = everybody(&users, &devices);
    everyone.push(witness());
    everyone
}

/// Those of them who can connect.
fn participants(journal: &Journal) -> Vec<Actor> {
    everyone().into_iter().filter(|by| can_connect(journal, by)).collect()
}

/// Whether somebody has ids by the limits with which a journal begins.
fn can_connect(journal: &Journal, by: &Actor) -> bool {
    let is_id = |id: &str| (1..=journal.limits.id_bytes as usize).contains(&id.len());
    match by {
        Actor::Device { user, device } => is_id(user) && is_id(device),
        _ => true,
    }
}

fn witness() -> Actor {
    actor("witness", "desk")
}

fn looks(at: u64) -> Record {
    let query = Query::GetIncomingCalls { since: None };
    Record { at, request_id: None, input: Input::Query { by: witness(), query } }
}

/// A journal without lost state, which closes all connections (`lost_state.rs`), without users who are erased, which
/// closes theirs (`erasure.rs`), and of those who can connect.
fn over_sockets(mut journal: Journal) -> Journal {
    let mut lines = std::mem::take(&mut journal.lines);
    lines.retain(|line| match &line.input {
        Input::Fact(Fact::Recovered { .. } | Fact::UserErased { .. }) => false,
        Input::Ask { by, .. } | Input::Query { by, .. } => can_connect(&journal, by),
        Input::Fact(_) | Input::Tick => true,
    });
    Journal { lines, ..journal }
}

/// What everybody hears from a server, which has its state in the store afterwards.
async fn play(journal: &Journal, store: &Memory) -> Run {
    let time = Manual::at(0);
    let mut parts = parts_at(store.clone(), &time);
    parts.tenants[0].rules = Header::new(journal.limits, journal.policy);
    let rig = Rig::start(parts).await;
    let mut clients = connected(&rig, &participants(journal)).await;
    for by in everyone().iter().filter(|by| !can_connect(journal, by)) {
        let Actor::Device { user, device } = by else { continue };
        let refused = Client::connect(rig.address, &device_token(user, device)).await.err();
        assert_eq!(refused.map(|it| it.0), Some(400), "{user}, {device}");
    }
    let (mut run, mut now) = (Run::default(), 0);
    for line in &journal.lines {
        // Where the journal goes back the clock stays (T-02).
        time.pass(line.at.saturating_sub(now));
        now = now.max(line.at);
        let line = if line.input == Input::Tick { looks(line.at) } else { line.clone() };
        run.send(&rig, &mut clients, line).await;
    }
    // At once: nobody waits for who does not listen.
    tokio::join!(rig.stop(), run.drain(clients));
    run
}

/// What a bare switchboard says, and its state. It has the lines as they are, times that go back, too;
/// what is due comes before a line, as a tick. At the end it stops, at the time of the last line.
fn bare(
    journal: &Journal,
) -> (roomcall::switchboard::Switchboard, BTreeMap<Actor, Vec<Value>>, Vec<Value>) {
    let mut switchboard = roomcall::switchboard::Switchboard::new(journal.limits, journal.policy);
    let (participants, mut told, mut answered) =
        (participants(journal), BTreeMap::new(), Vec::new());
    for line in &journal.lines {
        let due = switchboard.next_deadline().map(|deadline| deadline.as_millis());
        let tick = Record { at: line.at, request_id: None, input: Input::Tick };
        if due.is_some_and(|due| due <= line.at) {
            tell(&mut switchboard, &participants, &tick, &mut told);
        }
        answered.extend(tell(&mut switchboard, &participants, line, &mut told));
        if line.input == Input::Tick {
            tell(&mut switchboard, &participants, &looks(line.at), &mut told);
        }
    }
    let end = journal.lines.iter().map(|line| line.at).max().unwrap_or_default();
    let _ = switchboard.apply_record(&Record { at: end, request_id: None, input: Input::Tick });
    (switchboard, told, answered)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journals_of_the_library_come_to_the_same_over_sockets() {
    let mut runner = TestRunner::deterministic();
    let (plain, numbered) = (journal().boxed(), numbered_journal().boxed());
    let (mut policies, mut messages, mut events) = (BTreeSet::new(), 0, 0);
    for at in 0..2 * JOURNALS {
        let strategy = if at % 2 == 0 { &plain } else { &numbered };
        let journal = strategy.new_tree(&mut runner).expect("there is one").current();
        let journal = over_sockets(journal);
        let store = Memory::new();
        let run = play(&journal, &store).await;
        let (switchboard, told, answered) = bare(&journal);
        run.is_as(&told, &answered, &format!("journal {at}: {journal:?}"));
        let log = store.log(TENANT).expect("it is there");
        let left = recover(&*log, seed(), &mut Unseen).await.expect("the log is whole");
        let left = left.state.switchboard();
        assert_eq!(*left, switchboard, "journal {at}: the state after {journal:?}");
        policies.insert(format!("{:?}", journal.policy));
        messages += told.values().map(Vec::len).sum::<usize>();
        events += told.values().flatten().filter(|said| said.get("event").is_some()).count();
    }
    println!("{} policies, {messages} messages, {events} of them events", policies.len());
    assert!(policies.len() >= JOURNALS && events > 100, "{policies:?}, {events} events");
}
