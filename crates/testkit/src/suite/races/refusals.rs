//! Requests that are refused, each by the first rule that does, with its code, and again when they are sent again.

use roomcall::Rule;
use roomcall::protocol::{Command, Query, Refused};

use super::super::stage::{Line, Played, Stage, Stop, expect};
use super::super::transport::Transport;
use super::{Meeting, ROOM, accept, call, cancel, revoke};

/// A command is refused by a rule with a code, and so is the same one again.
async fn is_refused<T: Transport>(
    stage: &mut Stage<T>,
    line: Line,
    command: Command,
    (rule, code): (Rule, i32),
) -> Played<Refused> {
    let number = stage.send(line, command.clone()).await?;
    stage.send_as(line, number, command.clone()).await?;
    stage.settle().await?;
    let replies = stage.replies(line, number);
    let [first, second] = replies[..] else {
        let what = format!("request {number} was sent twice, and has {} replies", replies.len());
        return Err(Stop::Broken(Rule::X01, what));
    };
    let Err(refused) = &first.answer else {
        return Err(Stop::Broken(rule, format!("{command:?} is answered {:?}", first.answer)));
    };
    let told = (refused.rule, refused.code);
    expect(told == (rule, code), rule, format!("{command:?} is refused by {told:?}, not {code}"))?;
    let is_same = first.answer == second.answer && second.repeated && !first.repeated;
    expect(is_same, Rule::X02, format!("{command:?} is refused by {first:?}, then by {second:?}"))?;
    Ok(refused.clone())
}

pub(super) async fn codes<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    let unknown = accept(attempt + 1_000_000);
    let ended = is_refused(stage, phone, unknown, (Rule::E10, -2_311)).await?.ended;
    expect(ended.is_none(), Rule::E10, format!("what never rang ended as {ended:?}"))?;
    let elsewhere = || "no-such-room".to_owned();
    let cancel_elsewhere = Command::CancelCall { room: elsewhere(), users: vec!["bo".into()] };
    let accept_elsewhere = Command::AcceptCall { room: elsewhere(), attempt: Some(attempt) };
    for (line, command, refusal) in [
        (phone, call(&["ana"], 30), (Rule::P01, -2_101)),
        (phone, revoke("bo"), (Rule::P03, -2_301)),
        (mac, call(&[], 30), (Rule::L02, -1_001)),
        (mac, call(&["cy"], 301), (Rule::L04, -1_001)),
        (mac, cancel_elsewhere, (Rule::R02, 100_004)),
        (phone, accept_elsewhere, (Rule::R02, 100_004)),
        (mac, Command::CancelCall { room: ROOM.into(), users: Vec::new() }, (Rule::L02, -1_001)),
    ] {
        is_refused(stage, line, command, refusal).await?;
    }
    let query = Query::GetCallLog { since: 0, count: 0 };
    let answer = stage.answer_to(phone, query).await?;
    let told = answer.map(|answer| answer.map_err(|refused| (refused.rule, refused.code)));
    let is_so = told == Some(Err((Rule::Q05, -1_001)));
    expect(is_so, Rule::Q05, format!("a page of no entries is answered {told:?}"))?;
    stage.send(mac, cancel("bo")).await?;
    stage.settle().await?;
    let refused = is_refused(stage, tablet, accept(attempt), (Rule::E09, -2_311)).await?;
    let ended = refused.ended.map(|ended| (ended.attempt, ended.how, ended.user));
    let is_so = ended == Some((attempt, roomcall::EndingKind::Cancelled, Some("ana".into())));
    expect(is_so, Rule::E09, format!("who is too late is told {ended:?}"))
}
