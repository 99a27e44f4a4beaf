//! The last word: the store, and what the devices were told, have to agree.

use std::path::Path;

use roomcall::EndingKind;
use roomcall_server::log::{Embedded, Sequence, Store as _, StoreError};
use roomcall_server::recover::{from_zero, recover};
use roomcall_server::server::TENANT;
use roomcall_server::state::{Seed, Unseen};

use super::backend::Backend;
use super::child::Folder;
use super::replay::{Replayed, replay};
use crate::commands::load::witness::{Who, Witness};

/// A check: what has to be, and where it is not.
pub(super) type Check = (String, Vec<String>);

/// What a store is, come by in two ways.
#[derive(Debug)]
pub(super) struct Hashes {
    /// The last batch.
    pub(super) batches: Sequence,
    /// The last batch in the snapshot.
    pub(super) saved: Sequence,
    /// From that snapshot.
    pub(super) from_snapshot: u64,
    /// From the first batch.
    pub(super) from_zero: u64,
}

/// Everything that is found in the end.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) replayed: Replayed,
    pub(super) hashes: Hashes,
    /// Of the stores as the kills left them.
    pub(super) killed: Vec<Hashes>,
    /// What the backend was told, in words.
    pub(super) told: String,
    pub(super) checks: Vec<Check>,
}

/// Recovers what a kill left, as the next server will; with the first batches, too.
async fn hashes_of(path: &Path, seed: Seed) -> Result<Hashes, StoreError> {
    let log = Embedded::existing(path)?.log(TENANT)?;
    let recovered = recover(&*log, seed, &mut Unseen).await?;
    let whole = from_zero(&*log, seed, &mut Unseen).await?;
    Ok(Hashes {
        batches: whole.last(),
        saved: recovered.saved,
        from_snapshot: recovered.state.switchboard().state_hash(),
        from_zero: whole.switchboard().state_hash(),
    })
}

/// Looks at everything.
///
/// # Errors
///
/// A store cannot be read.
pub(super) async fn check(
    folder: &Folder,
    kills: u32,
    seed: Seed,
    skip: Option<Sequence>,
    witnesses: &[&Witness],
    backend: &Backend,
) -> Result<Findings, StoreError> {
    let mut killed = Vec::new();
    for kill in 1..=kills {
        killed.push(hashes_of(&folder.killed(kill), seed).await?);
    }
    let log = Embedded::existing(&folder.store())?.log(TENANT)?;
    let recovered = recover(&*log, seed, &mut Unseen).await?;
    let sequences: Vec<Sequence> = killed.iter().map(|it| it.batches).collect();
    let replayed = replay(&*log, seed, &sequences, skip).await?;
    let hashes = Hashes {
        batches: recovered.state.last(),
        saved: recovered.saved,
        from_snapshot: recovered.state.switchboard().state_hash(),
        from_zero: replayed.state.switchboard().state_hash(),
    };
    let mut checks = of_states(&hashes, &killed, &replayed);
    let same_memory = recovered.state == replayed.state;
    let differs = (!same_memory).then(|| "two states with one log differ".to_owned());
    checks.push((
        "the same, with the memory of answered requests".to_owned(),
        differs.into_iter().collect(),
    ));
    checks.extend(of_calls(&replayed));
    checks.extend(of_devices(&replayed, witnesses));
    let (told, of_events) = backend.checks(&*log, seed).await?;
    checks.push(backend.of_calls(&replayed));
    checks.extend(of_events);
    Ok(Findings { replayed, hashes, killed, told, checks })
}

