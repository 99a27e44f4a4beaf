//! A handset whose process is killed knows what it knew (D-25).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Handset, Input, Link, Request, Settings, Stage, Tap,
};
use roomcall::protocol::{
    Answer, Command, Ending, Event, LiveCall, LogState, MyCalls, MyEnding, NamedCall, Query, Reply,
};
use roomcall::{CallStatus, EndingKind};

use super::{play, with_settings};
use roomcall_testkit::strategies::handset::{Journal, USER, handset_journal};
use roomcall_testkit::strategies::journal::settings;

/// An attempt above all that journals name.
const NEW: u64 = 1 << 52;

/// What a life that begins at `clock` comes to: it hears of a new ring, its link comes up, and it
/// gets a snapshot that lists some calls and everything else not.
struct Life {
    handset: Handset,
    /// The screen before the snapshot.
    early: BTreeSet<u64>,
    effects: Vec<Effect>,
    /// Of which calls that the snapshot lists it says then that they ring here (D-37).
    said: BTreeSet<u64>,
}

impl Life {
    fn new(mut handset: Handset, clock: DeviceTick, live: &[LiveCall]) -> Self {
        let call = NamedCall {
            room: "blue".to_owned(),
            caller: "ana".to_owned(),
            callee: USER.to_owned(),
            status: CallStatus::Calling,
            attempt: NEW,
        };
        let ring = Event::CallReceived { call, extension: String::new(), time_left: None };
        let mut effects = handset.apply(clock, Input::InRoom(None));
        effects.extend(handset.apply(clock, Input::Occupied(false)));
        effects.extend(handset.apply(clock, Input::Notice(ring)));
        effects.extend(handset.apply(clock, Input::Link(Link::Up)));
        let early = handset.screen().map(|(attempt, _)| attempt).collect();
        let asks = |effect: &Effect| match effect {
            Effect::Send { request_id, request: Request::Query(Query::GetMyCalls { since }) } => {
                Some((request_id.unwrap(), *since))
            }
            _ => None,
        };
        let (request_id, since) = effects.iter().filter_map(asks).next_back().unwrap();
        let answer = Ok(Answer::GetMyCalls(MyCalls {
            incoming: live.to_vec(),
            outgoing: Vec::new(),
            endings: Vec::new(),
            more: false,
            since,
            last_attempt: NEW - 1,
            revision: NEW,
            log: Some(LogState { last_logged: NEW, seen: 0 }),
        }));
        let reply = Reply { next_request_id: Some(1), ..Reply::new(request_id, answer) };
        let last = handset.apply(clock, Input::Reply(reply));
        let said = |effect: &Effect| match effect {
            Effect::Send { request: Request::Command(Command::Ringing { attempt }), .. } => {
                Some(*attempt)
            }
            _ => None,
        };
        let is_listed = |attempt: &u64| live.iter().any(|call| call.attempt == *attempt);
        let said = last.iter().filter_map(said).filter(is_listed).collect();
        effects.extend(last);
        Self { handset, early, effects, said }
    }

    fn screen(&self) -> BTreeMap<u64, roomcall::handset::Stage> {
        self.handset.screen().collect()
    }

    /// The commands that were sent, by number.
    fn commands(&self) -> BTreeMap<u64, Command> {
        let sent = self.effects.iter().filter_map(|effect| match effect {
            Effect::Send { request_id: Some(request_id), request: Request::Command(command) } => {
                Some((*request_id, command.clone()))
            }
            _ => None,
        });
        sent.collect()
    }

    /// Up to which number it has read the log (D-35).
    fn has_read(&self) -> Option<u64> {
        let reads = |effect: &Effect| match effect {
            Effect::Send { request: Request::Query(Query::GetCallLog { since, .. }), .. } => {
                Some(*since)
            }
            _ => None,
        };
        self.effects.iter().filter_map(reads).next_back()
    }

