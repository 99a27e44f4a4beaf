//! Clocks that are set back, deadlines of snapshots, settings, and what grows too old (D-02, D-20, D-24, D-34).

use super::*;

fn ring(attempt: u64, time_left: u64) -> Input {
    let call = named("eve", "ann", attempt, CallStatus::Calling);
    let (extension, time_left) = (String::new(), Some(time_left));
    Input::Notice(Event::CallReceived { call, extension, time_left })
}

fn due(handset: &ModelHandset) -> Option<u64> {
    handset.next_deadline().map(DeviceTick::as_millis)
}

fn lists(time_left: u64, revision: u64) -> MyCalls {
    let call = LiveCall {
        room: "stage".into(),
        caller: "eve".into(),
        callee: "ann".into(),
        attempt: 4,
        time_left: Some(time_left),
        extension: String::new(),
        rung: true,
    };
    MyCalls { incoming: vec![call], revision, ..snapshot(0, 4) }
}

/// D-02
#[test]
fn a_clock_that_is_set_back_takes_the_timers_with_it() {
    for (at, expected) in [(9_001, 20_000), (9_000, 19_000), (0, 10_000)] {
        let mut ann = ready();
        apply(&mut ann, 10_000, ring(4, 10_000));
        assert_eq!(apply(&mut ann, at, Input::Tick), []);
        assert_eq!(due(&ann), Some(expected), "{at}");
        let effects = apply(&mut ann, expected, Input::Tick);
        assert_eq!(effects[0], Effect::Dismiss { attempt: 4, why: Dismissal::Silenced });
    }
}

/// D-02: a request that was sent at what is now before the clock's start.
#[test]
fn a_request_is_repeated_as_if_no_clock_was_set() {
    let mut ann = ready();
    apply(&mut ann, 10_000, call());
    apply(&mut ann, 11_500, Input::Tick);
    apply(&mut ann, 0, Input::Tick);
    assert_eq!(due(&ann), Some(500));
}

/// D-02, D-13: it is overdue at once when what put it off is gone, and not before the clock.
#[test]
fn what_is_overdue_is_due_now() {
    let mut ann = ready();
    apply(&mut ann, 0, ring(4, 2_000));
    apply(&mut ann, 0, Input::Tap(Tap::Accept { attempt: 4 }));
    apply(&mut ann, 9_000, answer(2, Err(Refused::new(roomcall::Rule::L01, -1001, ""))));
    assert_eq!(due(&ann), Some(9_000));
    let effects = apply(&mut ann, 9_000, Input::Tick);
    assert_eq!(effects[0], Effect::Dismiss { attempt: 4, why: Dismissal::Silenced });
}

/// D-24: counted from when the request was first sent, though it was sent again.
#[test]
fn the_time_on_the_way_is_no_time_left() {
    let mut ann = ready();
    apply(&mut ann, 100, Input::Link(Link::Up));
    apply(&mut ann, 2_100, Input::Tick);
    let effects = apply(&mut ann, 3_000, my_calls(2, lists(10_000, 8)));
    assert_eq!(answers(&effects).0, [(4, Some(7_100))]);
    // Less than `minRing` is left.
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Up));
    let effects = apply(&mut ann, 1_500, my_calls(2, lists(2_499, 8)));
    assert_eq!(answers(&effects).0, []);
}

/// D-24: of another request, from the clock, and no later than what is known.
#[test]
fn another_snapshot_does_not_prolong_a_call() {
    for (time_left, at) in [(10_000, 6_000), (2_000, 3_000)] {
        let mut ann = ready();
        apply(&mut ann, 1_000, ring(4, 5_000));
        assert_eq!(apply(&mut ann, 1_000, my_calls(90, lists(time_left, 8))), []);
        assert_eq!(due(&ann), Some(at));
    }
    let mut ann = ready();
    let effects = apply(&mut ann, 1_000, my_calls(90, lists(10_000, 8)));
    assert_eq!(answers(&effects).0, [(4, Some(10_000))]);
}

