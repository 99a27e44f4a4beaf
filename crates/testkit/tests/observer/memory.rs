//! A million lines, and more of everything than is remembered.

use roomcall::protocol::{
    Audience, Body, Command, Effect, Event, Frame, NamedCall, Output, Request,
};
use roomcall::{CallStatus, Rule};
use roomcall_testkit::dice::Dice;
use roomcall_testkit::observer::{Bounds, Memory, Observer, Settings, Traffic, What};

const LINES: u64 = 1_000_000;

const BOUNDS: Bounds =
    Bounds { attempts: 100, connections: 80, devices: 60, requests: 5, told: 7, visits: 50 };

fn named(dice: &mut Dice, attempt: u64) -> NamedCall {
    let callee = format!("user{}", attempt % 1_000);
    let status = if dice.one_in(2) { CallStatus::Calling } else { CallStatus::None };
    NamedCall { room: "standup".into(), caller: "ana".into(), callee, status, attempt }
}

fn what(dice: &mut Dice, nth: u64) -> What {
    let connection = nth / 8 + dice.between(0, 100);
    let attempt = nth / 4 + dice.between(0, 50);
    let user = format!("user{}", dice.below(1_000));
    match dice.below(6) {
        0 => What::Opened { connection, user, device: format!("device{}", dice.below(9)) },
        1 => What::Closed { connection },
        2 => {
            let command = Command::AcceptCall { room: "standup".into(), attempt: Some(attempt) };
            let (request_id, request) = (Some(nth), Request::Command(command));
            What::Sent { connection, frame: Frame { request_id, request } }
        }
        kind => {
            let call = named(dice, attempt);
            let to = Audience::User(call.callee.clone());
            let (event, because) = match kind {
                3 => {
                    let time_left = (!dice.one_in(9)).then_some(30_000);
                    let extension = "x".repeat(dice.below(2_000));
                    (Event::CallReceived { call, extension, time_left }, Rule::C01)
                }
                4 => (Event::CallCancelled(call), Rule::E05),
                _ => (Event::PendingCallChanged(call), Rule::C02),
            };
            let body = Body::Effect(Effect { to, event, because });
            What::Received { connection, output: Output { at: nth, body } }
        }
    }
}

fn is_within(memory: Memory) -> bool {
    memory.attempts <= BOUNDS.attempts
        && memory.told <= BOUNDS.attempts * BOUNDS.told
        && memory.connections <= BOUNDS.connections
        && memory.devices <= BOUNDS.devices
        && memory.requests <= BOUNDS.devices * BOUNDS.requests
        && memory.visits <= BOUNDS.visits
        && memory.people <= BOUNDS.connections + 2 * BOUNDS.attempts
        && memory.due <= 4 * BOUNDS.attempts
}

#[test]
fn memory_is_bounded() {
    let mut observer = Observer::new(Settings { bounds: BOUNDS, ..Settings::default() });
    let mut dice = Dice::new(7);
    let mut most = Memory::default();
    for nth in 0..LINES {
        let traffic = Traffic { at: nth, what: what(&mut dice, nth) };
        let _ = observer.see(&traffic);
        if nth % 64 == 0 {
            let memory = observer.memory();
            assert!(is_within(memory), "{nth}: {memory:?}");
            most.attempts = most.attempts.max(memory.attempts);
            most.connections = most.connections.max(memory.connections);
            most.requests = most.requests.max(memory.requests);
        }
    }
    assert!(most.attempts > 90 && most.connections == 80 && most.requests > 50, "{most:?}");
}
