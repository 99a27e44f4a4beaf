//! A handset under any inputs: one call rings, every Show has one Dismiss, nothing rings by a ring
//! after its end, no number stands for two requests, and each push that rings is answered (D-07,
//! D-09, D-06, D-15, D-29). And in whichever
//! order the messages of a consistent history come, what is known then is the same (D-04).
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use roomcall::handset::{DeviceTick, Effect, Handset, Input, Request, Stage};
use roomcall::protocol::{Answer, Event, Reply};
use roomcall_testkit::strategies::bytes::one_in;
use roomcall_testkit::strategies::handset::{bytes as moves, history};

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    merges(&mut bytes).and_then(|()| lives(&mut bytes)).expect("all bytes are an input");
});

/// Two orders of the same messages.
fn merges(bytes: &mut Unstructured<'_>) -> Result<()> {
    let (happenings, ready, tapped) = moves::history(bytes)?;
    let is_killed = one_in(bytes, 4)?;
    let history::Messages { handset, messages } =
        history::messages(&happenings, ready, tapped, is_killed);
    let (one, other) = moves::orders(bytes, messages.len())?;
    let play = |order: &[usize]| {
        let mut handset = handset.clone();
        for number in order {
            let _ = handset.apply(DeviceTick::START, messages[*number].clone());
        }
        handset
    };
    let (left, right) = (play(&one), play(&other));
    assert!(
        left == right,
        "{happenings:#?}\n{ready} {tapped:?} {is_killed}\n{messages:#?}\n{one:?} {other:?}\n{left:#?}\n{right:#?}"
    );
    Ok(())
}

/// Any inputs at all.
fn lives(bytes: &mut Unstructured<'_>) -> Result<()> {
    let settings = moves::settings(bytes)?;
    let mut handset = Handset::new("bo", "phone", settings);
    let mut seen = Seen::default();
    let (mut now, mut sent) = (0, Vec::new());
    while !bytes.is_empty() {
        let at = moves::at(bytes, &mut now)?;
        let inputs = 1 + usize::from(one_in(bytes, 8)?);
        let inputs: Vec<_> =
            (0..inputs).map(|_| moves::input(bytes, &sent)).collect::<Result<_>>()?;
        if inputs.contains(&None) {
            handset = handset.restart(*bytes.choose(&[None, Some(0), Some(2_000)])?);
            now = 0;
            continue;
        }
        let inputs: Vec<Input> = inputs.into_iter().flatten().collect();
        inputs.iter().for_each(|input| seen.hear(input));
        let effects = handset.apply_all(DeviceTick::from_millis(at), inputs.clone());
        seen.follow(&effects, &handset, &inputs);
        // What is due is done by a look at the clock.
        let (mut later, clock) = (handset.clone(), handset.clock());
        let _ = later.apply(clock, Input::Tick);
        let due = later.next_deadline();
        assert!(
            clock >= DeviceTick::LAST || due.is_none_or(|due| due > clock),
            "{due:?} at {clock:?}"
        );
        for effect in effects {
            if let Effect::Send { request_id: Some(request_id), request } = effect {
                sent.push((request_id, request));
            }
        }
    }
    Ok(())
}

#[derive(Default)]
struct Seen {
    screen: BTreeMap<u64, Stage>,
    requests: BTreeMap<u64, Request>,
    /// The attempts that the user was told are over, and that no snapshot has listed since.
    over: BTreeSet<u64>,
}

impl Seen {
    fn hear(&mut self, input: &Input) {
        match input {
            Input::Notice(notice) | Input::Push { event: notice, .. } => match notice {
                Event::CallCancelled(call)
                | Event::CallTimeout(call)
                | Event::CallRevokedByAdmin { call, .. }
                    if call.callee == "bo" =>
                {
                    self.over.insert(call.attempt);
                }
                Event::CallHandledByOtherDevice { attempt, .. } => {
                    self.over.insert(*attempt);
                }
                _ => {}
            },
            Input::Reply(Reply { answer: Ok(Answer::GetMyCalls(mine)), .. }) => {
                mine.incoming.iter().for_each(|call| {
                    self.over.remove(&call.attempt);
                });
            }
            _ => {}
        }
    }

    fn follow(&mut self, effects: &[Effect], handset: &Handset, inputs: &[Input]) {
        each_push_is_answered(effects, inputs);
        for effect in effects {
            match effect {
                Effect::Show { call, stage, .. } => {
                    assert_eq!(self.screen.insert(call.attempt, *stage), None, "{inputs:#?}");
                }
                Effect::Update { attempt, stage } => {
                    let was = self.screen.insert(*attempt, *stage);
                    assert!(was.is_some_and(|was| was != *stage), "{inputs:#?}");
                }
                Effect::Dismiss { attempt, .. } => {
                    assert!(self.screen.remove(attempt).is_some(), "{inputs:#?}");
                }
                // The last number is the only one that is used again.
                Effect::Send { request_id: Some(request_id), request }
                    if *request_id < u64::MAX =>
                {
                    let known = self.requests.entry(*request_id).or_insert_with(|| request.clone());
                    assert_eq!(known, request, "number {request_id} after {inputs:#?}");
                }
                _ => {}
            }
        }
        assert!(handset.screen().eq(self.screen.iter().map(|(attempt, stage)| (*attempt, *stage))));
        let ringing = self.screen.values().filter(|stage| **stage == Stage::Ringing).count();
        assert!(ringing <= 1, "{:?}", self.screen);
        let rings = self.screen.keys().find(|attempt| self.over.contains(attempt));
        assert_eq!(rings, None, "rings after its end: {inputs:#?}");
    }
}

/// D-29: an attempt has an answer for each push that rings; those of late rings come on top.
fn each_push_is_answered(effects: &[Effect], inputs: &[Input]) {
    let mut owed: BTreeMap<u64, usize> = BTreeMap::new();
    for input in inputs {
        if let Input::Push { event: Event::CallReceived { call, .. }, .. } = input {
            *owed.entry(call.attempt).or_default() += 1;
        }
    }
    for effect in effects {
        if let Effect::Show { call, .. } | Effect::Report { call, .. } = effect {
            owed.entry(call.attempt).and_modify(|owed| *owed = owed.saturating_sub(1));
        }
    }
    assert!(owed.values().all(|owed| *owed == 0), "{owed:?} {inputs:#?}\n{effects:#?}");
}
