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

/// Two programs say that they are the same device, as after a restore from a backup, and go on with the same numbers. The host
/// may end the older connection, but not the newer one. Where both are there, both ring, and both accept under one number:
/// that is one accept, which both are answered, and the call ends once.
pub(super) async fn two_of_one_device<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone: older, tablet } = Meeting::begin(stage).await?;
    let newer = stage.connect("bo", "phone").await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    let attempt = rings(stage, newer, "the newer program of bo's phone")?;
    if stage.is_open(older) {
        rings(stage, older, "the older program of bo's phone, whose connection is not ended,")?;
    }
    let number = stage.send(older, accept(attempt)).await?;
    stage.send_as(newer, number, accept(attempt)).await?;
    stage.settle().await?;
    expect(stage.is_open(newer), Rule::O02, "the newer connection of a device is ended")?;
    for line in [older, newer] {
        if stage.is_open(line) {
            let answer = &stage.reply(line, number)?.answer;
            let what = format!("both programs of a device accept, and one is answered {answer:?}");
            expect(answer.is_ok(), Rule::X02, what)?;
        }
    }
    let answer = stage.reply_to(newer, accept(attempt)).await?.answer;
    expect(answer.is_ok(), Rule::E08, format!("the same answer again is answered {answer:?}"))?;
    let stops = stage.count(tablet, "onCallHandledByOtherDevice", attempt);
    expect(stops == 1, Rule::E17, format!("the tablet is told to stop {stops} times, not once"))?;
    let told = stage.count(mac, "onCallAccepted", attempt);
    expect(told == 1, Rule::E01, format!("the caller is told {told} times that bo accepts"))
}
