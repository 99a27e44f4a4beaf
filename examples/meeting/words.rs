//! What happens, in a few words each, and the rules behind it.

use roomcall::handset::{Dismissal, Effect, Progress, Request, Stage};
use roomcall::protocol::{Actor, Answer, Command, Event, Fact, Input, Outcome, Refused, Withdrawn};
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Role, Rule};
use roomcall_testkit::world::screen::Screen;

use crate::roster::STANDUP;
use crate::timeline::Tone;
use crate::world::World;

type Said = (String, Tone);

/// The room, where it is not the one that everybody knows.
fn into(room: &str) -> String {
    if room == STANDUP { String::new() } else { format!(" ({room})") }
}

/// What an effect shows the person; nothing for what is only sent, or said by another effect.
pub(crate) fn effect(user: &str, shown: &Screen, effect: &Effect) -> Option<Said> {
    let plain = |text: String| Some((text, Tone::Plain));
    match effect {
        Effect::Dismiss { why: Dismissal::AnsweredHere, attempt } => {
            let stage = shown.calls.get(attempt).map(|(_, stage)| *stage);
            let is_answered = stage == Some(Stage::Accepting);
            (!is_answered).then(|| ("stop: you are in".to_owned(), Tone::Yes))
        }
        Effect::Dismiss { why, .. } => Some(dismissed(why)),
        Effect::Update { attempt, stage } => {
            let (call, _) = shown.calls.get(attempt)?;
            staged(*stage, &call.caller, &call.room)
        }
        Effect::Show { call, stage, .. } => staged(*stage, &call.caller, &call.room),
        Effect::Report { .. } => plain("push: not shown".to_owned()),
        Effect::Learned { why, .. } => Some((format!("is over: {}", ending(why)), Tone::Dim)),
        Effect::Logged { entry, is_news: true } => {
            Some((format!("missed {}", entry.caller), Tone::No))
        }
        Effect::Seen { .. } => Some(("no missed calls".to_owned(), Tone::Dim)),
        Effect::Join { room } => Some((format!("joins {room}"), Tone::Yes)),
        Effect::Progress { progress: Progress::Asking, .. } => None,
        Effect::Progress { callee, progress, .. } => {
            Some((format!("{callee}: {}", stands(progress)), tone_of(progress)))
        }
        Effect::Listed { callee, caller, status, .. } => {
            let word = match status {
                CallStatus::Calling => "on list",
                CallStatus::Timeout => "no reply",
                CallStatus::Rejected => "said no",
                CallStatus::None => "off list",
            };
            (caller != user).then(|| (format!("{callee} {word}"), Tone::Dim))
        }
        Effect::Unlisted { callee, .. } => {
            let caller = shown.list.get(callee).map(|entry| entry.caller.as_str());
            (caller != Some(user)).then(|| (format!("{callee} off list"), Tone::Dim))
        }
        Effect::Answered { answer: Ok(Answer::CancelCall(results)), .. } => {
            let is_done = results.iter().all(|(_, result)| *result == Withdrawn::Cancelled);
            plain(if is_done { "it is cancelled" } else { "too late" }.to_owned())
        }
        Effect::Answered { answer: Ok(Answer::RevokeCall(results)), .. } => {
            let is_done = results.iter().all(|(_, result)| *result == Withdrawn::Revoked);
            plain(if is_done { "it is revoked" } else { "too late" }.to_owned())
        }
        Effect::Answered { answer: Err(refused), .. } => plain(format!("no: {}", refused.message)),
        Effect::NotSent { .. } => plain("not sent".to_owned()),
        Effect::Answered { .. } | Effect::Send { .. } | _ => None,
    }
}

fn staged(stage: Stage, caller: &str, room: &str) -> Option<Said> {
    match stage {
        Stage::Ringing => Some((format!("RINGS {caller}{}", into(room)), Tone::Ring)),
        Stage::Waiting => Some((format!("waits: {caller}{}", into(room)), Tone::Ring)),
        Stage::Accepting | Stage::Rejecting => None,
    }
}

fn dismissed(why: &Dismissal) -> Said {
    match why {
        Dismissal::Silenced => ("falls silent".to_owned(), Tone::Dim),
        Dismissal::Hidden => ("hides it".to_owned(), Tone::Dim),
        Dismissal::SignedOut => ("signs out".to_owned(), Tone::Dim),
        Dismissal::RejectedHere => ("said no".to_owned(), Tone::No),
        Dismissal::Gone
        | Dismissal::TimedOut
        | Dismissal::Cancelled
        | Dismissal::Revoked { .. }
        | Dismissal::InOtherRoom
        | Dismissal::RejectedElsewhere { .. }
        | Dismissal::AnsweredElsewhere { .. }
        | Dismissal::AnsweredHere => (format!("stop: {}", ending(why)), Tone::No),
        _ => ("stop".to_owned(), Tone::Plain),
    }
}

