//! Who is told that it rings.

use roomcall::Rule;
use roomcall::protocol::{Command, Event, Fact};

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, ROOM, call, rings};

pub(super) async fn everybody_once<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, phone, tablet } = Meeting::begin(stage).await?;
    let cy = stage.connect("cy", "phone").await?;
    let dee = stage.connect("dee", "phone").await?;
    stage.send(mac, call(&["bo", "cy", "bo"], 30)).await?;
    stage.settle().await?;
    let (on_phone, on_tablet) =
        (rings(stage, phone, "bo's phone")?, rings(stage, tablet, "bo's tablet")?);
    let at_cy = rings(stage, cy, "cy's phone")?;
    expect(
        on_phone == on_tablet && on_phone < at_cy,
        Rule::C06,
        "attempts are in the order of the list",
    )?;
    expect(stage.rang(dee).is_empty(), Rule::O02, "dee was not called, and is told to ring")?;
    expect(stage.rang(mac).is_empty(), Rule::O02, "the caller is told to ring")?;
    for event in [phone, tablet, cy].iter().flat_map(|line| stage.events(*line)) {
        if let Event::CallReceived { extension, time_left, .. } = event {
            expect(
                extension == "hello",
                Rule::C11,
                format!("the text of the call is {extension:?}"),
            )?;
            let left = time_left.unwrap_or_default();
            let is_so = (1..=30_000).contains(&left);
            expect(is_so, Rule::T10, format!("{left} ms are left of 30 s"))?;
        }
    }
    Ok(())
}

pub(super) async fn called_twice<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, .. }, attempt) = Meeting::ringing(stage, 30).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    let rang = stage.rang(phone);
    expect(
        rang == [attempt],
        Rule::C05,
        format!("bo rings already for {attempt}, and for {rang:?} now"),
    )
}

pub(super) async fn the_list<T: Transport>(stage: &mut Stage<T>) -> Played {
    let Meeting { mac, .. } = Meeting::begin(stage).await?;
    let cy = stage.connect("cy", "phone").await?;
    let dee = stage.connect("dee", "phone").await?;
    stage.state(Fact::user_entered(ROOM.into(), "cy".into(), "phone".into())).await?;
    stage.send(mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    for (line, whose) in [(mac, "ana"), (cy, "cy")] {
        let changes = stage.events(line).filter(|it| it.name() == "onPendingCallChanged").count();
        let what = format!("{whose} is in the room, and is told {changes} times of the new call");
        expect(changes == 1, Rule::C02, what)?;
    }
    lists(stage, cy, &["bo"]).await?;
    let told = stage.events(dee).count();
    expect(told == 0, Rule::O02, "dee has nothing to do with the call, and is told of it")?;
    stage.state(Fact::user_left(ROOM.into(), "cy".into())).await?;
    stage.take_heard(cy);
    stage.send(mac, super::cancel("bo")).await?;
    stage.settle().await?;
    expect(
        stage.events(cy).count() == 0,
        Rule::O02,
        "cy has left the room, and is told of its list",
    )?;
    let removed = stage.events(mac).filter(|it| it.name() == "onPendingCallRemoved").count();
    let what = format!("ana's mac is told {removed} times that the call is off the list");
    expect(removed == 1, Rule::E05, what)?;
    lists(stage, mac, &[]).await
}

/// The list of the room has calls to these users, as a device is answered.
async fn lists<T: Transport>(stage: &mut Stage<T>, line: Line, users: &[&str]) -> Played {
    let listed = stage.pending_calls(line, ROOM).await?;
    let called: Vec<&str> = listed.iter().map(|call| &call.callee[..]).collect();
    expect(called == users, Rule::Q01, format!("{users:?} are called, and the list has {called:?}"))
}

pub(super) async fn it_rings<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { mac, phone, tablet }, attempt) = Meeting::ringing(stage, 30).await?;
    for line in [phone, tablet, phone] {
        stage.send(line, Command::Ringing { attempt }).await?;
    }
    stage.settle().await?;
    let told = stage.count(mac, "onCallRinging", attempt);
    expect(told == 1, Rule::C14, format!("the caller is told {told} times that it rings"))?;
    let others = [phone, tablet]
        .iter()
        .map(|line| stage.count(*line, "onCallRinging", attempt))
        .sum::<usize>();
    expect(others == 0, Rule::P06, "the callee is told that it rings at the callee")
}
