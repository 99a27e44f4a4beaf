//! The state of a device, rule by rule: muted and hidden calls, occupied, quiet, signed out, other
//! settings, and a clock that is set back.

use roomcall::CallStatus;
use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Handset, Input, Link, NotSentReason, ReportReason, Request,
    Settings, Stage, Tap,
};
use roomcall::protocol::{Answer, Command, Event, LiveCall, MyCalls, NamedCall, Reply};

const START: DeviceTick = DeviceTick::START;

const fn at(millis: u64) -> DeviceTick {
    DeviceTick::from_millis(millis)
}

fn ring(attempt: u64, time_left: Option<u64>) -> Event {
    let call = NamedCall {
        room: format!("room {attempt}"),
        caller: "ana".to_owned(),
        callee: "bo".to_owned(),
        status: CallStatus::Calling,
        attempt,
    };
    Event::CallReceived { call, extension: String::new(), time_left }
}

fn handled(attempt: u64, device: &str) -> Input {
    let (room, device) = (format!("room {attempt}"), Some(device.to_owned()));
    Input::Notice(Event::CallHandledByOtherDevice { room, is_accepted: true, attempt, device })
}

fn snapshot(request_id: u64, live: &[(u64, u64)], revision: u64) -> Input {
    let call = |(attempt, time_left): &(u64, u64)| LiveCall {
        room: format!("room {attempt}"),
        caller: "ana".to_owned(),
        callee: "bo".to_owned(),
        attempt: *attempt,
        time_left: Some(*time_left),
        extension: String::new(),
        rung: true,
    };
    let answer = Ok(Answer::GetMyCalls(MyCalls {
        incoming: live.iter().map(call).collect(),
        outgoing: Vec::new(),
        endings: Vec::new(),
        more: false,
        since: 0,
        last_attempt: live.iter().map(|(attempt, _)| *attempt).max().unwrap_or_default(),
        revision,
        log: None,
    }));
    Input::Reply(Reply::new(request_id, answer))
}

const SETTINGS: Settings = Settings { refresh: None, ..Settings::DEFAULT };

/// A phone that is connected and ready, which knows these calls.
fn phone(attempts: &[u64]) -> Handset {
    let mut phone = Handset::new("bo", "phone", SETTINGS);
    let _ = phone.apply(START, Input::Link(Link::Up));
    let _ = phone.apply(START, snapshot(1, &[], 0));
    for attempt in attempts {
        let _ = phone.apply(START, Input::Notice(ring(*attempt, None)));
    }
    phone
}

fn stages(phone: &Handset) -> Vec<(u64, Stage)> {
    phone.screen().collect()
}

/// Accepts a call and has the answer.
fn accept(phone: &mut Handset, now: DeviceTick, attempt: u64) -> Vec<Effect> {
    let sent = phone.apply(now, Input::Tap(Tap::Accept { attempt }));
    let request_id = sent.iter().find_map(|effect| match effect {
        Effect::Send { request_id, request: Request::Command(Command::AcceptCall { .. }) } => {
            *request_id
        }
        _ => None,
    });
    let answer = Ok(Answer::AcceptCall { attempt });
    let (attempts, next_request_id) = (Vec::new(), None);
    let request_id = request_id.unwrap();
    phone.apply(
        now,
        Input::Reply(Reply { attempts, next_request_id, ..Reply::new(request_id, answer) }),
    )
}

// D-30
#[test]
fn a_muted_call_waits() {
    let mut phone = phone(&[1, 2]);
    let mute = || Input::Tap(Tap::Silence { attempt: 1 });
    let effects = phone.apply(START, mute());
    let waits = Effect::Update { attempt: 1, stage: Stage::Waiting };
    assert_eq!(effects, [waits, Effect::Update { attempt: 2, stage: Stage::Ringing }]);
    assert_eq!(phone.apply(START, mute()), []);
    let mut phone = Handset::restore(&phone.save(), Some(0)).unwrap();
    let _ = phone.apply(START, Input::Link(Link::Up));
    let _ = phone.apply(START, snapshot(2, &[(1, 9_000)], 1));
    let _ = phone.apply(START, Input::Notice(ring(1, Some(9_000))));
    let stage = |phone: &Handset| stages(phone)[0];
    assert_eq!(stage(&phone), (1, Stage::Waiting));
    let _ = phone.apply(START, Input::Tap(Tap::Accept { attempt: 1 }));
    assert_eq!(stage(&phone), (1, Stage::Accepting), "it can be answered");
}