fn ending(why: &Dismissal) -> String {
    let on = |device: &Option<String>| device.clone().unwrap_or("another".to_owned());
    match why {
        Dismissal::Silenced => "silent".to_owned(),
        Dismissal::Hidden => "hidden".to_owned(),
        Dismissal::SignedOut => "signed out".to_owned(),
        Dismissal::Gone => "it is over".to_owned(),
        Dismissal::TimedOut => "no answer".to_owned(),
        Dismissal::Cancelled => "cancelled".to_owned(),
        Dismissal::Revoked { operator } => {
            format!("revoked by {}", operator.as_deref().unwrap_or("the backend"))
        }
        Dismissal::InOtherRoom => "in another room".to_owned(),
        Dismissal::RejectedElsewhere { device } => format!("no on {}", on(device)),
        Dismissal::AnsweredElsewhere { device } => format!("yes on {}", on(device)),
        Dismissal::RejectedHere => "no, here".to_owned(),
        Dismissal::AnsweredHere => "yes, here".to_owned(),
        _ => "for a new reason".to_owned(),
    }
}

/// How a call stands, for its caller.
pub(crate) fn stands(progress: &Progress) -> String {
    match progress {
        Progress::Asking => "asking".to_owned(),
        Progress::AlreadyInRoom => "is here".to_owned(),
        Progress::AlreadyInCalling => "is called already".to_owned(),
        Progress::Refused { code } => format!("refused {code}"),
        Progress::NotSent => "not called".to_owned(),
        Progress::Calling => "is called".to_owned(),
        Progress::Ringing => "rings".to_owned(),
        Progress::Unknown => "over?".to_owned(),
        Progress::TimedOut => "no answer".to_owned(),
        Progress::Rejected { reason: Some(CallRejectionReason::InOtherRoom) } => {
            "in another room".to_owned()
        }
        Progress::Rejected { .. } => "said no".to_owned(),
        Progress::Cancelled => "cancelled".to_owned(),
        Progress::Revoked { operator } => {
            format!("revoked by {}", operator.as_deref().unwrap_or("someone"))
        }
        Progress::Accepted => "comes".to_owned(),
        _ => "in a new way".to_owned(),
    }
}

const fn tone_of(progress: &Progress) -> Tone {
    match progress {
        Progress::Ringing => Tone::Ring,
        Progress::Accepted => Tone::Yes,
        Progress::Rejected { .. } | Progress::TimedOut | Progress::Revoked { .. } => Tone::No,
        Progress::Asking
        | Progress::Calling
        | Progress::AlreadyInRoom
        | Progress::AlreadyInCalling
        | Progress::Refused { .. }
        | Progress::NotSent
        | Progress::Unknown
        | Progress::Cancelled => Tone::Plain,
        _ => Tone::Plain,
    }
}

/// The rule by which a handset does something. `duplicate` for a request that was sent before.
pub(crate) const fn rule_of(effect: &Effect, duplicate: bool) -> Rule {
    if duplicate { Rule::D17 } else { effect.rule() }
}

/// As [`rule_of`], for a request.
pub(crate) fn rule_of_request(request_id: Option<u64>, request: &Request, duplicate: bool) -> Rule {
    rule_of(&Effect::Send { request_id, request: request.clone() }, duplicate)
}

pub(crate) fn actor(by: &Actor) -> String {
    match by {
        Actor::Device { user, device } => format!("{user}'s {device}"),
        Actor::Backend => "the backend".to_owned(),
    }
}

/// What a command that is sent again is about.
pub(crate) const fn verb(command: &Command) -> &'static str {
    match command {
        Command::CallUserToRoom { .. } => "call",
        Command::CancelCall { .. } => "cancel",
        Command::RevokeCall { .. } | Command::RevokeUserCalls { .. } => "revoke",
        Command::AcceptCall { .. } => "yes",
        Command::RejectCall { .. } => "no",
        Command::MarkCallsSeen { .. } => "seen",
        Command::Ringing { .. } => "it rings",
    }
}

/// What the switchboard decides at one input; nothing where that is only an answer to a question.
pub(crate) fn outcome(world: &World, input: &Input, turn: &Outcome) -> Vec<Said> {
    let mut said = Vec::new();
    if let Input::Fact(fact) = input {
        said.extend(happened(fact).filter(|_| turn.unchanged.is_none()));
    }
    let mut told = Vec::new();
    for effect in &turn.effects {
        let attempt = effect.event.attempt();
        let is_list =
            matches!(effect.event, Event::PendingCallChanged(_) | Event::PendingCallRemoved(_));
        if !told.contains(&attempt) && !is_list {
            told.push(attempt);
            said.extend(became(world, attempt, effect.because));
        }
    }
    match (&turn.answer, input) {
        (Some(Ok(_)), Input::Ask { by, command }) if turn.unchanged.is_some() => {
            let (who, what) = (actor(by), verb(command));
            said.push((format!("{who} again: {what}, as before"), Tone::Dim));
        }
        (Some(Err(refused)), Input::Ask { by, .. }) => {
            said.push((lost(&actor(by), refused), Tone::No));
        }
        (Some(Ok(Answer::CancelCall(results) | Answer::RevokeCall(results))), _) => {
            for (user, result) in results {
                if let Withdrawn::Already(how) = result {
                    said.push((format!("too late: {user} {}", how_word(*how)), Tone::No));
                }
            }
        }
        (Some(_) | None, _) => {}
    }
    said
}

