//! Which call rings: muted, hidden, occupied, quiet; and signing out (D-30 to D-33).

use super::*;

fn ring(attempt: u64, room: &str, time_left: Option<u64>) -> Input {
    let call = NamedCall { room: room.into(), ..named("eve", "ann", attempt, CallStatus::Calling) };
    Input::Notice(Event::CallReceived { call, extension: String::new(), time_left })
}

fn elsewhere(attempt: u64) -> Input {
    let (room, is_accepted, device) = ("stage".into(), true, Some("tablet".into()));
    Input::Notice(handled(attempt, room, is_accepted, device))
}

fn handled(attempt: u64, room: String, is_accepted: bool, device: Option<String>) -> Event {
    Event::CallHandledByOtherDevice { room, attempt, is_accepted, device }
}

fn accept(attempt: u64) -> Input {
    Input::Tap(Tap::Accept { attempt })
}

fn silence(attempt: u64) -> Input {
    Input::Tap(Tap::Silence { attempt })
}

fn reject_here(attempt: u64) -> Input {
    Input::Tap(Tap::RejectHere { attempt })
}

fn update(attempt: u64, stage: Stage) -> Effect {
    Effect::Update { attempt, stage }
}

fn dismiss(attempt: u64, why: Dismissal) -> Effect {
    Effect::Dismiss { attempt, why }
}

/// A ready handset on which the call 4 rings, and 5 waits.
fn two_calls() -> ModelHandset {
    let mut ann = ready();
    apply(&mut ann, 0, ring(4, "stage", None));
    apply(&mut ann, 0, ring(5, "stage", None));
    assert_eq!(stages(&ann), [(4, Stage::Ringing), (5, Stage::Waiting)]);
    ann
}

/// One that has joined for the call 4 at 0, while 5 waits.
fn joined() -> ModelHandset {
    let mut ann = two_calls();
    apply(&mut ann, 0, accept(4));
    let effects = apply(&mut ann, 0, answer(2, Ok(Answer::AcceptCall { attempt: 4 })));
    let join = Effect::Join { room: "stage".into() };
    assert_eq!(effects, [dismiss(4, Dismissal::AnsweredHere), join]);
    ann
}

fn stages(handset: &ModelHandset) -> Vec<(u64, Stage)> {
    handset.screen().iter().map(|(attempt, stage)| (*attempt, *stage)).collect()
}

/// D-30: it does not ring any more, and the next one does; it can still be answered.
#[test]
fn a_muted_call_waits() {
    let mut ann = two_calls();
    let effects = apply(&mut ann, 0, silence(4));
    assert_eq!(effects, [update(4, Stage::Waiting), update(5, Stage::Ringing)]);
    apply(&mut ann, 0, ring(4, "stage", None));
    let mut ann = ann.restart(Some(0));
    assert_eq!(apply(&mut ann, 0, Input::Tick), []);
    assert_eq!(apply(&mut ann, 0, silence(6)), []);
    let effects = apply(&mut ann, 0, accept(4));
    assert_eq!(effects, [update(4, Stage::Accepting), update(5, Stage::Waiting)]);
    // Also while it is answered.
    assert_eq!(apply(&mut ann, 0, silence(4)), []);
}

/// D-30
#[test]
fn a_hidden_call_stays_hidden_until_it_ends() {
    let mut ann = two_calls();
    let effects = apply(&mut ann, 0, reject_here(4));
    assert_eq!(effects, [dismiss(4, Dismissal::Hidden), update(5, Stage::Ringing)]);
    for input in [ring(4, "stage", Some(9_000)), accept(4), silence(4), reject_here(4)] {
        assert_eq!(apply(&mut ann, 0, input), []);
    }
    assert_eq!(answers(&apply(&mut ann, 0, push("ann", 4, 0))).1, [(4, ReportReason::Hidden)]);
    let over = Input::Notice(Event::CallTimeout(named("eve", "ann", 4, CallStatus::Timeout)));
    let mut ann = ann.restart(Some(0));
    let (room, caller, why) = ("stage".into(), "eve".into(), Dismissal::TimedOut);
    assert_eq!(apply(&mut ann, 0, over), [Effect::Learned { attempt: 4, room, caller, why }]);
}

/// D-04, D-08, D-09, D-30: what comes together with hiding it.
#[test]
fn hidden_is_the_least_of_what_ended_it() {
    let over = Input::Notice(Event::CallTimeout(named("eve", "ann", 4, CallStatus::Timeout)));
    let in_room = Input::InRoom(Some("stage".into()));
    for (inputs, why) in [
        ([reject_here(4), over.clone()], Dismissal::TimedOut),
        ([over, reject_here(4)], Dismissal::TimedOut),
        // It was off the screen when this device came into the room, and the reverse.
        ([reject_here(4), in_room.clone()], Dismissal::Hidden),
        ([in_room, reject_here(4)], Dismissal::AnsweredHere),
    ] {
        let mut ann = two_calls();
        let effects = ann.apply_all(DeviceTick::START, inputs.clone());
        assert_eq!(effects[0], dismiss(4, why), "{inputs:?}");
    }
    // One that is being answered cannot be hidden.
    let mut ann = two_calls();
    apply(&mut ann, 0, accept(4));
    assert_eq!(apply(&mut ann, 0, reject_here(4)), []);
}

/// D-25, D-31
#[test]
fn an_occupied_device_does_not_ring() {
    let mut ann = two_calls();
    assert_eq!(apply(&mut ann, 0, Input::Occupied(true)), [update(4, Stage::Waiting)]);
    let mut free = ann.clone();
    assert_eq!(apply(&mut free, 0, Input::Occupied(false)), [update(4, Stage::Ringing)]);
    let mut ann = ann.restart(Some(0));
    assert_eq!(apply(&mut ann, 0, Input::Tick), [update(4, Stage::Ringing)]);
}

