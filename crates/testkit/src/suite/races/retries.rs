//! Requests that are sent again.

use roomcall::Rule;

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, accept, call, reject};

/// Two replies to one request, in order: equal, and the second one says that it is one.
fn are_one<T: Transport>(stage: &Stage<T>, line: Line, number: u64) -> Played {
    let replies = stage.replies(line, number);
    let [first, second] = replies[..] else {
        let what = format!("request {number} was sent twice, and has {} replies", replies.len());
        return expect(false, Rule::X01, what);
    };
    let is_same = (&first.answer, &first.attempts) == (&second.answer, &second.attempts);
    expect(is_same, Rule::X02, format!("the same request is answered {first:?}, then {second:?}"))?;
    let is_said = !first.repeated && second.repeated;
    expect(
        is_said,
        Rule::X02,
        format!("which reply repeats the other is not said: {first:?}, {second:?}"),
    )
}

pub(super) async fn the_same_again<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    let number = stage.send(phone, accept(attempt)).await?;
    stage.send_as(phone, number, accept(attempt)).await?;
    stage.settle().await?;
    are_one(stage, phone, number)?;
    let told = [
        stage.count(mac, "onCallAccepted", attempt),
        stage.count(tablet, "onCallHandledByOtherDevice", attempt),
    ];
    expect(told == [1, 1], Rule::X02, format!("one accept is told {told:?} times"))
}

pub(super) async fn answer_lost<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, tablet, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let number = stage.send(phone, accept(attempt)).await?;
    stage.disconnect(phone).await?;
    let phone = stage.connect("bo", "phone").await?;
    stage.send_as(phone, number, accept(attempt)).await?;
    stage.settle().await?;
    let answer = &stage.reply(phone, number)?.answer;
    expect(
        answer.is_ok(),
        Rule::X02,
        format!("an accept is sent again, and is answered {answer:?}"),
    )?;
    let stops = stage.count(tablet, "onCallHandledByOtherDevice", attempt);
    expect(stops == 1, Rule::E17, format!("the tablet is told to stop {stops} times, not once"))
}

pub(super) async fn another_under_its_number<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let number = stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    stage.take_heard(phone);
    stage.send_as(phone, number, reject(attempt)).await?;
    stage.settle().await?;
    let rule = stage.reply(phone, number)?.answer.as_ref().err().map(|refused| refused.rule);
    expect(
        rule == Some(Rule::X03),
        Rule::X03,
        format!("another request under its number: {rule:?}"),
    )
}

pub(super) async fn call_twice<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone, .. } = Meeting::begin(stage).await?;
    let number = stage.send(mac, call(&["bo"], 30)).await?;
    stage.send_as(mac, number, call(&["bo"], 30)).await?;
    stage.settle().await?;
    are_one(stage, mac, number)?;
    super::rings(stage, phone, "bo's phone")?;
    Ok(())
}