/// D-34: lengths also for what began before.
#[test]
fn other_lengths_hold_at_once() {
    let mut ann = ready();
    apply(&mut ann, 0, call());
    apply(&mut ann, 10, answer(2, Err(Refused::too_many_requests(5_000))));
    for (retry_interval, expected) in [(1_000, 5_010), (7_000, 7_010)] {
        let settings = Settings { retry_interval, ..SETTINGS };
        apply(&mut ann, 20, Input::Settings(settings));
        assert_eq!(due(&ann), Some(expected));
    }
    let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
    apply(&mut ann, 0, call());
    let settings = Settings { valid_for: 3_000, ..SETTINGS };
    assert_eq!(apply(&mut ann, 5_000, Input::Settings(settings)), []);
    // It is too old already.
    assert_eq!(due(&ann), Some(5_000));
    assert_eq!(progress(&apply(&mut ann, 5_000, Input::Tick)), [Progress::NotSent]);
}

/// D-14, D-34: lower bounds evict in that step, but for calls and requests.
#[test]
fn lower_bounds_evict_at_once() {
    let mut ann = ready();
    apply(&mut ann, 0, ring(6, 30_000));
    apply(&mut ann, 0, call());
    for attempt in [3, 4] {
        let over = named("eve", "ann", attempt, CallStatus::Timeout);
        apply(&mut ann, 0, Input::Notice(Event::CallTimeout(over)));
    }
    let settings = Settings { endings: 1, calls: 0, requests: 0, outgoing: 0, ..SETTINGS };
    let effects = apply(&mut ann, 0, Input::Settings(settings));
    assert_eq!(effects.len(), 1, "{effects:?}");
    assert_eq!(queries(&effects), [(3, Query::GetMyCalls { since: 0 })]);
    // What was evicted cannot ring, what is known does, and one more is too many.
    let pushes = [3, 4, 5, 6].map(|attempt| push("ann", attempt, 0));
    let why = [
        (3, ReportReason::Passed),
        (4, ReportReason::Over { ending: Dismissal::TimedOut }),
        (5, ReportReason::TooMany),
        (6, ReportReason::Shown),
    ];
    assert_eq!(answers(&ann.apply_all(DeviceTick::START, pushes)).1, why);
    assert_eq!(ann.waits_for().len(), 2);
}

/// D-20, D-25: one that was never sent is given up sooner, and at once if nobody knows how long
/// the process was dead.
#[test]
fn a_call_that_was_never_sent_grows_too_old() {
    let is_too_old =
        |effect: &Effect| matches!(effect, Effect::NotSent { why: NotSentReason::TooOld, .. });
    for (dead, due) in [(None, 0), (Some(0), 10_000), (Some(4_000), 6_000), (Some(u64::MAX), 0)] {
        let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
        apply(&mut ann, 50, call());
        let mut ann = ann.restart(dead);
        assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(due)), "{dead:?}");
        let effects = apply(&mut ann, due, Input::Link(Link::Up));
        assert_eq!(progress(&effects), [Progress::NotSent], "{dead:?}");
        assert!(effects.iter().any(is_too_old), "{dead:?}: {effects:?}");
    }
    // It was sent: as long as its own timeout, and there is a reply to wait for; no longer if nobody
    // knows how long that is.
    for (dead, due) in [(Some(0), 30_000), (Some(10_000), 20_000), (None, 0)] {
        let mut ann = ready();
        apply(&mut ann, 0, call());
        let mut ann = ann.restart(dead);
        assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(due)), "{dead:?}");
        let effects = apply(&mut ann, due, Input::Tick);
        assert_eq!((progress(&effects), effects.len()), (vec![Progress::Unknown], 1));
    }
}

/// D-20: a cancel that comes late might end a newer call.
#[test]
fn a_cancel_that_was_never_sent_grows_too_old() {
    let users = vec!["bob".to_owned()];
    let cancel = Tap::Cancel { room: "stage".into(), users };
    for (dead, due) in [(None, Some(0)), (Some(4_000), Some(6_000))] {
        let mut ann = ModelHandset::new("ann", "phone", SETTINGS);
        apply(&mut ann, 50, Input::Tap(cancel.clone()));
        let mut ann = ann.restart(dead);
        assert_eq!(ann.next_deadline(), due.map(DeviceTick::from_millis), "{dead:?}");
        let effects = apply(&mut ann, due.unwrap(), Input::Tick);
        let is_too_old =
            matches!(effects[..], [Effect::NotSent { why: NotSentReason::TooOld, .. }]);
        assert!(is_too_old, "{effects:?}");
    }
    // It was sent: it may have come to something.
    let mut ann = ready();
    apply(&mut ann, 0, Input::Tap(cancel));
    assert_eq!(ann.restart(None).next_deadline(), None);
}
