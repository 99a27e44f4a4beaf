//! What can go wrong with traffic: each kind at each place where it can.

use roomcall::Rule;
use roomcall::protocol::{
    Answer, Audience, Body, Command, Effect, Event, Frame, LiveCall, Output, Reply, Request,
};
use roomcall_testkit::observer::{Traffic, What};

use super::edits::*;

/// Good traffic with a damage at a line, if it can be there.
pub(crate) type Damage = fn(&[Traffic], usize) -> Option<Vec<Traffic>>;

pub(crate) const DAMAGES: &[(&str, Damage)] = &[
    ("a ring is dropped", |good, at| dropped(good, at, is_ring)),
    ("a ring comes twice", |good, at| doubled(good, at, is_ring)),
    ("a ring comes after its stop", late_ring),
    ("a ring reaches another user", ring_elsewhere),
    ("a ring has the number of an earlier call", old_number),
    ("a ring has another caller", |good, at| edited(good, at, other_caller)),
    ("a ring has another text", |good, at| edited(good, at, other_text)),
    ("a ring says that it is longer", |good, at| edited(good, at, longer)),
    ("a stop is dropped", |good, at| dropped(good, at, is_stop)),
    ("a stop comes twice", |good, at| doubled(good, at, is_stop)),
    ("a stop names another device", |good, at| edited(good, at, other_device)),
    ("a stop says the contrary", |good, at| edited(good, at, contrary)),
    ("a stop reaches the device that acted", to_who_acted),
    ("a revoke has another operator", |good, at| edited(good, at, other_operator)),
    ("an ending has another form", |good, at| edited(good, at, other_ending)),
    ("an outcome is dropped", |good, at| dropped(good, at, is_outcome)),
    ("an outcome reaches another device", other_outcome),
    ("a timer never fires", no_timer),
    ("a device that came back is lost", lost_connection),
    ("an accept is answered with success twice", accepted_twice),
    ("an accept hits another attempt", |good, at| edited(good, at, other_attempt)),
    ("a result is left out", |good, at| edited(good, at, no_result)),
    ("a retry has its effect again", |good, at| edited(good, at, not_repeated)),
    ("a retry has another answer", |good, at| edited(good, at, other_repetition)),
    ("a reply has a number that was not sent", |good, at| edited(good, at, other_number)),
    ("the next number is one that was judged", |good, at| edited(good, at, old_next)),
    ("the last attempt is lower", |good, at| edited(good, at, lower_last)),
    ("the revision is lower", |good, at| edited(good, at, lower_revision)),
    ("a snapshot leaves a call out", |good, at| edited(good, at, left_out)),
    ("a snapshot lists a call that is over", listed_again),
    ("a snapshot lists the call of another user", |good, at| edited(good, at, not_mine)),
    ("an ending names a device of another user", |good, at| edited(good, at, foreign_device)),
    ("a room's list has a text", |good, at| edited(good, at, text_in_list)),
];

fn event(line: &Traffic) -> Option<(u64, &Effect)> {
    match &line.what {
        What::Received { connection, output: Output { body: Body::Effect(effect), .. } } => {
            Some((*connection, effect))
        }
        _ => None,
    }
}

fn is_ring(effect: &Effect) -> bool {
    matches!(effect.event, Event::CallReceived { .. })
}

fn is_about_callee(effect: &Effect) -> bool {
    let user = match &effect.to {
        Audience::User(user)
        | Audience::Device { user, .. }
        | Audience::OtherDevices { user, .. } => user,
        Audience::Room(_) => return false,
    };
    effect.event.call().is_none_or(|call| call.callee == *user)
}

fn is_stop(effect: &Effect) -> bool {
    let ends = matches!(
        effect.event,
        Event::CallTimeout(_)
            | Event::CallCancelled(_)
            | Event::CallRevokedByAdmin { .. }
            | Event::CallHandledByOtherDevice { .. }
    );
    ends && is_about_callee(effect)
}

