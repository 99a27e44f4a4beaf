//! What changed, and who is told of it.

use roomcall::protocol::{Audience, Effect, Event};
use roomcall::{CallRejectionReason, Rule};

use super::words::{cite, device_of, name, time_left};

/// What the clock did, which comes first (O-01), and what the input did. The clock ends attempts
/// as timed out, and each may evict a record, and expectations; what the input evicts follows an ending of
/// its own.
pub(crate) fn by_cause(effects: &[Effect]) -> (&[Effect], &[Effect]) {
    let is_of_input =
        |effect: &Effect| !matches!(effect.because, Rule::E04 | Rule::E21 | Rule::K03);
    effects.split_at(effects.iter().position(is_of_input).unwrap_or(effects.len()))
}

/// The effects of each change. An attempt changes twice where its ending evicts its own record.
pub(crate) fn each(effects: &[Effect]) -> impl Iterator<Item = &[Effect]> {
    let change = |effect: &Effect| (effect.event.attempt(), is_of_removal(effect));
    effects.chunk_by(move |a, b| change(a) == change(b))
}

/// Whether the change is that a kept record goes.
pub(crate) fn is_removal(change: &[Effect]) -> bool {
    change.first().is_some_and(is_of_removal)
}

fn is_of_removal(effect: &Effect) -> bool {
    matches!(effect.because, Rule::K02 | Rule::K03)
}

/// What becomes of an attempt by a rule.
const CHANGES: [(Rule, &str); 17] = [
    (Rule::C01, "new -> calling"),
    (Rule::C08, "new -> in other room"),
    (Rule::C14, "it rings"),
    (Rule::E01, "calling -> accepted"),
    (Rule::E02, "calling -> rejected"),
    (Rule::E03, "calling -> in other room"),
    (Rule::E04, "calling -> timed out"),
    (Rule::E05, "calling -> cancelled"),
    (Rule::E06, "calling -> revoked"),
    (Rule::E07, "calling -> entered"),
    (Rule::E19, "calling -> revoked"),
    (Rule::E21, "expected -> not joined"),
    (Rule::F07, "calling -> cancelled"),
    (Rule::F08, "calling -> cancelled"),
    (Rule::F11, "calling -> revoked"),
    (Rule::K02, "kept -> removed"),
    (Rule::K03, "kept -> removed"),
];

/// One change: of which attempt, from what to what, who is told, and by which rule.
pub(crate) fn told(change: &[Effect]) -> String {
    if let [Effect { event: Event::CallsSeen { .. }, .. }] = change {
        return format!("the call log: seen; {}", told_by_rule(change));
    }
    let attempt = change.first().map_or(0, |effect| effect.event.attempt());
    let call = change.iter().find_map(|effect| effect.event.call());
    let callee = call.map_or_else(String::new, |call| format!(", {}", name(&call.callee)));
    let becomes = change.first().and_then(|first| {
        let found = CHANGES.iter().find(|(rule, _)| *rule == first.because);
        found.map(|(_, becomes)| *becomes)
    });
    let becomes = becomes.unwrap_or("changed");
    let by_rule = change.chunk_by(|a, b| a.because == b.because);
    let told: Vec<String> = by_rule.map(told_by_rule).collect();
    format!("attempt {attempt}{callee}: {becomes}; {}", told.join(", "))
}

/// Who is told what by one rule. Neighbours who are told the same share a verb.
fn told_by_rule(effects: &[Effect]) -> String {
    let mut told = Vec::new();
    for same in effects.chunk_by(|a, b| a.event == b.event) {
        let who: Vec<String> = same.iter().map(|effect| audience(&effect.to)).collect();
        let s = if is_plural(same) { "" } else { "s" };
        let what = same.first().map(|effect| heard(&effect.event, s));
        let (who, what) = (who.join(" and "), what.unwrap_or_default());
        told.push(format!("{who} {what}"));
    }
    let rule = effects.first().map(|effect| cite(effect.because));
    format!("{} {}", told.join(", "), rule.unwrap_or_default())
}

fn is_plural(told: &[Effect]) -> bool {
    match told {
        [Effect { to, .. }] => matches!(to, Audience::User(_) | Audience::OtherDevices { .. }),
        _ => true,
    }
}

fn audience(to: &Audience) -> String {
    match to {
        Audience::User(user) => format!("{}'s devices", name(user)),
        Audience::Device { user, device } => device_of(user, device),
        // Than the one that acted, which the event names.
        Audience::OtherDevices { user, .. } => format!("{}'s other devices", name(user)),
        Audience::Room(room) => name(room),
    }
}

/// The verb, which ends in `s` if one hears it, and what follows it.
fn heard(event: &Event, s: &str) -> String {
    match event {
        Event::CallReceived { time_left: left, .. } => format!("ring{s} {}", time_left(*left)),
        Event::CallCancelled(call) => format!("hear{s} that {} cancelled", name(&call.caller)),
        Event::CallRevokedByAdmin { operator, .. } => {
            let operator = operator.as_deref().map_or("the backend".to_owned(), name);
            format!("hear{s} that {operator} revoked it")
        }
        Event::CallTimeout(_) => format!("hear{s} that time is up"),
        Event::CallAccepted(call) => format!("hear{s} that {} accepted", name(&call.callee)),
        Event::CallRinging(call) => format!("hear{s} that it rings at {}", name(&call.callee)),
        Event::CallNotJoined(call) => {
            format!("hear{s} that {} did not come", name(&call.callee))
        }
        Event::CallRejected { call, reason } => {
            let how = match reason {
                CallRejectionReason::Rejected => "rejected",
                CallRejectionReason::InOtherRoom => "is in another room",
                CallRejectionReason::Busy => "is busy",
            };
            format!("hear{s} that {} {how}", name(&call.callee))
        }
        Event::CallHandledByOtherDevice { is_accepted, device, .. } => {
            let by = device.as_deref().map_or("the switchboard".to_owned(), name);
            let how = if *is_accepted { "accepted" } else { "rejected" };
            format!("hear{s} that {by} {how}")
        }
        Event::PendingCallChanged(call) => {
            format!("see{s} {} as {}", name(&call.callee), call.status.word())
        }
        Event::PendingCallRemoved(call) => format!("see{s} {} go", name(&call.callee)),
        Event::CallsSeen { up_to } => format!("hear{s} that it was seen up to entry {up_to}"),
        other => format!("hear{s} {}, which has no explanation here", other.name()),
    }
}
