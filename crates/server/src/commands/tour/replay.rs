//! The journal once more, from its first input on, and what came of each.

use std::collections::{BTreeMap, HashMap, HashSet};

use roomcall::protocol::{Actor, Answer, Audience, Effect, Event, Fact, Input, Outcome, Record};
use roomcall::{EndingKind, Rule};
use roomcall_server::log::{Batch, Entry, Log, Sequence, StoreError};
use roomcall_server::state::{Seed, State};

use crate::commands::load::witness::Who;

/// What became of an attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Ending {
    pub(super) how: EndingKind,
    /// Who brought it about, on which device.
    pub(super) by: Option<Who>,
}

/// What the journal says.
#[derive(Debug)]
pub(super) struct Replayed {
    /// The state after all batches.
    pub(super) state: State,
    /// How many inputs there are.
    pub(super) inputs: u64,
    /// All attempts, and how each ended.
    pub(super) attempts: BTreeMap<u64, Vec<Ending>>,
    /// The answer to each numbered request.
    pub(super) answers: HashMap<(Who, u64), Answer>,
    /// The facts, and when they happened.
    pub(super) facts: HashSet<(u64, Fact)>,
    /// The state hashes after those batches that were asked for.
    pub(super) hashes: BTreeMap<Sequence, u64>,
    /// Where somebody had two live attempts.
    pub(super) doubled: Vec<String>,
    /// Where the switchboard counts other calls than its effects tell of.
    pub(super) miscounted: Vec<String>,
    /// The live attempt of each callee.
    live: BTreeMap<String, u64>,
    /// The base of the present life of the switchboard, and how many attempts were made before it (F-18).
    life: (u64, u64),
}

/// Replays a log from its first batch on, but for the input with the number `skip`, from 1.
///
/// # Errors
///
/// The log is damaged, or its first batches are not kept any more.
pub(super) async fn replay(
    log: &dyn Log,
    seed: Seed,
    hash_at: &[Sequence],
    skip: Option<u64>,
) -> Result<Replayed, StoreError> {
    let mut replayed = Replayed {
        state: State::new(seed),
        inputs: 0,
        attempts: BTreeMap::new(),
        answers: HashMap::new(),
        facts: HashSet::new(),
        hashes: BTreeMap::new(),
        doubled: Vec::new(),
        miscounted: Vec::new(),
        live: BTreeMap::new(),
        life: (0, 0),
    };
    loop {
        let batches = log.read(replayed.state.last()).await?;
        if batches.is_empty() {
            return Ok(replayed);
        }
        for (sequence, batch) in batches {
            replayed.state.begin(sequence);
            for entry in Batch::read(sequence, &batch)?.entries {
                replayed.apply(entry, skip);
            }
            if hash_at.contains(&sequence) {
                let hash = replayed.state.switchboard().state_hash();
                replayed.hashes.insert(sequence, hash);
            }
        }
    }
}

impl Replayed {
    fn apply(&mut self, entry: Entry, skip: Option<u64>) {
        if matches!(entry, Entry::Record(_)) {
            self.inputs += 1;
            if skip == Some(self.inputs) {
                return;
            }
        }
        if let Some((line, turn)) = self.state.apply_entry(entry) {
            self.note(&line, &turn);
        }
    }

    fn note(&mut self, line: &Record, turn: &Outcome) {
        match (&line.input, line.request_id, &turn.answer) {
            (
                Input::Ask { by: Actor::Device { user, device }, .. },
                Some(request_id),
                Some(Ok(answer)),
            ) => {
                let who = (user.clone(), device.clone());
                self.answers.insert((who, request_id), answer.clone());
            }
            (Input::Fact(fact), _, _) => {
                self.facts.insert((turn.at, fact.clone()));
            }
            _ => {}
        }
        self.follow(line, turn);
        let (board, made) = (self.state.switchboard(), self.attempts.len() as u64);
        if matches!(line.input, Input::Fact(Fact::Recovered { .. })) && turn.unchanged.is_none() {
            self.life = (board.last_attempt().get(), made);
        }
        let (base, before) = self.life;
        let (live, made) = (self.live.len(), base + made - before);
        if u64::from(board.live_count()) != live as u64 || board.last_attempt().get() != made {
            let (counts, last) = (board.live_count(), board.last_attempt().get());
            self.miscounted.push(format!(
                "after input {} it counts {counts} live calls and {last} in all, and told of {live} and {made}",
                self.inputs
            ));
        }
    }

