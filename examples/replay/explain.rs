//! A turn in words: who did what, what changed, who is told, and by which rule.

use std::collections::BTreeMap;

use roomcall::Rule;
use roomcall::wire::{
    Actor, Answer, Command, Effect, EndedBy, Entry, Event, Fact, Line, Query, Refused, To, Turn,
};

/// One sentence for each transition: each attempt that the clock ended, then the input itself.
pub(crate) fn sentences(line: &Line, turn: &Turn) -> Vec<String> {
    let clock = format!("{:>10}", seconds(turn.at));
    let is_of_time = |effect: &&Effect| effect.because == Rule::E04;
    // An eviction follows the ending that caused it (K-03).
    let of_time = turn.effects.iter().position(|effect| !follows_time(effect));
    let (by_time, by_input) = turn.effects.split_at(of_time.unwrap_or(turn.effects.len()));
    let mut sentences: Vec<String> = attempts(by_time)
        .into_iter()
        .filter(|(_, effects)| effects.iter().any(is_of_time))
        .map(|(attempt, effects)| {
            format!("{clock}  the clock: attempt {attempt} times out; {}", told(&effects))
        })
        .collect();
    let what = match &line.entry {
        Entry::Tick if !sentences.is_empty() => return sentences,
        Entry::Tick => "a tick".to_owned(),
        Entry::Fact(fact) => said_fact(fact),
        Entry::Ask { by, command } => format!("{} {}", actor(by), said_command(command)),
        Entry::Query { by, query } => format!("{} {}", actor(by), said_query(query)),
    };
    let outcome = match (&turn.answer, turn.unchanged) {
        (Some(Err(refused)), _) => vec![refusal(refused)],
        (Some(Ok(answer)), None) => vec![answered(answer)],
        (Some(Ok(answer)), Some(rule)) => {
            vec![answered(answer), format!("nothing changes: {}", cite(rule))]
        }
        (None, Some(rule)) => vec![format!("nothing changes: {}", cite(rule))],
        (None, None) if by_input.is_empty() => vec!["nobody is told".to_owned()],
        (None, None) => Vec::new(),
    };
    let effects = attempts(by_input).into_iter().map(|(_, effects)| told(&effects));
    let parts: Vec<String> = outcome.into_iter().chain(effects).collect();
    sentences.push(format!("{clock}  {what}: {}", parts.join("; ")));
    sentences
}

/// Whether an effect is the clock's doing: a timeout, or what it evicted.
fn follows_time(effect: &Effect) -> bool {
    matches!(effect.because, Rule::E04 | Rule::K03)
}

/// Effects by attempt, in the order in which the attempts first occur.
fn attempts(effects: &[Effect]) -> Vec<(u64, Vec<&Effect>)> {
    let mut places = BTreeMap::new();
    let mut grouped: Vec<(u64, Vec<&Effect>)> = Vec::new();
    for effect in effects {
        let attempt = attempt_of(&effect.event);
        let place = *places.entry(attempt).or_insert(grouped.len());
        match grouped.get_mut(place) {
            Some((_, effects)) => effects.push(effect),
            None => grouped.push((attempt, vec![effect])),
        }
    }
    grouped
}

fn attempt_of(event: &Event) -> u64 {
    match event {
        Event::CallReceived { call, .. }
        | Event::CallCancelled(call)
        | Event::CallRevokedByAdmin { call, .. }
        | Event::CallTimeout(call)
        | Event::CallAccepted(call)
        | Event::CallRejected { call, .. }
        | Event::PendingCallChanged(call)
        | Event::PendingCallRemoved(call) => call.attempt,
        Event::CallHandledByOtherDevice { attempt, .. } => *attempt,
    }
}

/// Who is told what, with the rules behind it.
fn told(effects: &[&Effect]) -> String {
    let each: Vec<String> = effects
        .iter()
        .map(|effect| format!("{} {}", audience(&effect.to), heard(&effect.event)))
        .collect();
    let mut rules: Vec<Rule> = Vec::new();
    for effect in effects {
        if !rules.contains(&effect.because) {
            rules.push(effect.because);
        }
    }
    let rules: Vec<String> = rules.into_iter().map(cite).collect();
    format!("{} ({})", each.join(", "), rules.join(", "))
}

fn cite(rule: Rule) -> String {
    format!("{} {}", rule.id(), rule.title().to_lowercase())
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::Device { user, device } => format!("{user} ({device})"),
        Actor::Backend => "the backend".to_owned(),
    }
}

fn audience(to: &To) -> String {
    match to {
        To::User(user) => format!("{user}'s devices"),
        To::Device { user, device } => format!("{user} ({device})"),
        To::OtherDevices { user, than } => format!("{user}'s devices but {than}"),
        To::Room(room) => format!("everyone in {room}"),
    }
}

