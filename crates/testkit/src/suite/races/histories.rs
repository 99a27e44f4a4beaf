//! What a host says of calls that are over.

use roomcall::protocol::{LoggedCall, MyCalls};
use roomcall::{CallRejectionReason, EndingKind, Rule};

use super::super::stage::{Line, Played, Stage, Stop, expect};
use super::super::transport::Transport;
use super::{Meeting, ROOM, accept, call, cancel, revoke};

const HOW: [EndingKind; 4] =
    [EndingKind::Rejected, EndingKind::Cancelled, EndingKind::Accepted, EndingKind::Revoked];

/// Ana calls bo three times, who rejects, is cancelled, and accepts; then cy, whose call is revoked. Gives the attempts, and the
/// line of cy.
async fn four<T: Transport>(stage: &mut Stage<T>, meeting: &Meeting) -> Played<([u64; 4], Line)> {
    let Meeting { mac, phone, .. } = *meeting;
    let cy = stage.connect("cy", "phone").await?;
    let first = ring(stage, mac, phone, "bo").await?;
    let (room, reason) = (ROOM.into(), CallRejectionReason::Busy);
    let reject = roomcall::protocol::Command::RejectCall { room, attempt: Some(first), reason };
    stage.send(phone, reject).await?;
    stage.settle().await?;
    let second = ring(stage, mac, phone, "bo").await?;
    stage.send(mac, cancel("bo")).await?;
    let third = ring(stage, mac, phone, "bo").await?;
    stage.send(phone, accept(third)).await?;
    let fourth = ring(stage, mac, cy, "cy").await?;
    stage.send(mac, revoke("cy")).await?;
    stage.settle().await?;
    Ok(([first, second, third, fourth], cy))
}

/// The attempt by which a user rings.
async fn ring<T: Transport>(
    stage: &mut Stage<T>,
    mac: Line,
    line: Line,
    user: &str,
) -> Played<u64> {
    stage.send(mac, call(&[user], 30)).await?;
    stage.settle().await?;
    match stage.rang(line).last() {
        Some(attempt) => Ok(*attempt),
        None => Err(Stop::Broken(Rule::C01, format!("{user} is called, and does not ring"))),
    }
}

async fn mine<T: Transport>(stage: &mut Stage<T>, line: Line, since: u64) -> Played<MyCalls> {
    let mine = stage.my_calls_since(line, since).await?;
    mine.ok_or_else(|| Stop::Transport("the host has ended the connection".into()))
}

/// Of a room and callee the last ending is listed to the callee, and to the caller, in whose callees' logs they are, all.
pub(super) async fn endings<T: Transport>(stage: &mut Stage<T>) -> Played {
    let meeting = Meeting::begin(stage).await?;
    let stranger = stage.connect("di", "phone").await?;
    let (attempts, cy) = four(stage, &meeting).await?;
    let of = |nth: usize| (attempts[nth], HOW[nth]);
    for (line, whose, since, expected) in [
        (meeting.mac, "ana's calls", 0, vec![of(0), of(1), of(2), of(3)]),
        (meeting.mac, "ana's calls above the second", attempts[1], vec![of(2), of(3)]),
        (meeting.mac, "ana's calls above the last", attempts[3], vec![]),
        (meeting.phone, "bo's calls", 0, vec![of(2)]),
        (meeting.tablet, "bo's calls above the third", attempts[2], vec![]),
        (cy, "cy's calls", 0, vec![of(3)]),
        (stranger, "a stranger's calls", 0, vec![]),
    ] {
        let mine = mine(stage, line, since).await?;
        let given = mine.endings.iter().map(|it| (it.ended.attempt, it.ended.how));
        let given: Vec<_> = given.collect();
        let what = format!("of {whose} the endings are {given:?}, not {expected:?}");
        expect(given == expected, Rule::Q11, what)?;
        for ending in &mine.endings {
            let is_first = ending.ended.attempt == attempts[0];
            let reason = is_first.then_some(CallRejectionReason::Busy);
            let what = format!("{whose} were rejected for {:?}, not {reason:?}", ending.reason);
            expect(ending.reason == reason, Rule::E02, what)?;
        }
    }
    Ok(())
}

/// All three calls are in bo's log, with how they ended and who did that, and the last ones above a number.
pub(super) async fn log<T: Transport>(stage: &mut Stage<T>) -> Played {
    let meeting = Meeting::begin(stage).await?;
    let (attempts, _) = four(stage, &meeting).await?;
    let gone = || Stop::Transport("the host has ended the connection".into());
    let log = stage.call_log(meeting.phone, 0).await?.ok_or_else(gone)?;
    let given: Vec<_> =
        log.entries.iter().map(|it| (&it.caller[..], &it.room[..], &it.what)).collect();
    let is_it = |nth: usize, by: &str| match given[nth] {
        ("ana", ROOM, LoggedCall::Ended(ended)) => {
            (ended.attempt, ended.how) == (attempts[nth], HOW[nth])
                && ended.user.as_deref() == Some(by)
        }
        _ => false,
    };
    let is_so = given.len() == 3 && is_it(0, "bo") && is_it(1, "ana") && is_it(2, "bo");
    expect(
        is_so,
        Rule::H01,
        format!("bo rejected, was cancelled and accepted; the log is {given:?}"),
    )?;
    let since = log.entries[0].number;
    let above = stage.call_log(meeting.tablet, since).await?.ok_or_else(gone)?;
    let numbers: Vec<_> = above.entries.iter().map(|it| it.number).collect();
    let whole: Vec<_> = log.entries[1..].iter().map(|it| it.number).collect();
    expect(
        numbers == whole,
        Rule::H03,
        format!("above {since} the log has {numbers:?}, not {whole:?}"),
    )
}

/// How long ago a call ended is said when it is asked.
pub(super) async fn age<T: Transport>(stage: &mut Stage<T>) -> Played {
    let (Meeting { phone, .. }, _) = Meeting::ringing(stage, 1).await?;
    stage.advance(1_000).await?;
    stage.settle().await?;
    stage.advance(59_000).await?;
    let log = stage.call_log(phone, 0).await?;
    let ages: Vec<_> = log.into_iter().flat_map(|log| log.entries).map(|it| it.age).collect();
    expect(
        ages == [59_000],
        Rule::H03,
        format!("59 s ago a call timed out; the ages are {ages:?} ms"),
    )
}