    fn follow(&mut self, line: &Record, turn: &Outcome) {
        let input = self.inputs;
        for effect in &turn.effects {
            if let Event::CallReceived { call, .. } = &effect.event {
                self.attempts.entry(call.attempt).or_default();
                let other = self.live.insert(call.callee.clone(), call.attempt);
                if let Some(other) = other {
                    let (callee, attempt) = (&call.callee, call.attempt);
                    self.doubled.push(format!(
                        "at input {input} {callee} has two live calls, {other} and {attempt}"
                    ));
                }
            }
            if let Some((how, attempt)) = ending(effect) {
                let by = by(line).filter(|_| {
                    matches!(how, EndingKind::Accepted | EndingKind::Rejected | EndingKind::Entered)
                });
                self.attempts.entry(attempt).or_default().push(Ending { how, by });
                self.live.retain(|_, live| *live != attempt);
            }
        }
    }

    /// How many attempts ended how.
    pub(super) fn endings(&self) -> BTreeMap<EndingKind, usize> {
        let mut counts: BTreeMap<_, _> = EndingKind::ALL.into_iter().map(|how| (how, 0)).collect();
        for ending in self.attempts.values().flatten() {
            *counts.entry(ending.how).or_default() += 1;
        }
        counts
    }
}

/// The ending that an effect tells of. Several effects tell of one ending: of most the caller is
/// told, of a cancelled call only the callee.
fn ending(effect: &Effect) -> Option<(EndingKind, u64)> {
    let call = effect.event.call()?;
    let (Audience::User(told) | Audience::Device { user: told, .. }) = &effect.to else {
        return None;
    };
    let is_entered = effect.because == Rule::E07;
    let how = match &effect.event {
        Event::CallCancelled(_) if *told == call.callee => EndingKind::Cancelled,
        _ if *told != call.caller => return None,
        Event::CallAccepted(_) if is_entered => EndingKind::Entered,
        Event::CallAccepted(_) => EndingKind::Accepted,
        // The reason may be anybody's; the rule says who decided.
        Event::CallRejected { .. } if effect.because == Rule::E02 => EndingKind::Rejected,
        Event::CallRejected { .. } => EndingKind::InOtherRoom,
        Event::CallTimeout(_) => EndingKind::TimedOut,
        Event::CallRevokedByAdmin { .. } => EndingKind::Revoked,
        _ => return None,
    };
    Some((how, call.attempt))
}

/// Whose doing an input is.
fn by(line: &Record) -> Option<Who> {
    match &line.input {
        Input::Ask { by: Actor::Device { user, device }, .. }
        | Input::Fact(Fact::UserEntered { user, device: Some(device), .. }) => {
            Some((user.clone(), device.clone()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use roomcall::HashKey;
    use roomcall_server::log::{Memory, Store as _};

    use super::*;
    use crate::commands::wait;

    fn replayed(lines: &[&str], skip: Option<u64>) -> Replayed {
        let log = Memory::new().log("default").unwrap();
        let entry = |line: &&str| Entry::Record(serde_json::from_str(line).unwrap());
        for (sequence, line) in (0..).zip(lines) {
            let batch = Batch { at: 0, entries: from_ref(line).iter().map(entry).collect() };
            wait(log.append(sequence, batch.write())).unwrap();
        }
        let seed = Seed { key: HashKey::new(1), token_life: 1 };
        wait(replay(&*log, seed, &[], skip)).unwrap().unwrap()
    }

    const CALL: [&str; 5] = [
        r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#,
        r#"{"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}"#,
        r#"{"at":9,"requestID":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo","cy"],"timeout":30}}}"#,
        r#"{"at":20,"requestID":1,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"standup","attempt":1}}}"#,
        r#"{"at":30,"requestID":2,"by":{"user":"ana","device":"mac"},"command":{"cancelCall":{"roomID":"standup","userIDList":["cy"]}}}"#,
    ];

    #[test]
    fn who_ended_what_is_seen() {
        let replayed = replayed(&CALL, None);
        let by = Some(("bo".to_owned(), "phone".to_owned()));
        assert_eq!(replayed.attempts[&1], [Ending { how: EndingKind::Accepted, by }]);
        assert_eq!(replayed.attempts[&2], [Ending { how: EndingKind::Cancelled, by: None }]);
        assert_eq!((replayed.answers.len(), replayed.facts.len()), (3, 2));
        assert!(replayed.doubled.is_empty() && replayed.miscounted.is_empty());
    }

    #[test]
    fn an_input_that_is_left_out_is_missed() {
        let replayed = replayed(&CALL, Some(4));
        assert_eq!(replayed.attempts[&1], []);
        assert_eq!(replayed.answers.len(), 2);
    }
}