/// D-32: until the device is in any room, could not join, or the time has passed.
#[test]
fn a_join_makes_quiet() {
    let rings = [update(5, Stage::Ringing)];
    for (at, input, ends) in [
        (15_000, Input::Tick, true),
        (14_999, Input::Tick, false),
        (1, Input::JoinFailed, true),
        (1, Input::InRoom(None), false),
        (1, Input::Settings(Settings { join_quiet: 1, ..SETTINGS }), true),
        (1, Input::Settings(Settings { join_quiet: 2, ..SETTINGS }), false),
    ] {
        let mut ann = joined();
        assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(15_000)));
        let effects = apply(&mut ann, at, input.clone());
        assert_eq!(effects, if ends { &rings[..] } else { &[] }, "{at} {input:?}");
    }
    let mut ann = joined();
    let effects = apply(&mut ann, 1, Input::InRoom(Some("lobby".into())));
    assert_eq!(effects[0], rings[0]);
}

/// D-25, D-32
#[test]
fn quiet_outlasts_a_restart() {
    for (dead, due) in [(None, 15_000), (Some(4_000), 11_000), (Some(20_000), 0)] {
        let mut ann = joined().restart(dead);
        assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(due)), "{dead:?}");
        assert_eq!(apply(&mut ann, due, Input::Tick), [update(5, Stage::Ringing)], "{dead:?}");
    }
}

/// D-32: of two kinds both must have passed, and what has passed does not come back.
#[test]
fn an_answer_elsewhere_makes_quiet() {
    let mut ann = two_calls();
    assert_eq!(apply(&mut ann, 0, elsewhere(4)).len(), 1);
    assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(2_000)));
    let longer = Input::Settings(Settings { settle: 9_000, ..SETTINGS });
    let mut later = ann.clone();
    assert_eq!(apply(&mut later, 2_000, longer.clone()), [update(5, Stage::Ringing)]);
    apply(&mut ann, 1_999, longer);
    assert_eq!(ann.next_deadline(), Some(DeviceTick::from_millis(9_000)));
    // A call that is not known makes none.
    let mut ann = two_calls();
    apply(&mut ann, 0, elsewhere(6));
    assert_eq!(apply(&mut ann, 0, reject_here(4)).len(), 2);
    // The end of quiet is due only if a call can ring then.
    let mut ann = two_calls();
    apply(&mut ann, 0, elsewhere(5));
    assert_eq!(ann.next_deadline(), None);
}

/// D-07, D-32: a call that rings goes on, though one of a lower attempt comes, which must not begin.
#[test]
fn what_rings_goes_on_in_quiet() {
    let mut ann = two_calls();
    apply(&mut ann, 0, elsewhere(5));
    apply(&mut ann, 0, ring(3, "stage", None));
    assert_eq!(stages(&ann), [(3, Stage::Waiting), (4, Stage::Ringing)]);
    let mut later = ann.clone();
    let effects = apply(&mut later, 2_000, Input::Tick);
    assert_eq!(effects, [update(3, Stage::Ringing), update(4, Stage::Waiting)]);
    // What was interrupted must not begin again.
    apply(&mut ann, 0, Input::Occupied(true));
    assert_eq!(apply(&mut ann, 0, Input::Occupied(false)), []);
}

/// D-33
#[test]
fn nothing_is_left_when_signed_out() {
    let mut ann = two_calls();
    apply(&mut ann, 0, Input::Link(Link::Down));
    apply(&mut ann, 0, call());
    apply(&mut ann, 0, accept(4));
    let effects = apply(&mut ann, 0, Input::SignedOut);
    let signed_out = [dismiss(4, Dismissal::SignedOut), dismiss(5, Dismissal::SignedOut)];
    assert_eq!(effects[..2], signed_out);
    let not_sent =
        |effect: &Effect| matches!(effect, Effect::NotSent { why: NotSentReason::SignedOut, .. });
    assert!(effects[2..].iter().all(not_sent) && effects.len() == 4, "{effects:?}");
    for mut ann in [ann.clone(), ann.restart(Some(0))] {
        let over = Input::Notice(Event::CallTimeout(named("eve", "ann", 4, CallStatus::Timeout)));
        for input in [Input::Link(Link::Up), call(), ring(6, "stage", None), over, Input::SignedOut]
        {
            assert_eq!(apply(&mut ann, 0, input), []);
        }
        assert_eq!((ann.next_deadline(), ann.redraw()), (None, vec![]));
        let reports =
            answers(&ann.apply_all(DeviceTick::START, [push("ann", 6, 0), push("bob", 7, 0)])).1;
        assert_eq!(reports, [(6, ReportReason::SignedOut), (7, ReportReason::SignedOut)]);
    }
}

/// D-26, D-33: what comes before it in its step.
#[test]
fn signing_out_ends_the_step_too() {
    let mut ann = two_calls();
    apply(&mut ann, 0, reject_here(5));
    let over = |attempt| {
        Input::Notice(Event::CallTimeout(named("eve", "ann", attempt, CallStatus::Timeout)))
    };
    let inputs = [over(4), over(5), push("ann", 6, 0), Input::SignedOut, ring(7, "stage", None)];
    let effects = ann.apply_all(DeviceTick::START, inputs);
    assert_eq!(effects[0], dismiss(4, Dismissal::TimedOut));
    assert_eq!(answers(&effects), (vec![], vec![(6, ReportReason::SignedOut)]));
    assert!(matches!(effects[2], Effect::Learned { attempt: 5, .. }), "{effects:?}");
    // The push's request for a snapshot.
    assert_eq!((effects.len(), queries(&effects).len()), (4, 1));
    assert!(ann.screen().is_empty());
}