    fn dismissed(&self, attempt: u64) -> usize {
        let is_it = |effect: &&Effect| matches!(effect, Effect::Dismiss { attempt: of, .. } if *of == attempt);
        self.effects.iter().filter(is_it).count()
    }

    fn shown(&self, attempt: u64) -> usize {
        let is_it = |effect: &&Effect| matches!(effect, Effect::Show { call, .. } if call.attempt == attempt);
        self.effects.iter().filter(is_it).count()
    }
}

fn restart(journal: &Journal, until: usize, live: &[LiveCall]) -> Result<(), TestCaseError> {
    let moves = journal.moves[..until].to_vec();
    let mut sent = BTreeMap::new();
    let before = play(&Journal { moves, ..journal.clone() }, |seen| {
        for effect in seen.effects {
            if let Effect::Send {
                request_id: Some(request_id),
                request: Request::Command(command),
            } = effect
            {
                sent.insert(*request_id, command.clone());
            }
        }
        Ok(())
    })?;
    if before.is_signed_out() {
        return Ok(());
    }
    let screen: BTreeMap<_, _> = before.screen().collect();
    let duplicate = before.clone().restart(Some(0));
    prop_assert_eq!(&duplicate.screen().collect::<BTreeMap<_, _>>(), &screen);
    prop_assert_eq!(duplicate.redraw(), before.redraw());
    let on = Life::new(before.clone(), before.clock(), live);
    let anew = Life::new(duplicate, DeviceTick::START, live);
    // Until the snapshot nothing else is on the screen.
    prop_assert!(anew.early.iter().all(|attempt| screen.contains_key(attempt)), "{:?}", anew.early);
    // Then it is what it would have been.
    prop_assert_eq!(anew.screen(), on.screen());
    prop_assert!(on.has_read().is_some());
    prop_assert_eq!(anew.has_read(), on.has_read());
    // Whether a snapshot has listed a call as rung is not lost (D-37).
    prop_assert_eq!(&anew.said, &on.said);
    for attempt in screen.keys() {
        let is_there = anew.screen().contains_key(attempt);
        let net = anew.dismissed(*attempt).checked_sub(anew.shown(*attempt));
        prop_assert_eq!(net, Some(usize::from(!is_there)), "{}: {:#?}", attempt, anew.effects);
    }
    // What was sent and unanswered is sent again, with its number.
    let (on, anew_commands) = (on.commands(), anew.commands());
    for (request_id, command) in &on {
        // An answer to a call that the snapshot ends is pointless before it is sent.
        let is_pointless = match command {
            Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => {
                attempt.is_none_or(|attempt| !anew.screen().contains_key(&attempt))
            }
            _ => false,
        };
        if is_pointless {
            prop_assert!(!anew_commands.values().any(|other| other == command));
        } else if sent.contains_key(request_id) {
            prop_assert_eq!(anew_commands.get(request_id), Some(command), "{}", request_id);
        } else {
            prop_assert!(anew_commands.values().any(|other| other == command), "{:?}", command);
        }
    }
    prop_assert!(anew_commands.len() <= on.len(), "{:?}, {:?}", anew_commands, on);
    Ok(())
}

fn live() -> impl Strategy<Value = Vec<LiveCall>> {
    prop::collection::btree_set(1..=6_u64, 0..4).prop_map(|attempts| {
        let call = |attempt| LiveCall {
            room: "red".to_owned(),
            caller: "ana".to_owned(),
            callee: USER.to_owned(),
            attempt,
            time_left: (attempt % 2 == 0).then_some(30_000),
            extension: String::new(),
            rung: attempt % 3 == 0,
        };
        attempts.into_iter().map(call).collect()
    })
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn a_restart_loses_nothing(journal in handset_journal(), until in any::<Index>(), live in live()) {
        // Without room for them (D-18) some that were never sent would not be sent.
        let journal = with_settings(journal, |settings| Settings { requests: 100, ..settings });
        restart(&journal, until.index(journal.moves.len() + 1), &live)?;
    }
}

