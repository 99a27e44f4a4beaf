//! The numbers of requests, and answers that are too old.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use roomcall::handset::{Effect, Handset, Input, Progress, Request, Stage};
use roomcall::protocol::{Answer, Command, MyCalls, Query, Reply};

use super::{Seen, play, singly};
use roomcall_testkit::strategies::handset::{Journal, handset_journal};
use roomcall_testkit::strategies::journal::settings;

/// What was sent so far.
#[derive(Default)]
struct Sent {
    requests: BTreeMap<u64, Request>,
    commands: usize,
    taps: usize,
}

impl Sent {
    /// D-15, D-17
    fn follow(&mut self, seen: &Seen) -> Result<(), TestCaseError> {
        self.taps += seen.inputs.iter().filter(|input| matches!(input, Input::Tap(_))).count();
        for effect in seen.effects {
            let Effect::Send { request_id, request } = effect else {
                continue;
            };
            // D-37: that, and nothing else, has no number.
            let is_said = matches!(request, Request::Command(Command::Ringing { .. }));
            prop_assert_eq!(request_id.is_none(), is_said, "{:?}", effect);
            let Some(request_id) = request_id else { continue };
            if let Some(before) = self.requests.get(request_id) {
                prop_assert_eq!(before, request, "number {}", request_id);
                continue;
            }
            let highest = self.requests.last_key_value().map_or(0, |(request_id, _)| *request_id);
            prop_assert!(*request_id > highest, "number {} after {}", request_id, highest);
            self.requests.insert(*request_id, request.clone());
            self.commands += usize::from(matches!(request, Request::Command(_)));
        }
        // None is sent again under another number.
        prop_assert!(self.commands <= self.taps, "{} of {}", self.commands, self.taps);
        Ok(())
    }
}

/// What became of the calls that were tapped, by room and callee.
#[derive(Default)]
struct Calls {
    sent: BTreeSet<(String, String)>,
    not_sent: BTreeSet<(String, String)>,
}

impl Calls {
    /// D-20: nothing is unknown of a call that was never sent.
    fn follow(&mut self, effects: &[Effect]) -> Result<(), TestCaseError> {
        for effect in effects {
            let (calls, command) = match effect {
                Effect::Send { request: Request::Command(command), .. } => {
                    (&mut self.sent, command)
                }
                Effect::NotSent { command, .. } => (&mut self.not_sent, command),
                _ => continue,
            };
            if let Command::CallUserToRoom { room, users, .. } = command {
                calls.extend(users.iter().map(|user| (room.clone(), user.clone())));
            }
        }
        for effect in effects {
            if let Effect::Progress { room, callee, attempt: None, progress } = effect {
                let call = (room.clone(), callee.clone());
                let is_so = match progress {
                    Progress::Unknown => self.sent.contains(&call),
                    Progress::NotSent => self.not_sent.contains(&call),
                    _ => true,
                };
                prop_assert!(is_so, "{:?}", effect);
            }
        }
        Ok(())
    }
}

/// The attempts whose accept or reject was tapped, is unanswered and was never sent.
#[derive(Default)]
struct Answers(BTreeSet<u64>);

/// The attempt that a command accepts or rejects.
fn answers(command: &Command) -> Option<u64> {
    match command {
        Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => *attempt,
        _ => None,
    }
}

impl Answers {
    /// D-11: what was tapped is sent, or the person hears that it is not.
    fn follow(&mut self, seen: &Seen) -> Result<(), TestCaseError> {
        let is_answering = |handset: &Handset| -> BTreeSet<u64> {
            let calls = handset.screen();
            let calls =
                calls.filter(|(_, stage)| matches!(stage, Stage::Accepting | Stage::Rejecting));
            calls.map(|(attempt, _)| attempt).collect()
        };
        let (before, after) = (is_answering(seen.before), is_answering(seen.after));
        self.0.extend(after.difference(&before));
        for effect in seen.effects {
            if let Effect::Send { request: Request::Command(command), .. } = effect {
                answers(command).map(|attempt| self.0.remove(&attempt));
            }
            if let Effect::NotSent { command, .. } = effect {
                if let Some(attempt) = answers(command) {
                    let was_tapped = self.0.remove(&attempt) || !before.contains(&attempt);
                    prop_assert!(was_tapped, "{:?}", effect);
                }
            }
        }
        let vanished: Vec<_> = self.0.difference(&after).collect();
        prop_assert!(vanished.is_empty(), "{:?}: {:#?}", vanished, seen.effects);
        Ok(())
    }
}

/// The snapshots that came.
#[derive(Default)]
struct Snapshots {
    /// The highest revision that changed something.
    applied: Option<u64>,
    /// The last request for one.
    asked: u64,
    all: Vec<(u64, u64, Input)>,
    /// How many were held against a handset that knows better.
    stale: usize,
}

/// The number and the revision of a snapshot.
fn snapshot(input: &Input) -> Option<(u64, u64)> {
    match input {
        Input::Reply(Reply {
            request_id,
            answer: Ok(Answer::GetMyCalls(MyCalls { revision, .. })),
            ..
        }) => Some((*request_id, *revision)),
        _ => None,
    }
}

impl Snapshots {
    /// D-24: a snapshot of before, or of what is known already, is not looked at.
    fn follow(&mut self, seen: &Seen) -> Result<(), TestCaseError> {
        let mut ticked = seen.before.clone();
        let waiting = ticked.apply(seen.at, Input::Tick);
        let is_stale = |request_id, revision| {
            self.applied.is_some_and(|applied| {
                revision < applied || revision == applied && request_id != self.asked
            })
        };
        for (request_id, revision, input) in &self.all {
            if is_stale(*request_id, *revision) {
                let mut after = seen.before.clone();
                let effects = after.apply(seen.at, input.clone());
                prop_assert_eq!(effects, waiting.clone(), "{:?}", input);
                prop_assert!(after == ticked, "{:#?}\n{:#?}\n{:#?}", input, after, ticked);
                self.stale += 1;
            }
        }
        if let Some((request_id, revision)) = seen.inputs.first().and_then(snapshot) {
            if is_stale(request_id, revision) {
                prop_assert!(*seen.after == ticked, "{:#?}", seen.inputs);
            } else if *seen.after != ticked {
                self.applied = Some(revision);
            }
            self.all.push((request_id, revision, seen.inputs[0].clone()));
        }
        for effect in seen.effects {
            if let Effect::Send {
                request_id: Some(request_id),
                request: Request::Query(Query::GetMyCalls { .. }),
                ..
            } = effect
            {
                self.asked = self.asked.max(*request_id);
            }
        }
        Ok(())
    }
}

fn numbers(journal: &Journal) -> Result<(), TestCaseError> {
    let mut sent = Sent::default();
    play(journal, |seen| sent.follow(&seen)).map(drop)
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn a_request_keeps_its_number(journal in handset_journal()) {
        numbers(&journal)?;
    }

    #[test]
    fn what_was_never_sent_is_not_unknown(journal in handset_journal()) {
        let mut calls = Calls::default();
        play(&journal, |seen| calls.follow(seen.effects))?;
    }

    #[test]
    fn no_answer_vanishes(journal in handset_journal()) {
        let mut answers = Answers::default();
        play(&singly(&journal), |seen| answers.follow(&seen))?;
    }

    #[test]
    fn a_stale_snapshot_is_ignored(journal in handset_journal()) {
        let mut snapshots = Snapshots::default();
        play(&singly(&journal), |seen| {
            // Not after a restart, which has no time.
            if seen.inputs.is_empty() { Ok(()) } else { snapshots.follow(&seen) }
        })?;
    }
}
