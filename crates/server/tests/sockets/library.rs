//! The random journals of the library's own tests, line by line over real sockets: whoever is
//! connected hears what a bare switchboard says, and the states are the same in the end.
//!
//! Nobody is skipped: an id that is empty, or too long for the limits of a journal, connects like
//! any other, and what it asks is refused by the switchboard.

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use roomcall::journal::Header;
use roomcall::protocol::{Actor, Fact, Input, Query, Record};
use roomcall_server::log::{Memory, Store as _};
use roomcall_server::recover::recover;
use roomcall_server::server::{Parts, TENANT};
use roomcall_server::state::Unseen;
use serde_json::Value;

use crate::journal::actor;
use crate::rig::{Manual, Rig, parts_at, seed};
use crate::same_as_switchboard::{Run, connected, everybody, tell};
use roomcall_testkit::strategies::journal::{DEVICES, Journal, LONG, USERS, journal};
use roomcall_testkit::strategies::numbered_journal;

/// How many of each kind: plain, and with numbered requests.
const JOURNALS: usize = 6;

/// Everybody whom a journal can be about, and one more: a server hears no ticks, so its time goes
/// on when somebody asks what changes nothing.
fn participants() -> Vec<Actor> {
    let users = [&USERS[..], &["", LONG]].concat();
    let devices = [&DEVICES[..], &["", LONG]].concat();
    let mut participants = everybody(&users, &devices);
    participants.push(witness());
    participants
}

fn witness() -> Actor {
    actor("witness", "desk")
}

fn looks(at: u64) -> Record {
    let query = Query::GetIncomingCalls { since: None };
    Record { at, request_id: None, input: Input::Query { by: witness(), query } }
}

/// A journal without lost state: that closes all connections (`lost_state.rs`).
fn without_losses(mut journal: Journal) -> Journal {
    journal.lines.retain(|line| !matches!(line.input, Input::Fact(Fact::Recovered { .. })));
    journal
}

/// What everybody hears from a server, which has its state in the store afterwards.
async fn play(journal: &Journal, store: &Memory) -> Run {
    let time = Manual::at(0);
    let rules = Header::new(journal.limits, journal.policy);
    let rig = Rig::start(Parts { rules, ..parts_at(store.clone(), &time) }).await;
    let mut clients = connected(&rig, &participants()).await;
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
/// what is due comes before a line, as a tick.
fn bare(
    journal: &Journal,
) -> (roomcall::switchboard::Switchboard, BTreeMap<Actor, Vec<Value>>, Vec<Value>) {
    let mut switchboard = roomcall::switchboard::Switchboard::new(journal.limits, journal.policy);
    let (participants, mut told, mut answered) = (participants(), BTreeMap::new(), Vec::new());
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
        let journal = without_losses(journal);
        let store = Memory::new();
        let run = play(&journal, &store).await;
        let (switchboard, told, answered) = bare(&journal);
        run.is_as(&told, &answered, &format!("journal {at}: {journal:?}"));
        let log = store.log(TENANT).expect("it is there");
        let left = recover(&*log, seed(), &mut Unseen).await.expect("the log is whole");
        let mut left = left.state.switchboard().clone();
        // Time passed until it stopped, after the last line.
        let at = left.clock().as_millis();
        let mut switchboard = switchboard;
        for board in [&mut left, &mut switchboard] {
            let _ = board.apply_record(&Record { at, request_id: None, input: Input::Tick });
        }
        assert_eq!(left, switchboard, "journal {at}: the state after {journal:?}");
        policies.insert(format!("{:?}", journal.policy));
        messages += told.values().map(Vec::len).sum::<usize>();
        events += told.values().flatten().filter(|said| said.get("event").is_some()).count();
    }
    println!("{} policies, {messages} messages, {events} of them events", policies.len());
    assert!(policies.len() >= JOURNALS && events > 100, "{policies:?}, {events} events");
}
