//! Behind sockets, a store, and a restart there is the library, and nothing is added or lost.

use std::collections::BTreeMap;

use roomcall::protocol::{Actor, Body, Command, Frame, Input, Record, Request};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use roomcall_server::log::Memory;
use roomcall_server::server::Parts;
use roomcall_testkit::hosting::is_recipient;
use serde_json::{Value, json};

use crate::client::Client;
use crate::journal::{DEVICES, Rng, USERS, actor, beginning, input};
use crate::rig::{Manual, Rig, lines, memory, parts_at};

const SEEDS: u64 = 6;
const INPUTS: usize = 160;
const START: u64 = 1_700_000_000_000;

/// What came in, and what each device heard.
#[derive(Default)]
pub(crate) struct Run {
    at: u64,
    issued: Vec<Record>,
    pub(crate) heard: BTreeMap<Actor, Vec<Value>>,
    /// What the backend was answered.
    pub(crate) answered: Vec<Value>,
    /// The last numbered request of each device.
    last: BTreeMap<Actor, (u64, Input)>,
}

fn often_saved(store: &Memory, time: &Manual) -> Parts {
    let mut parts = parts_at(store.clone(), time);
    parts.snapshots.log_bytes = 4_000;
    parts
}

/// Every user on every device.
pub(crate) fn everybody(users: &[&str], devices: &[&str]) -> Vec<Actor> {
    let all = |user| devices.iter().map(move |device| actor(user, device));
    users.iter().flat_map(|user| all(user)).collect()
}

pub(crate) async fn connected(rig: &Rig, everybody: &[Actor]) -> BTreeMap<Actor, Client> {
    let mut clients = BTreeMap::new();
    for by in everybody {
        let Actor::Device { user, device } = by else { unreachable!("the backend has no socket") };
        clients.insert(by.clone(), rig.connect(user, device).await);
    }
    clients
}

impl Run {
    /// Sends an input and waits until it is answered.
    async fn issue(
        &mut self,
        rig: &Rig,
        clients: &mut BTreeMap<Actor, Client>,
        rng: &mut Rng,
        input: Input,
    ) {
        let (mut request_id, mut input) = (None, input);
        if let Input::Ask { by, .. } | Input::Query { by, .. } = &input {
            let by = by.clone();
            let highest = self.last.get(&by).map_or(0, |(request_id, _)| *request_id);
            match (rng.below(10), self.last.get(&by)) {
                // It is sent again: as it was, or with the number alone.
                (0, Some(last)) => (request_id, input) = (Some(last.0), last.1.clone()),
                (1, Some(last)) => request_id = Some(last.0),
                (2, _) => {}
                _ => request_id = Some(highest + 1),
            }
            if let Some(request_id) = request_id.filter(|request_id| *request_id > highest) {
                self.last.insert(by, (request_id, input.clone()));
            }
        }
        let line = Record { at: self.at, request_id, input };
        self.issued.push(line.clone());
        self.send(rig, clients, line).await;
    }

    /// Sends a line as it is, and waits until it is answered.
    pub(crate) async fn send(
        &mut self,
        rig: &Rig,
        clients: &mut BTreeMap<Actor, Client>,
        line: Record,
    ) {
        let request_id = line.request_id;
        match line.input {
            Input::Fact(fact) => self.answered.push(rig.fact(json!(fact)).await),
            Input::Ask { by: Actor::Backend, command } => {
                let frame = Frame { request_id, request: Request::Command(command) };
                self.post(rig, frame).await;
            }
            Input::Query { by: Actor::Backend, query } => {
                let frame = Frame { request_id, request: Request::Query(query) };
                self.post(rig, frame).await;
            }
            Input::Ask { by, command } => {
                let frame = Frame { request_id, request: Request::Command(command) };
                self.ask(clients, by, frame).await;
            }
            Input::Query { by, query } => {
                let frame = Frame { request_id, request: Request::Query(query) };
                self.ask(clients, by, frame).await;
            }
            Input::Tick => unreachable!("nobody sends a tick"),
        }
    }

    async fn post(&mut self, rig: &Rig, frame: Frame) {
        let (status, answer) = rig.post("/v1/requests", &json!(frame)).await;
        assert_eq!(status, 200, "{answer}");
        self.answered.push(answer);
    }

    async fn ask(&mut self, clients: &mut BTreeMap<Actor, Client>, by: Actor, frame: Frame) {
        let client = clients.get_mut(&by).expect("it is connected");
        client.send(json!(frame).to_string()).await;
        let heard = self.heard.entry(by).or_default();
        loop {
            let next = client.hear().await;
            let is_answer = next.get("answer").or(next.get("refused")).is_some();
            heard.push(next);
            if is_answer {
                return;
            }
        }
    }

    /// Hears all that was sent before the server went.
    pub(crate) async fn drain(&mut self, clients: BTreeMap<Actor, Client>) {
        for (by, mut client) in clients {
            let heard = self.heard.entry(by).or_default();
            let code = loop {
                match client.next().await {
                    Ok(next) => heard.push(next),
                    Err(code) => break code,
                }
            };
            assert_eq!(code, Some(1001), "the server goes");
        }
    }