fn heard(event: &Event) -> String {
    match event {
        Event::CallReceived { call, time_left, .. } => {
            let left =
                time_left.map_or("without end".to_owned(), |left| format!("for {}", seconds(left)));
            format!("ring {left}, attempt {}", call.attempt)
        }
        Event::CallCancelled(call) => format!("hear that {} cancelled", call.caller),
        Event::CallRevokedByAdmin { operator, .. } => {
            format!("hear that {} revoked it", operator.as_deref().unwrap_or("the backend"))
        }
        Event::CallTimeout(_) => "hear the timeout".to_owned(),
        Event::CallAccepted(call) => format!("hears that {} comes", call.callee),
        Event::CallRejected { call, reason } => {
            format!("hears that {} does not come: {}", call.callee, reason.word())
        }
        Event::CallHandledByOtherDevice { is_accepted, device, .. } => {
            let by = device.as_deref().unwrap_or("the switchboard");
            let how = if *is_accepted { "accepted" } else { "rejected" };
            format!("stop ringing: {how} by {by}")
        }
        Event::PendingCallChanged(call) => {
            format!("see {} as {} (attempt {})", call.callee, call.status.word(), call.attempt)
        }
        Event::PendingCallRemoved(call) => format!("see {} leave the list", call.callee),
    }
}

fn said_fact(fact: &Fact) -> String {
    match fact {
        Fact::RoomOpened { room, owner } => format!("{room} is opened, owner {owner}"),
        Fact::RoomDissolved { room, by } => format!("{} dissolves {room}", actor(by)),
        Fact::UserEntered { room, user, device } => format!("{user} ({device}) enters {room}"),
        Fact::UserLeft { room, user } => format!("{user} leaves {room}"),
        Fact::RoleSet { room, user, role } => format!("{user} is {} of {room}", role.word()),
    }
}

fn said_command(command: &Command) -> String {
    let attempt = |attempt: &Option<u64>| match attempt {
        Some(attempt) => format!("attempt {attempt}"),
        None => "the call".to_owned(),
    };
    match command {
        Command::CallUserToRoom { room, users, timeout, .. } => {
            let length =
                if *timeout == 0 { "for ever".to_owned() } else { format!("for {timeout} s") };
            format!("calls {} to {room} {length}", users.join(", "))
        }
        Command::CancelCall { room, users } => format!("cancels {} in {room}", users.join(", ")),
        Command::RevokeCall { room, users } => format!("revokes {} in {room}", users.join(", ")),
        Command::AcceptCall { room, attempt: a } => format!("accepts {} to {room}", attempt(a)),
        Command::RejectCall { room, attempt: a, reason } => {
            format!("rejects {} to {room} ({})", attempt(a), reason.word())
        }
    }
}

fn said_query(query: &Query) -> String {
    match query {
        Query::GetPendingCalls { room, cursor, .. }
            if cursor.as_deref().is_some_and(|c| !c.is_empty()) =>
        {
            format!("asks for the next page of {room}'s list")
        }
        Query::GetPendingCalls { room, .. } => format!("asks for {room}'s list"),
        Query::GetIncomingCalls {} => "asks what rings".to_owned(),
    }
}

fn answered(answer: &Answer) -> String {
    match answer {
        Answer::CallUserToRoom(results) => {
            let each = results.iter().map(|(user, result)| {
                format!("{user} {} ({})", result.word(), cite(result.rule()))
            });
            each.collect::<Vec<_>>().join(", ")
        }
        Answer::CancelCall(results) | Answer::RevokeCall(results) => {
            let each = results.iter().map(|(user, result)| {
                format!("{user} {} ({})", result.word(), cite(result.rule()))
            });
            each.collect::<Vec<_>>().join(", ")
        }
        Answer::AcceptCall { attempt } => format!("attempt {attempt} is accepted"),
        Answer::RejectCall { attempt } => format!("attempt {attempt} is rejected"),
        Answer::GetPendingCalls { calls, next_cursor } => {
            let each: Vec<String> = calls
                .iter()
                .map(|c| format!("{} {} (attempt {})", c.callee, c.status.word(), c.attempt))
                .collect();
            let more = if next_cursor.is_empty() { "no more" } else { "there is more" };
            format!("[{}], {more}", each.join(", "))
        }
        Answer::GetIncomingCalls { calls, revision } => {
            let each: Vec<String> = calls
                .iter()
                .map(|c| format!("{} calls to {} (attempt {})", c.caller, c.room, c.attempt))
                .collect();
            format!("[{}], revision {revision}", each.join(", "))
        }
    }
}

fn refusal(refused: &Refused) -> String {
    let Refused { code, rule, message, ended } = refused;
    let winner = match ended {
        Some(EndedBy { attempt, user: Some(user), device: Some(device), .. }) => {
            format!(", attempt {attempt} by {user} ({device})")
        }
        Some(EndedBy { attempt, user: Some(user), .. }) => format!(", attempt {attempt} by {user}"),
        Some(EndedBy { attempt, .. }) => format!(", attempt {attempt}"),
        None => String::new(),
    };
    format!("refused with {code}, {message}{winner} ({})", cite(*rule))
}