// D-30
#[test]
fn a_hidden_call_is_gone_until_it_is_over() {
    let mut phone = phone(&[1, 2]);
    let hide = |attempt| Input::Tap(Tap::RejectHere { attempt });
    let effects = phone.apply(START, hide(1));
    let dismiss = Effect::Dismiss { attempt: 1, why: Dismissal::Hidden };
    assert_eq!(effects, [dismiss, Effect::Update { attempt: 2, stage: Stage::Ringing }]);
    let _ = phone.apply(START, Input::Tap(Tap::Accept { attempt: 2 }));
    assert_eq!(phone.apply(START, hide(2)), [], "it is being accepted");
    let event = ring(1, None);
    let report = phone.apply(START, Input::Push { event, age: 0 });
    assert!(matches!(&report[0], Effect::Report { why: ReportReason::Hidden, .. }), "{report:?}");
    let effects = phone.apply(START, handled(1, "tablet"));
    let why = Dismissal::AnsweredElsewhere { device: Some("tablet".to_owned()) };
    let (room, caller) = ("room 1".to_owned(), "ana".to_owned());
    assert_eq!(effects, [Effect::Learned { attempt: 1, room, caller, why }]);
}

// D-31
#[test]
fn nothing_rings_on_an_occupied_device() {
    let mut phone = phone(&[1]);
    let occupied = |is| Input::Occupied(is);
    let update = |stage| [Effect::Update { attempt: 1, stage }];
    assert_eq!(phone.apply(START, occupied(true)), update(Stage::Waiting));
    let mut restored = phone.clone().restart(Some(0));
    assert_eq!(restored.apply(START, Input::Tick), update(Stage::Ringing), "it is forgotten");
    assert_eq!(phone.apply(START, occupied(false)), update(Stage::Ringing));
}

// D-32
#[test]
fn after_an_answer_here_the_next_call_waits() {
    let mut phone = phone(&[1, 2]);
    let effects = accept(&mut phone, at(100), 1);
    assert!(effects.contains(&Effect::Join { room: "room 1".to_owned() }), "{effects:?}");
    assert_eq!(stages(&phone), [(2, Stage::Waiting)]);
    assert_eq!(phone.next_deadline(), Some(at(15_100)));
    let rings = [Effect::Update { attempt: 2, stage: Stage::Ringing }];
    let mut late = phone.clone();
    assert_eq!(late.apply(at(15_099), Input::Tick), []);
    assert_eq!(late.apply(at(15_100), Input::Tick), rings);
    assert_eq!(late.next_deadline(), None);
    let mut failed = phone.clone();
    assert_eq!(failed.apply(at(200), Input::JoinFailed), rings);
    let joined = phone.clone().apply(at(200), Input::InRoom(Some("lobby".to_owned())));
    assert_eq!(joined[..1], rings, "in whichever room");
    let mut restored = Handset::restore(&phone.save(), Some(5_000)).unwrap();
    assert_eq!(restored.next_deadline(), Some(at(10_000)), "it is saved");
    assert_eq!(restored.apply(at(9_999), Input::Tick), []);
    assert_eq!(restored.apply(at(10_000), Input::Tick), rings);
    // Nothing is due while nothing would ring.
    assert_eq!(phone.apply(at(200), Input::Occupied(true)), []);
    assert_eq!(phone.next_deadline(), None);
}

// D-32
#[test]
fn after_an_answer_elsewhere_only_what_rang_rings() {
    let mut phone = phone(&[1, 2]);
    let _ = phone.apply(START, handled(1, "tablet"));
    assert_eq!(
        (stages(&phone), phone.next_deadline()),
        (vec![(2, Stage::Waiting)], Some(at(2_000)))
    );
    let _ = phone.apply(at(2_000), Input::Tick);
    assert_eq!(stages(&phone), [(2, Stage::Ringing)]);
    let _ = phone.apply(at(2_000), Input::Notice(ring(3, None)));
    let _ = phone.apply(at(2_000), handled(3, "tablet"));
    let _ = phone.apply(at(2_000), Input::Notice(ring(1, None)));
    assert_eq!(stages(&phone), [(2, Stage::Ringing)]);
}

// D-33
#[test]
fn signing_out_ends_everything() {
    let mut phone = phone(&[1]);
    let _ = phone.apply(START, Input::Link(Link::Down));
    let _ = phone.apply(START, Input::Tap(Tap::Accept { attempt: 1 }));
    let effects = phone.apply(START, Input::SignedOut);
    let dismiss = Effect::Dismiss { attempt: 1, why: Dismissal::SignedOut };
    let command = Command::AcceptCall { room: "room 1".to_owned(), attempt: Some(1) };
    assert_eq!(effects, [dismiss, Effect::NotSent { command, why: NotSentReason::SignedOut }]);
    let mut phone = Handset::restore(&phone.save(), None).unwrap();
    for input in [Input::Link(Link::Up), Input::Notice(ring(2, None)), Input::SignedOut] {
        assert_eq!(phone.apply(START, input), []);
    }
    let pushes = [ring(1, None), ring(1, None)].map(|event| Input::Push { event, age: 0 });
    let reports = phone.apply_all(START, pushes);
    let is_report =
        |effect: &Effect| matches!(effect, Effect::Report { why: ReportReason::SignedOut, .. });
    assert!(reports.len() == 2 && reports.iter().all(is_report), "{reports:?}");
}