/// D-10: a call that began and ended while the device was away is learned of, without a sound.
#[test]
fn a_missed_call_is_learned() {
    let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    let _ = phone.apply(DeviceTick::START, Input::Link(Link::Up));
    let ended = Ending { how: EndingKind::TimedOut, attempt: 1, user: None, device: None };
    let (room, caller, callee) = ("standup".to_owned(), "ana".to_owned(), "bo".to_owned());
    let missed = MyEnding { room, caller, callee, ended, reason: None };
    let answer = Ok(Answer::GetMyCalls(MyCalls {
        incoming: Vec::new(),
        outgoing: Vec::new(),
        endings: vec![missed],
        more: false,
        since: 0,
        last_attempt: 1,
        revision: 2,
        log: None,
    }));
    let reply = Reply { next_request_id: Some(1), ..Reply::new(1, answer) };
    let effects = phone.apply(DeviceTick::START, Input::Reply(reply));
    let (room, caller) = ("standup".to_owned(), "ana".to_owned());
    assert_eq!(effects, [Effect::Learned { attempt: 1, room, caller, why: Dismissal::TimedOut }]);
}

/// Bo's phone after a push for attempt 1, which rings for 30 seconds.
fn pushed() -> Handset {
    let call = NamedCall {
        room: "standup".to_owned(),
        caller: "ana".to_owned(),
        callee: "bo".to_owned(),
        status: CallStatus::Calling,
        attempt: 1,
    };
    let event = Event::CallReceived { call, extension: String::new(), time_left: Some(30_000) };
    let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    let _ = phone.apply(DeviceTick::START, Input::Push { event, age: 0 });
    phone
}

/// D-13, D-25: the grace of an unanswered accept ends where it would have ended.
#[test]
fn a_restart_gives_no_further_grace() {
    let mut phone = pushed();
    let _ = phone.apply(DeviceTick::START, Input::Tap(Tap::Accept { attempt: 1 }));
    for (dead, again, due) in
        [(20_000, 0, 20_000), (34_000, 0, 6_000), (34_000, 5_000, 1_000), (60_000, 0, 0)]
    {
        let phone = Handset::restore(&phone.save(), Some(dead)).unwrap();
        let phone = Handset::restore(&phone.save(), Some(again)).unwrap();
        assert_eq!(phone.next_deadline(), Some(DeviceTick::from_millis(due)), "{dead} {again}");
        assert!(phone.screen().eq([(1, Stage::Accepting)]));
    }
}

/// D-25, D-31: who is restored has forgotten that something else had the device, and the call rings at once.
#[test]
fn a_restored_device_is_not_occupied() {
    let mut phone = pushed();
    let _ = phone.apply(DeviceTick::START, Input::Occupied(true));
    let mut restored = Handset::restore(&phone.save(), Some(0)).unwrap();
    assert_eq!(restored, phone.restart(Some(0)));
    assert!(restored.screen().eq([(1, Stage::Waiting)]));
    assert_eq!(restored.next_deadline(), Some(DeviceTick::START));
    let stage = Stage::Ringing;
    let rings = restored.apply(DeviceTick::START, Input::Tick);
    assert_eq!(rings, [Effect::Update { attempt: 1, stage }]);
}

/// D-09, D-26: through a room and out of it again nothing changes on the screen, before the first snapshot of a life, too.
#[test]
fn through_a_room_at_once() {
    let through = || [Some("standup".to_owned()), None].map(Input::InRoom);
    let restored = pushed().restart(Some(0));
    let mut phone = restored.clone();
    assert_eq!(phone.apply_all(DeviceTick::START, through()), []);
    assert!(phone.screen().eq(restored.screen()));
    // One after the other it goes, and comes back.
    let mut phone = restored;
    let effects: Vec<_> =
        through().into_iter().flat_map(|input| phone.apply(DeviceTick::START, input)).collect();
    assert!(matches!(effects[..], [Effect::Dismiss { .. }, Effect::Show { .. }]), "{effects:?}");
}