/// However a state is come by, it is the same.
fn of_states(hashes: &Hashes, killed: &[Hashes], replayed: &Replayed) -> Vec<Check> {
    let differ = |it: &Hashes| {
        let Hashes { batches, saved, from_snapshot, from_zero } = it;
        (from_snapshot != from_zero).then(|| {
            format!("after batch {batches}: from batch {saved} on {from_snapshot:016x}, from zero {from_zero:016x}")
        })
    };
    let of_kills = killed.iter().filter_map(differ).collect();
    let changed =
        killed.iter().filter(|it| replayed.hashes.get(&it.batches) != Some(&it.from_zero));
    let changed = changed.map(|it| format!("the first {} batches are others now", it.batches));
    vec![
        (
            "the state is the same from the newest snapshot and from zero".to_owned(),
            differ(hashes).into_iter().collect(),
        ),
        ("it was so when the server was killed".to_owned(), of_kills),
        ("what was in the journal at the kill is in it now".to_owned(), changed.collect()),
    ]
}

/// What has to be true of every journal.
fn of_calls(replayed: &Replayed) -> Vec<Check> {
    let not_once = replayed.attempts.iter().filter(|(_, endings)| endings.len() != 1);
    let not_once = not_once.map(|(attempt, endings)| {
        format!("call {attempt} has {} endings: {endings:?}", endings.len())
    });
    let unseen = replayed.endings().into_iter().filter(|(_, count)| *count == 0);
    let unseen = unseen.map(|(how, _)| format!("no call ended as {how:?}"));
    vec![
        ("at no input anybody has two live calls".to_owned(), replayed.doubled.clone()),
        ("every call has exactly one ending".to_owned(), not_once.collect()),
        (
            "the switchboard counts the calls that it told of".to_owned(),
            replayed.miscounted.clone(),
        ),
        ("each of the seven endings was seen".to_owned(), unseen.collect()),
    ]
}

/// What the devices were told is what the journal says.
fn of_devices(replayed: &Replayed, witnesses: &[&Witness]) -> Vec<Check> {
    let all = |look: &dyn Fn(&Witness) -> Vec<String>| -> Vec<String> {
        witnesses.iter().flat_map(|witness| look(witness)).collect()
    };
    let came_true = |attempt: u64, who: &Who, hows: &[EndingKind]| {
        let endings = replayed.attempts.get(&attempt).map_or(&[][..], |it| it);
        endings.iter().any(|it| hows.contains(&it.how) && it.by.as_ref() == Some(who))
    };
    let untrue = |witness: &Witness| {
        let yes = witness
            .winners
            .iter()
            .map(|it| (it, &[EndingKind::Accepted, EndingKind::Entered][..], "yes"));
        let request_id = witness.rejecters.iter().map(|it| (it, &[EndingKind::Rejected][..], "no"));
        let said = yes.chain(request_id).flat_map(|((attempt, whos), hows, word)| {
            whos.iter().map(move |who| (*attempt, who, hows, word))
        });
        let lost = said.filter(|(attempt, who, hows, _)| !came_true(*attempt, who, hows));
        lost.map(|(attempt, (user, device), _, word)| {
            format!("{user}/{device} was told that its {word} to call {attempt} stands, and the journal does not have it")
        })
        .collect()
    };
    let unanswered = |witness: &Witness| {
        let lost = witness.answered.iter().filter(|(who, request_id, answer)| {
            replayed.answers.get(&(who.clone(), *request_id)) != Some(answer)
        });
        lost.map(|((user, device), request_id, answer)| {
            format!("request {request_id} of {user}/{device} was answered with {answer:?}, and the journal does not have it")
        })
        .collect()
    };
    let unstated = |witness: &Witness| {
        let lost = witness.stated.iter();
        let lost = lost.filter(|it| !replayed.facts.contains(&(it.at, it.fact.clone())));
        lost.map(|it| format!("the journal has no {:?} at {}", it.fact, it.at)).collect()
    };
    vec![
        ("every ring on a screen ended exactly once".to_owned(), all(&Witness::rings)),
        ("at most one device of a call was told that it won".to_owned(), all(&Witness::one_winner)),
        ("every answer that stood for its device is in the journal".to_owned(), all(&untrue)),
        (
            "every request that was answered is in the journal, same answer".to_owned(),
            all(&unanswered),
        ),
        (
            "every fact that the backend was told is done is in the journal".to_owned(),
            all(&unstated),
        ),
    ]
}
