//! A host that is killed, and goes on from what it has stored.

use roomcall::Rule;
use roomcall::protocol::{Frame, Query, Request};

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, accept, call, cancel};

/// Everybody connects again.
async fn again<T: Transport>(stage: &mut Stage<T>) -> Played<Meeting> {
    let mac = stage.connect("ana", "mac").await?;
    let phone = stage.connect("bo", "phone").await?;
    let tablet = stage.connect("bo", "tablet").await?;
    Ok(Meeting { mac, phone, tablet })
}

/// What rings for the user of a connection.
async fn incoming<T: Transport>(stage: &mut Stage<T>, line: Line) -> Played<Vec<u64>> {
    let mine = stage.my_calls(line).await?;
    let incoming = mine.map(|mine| mine.incoming).unwrap_or_default();
    Ok(incoming.iter().map(|call| call.attempt).collect())
}

pub(super) async fn while_it_rings<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (_, attempt) = Meeting::ringing(stage, 60).await?;
    stage.restart().await?;
    let Meeting { mac, phone, .. } = again(stage).await?;
    let rings = incoming(stage, phone).await?;
    expect(
        rings == [attempt],
        Rule::S01,
        format!("attempt {attempt} rang before the kill, {rings:?} do now"),
    )?;
    stage.send(mac, cancel("bo")).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    let next = stage.rang(phone).last().copied().unwrap_or_default();
    expect(
        next > attempt,
        Rule::C06,
        format!("after attempt {attempt} and a kill comes attempt {next}"),
    )
}

pub(super) async fn after_an_answer<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, .. }, attempt) = Meeting::ringing(stage, 60).await?;
    let answer = stage.reply_to(phone, accept(attempt)).await?.answer;
    expect(answer.is_ok(), Rule::E01, format!("an accept is answered {answer:?}"))?;
    stage.restart().await?;
    let Meeting { tablet, .. } = again(stage).await?;
    let rings = incoming(stage, tablet).await?;
    expect(
        rings.is_empty(),
        Rule::S01,
        format!("what was accepted before the kill rings: {rings:?}"),
    )?;
    let answer = stage.reply_to(tablet, accept(attempt)).await?.answer;
    let is_late = answer.as_ref().is_err_and(|refused| refused.ended.is_some());
    expect(is_late, Rule::E09, format!("a second accept after the kill is answered {answer:?}"))
}

/// The number of the accept was used, also if nobody remembers who used it.
pub(super) async fn next_number<T: Transport>(stage: &mut Stage<T>) -> Played {
    const QUERY: u64 = 1 << 40;
    let (Meeting { phone, .. }, attempt) = Meeting::ringing(stage, 60).await?;
    let number = stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    stage.reply(phone, number)?;
    stage.restart().await?;
    let Meeting { phone, .. } = again(stage).await?;
    let request = Request::Query(Query::GetMyCalls { since: 0 });
    stage.send_frame(phone, Frame { request_id: Some(QUERY), request }).await?;
    stage.settle().await?;
    let next = stage.reply(phone, QUERY)?.next_request_id;
    expect(
        next.is_some_and(|next| next > number),
        Rule::X06,
        format!("request {number} was answered before the kill; the next number is {next:?}"),
    )
}

/// Whether or not the accept was stored before the kill, the one who sends it again has it once.
pub(super) async fn before_the_reply<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, .. }, attempt) = Meeting::ringing(stage, 60).await?;
    let number = stage.send(phone, accept(attempt)).await?;
    stage.restart().await?;
    let Meeting { mac, phone, tablet } = again(stage).await?;
    stage.send_as(phone, number, accept(attempt)).await?;
    stage.settle().await?;
    let answer = &stage.reply(phone, number)?.answer;
    expect(answer.is_ok(), Rule::X02, format!("an accept is sent again after a kill: {answer:?}"))?;
    let rings = incoming(stage, tablet).await?;
    expect(rings.is_empty(), Rule::T01, format!("what was accepted rings: {rings:?}"))?;
    let told = stage.count(mac, "onCallAccepted", attempt);
    expect(told <= 1, Rule::T01, format!("one accept is told {told} times"))
}

pub(super) async fn past_the_deadline<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (_, attempt) = Meeting::ringing(stage, 1).await?;
    stage.restart().await?;
    stage.advance(1_100).await?;
    let Meeting { phone, .. } = again(stage).await?;
    let rings = incoming(stage, phone).await?;
    expect(rings.is_empty(), Rule::E04, format!("what is past its deadline rings: {rings:?}"))?;
    let answer = stage.reply_to(phone, accept(attempt)).await?.answer;
    expect(
        answer.is_err(),
        Rule::T04,
        format!("after the deadline an accept is answered {answer:?}"),
    )
}
