//! Connections that come and go.

use roomcall::Rule;

use super::super::stage::{Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, accept, call, rings};

/// The new connection is up, and then the old one's end takes nothing with it.
pub(super) async fn new_before_old<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone: old, .. } = Meeting::begin(stage).await?;
    let new = stage.connect("bo", "phone").await?;
    stage.disconnect(old).await?;
    stage.settle().await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    rings(stage, new, "bo's phone, which connected anew before its old connection was gone,")?;
    Ok(())
}

/// The call rings on the old connection, and its end comes to the new one.
pub(super) async fn while_it_rings<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone: old, tablet, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let new = stage.connect("bo", "phone").await?;
    stage.disconnect(old).await?;
    let mine = stage.my_calls(new).await?;
    let is_listed = mine.is_some_and(|it| it.incoming.iter().any(|call| call.attempt == attempt));
    expect(is_listed, Rule::Q11, "the call that rings is not in what the phone is answered")?;
    stage.send(tablet, accept(attempt)).await?;
    stage.settle().await?;
    let stops = stage.count(new, "onCallHandledByOtherDevice", attempt);
    expect(stops == 1, Rule::E17, format!("the phone is told to stop {stops} times, not once"))
}

/// It rings, and stops, while the phone has no connection; another call rings when it comes back.
pub(super) async fn away<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet, .. }, first) = Meeting::ringing(stage, 30).await?;
    stage.disconnect(phone).await?;
    stage.send(mac, super::cancel("bo")).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    let second = stage.rang(tablet).last().copied().unwrap_or_default();
    expect(second > first, Rule::C06, format!("attempt {second} comes after {first}"))?;
    let phone = stage.connect("bo", "phone").await?;
    let listed: Vec<u64> = match stage.my_calls(phone).await? {
        Some(mine) => mine.incoming.iter().map(|call| call.attempt).collect(),
        None => Vec::new(),
    };
    expect(
        listed == [second],
        Rule::Q11,
        format!("{second} rings, but what is listed is {listed:?}"),
    )
}

/// Two programs say that they are the same device, at once or one after the other, as the host has it: what one
/// of them accepts the other one does not accept anew, and the call ends once.
pub(super) async fn two_of_one_device<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { tablet, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let other = stage.connect("bo", "phone").await?;
    stage.settle().await?;
    let number = stage.send(other, accept(attempt)).await?;
    stage.settle().await?;
    expect(stage.is_open(other), Rule::O02, "the newer connection of a device is ended")?;
    let answer = &stage.reply(other, number)?.answer;
    expect(
        answer.is_ok(),
        Rule::E01,
        format!("the newer connection accepts, and is answered {answer:?}"),
    )?;
    let answer = stage.reply_to(other, accept(attempt)).await?.answer;
    expect(answer.is_ok(), Rule::E08, format!("the same answer again is answered {answer:?}"))?;
    let stops = stage.count(tablet, "onCallHandledByOtherDevice", attempt);
    expect(stops == 1, Rule::E17, format!("the tablet is told to stop {stops} times, not once"))
}