fn lost(who: &str, refused: &Refused) -> String {
    match &refused.ended {
        Some(ended) => {
            format!("too late, {who}: #{} {}", ended.attempt, how_word(ended.how))
        }
        None => format!("{who}: {}", refused.message),
    }
}

fn became(world: &World, attempt: u64, rule: Rule) -> Option<Said> {
    let call = world.calls().get(&attempt)?;
    let (callee, room) = (&call.callee, into(&call.room));
    if rule == Rule::C01 {
        return Some((format!("#{attempt} {} calls {callee}{room}", call.caller), Tone::Ring));
    }
    let (how, by) = (&call.ended.as_ref()?.how, world.ended_by.get(&attempt)?);
    let tone = match how {
        EndingKind::Accepted | EndingKind::Entered => Tone::Yes,
        EndingKind::Rejected
        | EndingKind::InOtherRoom
        | EndingKind::TimedOut
        | EndingKind::Cancelled
        | EndingKind::Revoked => Tone::No,
    };
    let by = match how {
        EndingKind::TimedOut | EndingKind::InOtherRoom => String::new(),
        EndingKind::Accepted
        | EndingKind::Rejected
        | EndingKind::Cancelled
        | EndingKind::Revoked
        | EndingKind::Entered => {
            format!(", {by}")
        }
    };
    let callee = if by.starts_with(&format!(", {callee}'s")) { "" } else { callee };
    let what = format!("#{attempt} {callee} {}{by}", how_word(*how));
    Some((what, tone))
}

/// The seven endings.
pub(crate) const fn how_word(how: EndingKind) -> &'static str {
    match how {
        EndingKind::Accepted => "accepted",
        EndingKind::Rejected => "rejected",
        EndingKind::InOtherRoom => "in other room",
        EndingKind::TimedOut => "timed out",
        EndingKind::Cancelled => "cancelled",
        EndingKind::Revoked => "revoked",
        EndingKind::Entered => "entered",
    }
}

fn happened(fact: &Fact) -> Option<Said> {
    let text = match fact {
        Fact::RoomOpened { room, owner } => format!("{owner} opens {room}"),
        Fact::RoomDissolved { room, .. } => format!("{room} is dissolved"),
        Fact::UserEntered { room, user, .. } => format!("{user} is in {room}"),
        Fact::UserLeft { room, user, .. } => format!("{user} has left {room}"),
        Fact::PresenceListed { room, present, .. } => {
            format!("{} devices are in {room}", present.len())
        }
        Fact::UserRemoved { room, user, .. } => format!("{user} is removed from {room}"),
        Fact::RoleSet { room, user, role, .. } => match role {
            Role::Admin => format!("{user} is admin of {room}"),
            Role::Owner => format!("{user} owns {room}"),
            Role::Participant => format!("{user} has no role in {room}"),
        },
        Fact::UserErased { user } => format!("{user} is forgotten"),
        Fact::RulesChanged { .. } => "policy and limits change".to_owned(),
        Fact::Recovered { .. } => "the switchboard lost its state".to_owned(),
    };
    Some((text, Tone::Plain))
}

/// The rules at work in a turn.
pub(crate) fn rules(input: &Input, turn: &Outcome) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    if let Input::Fact(fact) = input {
        rules.push(match fact {
            Fact::RoomOpened { .. } => Rule::F02,
            Fact::RoomDissolved { .. } => Rule::F11,
            Fact::UserEntered { .. } => Rule::F04,
            Fact::UserLeft { .. } => Rule::F06,
            Fact::PresenceListed { .. } => Rule::F15,
            Fact::UserRemoved { .. } => Rule::F16,
            Fact::RoleSet { .. } => Rule::F09,
            Fact::UserErased { .. } => Rule::F20,
            Fact::RulesChanged { .. } => Rule::F19,
            Fact::Recovered { .. } => Rule::F18,
        });
    }
    rules.extend(turn.effects.iter().map(|effect| effect.because));
    rules.extend(turn.unchanged);
    match &turn.answer {
        Some(Err(refused)) => rules.push(refused.rule),
        Some(Ok(Answer::CallUserToRoom(results))) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
        }
        Some(Ok(Answer::CancelCall(results) | Answer::RevokeCall(results))) => {
            rules.extend(results.iter().map(|(_, result)| result.rule()));
        }
        Some(Ok(_)) | None => {}
    }
    rules
}
