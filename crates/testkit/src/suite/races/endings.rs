//! Endings by others than the callee.

use roomcall::Rule;
use roomcall::protocol::{Actor, Fact};

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, ROOM, accept, cancel, revoke};

/// Both devices of bo are told to stop, once, by this event.
fn both_stop<T: Transport>(
    stage: &Stage<T>,
    lines: [Line; 2],
    event: &str,
    attempt: u64,
) -> Played {
    for line in lines {
        let stops = stage.count(line, event, attempt);
        expect(
            stops == 1,
            Rule::E17,
            format!("a device of bo is told {event} {stops} times, not once"),
        )?;
    }
    Ok(())
}

pub(super) async fn cancel_and_accept<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    stage.send(mac, cancel("bo")).await?;
    let number = stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    let accepted = stage.reply(phone, number)?.answer.is_ok();
    let (cancels, stops) = (
        stage.count(tablet, "onCallCancelled", attempt),
        stage.count(tablet, "onCallHandledByOtherDevice", attempt),
    );
    let is_so = (cancels, stops) == if accepted { (0, 1) } else { (1, 0) };
    let what =
        format!("accepted {accepted}: the tablet is told of {cancels} cancels and {stops} answers");
    expect(is_so, Rule::T01, what)
}

pub(super) async fn cancelled_elsewhere<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    let other = stage.connect("ana", "phone").await?;
    stage.send(other, cancel("bo")).await?;
    stage.settle().await?;
    both_stop(stage, [phone, tablet], "onCallCancelled", attempt)?;
    let told = [mac, other].map(|line| stage.count(line, "onCallCancelled", attempt));
    let what = format!("the device that called and the one that cancelled are told {told:?} times");
    expect(told == [1, 0], Rule::E05, what)
}

pub(super) async fn dissolved<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, tablet, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let fact = Fact::RoomDissolved { room: ROOM.into(), by: Actor::Backend, opening: None };
    stage.state(fact).await?;
    stage.settle().await?;
    both_stop(stage, [phone, tablet], "onCallRevokedByAdmin", attempt)
}

pub(super) async fn entered<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    stage.state(Fact::user_entered(ROOM.into(), "bo".into(), "tablet".into())).await?;
    stage.settle().await?;
    let stops =
        [phone, tablet].map(|line| stage.count(line, "onCallHandledByOtherDevice", attempt));
    let what =
        format!("bo came in on the tablet; phone and tablet are told to stop {stops:?} times");
    expect(stops == [1, 0], Rule::E07, what)?;
    let told = stage.count(mac, "onCallAccepted", attempt);
    expect(told == 1, Rule::E07, format!("the caller is told {told} times that bo comes"))
}

pub(super) async fn revoked<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    stage.send(mac, revoke("bo")).await?;
    stage.settle().await?;
    both_stop(stage, [phone, tablet], "onCallRevokedByAdmin", attempt)
}

pub(super) async fn revoked_by_the_backend<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, tablet, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    let answer = stage.command(revoke("bo")).await?;
    expect(answer.is_ok(), Rule::E06, format!("the backend revokes, and is answered {answer:?}"))?;
    stage.settle().await?;
    both_stop(stage, [phone, tablet], "onCallRevokedByAdmin", attempt)
}
