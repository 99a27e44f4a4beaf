//! Changes of one message.

use roomcall::EndingKind;
use roomcall::protocol::{Answer, Body, Event, Reply};

fn event_of(body: &mut Body) -> Option<&mut Event> {
    match body {
        Body::Effect(effect) => Some(&mut effect.event),
        _ => None,
    }
}

fn answer_of(body: &mut Body) -> Option<&mut Answer> {
    match body {
        Body::Reply(Reply { answer: Ok(answer), .. }) => Some(answer),
        _ => None,
    }
}

fn reply_of(body: &mut Body) -> Option<&mut Reply> {
    match body {
        Body::Reply(reply) => Some(reply),
        _ => None,
    }
}

pub(super) fn other_caller(body: &mut Body) -> Option<()> {
    let Event::CallReceived { call, .. } = event_of(body)? else { return None };
    call.caller = "mallory".into();
    Some(())
}

pub(super) fn other_text(body: &mut Body) -> Option<()> {
    let Event::CallReceived { extension, .. } = event_of(body)? else { return None };
    extension.push('!');
    Some(())
}

pub(super) fn longer(body: &mut Body) -> Option<()> {
    let Event::CallReceived { time_left: Some(left), .. } = event_of(body)? else { return None };
    *left += 1_000;
    Some(())
}

pub(super) fn other_device(body: &mut Body) -> Option<()> {
    match event_of(body)? {
        Event::CallHandledByOtherDevice { device: Some(device), .. } => device.push('2'),
        _ => return None,
    }
    Some(())
}

pub(super) fn contrary(body: &mut Body) -> Option<()> {
    match event_of(body)? {
        Event::CallHandledByOtherDevice { is_accepted, .. } => *is_accepted = !*is_accepted,
        _ => return None,
    }
    Some(())
}

pub(super) fn other_operator(body: &mut Body) -> Option<()> {
    let Event::CallRevokedByAdmin { operator, .. } = event_of(body)? else { return None };
    *operator = Some("mallory".into());
    Some(())
}

pub(super) fn other_ending(body: &mut Body) -> Option<()> {
    let event = event_of(body)?;
    *event = match event {
        Event::CallTimeout(call) => Event::CallCancelled(call.clone()),
        Event::CallCancelled(call) => Event::CallTimeout(call.clone()),
        Event::CallAccepted(call) => Event::CallTimeout(call.clone()),
        _ => return None,
    };
    Some(())
}

pub(super) fn other_attempt(body: &mut Body) -> Option<()> {
    let Answer::AcceptCall { attempt } = answer_of(body)? else { return None };
    *attempt += 1;
    Some(())
}

pub(super) fn no_result(body: &mut Body) -> Option<()> {
    let Answer::CallUserToRoom(results) = answer_of(body)? else { return None };
    results.pop();
    Some(())
}

pub(super) fn not_repeated(body: &mut Body) -> Option<()> {
    let reply = reply_of(body).filter(|reply| reply.repeated)?;
    reply.repeated = false;
    Some(())
}

pub(super) fn other_repetition(body: &mut Body) -> Option<()> {
    let reply = reply_of(body).filter(|reply| reply.repeated)?;
    reply.attempts.first_mut()?.1 += 1;
    Some(())
}

pub(super) fn other_number(body: &mut Body) -> Option<()> {
    reply_of(body)?.request_id += 1_000;
    Some(())
}

pub(super) fn old_next(body: &mut Body) -> Option<()> {
    let next = reply_of(body)?.next_request_id.as_mut().filter(|next| **next > 1)?;
    *next -= 1;
    Some(())
}

pub(super) fn lower_last(body: &mut Body) -> Option<()> {
    let Answer::GetMyCalls(mine) = answer_of(body)? else { return None };
    if mine.last_attempt <= mine.endings.last().map_or(0, |last| last.ended.attempt) {
        return None;
    }
    mine.last_attempt -= 1;
    Some(())
}

pub(super) fn lower_revision(body: &mut Body) -> Option<()> {
    let Answer::GetMyCalls(mine) = answer_of(body)? else { return None };
    mine.revision = mine.revision.checked_sub(1).filter(|it| *it >= mine.last_attempt)?;
    Some(())
}

pub(super) fn left_out(body: &mut Body) -> Option<()> {
    let Answer::GetMyCalls(mine) = answer_of(body)? else { return None };
    mine.incoming.pop().map(drop)
}

pub(super) fn not_mine(body: &mut Body) -> Option<()> {
    let Answer::GetMyCalls(mine) = answer_of(body)? else { return None };
    mine.incoming.first_mut()?.callee = "mallory".into();
    Some(())
}

pub(super) fn foreign_device(body: &mut Body) -> Option<()> {
    let Answer::GetMyCalls(mine) = answer_of(body)? else { return None };
    let is_foreign = |how| matches!(how, EndingKind::Accepted | EndingKind::Rejected);
    let mut endings = mine.endings.iter_mut();
    let ending = endings.find(|it| is_foreign(it.ended.how) && it.ended.device.is_none())?;
    ending.ended.device = Some("phone".into());
    Some(())
}

pub(super) fn text_in_list(body: &mut Body) -> Option<()> {
    let Answer::GetPendingCalls { calls, .. } = answer_of(body)? else { return None };
    calls.first_mut()?.extension = Some(String::new());
    Some(())
}
