//! Time that runs out.

use roomcall::Rule;

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, accept};

/// All are told that the call has timed out, once.
fn all_told<T: Transport>(stage: &Stage<T>, lines: [Line; 3], attempt: u64) -> Played {
    for line in lines {
        let told = stage.count(line, "onCallTimeout", attempt);
        expect(
            told == 1,
            Rule::E04,
            format!("somebody is told {told} times that the call timed out"),
        )?;
    }
    Ok(())
}

pub(super) async fn nobody_answers<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 1).await?;
    stage.advance(1_100).await?;
    stage.settle().await?;
    all_told(stage, [mac, phone, tablet], attempt)
}

pub(super) async fn too_late<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 1).await?;
    stage.advance(1_100).await?;
    let answer = stage.reply_to(phone, accept(attempt)).await?.answer;
    let is_late = answer.as_ref().is_err_and(|refused| refused.rule == Rule::E09);
    expect(is_late, Rule::T04, format!("after the deadline an accept is answered {answer:?}"))?;
    all_told(stage, [mac, phone, tablet], attempt)
}

pub(super) async fn last_millisecond<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, .. }, attempt) = Meeting::ringing(stage, 1).await?;
    stage.advance(999).await?;
    let answer = stage.reply_to(phone, accept(attempt)).await?.answer;
    expect(
        answer.is_ok(),
        Rule::T04,
        format!("1 ms before the deadline an accept is answered {answer:?}"),
    )
}

pub(super) async fn at_the_deadline<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, .. }, attempt) = Meeting::ringing(stage, 1).await?;
    stage.advance(1_000).await?;
    let answer = stage.reply_to(phone, accept(attempt)).await?.answer;
    expect(answer.is_err(), Rule::T04, format!("at the deadline an accept is answered {answer:?}"))
}

/// What has timed out stays so, and what rings still ends.
pub(super) async fn clock_goes_back<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, first) = Meeting::ringing(stage, 1).await?;
    stage.advance(1_000).await?;
    stage.settle().await?;
    all_told(stage, [mac, phone, tablet], first)?;
    stage.send(mac, super::call(&["bo"], 1)).await?;
    stage.set_back(600).await?;
    let answer = stage.reply_to(phone, accept(first)).await?.answer;
    expect(answer.is_err(), Rule::T02, format!("what has timed out is accepted: {answer:?}"))?;
    let second = stage.rang(phone).last().copied().unwrap_or_default();
    expect(second > first, Rule::C01, "the second call does not ring")?;
    stage.advance(2_000).await?;
    stage.settle().await?;
    all_told(stage, [mac, phone, tablet], second)
}
