//! Who accepts, and comes into the room or not. The policy gives five seconds for that.

use roomcall::Rule;
use roomcall::protocol::{Audience, Body, Fact};

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, ROOM, SECONDS, accept};

const GRACE: u64 = SECONDS as u64 * 1_000;

/// How often each is told that nobody came: as the caller, and as one who is in the room.
fn told<const N: usize, T: Transport>(
    stage: &mut Stage<T>,
    lines: [Line; N],
    attempt: u64,
) -> [[usize; 2]; N] {
    lines.map(|line| {
        let effects = stage.heard(line).iter().filter_map(|body| match body {
            Body::Effect(effect) if effect.event.name() == "onCallNotJoined" => Some(effect),
            _ => None,
        });
        let effects = effects.filter(|effect| effect.event.attempt() == attempt);
        let (in_room, as_caller): (Vec<_>, Vec<_>) =
            effects.partition(|effect| matches!(effect.to, Audience::Room(_)));
        [as_caller.len(), in_room.len()]
    })
}

/// The caller and who is in the room are told, when the time has passed, and nobody else.
pub(super) async fn nobody_comes<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    let (inside, outside) =
        (stage.connect("cy", "phone").await?, stage.connect("di", "phone").await?);
    stage.state(Fact::user_entered(ROOM.into(), "cy".into(), "phone".into())).await?;
    stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    stage.advance(GRACE - 1).await?;
    stage.settle().await?;
    let early = told(stage, [mac, inside, phone, tablet, outside], attempt);
    let what =
        format!("1 ms before the time has passed, it is told {early:?} times that nobody came");
    expect(early == [[0; 2]; 5], Rule::E21, what)?;
    stage.advance(1).await?;
    stage.settle().await?;
    let all = told(stage, [mac, inside, phone, tablet, outside], attempt);
    let what = format!(
        "that nobody came is told {all:?} times to the caller, to who is in the room, to both devices of the callee, to a stranger"
    );
    expect(all == [[1, 1], [0, 1], [0; 2], [0; 2], [0; 2]], Rule::E21, what)
}

/// Nobody is told anything.
pub(super) async fn callee_comes<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    stage.send(phone, accept(attempt)).await?;
    stage.settle().await?;
    stage.state(Fact::user_entered(ROOM.into(), "bo".into(), "phone".into())).await?;
    stage.advance(2 * GRACE).await?;
    stage.settle().await?;
    let all = told(stage, [mac, phone, tablet], attempt);
    expect(
        all == [[0; 2]; 3],
        Rule::E20,
        format!("bo came, and it is told {all:?} times that nobody did"),
    )
}