// D-34
#[test]
fn other_settings_hold_at_once() {
    let mut phone = phone(&[1, 2]);
    let _ = accept(&mut phone, START, 1);
    let _ = phone.apply(START, Input::Link(Link::Down));
    let _ = phone.apply(START, Input::Tap(Tap::Cancel { room: "r".to_owned(), users: Vec::new() }));
    let settings =
        Settings { join_quiet: 3_000, valid_for: 4_000, calls: 0, endings: 0, ..SETTINGS };
    let _ = phone.apply(at(1_000), Input::Settings(settings));
    assert_eq!(phone.next_deadline(), Some(at(3_000)));
    let _ = phone.apply(at(3_000), Input::Tick);
    assert_eq!(stages(&phone), [(2, Stage::Ringing)], "a known call stays");
    assert_eq!(phone.next_deadline(), Some(at(4_000)));
    let not_sent = phone.apply(at(4_000), Input::Tick);
    assert!(matches!(&not_sent[..], [Effect::NotSent { why: NotSentReason::TooOld, .. }]));
    let _ = phone.apply(at(4_000), Input::Notice(ring(3, None)));
    assert_eq!(stages(&phone), [(2, Stage::Ringing)], "and no other one comes");
    assert!(Handset::restore(&phone.save(), Some(0)).is_ok());
}

// D-02
#[test]
fn a_clock_that_is_set_back_sets_the_timers_back() {
    let mut phone = phone(&[]);
    let _ = phone.apply(at(50_000), Input::Notice(ring(1, Some(10_000))));
    let _ = phone.apply(at(49_001), Input::Tick);
    assert_eq!((phone.clock(), phone.next_deadline()), (at(50_000), Some(at(60_000))));
    let _ = phone.apply(at(49_000), Input::Tick);
    assert_eq!((phone.clock(), phone.next_deadline()), (at(49_000), Some(at(59_000))));
    let _ = phone.apply(at(2_000), Input::Tick);
    assert_eq!((phone.clock(), phone.next_deadline()), (at(2_000), Some(at(12_000))));
    assert_eq!(phone.apply(at(11_999), Input::Tick), []);
    let effects = phone.apply(at(12_000), Input::Tick);
    assert_eq!(effects[0], Effect::Dismiss { attempt: 1, why: Dismissal::Silenced });
}

// D-02, T-09
#[test]
fn a_clock_that_was_at_its_end_goes_on() {
    let mut phone = phone(&[]);
    for _ in 0..1_000 {
        let _ = phone.apply(at(u64::MAX), Input::Tick);
        assert_eq!(phone.clock(), DeviceTick::LAST);
        let _ = phone.apply(at(7), Input::Notice(ring(1, Some(10_000))));
        let _ = phone.apply(at(7), Input::Tick);
        assert!(phone.next_deadline().is_some_and(|due| due > at(7)), "nothing is due for ever");
    }
}

// D-24
#[test]
fn the_time_left_counts_from_when_it_was_asked_for() {
    let mut phone = Handset::new("bo", "phone", SETTINGS);
    let _ = phone.apply(START, Input::Link(Link::Up));
    let _ = phone.apply(at(2_000), Input::Tick);
    let effects = phone.apply(at(3_000), snapshot(1, &[(1, 10_000), (2, 3_999)], 1));
    let left = |effect: &Effect| match effect {
        Effect::Show { call, time_left, .. } => Some((call.attempt, *time_left)),
        _ => None,
    };
    assert!(effects.iter().filter_map(left).eq([(1, Some(7_000))]), "{effects:?}");
    // Call 2 has time left, and is silenced by how long the reply took: another one is requested.
    let asks = |effect: &Effect| {
        matches!(effect, Effect::Send { request_id: Some(2), request: Request::Query(_) })
    };
    assert!(effects.iter().any(asks), "{effects:?}");
    let effects = phone.apply(at(3_500), snapshot(2, &[(1, 7_000), (2, 3_499)], 1));
    assert_eq!(effects.iter().filter_map(left).collect::<Vec<_>>(), [(2, Some(2_999))]);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send { .. })), "{effects:?}");
    let _ = phone.apply(at(3_500), handled(2, "tablet"));
    // Another reply than the one that was waited for: the earlier deadline counts.
    let _ = phone.apply(at(4_000), snapshot(9, &[(1, 10_000)], 2));
    assert_eq!(phone.next_deadline(), Some(at(10_000)));
    let _ = phone.apply(at(4_000), snapshot(9, &[(1, 5_000)], 3));
    assert_eq!(phone.next_deadline(), Some(at(9_000)));
}
