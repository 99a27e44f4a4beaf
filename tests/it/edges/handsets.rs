//! The handsets of a scope: what is said to them, what they are told, and what comes of it. Their
//! clocks stand still, so that nothing is silenced and nothing sent again by itself.

use roomcall::CallRejectionReason;
use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Handset, Input as Told, Link, Request, Settings, Stage, Tap,
};
use roomcall::protocol::{Actor, Command, Input as NamedInput, Record};
use roomcall::protocol::{Audience, Effect as Said, Event, Outcome};
use roomcall::switchboard::Switchboard;
use roomcall_testkit::hosting;
use serde_json::{Value, json};

use super::scopes::Scope;
use super::system::{About, Felt, Input, System};

const SETTINGS: Settings =
    Settings { refresh: None, min_ring: 0, join_quiet: 0, settle: 0, ..Settings::DEFAULT };

/// A handset that is connected and knows that nothing rings (D-15).
pub(super) fn ready((user, device): (&str, &str), switchboard: &mut Switchboard) -> Handset {
    let mut handset = Handset::new(user, device, SETTINGS);
    let effects = handset.apply(DeviceTick::START, Told::Link(Link::Up));
    let [Effect::Send { request_id, request: Request::Query(query) }] = &effects[..] else {
        panic!("it asks what rings: {effects:?}");
    };
    let by = Actor::Device { user: user.into(), device: device.into() };
    let input = NamedInput::Query { by, query: query.clone() };
    let reply = switchboard
        .apply_record(&Record { at: 0, request_id: *request_id, input })
        .reply()
        .unwrap();
    let effects = handset.apply(DeviceTick::START, Told::Reply(reply));
    assert!(effects.is_empty() && handset.is_ready(), "{effects:?}");
    handset
}

/// What can arrive at handsets, or from them. A person taps once for an attempt.
pub(super) fn inputs(system: &System, scope: &Scope) -> Vec<Input> {
    let mut inputs = Vec::new();
    for at in 0..system.handsets.len() {
        for attempt in 1..=scope.attempts {
            let about = (at, attempt);
            let mut feels = |felt| inputs.push(Input::Handset(at, felt));
            if system.rings.contains_key(&about) {
                feels(Felt::Rings(attempt));
            }
            if system.stops.contains_key(&about) {
                feels(Felt::Stops(attempt));
            }
            if system.replies.contains_key(&about) {
                feels(Felt::Reply(attempt));
            }
            if system.asked.contains_key(&about) {
                inputs.push(Input::Arrives(about));
            } else {
                feels(Felt::Yes(attempt));
                feels(Felt::No(attempt));
            }
        }
    }
    inputs
}

/// Remembers what the switchboard said to handsets about their calls.
pub(super) fn overhear(system: &mut System, turn: &Outcome) {
    for Said { to, event, .. } in &turn.effects {
        for (at, handset) in system.handsets.iter().enumerate() {
            let device = (handset.user(), handset.device());
            let is_recipient = !matches!(to, Audience::Room(_))
                && hosting::is_recipient(&system.switchboard, to, device);
            let about: About = (at, event.attempt());
            match event {
                _ if !is_recipient => {}
                Event::CallReceived { .. } => drop(system.rings.insert(about, event.clone())),
                _ => assert_eq!(system.stops.insert(about, event.clone()), None, "E-17: once"),
            }
        }
    }
}

/// What a handset does about what it is told.
pub(super) fn feel(system: &mut System, at: usize, felt: Felt) -> Vec<Value> {
    let about = |attempt| (at, attempt);
    let told = match felt {
        Felt::Rings(attempt) => Told::Notice(system.rings[&about(attempt)].clone()),
        Felt::Stops(attempt) => Told::Notice(system.stops[&about(attempt)].clone()),
        Felt::Reply(attempt) => Told::Reply(system.replies[&about(attempt)].clone()),
        Felt::Yes(attempt) => Told::Tap(Tap::Accept { attempt }),
        Felt::No(attempt) => {
            Told::Tap(Tap::Reject { attempt, reason: CallRejectionReason::Rejected })
        }
    };
    let mut effects = system.handsets[at].apply(DeviceTick::START, told);
    // The specification does not have that it rings (C-14).
    effects.retain(|effect| !matches!(effect, Effect::Send { request_id: None, .. }));
    for effect in &effects {
        if let Effect::Send { request_id: Some(request_id), request: Request::Command(command) } =
            effect
        {
            let attempt = match command {
                Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => {
                    attempt
                }
                _ => panic!("nothing else is tapped: {command:?}"),
            };
            system.asked.insert(about(attempt.unwrap()), (*request_id, command.clone()));
        }
    }
    effects.iter().map(told_effect).collect()
}

pub(super) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Ringing => "ringing",
        Stage::Waiting => "waiting",
        Stage::Accepting => "accepting",
        Stage::Rejecting => "rejecting",
    }
}

/// An effect as the specification says it.
fn told_effect(effect: &Effect) -> Value {
    match effect {
        Effect::Dismiss { attempt, why } => {
            let (why, who) = dismissal(why);
            json!({ "dismiss": attempt, "why": why, "who": who })
        }
        Effect::Update { attempt, stage: at } => json!({ "update": attempt, "stage": stage(*at) }),
        Effect::Show { call, stage: at, .. } => {
            json!({ "show": call.attempt, "stage": stage(*at) })
        }
        Effect::Join { room } => json!({ "join": room }),
        Effect::Send { request: Request::Command(command), .. } => match command {
            Command::AcceptCall { attempt, .. } => json!({ "send": attempt, "word": "yes" }),
            Command::RejectCall { attempt, .. } => json!({ "send": attempt, "word": "no" }),
            _ => json!(format!("{command:?}")),
        },
        _ => json!(format!("{effect:?}")),
    }
}

fn dismissal(why: &Dismissal) -> (&'static str, Option<&String>) {
    match why {
        Dismissal::Silenced => ("silenced", None),
        Dismissal::Gone => ("gone", None),
        Dismissal::TimedOut => ("timedOut", None),
        Dismissal::Cancelled => ("cancelled", None),
        Dismissal::Revoked { operator } => ("revoked", operator.as_ref()),
        Dismissal::InOtherRoom => ("inOtherRoom", None),
        Dismissal::RejectedElsewhere { device } => ("rejectedElsewhere", device.as_ref()),
        Dismissal::AnsweredElsewhere { device } => ("answeredElsewhere", device.as_ref()),
        Dismissal::RejectedHere => ("rejectedHere", None),
        Dismissal::AnsweredHere => ("answeredHere", None),
        _ => panic!("a variant that this test does not know"),
    }
}