fn is_outcome(effect: &Effect) -> bool {
    let tells = matches!(
        effect.event,
        Event::CallAccepted(_)
            | Event::CallRejected { .. }
            | Event::CallTimeout(_)
            | Event::CallCancelled(_)
            | Event::CallRevokedByAdmin { .. }
    );
    tells && !is_about_callee(effect)
}

fn without(good: &[Traffic], mut is_gone: impl FnMut(usize, &Traffic) -> bool) -> Vec<Traffic> {
    let kept = good.iter().enumerate().filter(|(at, line)| !is_gone(*at, line));
    kept.map(|(_, line)| line.clone()).collect()
}

fn with(good: &[Traffic], at: usize, whats: impl IntoIterator<Item = What>) -> Vec<Traffic> {
    let mut all = good.to_vec();
    let new = whats.into_iter().map(|what| Traffic { at: good[at].at, what });
    all.splice(at + 1..=at, new);
    all
}

fn dropped(good: &[Traffic], at: usize, is_it: fn(&Effect) -> bool) -> Option<Vec<Traffic>> {
    event(&good[at]).filter(|(_, effect)| is_it(effect))?;
    Some(without(good, |it, _| it == at))
}

fn doubled(good: &[Traffic], at: usize, is_it: fn(&Effect) -> bool) -> Option<Vec<Traffic>> {
    event(&good[at]).filter(|(_, effect)| is_it(effect))?;
    Some(with(good, at, [good[at].what.clone()]))
}

/// A message to a device is changed, if `edit` says so.
fn edited(good: &[Traffic], at: usize, edit: fn(&mut Body) -> Option<()>) -> Option<Vec<Traffic>> {
    let What::Received { connection, output } = &good[at].what else { return None };
    let mut output = output.clone();
    edit(&mut output.body)?;
    let mut all = good.to_vec();
    all[at].what = What::Received { connection: *connection, output };
    Some(all)
}

fn late_ring(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let (on, ring) = event(&good[at]).filter(|(_, effect)| is_ring(effect))?;
    let is_its_stop = |line: &Traffic| {
        event(line).is_some_and(|(connection, effect)| {
            connection == on && is_stop(effect) && effect.event.attempt() == ring.event.attempt()
        })
    };
    let stop = good.iter().position(is_its_stop)?;
    let mut all = with(good, stop, [good[at].what.clone()]);
    all.remove(at);
    Some(all)
}

/// The connections that are open at a line, with their users and devices.
fn open(good: &[Traffic], at: usize) -> Vec<(u64, &str, &str)> {
    let mut open = Vec::new();
    for line in &good[..at] {
        match &line.what {
            What::Opened { connection, user, device } => {
                open.push((*connection, &**user, &**device))
            }
            What::Closed { connection } => open.retain(|(it, ..)| it != connection),
            _ => {}
        }
    }
    open
}

fn ring_elsewhere(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let (_, effect) = event(&good[at]).filter(|(_, effect)| is_ring(effect))?;
    let callee = &effect.event.call()?.callee;
    let (connection, ..) = open(good, at).into_iter().find(|(_, user, _)| user != callee)?;
    let What::Received { output, .. } = good[at].what.clone() else { return None };
    Some(with(good, at, [What::Received { connection, output }]))
}

fn to_who_acted(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let (_, effect) = event(&good[at])?;
    let Audience::OtherDevices { user, than } = &effect.to else { return None };
    let acted = |(_, of, device): &(u64, &str, &str)| of == user && device == than;
    let (connection, ..) = open(good, at).into_iter().find(acted)?;
    let What::Received { output, .. } = good[at].what.clone() else { return None };
    Some(with(good, at, [What::Received { connection, output }]))
}

