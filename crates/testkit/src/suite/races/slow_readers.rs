//! A device that does not read for a time. Its host may end the connection, or keep what it has to tell, but neither wait
//! for it, which others would have to do as well, nor leave anything out.

use roomcall::Rule;
use roomcall::protocol::{Command, Event, Query};

use super::super::stage::{Line, Played, Stage, expect};
use super::super::transport::Transport;
use super::{Meeting, ROOM, accept, call};

/// How many guests ana calls at once.
const GUESTS: usize = 16;
/// The longest text that the rules of the suite allow.
const TEXT: usize = 2_048;
/// So many answers with the texts of all guests, 8 MB, fill what networks and hosts keep by bytes.
const QUERIES: usize = 240;
/// So many times are guests called, and the calls cancelled: some 2,000 events fill what hosts keep by number.
const ROUNDS: usize = 40;

/// It asks, and does not read the answers.
pub(super) async fn of_answers<T: Transport>(stage: &mut Stage<T>) -> Played {
    let meeting = Meeting::begin(stage).await?;
    let slow = stage.connect("ana", "phone").await?;
    stage.send(meeting.mac, call_all(&guests())).await?;
    stage.settle().await?;
    stage.stall(slow);
    for _ in 0..QUERIES {
        stage.ask_unread(slow, Query::GetMyCalls { since: 0 }).await?;
    }
    others_are_served(stage, &meeting, slow).await
}

/// Much happens, and it does not read what it is told: ana's phone of its room, and bo's tablet of calls that ring and stop.
pub(super) async fn of_events<T: Transport>(stage: &mut Stage<T>) -> Played {
    let meeting = Meeting::begin(stage).await?;
    let slow = stage.connect("ana", "phone").await?;
    stage.settle().await?;
    for line in [slow, meeting.tablet] {
        stage.stall(line);
    }
    let mut called = guests();
    called.push("bo".into());
    for _ in 0..ROUNDS {
        stage.send(meeting.mac, call_all(&called)).await?;
        stage.settle().await?;
        let users = called.clone();
        stage.send(meeting.mac, Command::CancelCall { room: ROOM.into(), users }).await?;
        stage.settle().await?;
    }
    others_are_served(stage, &meeting, slow).await?;
    stage.resume(meeting.tablet).await?;
    if stage.is_open(meeting.tablet) {
        let (told, all) = (of_calls(stage, meeting.tablet), of_calls(stage, meeting.phone));
        let what = format!(
            "bo's tablet reads again, and was told {} times of calls, of which his phone was told {} times",
            told.len(),
            all.len()
        );
        expect(told.starts_with(&all), Rule::E17, what)?;
    }
    Ok(())
}

/// What a connection was told of calls that ring and that are cancelled, in order.
fn of_calls<T: Transport>(stage: &Stage<T>, line: Line) -> Vec<(&'static str, u64)> {
    let calls = stage
        .events(line)
        .filter(|event| matches!(event, Event::CallReceived { .. } | Event::CallCancelled(_)));
    calls.map(|event| (event.name(), event.attempt())).collect()
}

/// What a connection was told of the list of its room, in order.
fn listed<T: Transport>(stage: &Stage<T>, line: Line) -> Vec<(&'static str, u64)> {
    let list = stage.events(line).filter(|event| {
        matches!(event, Event::PendingCallChanged(_) | Event::PendingCallRemoved(_))
    });
    list.map(|event| (event.name(), event.attempt())).collect()
}

fn guests() -> Vec<String> {
    (0..GUESTS).map(|number| format!("guest-{number}")).collect()
}

fn call_all(users: &[String]) -> Command {
    let (room, extension) = (ROOM.into(), "x".repeat(TEXT));
    Command::CallUserToRoom { room, users: users.to_vec(), timeout: 60, extension, caller: None }
}

/// A call rings and is answered meanwhile. The device that reads again was told of it, or its connection is over.
async fn others_are_served<T: Transport>(
    stage: &mut Stage<T>,
    meeting: &Meeting,
    slow: Line,
) -> Played {
    stage.send(meeting.mac, call(&["bo"], 30)).await?;
    stage.settle().await?;
    let Some(attempt) = stage.rang(meeting.phone).last().copied() else {
        return expect(false, Rule::C01, "bo's phone is connected, and is not told to ring");
    };
    let answer = stage.reply_to(meeting.phone, accept(attempt)).await?.answer;
    expect(answer.is_ok(), Rule::E01, format!("bo's phone accepts, and is answered {answer:?}"))?;
    let told = stage.count(meeting.mac, "onCallAccepted", attempt);
    expect(told == 1, Rule::E01, format!("ana's mac is told {told} times that bo accepts"))?;
    stage.resume(slow).await?;
    let mut again = slow;
    if stage.is_open(slow) {
        let (told, all) = (listed(stage, slow), listed(stage, meeting.mac));
        let what = format!(
            "ana's phone reads again, and was told {} times of calls in its room, where her mac was told {} times",
            told.len(),
            all.len()
        );
        expect(told == all, Rule::C02, what)?;
    } else {
        again = stage.connect("ana", "phone").await?;
    }
    let mine = stage.my_calls(again).await?;
    let is_over = mine.is_some_and(|it| it.outgoing.iter().all(|call| call.attempt != attempt));
    expect(is_over, Rule::Q11, "bo has accepted, and ana's phone is answered that bo is called")
}