    /// Everybody heard what they should have, and nobody anything else.
    pub(crate) fn is_as(
        &self,
        told: &BTreeMap<Actor, Vec<Value>>,
        answered: &[Value],
        which: &str,
    ) {
        assert_eq!(self.answered, answered, "{which}: the backend");
        for device in told.keys().chain(self.heard.keys()) {
            let of =
                |all: &BTreeMap<Actor, Vec<Value>>| all.get(device).cloned().unwrap_or_default();
            let (heard, told) = (of(&self.heard), of(told));
            let differs = heard.iter().zip(&told).position(|(heard, told)| heard != told);
            let at = differs.unwrap_or(heard.len().min(told.len()));
            let (heard, told) = (&heard[at..], &told[at..]);
            assert_eq!(heard, told, "{which}: {device:?}, message {at}");
        }
    }
}

async fn play(seed: u64, store: &Memory) -> Run {
    let (mut rng, time) = (Rng(seed), Manual::at(START));
    let mut run = Run { at: START, ..Run::default() };
    for half in 0..2 {
        let rig = Rig::start(often_saved(store, &time)).await;
        let mut clients = connected(&rig, &everybody(&USERS, &DEVICES)).await;
        if half == 0 {
            for input in beginning() {
                run.issue(&rig, &mut clients, &mut rng, input).await;
            }
        }
        for _ in 0..INPUTS / 2 {
            if rng.below(3) == 0 {
                let passes = rng.below(1_500);
                time.pass(passes);
                run.at += passes;
            }
            let input = input(&mut rng);
            run.issue(&rig, &mut clients, &mut rng, input).await;
        }
        rig.stop().await;
        run.drain(clients).await;
        // Another run of the server has another clock.
        time.restart(run.at);
    }
    run
}

/// What a bare switchboard says to each device for the same inputs, with the ticks of the store's
/// journal where they are in it.
fn expected(store: &Memory, issued: &[Record]) -> (BTreeMap<Actor, Vec<Value>>, Vec<Value>) {
    let mut switchboard = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    let everybody = everybody(&USERS, &DEVICES);
    let mut journal = lines(store).into_iter().peekable();
    let (mut told, mut answered) = (BTreeMap::<Actor, Vec<Value>>::new(), Vec::new());
    for line in issued {
        let due = |next: &Record| next.input == Input::Tick && next.at <= line.at;
        while let Some(tick) = journal.next_if(due) {
            tell(&mut switchboard, &everybody, &tick, &mut told);
        }
        let is_stored = journal.next_if_eq(line).is_some();
        let mut passed = switchboard.clone();
        let _ = passed.apply_record(&Record { input: Input::Tick, ..line.clone() });
        answered.extend(tell(&mut switchboard, &everybody, line, &mut told));
        // C-14
        let is_ringing = matches!(line.input, Input::Ask { command: Command::Ringing { .. }, .. });
        let changes_nothing = is_ringing && switchboard == passed;
        let is_query = matches!(line.input, Input::Query { .. });
        assert!(
            is_stored || is_query || changes_nothing,
            "inputs are stored as they came: {line:?}"
        );
        assert!(!is_query || !is_stored, "a query is not stored: {line:?}");
    }
    // The time at which it stopped.
    let rest: Vec<Record> = journal.collect();
    let is_time = rest.iter().all(|line| line.input == Input::Tick);
    assert!(rest.len() <= 1 && is_time, "nothing is stored that nobody sent: {rest:?}");
    (told, answered)
}

/// Applies a line, and gives what the backend is answered, if it is its own.
pub(crate) fn tell(
    switchboard: &mut Switchboard,
    everybody: &[Actor],
    line: &Record,
    told: &mut BTreeMap<Actor, Vec<Value>>,
) -> Option<Value> {
    let turn = switchboard.apply_record(line);
    let mut answer = None;
    for output in turn.outputs() {
        let said = json!(output);
        let Body::Effect(effect) = output.body else {
            match &line.input {
                Input::Fact(_)
                | Input::Ask { by: Actor::Backend, .. }
                | Input::Query { by: Actor::Backend, .. } => answer = Some(said),
                Input::Ask { by, .. } | Input::Query { by, .. } => {
                    told.entry(by.clone()).or_default().push(said);
                }
                Input::Tick => panic!("nobody asked: {said}"),
            }
            continue;
        };
        for by in everybody {
            let Actor::Device { user, device } = by else { continue };
            if is_recipient(switchboard, &effect.to, (user, device)) {
                told.entry(by.clone()).or_default().push(said.clone());
            }
        }
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_hear_what_the_exchange_says() {
    for seed in 0..SEEDS {
        let store = memory();
        let run = play(seed, &store).await;
        let (told, answered) = expected(&store, &run.issued);
        run.is_as(&told, &answered, &format!("seed {seed}"));
        let count: usize = told.values().map(Vec::len).sum();
        assert!(count > INPUTS / 2, "seed {seed}: only {count} messages");
    }
}
