//! Who answers.

use roomcall::protocol::Reply;
use roomcall::{EndingKind, Rule};

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, accept, reject};

/// Whether a reply is the refusal that says who was first.
fn names_winner(reply: &Reply, how: EndingKind, device: &str) -> Played {
    let Err(refused) = &reply.answer else {
        return expect(
            false,
            Rule::E09,
            format!("who was too late is answered {:?}", reply.answer),
        );
    };
    let ended = refused.ended.as_ref();
    let is_so = ended.is_some_and(|it| it.how == how && it.device.as_deref() == Some(device));
    expect(
        is_so,
        Rule::E09,
        format!("who was too late is told {ended:?}, not {how:?} on the {device}"),
    )
}

/// Two devices answer before either has heard of the other. Gives which was first, and which was not.
async fn race<T: Transport>(
    stage: &mut Stage<T>,
    (one, one_says): (Line, u64),
    (two, two_says): (Line, u64),
) -> Played<bool> {
    stage.settle().await?;
    let (first, second) = (stage.reply(one, one_says)?, stage.reply(two, two_says)?);
    let won = [first, second].map(|reply| reply.answer.is_ok());
    let what = format!("of two answers {} count", won.iter().filter(|won| **won).count());
    expect(won[0] != won[1], Rule::E01, what)?;
    Ok(won[0])
}

pub(super) async fn two_accept<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    let on_phone = stage.send(phone, accept(attempt)).await?;
    let on_tablet = stage.send(tablet, accept(attempt)).await?;
    let phone_won = race(stage, (phone, on_phone), (tablet, on_tablet)).await?;
    if phone_won {
        names_winner(stage.reply(tablet, on_tablet)?, EndingKind::Accepted, "phone")?;
    } else {
        names_winner(stage.reply(phone, on_phone)?, EndingKind::Accepted, "tablet")?;
    }
    let told = stage.count(mac, "onCallAccepted", attempt);
    expect(
        told == 1,
        Rule::E01,
        format!("the caller is told {told} times that the call is accepted"),
    )
}

pub(super) async fn accept_and_reject<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    let on_tablet = stage.send(tablet, reject(attempt)).await?;
    let on_phone = stage.send(phone, accept(attempt)).await?;
    let accepted = race(stage, (phone, on_phone), (tablet, on_tablet)).await?;
    if accepted {
        names_winner(stage.reply(tablet, on_tablet)?, EndingKind::Accepted, "phone")?;
    } else {
        names_winner(stage.reply(phone, on_phone)?, EndingKind::Rejected, "tablet")?;
    }
    let told = ["onCallAccepted", "onCallRejected"].map(|event| stage.count(mac, event, attempt));
    let is_so = told == if accepted { [1, 0] } else { [0, 1] };
    expect(is_so, Rule::T01, format!("the caller is told of an accept and a reject {told:?} times"))
}

pub(super) async fn own_echo<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, tablet, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    stage.take_heard(phone);
    stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    let echo = stage.events(phone).next();
    expect(echo.is_none(), Rule::O02, format!("the phone accepts, and is told {echo:?}"))?;
    let stops = stage.count(tablet, "onCallHandledByOtherDevice", attempt);
    expect(stops == 1, Rule::E17, format!("the tablet is told to stop {stops} times, not once"))
}

/// Neither the caller nor a stranger can answer, and what they are told names no device of the callee.
pub(super) async fn strangers<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let cy = stage.connect("cy", "phone").await?;
    for line in [mac, cy] {
        let answer = stage.reply_to(line, accept(attempt)).await?.answer;
        expect(
            answer.is_err(),
            Rule::E10,
            format!("who is not called accepts, and is answered {answer:?}"),
        )?;
    }
    stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    for line in [mac, cy] {
        let Err(refused) = stage.reply_to(line, accept(attempt)).await?.answer else {
            return expect(
                false,
                Rule::E10,
                "who is not called accepts what is over, with success",
            );
        };
        let device = refused.ended.as_ref().and_then(|ended| ended.device.as_deref());
        expect(
            device.is_none(),
            Rule::P08,
            format!("a stranger is told of the callee's device {device:?}"),
        )?;
    }
    Ok(())
}