fn other_outcome(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let (_, effect) = event(&good[at]).filter(|(_, effect)| is_outcome(effect))?;
    let Audience::Device { user, device } = &effect.to else { return None };
    let is_other = |(_, of, it): &(u64, &str, &str)| of == user && it != device;
    let (connection, _, other) = open(good, at).into_iter().find(is_other)?;
    let to = Audience::Device { user: user.clone(), device: other.to_owned() };
    let output = Output { at: good[at].at, body: Body::Effect(Effect { to, ..effect.clone() }) };
    let mut all = good.to_vec();
    all[at].what = What::Received { connection, output };
    Some(all)
}

/// The number of a call that rang before on the same connection, in this life.
fn old_number(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let (on, _) = event(&good[at]).filter(|(_, effect)| is_ring(effect))?;
    let earlier =
        good[..at].iter().rev().filter_map(event).find(|(it, effect)| *it == on && is_ring(effect));
    let number = earlier?.1.event.attempt();
    let mut all = good.to_vec();
    if let What::Received { output: Output { body: Body::Effect(effect), .. }, .. } =
        &mut all[at].what
    {
        if let Event::CallReceived { call, .. } = &mut effect.event {
            call.attempt = number;
        }
    }
    Some(all)
}

fn no_timer(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let (_, first) = event(&good[at]).filter(|(_, effect)| effect.because == Rule::E04)?;
    let number = first.event.attempt();
    let ends = |line: &Traffic| {
        event(line).is_some_and(|(_, it)| it.event.attempt() == number && it.because == Rule::E04)
    };
    Some(without(good, |it, line| it >= at && ends(line)))
}

/// It is open, and hears nothing more.
fn lost_connection(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let What::Opened { connection: lost, .. } = &good[at].what else { return None };
    let hears = |line: &Traffic| event(line).is_some_and(|(connection, _)| connection == *lost);
    good[at..].iter().any(hears).then(|| without(good, |it, line| it > at && hears(line)))
}

fn accepted_twice(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let What::Received { connection: on, output } = &good[at].what else { return None };
    let Body::Reply(Reply { answer: Ok(Answer::AcceptCall { attempt }), .. }) = &output.body else {
        return None;
    };
    let devices = open(good, at);
    let (_, user, device) = devices.iter().find(|(it, ..)| it == on)?;
    let other = devices.iter().find(|(_, of, it)| of == user && it != device)?.0;
    let command = Command::AcceptCall { room: "standup".into(), attempt: Some(*attempt) };
    let frame = Frame { request_id: Some(1 << 40), request: Request::Command(command) };
    let body = Body::Reply(Reply::new(1 << 40, Ok(Answer::AcceptCall { attempt: *attempt })));
    let output = Output { at: good[at].at, body };
    let sent = What::Sent { connection: other, frame };
    Some(with(good, at, [sent, What::Received { connection: other, output }]))
}

fn listed_again(good: &[Traffic], at: usize) -> Option<Vec<Traffic>> {
    let What::Received { connection: on, output } = &good[at].what else { return None };
    let Body::Reply(Reply { answer: Ok(Answer::GetMyCalls(_)), .. }) = &output.body else {
        return None;
    };
    let stops = good[..at].iter().filter_map(event).filter(|(it, _)| it == on);
    let stop = stops
        .filter(|(_, effect)| is_stop(effect))
        .map(|(_, it)| it.event.attempt())
        .next_back()?;
    let mut rings = good[..at].iter().filter_map(event);
    let call = rings.find_map(|(_, effect)| match &effect.event {
        Event::CallReceived { call, extension, time_left } if call.attempt == stop => {
            Some(LiveCall {
                room: call.room.clone(),
                caller: call.caller.clone(),
                callee: call.callee.clone(),
                attempt: stop,
                time_left: *time_left,
                extension: extension.clone(),
                rung: false,
            })
        }
        _ => None,
    })?;
    let mut all = good.to_vec();
    if let What::Received { output: Output { body: Body::Reply(reply), .. }, .. } =
        &mut all[at].what
    {
        if let Ok(Answer::GetMyCalls(mine)) = &mut reply.answer {
            mine.incoming.insert(0, call);
        }
    }
    Some(all)
}
