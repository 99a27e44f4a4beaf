//! What a device says of the calls that it shows (D-37), and what the caller makes of it (D-21).

use roomcall::protocol::Command;

use super::*;

const NOTHING: [u64; 0] = [];

fn live(attempt: u64, rung: bool) -> LiveCall {
    LiveCall {
        room: "stage".into(),
        caller: "eve".into(),
        callee: "ann".into(),
        attempt,
        time_left: None,
        extension: String::new(),
        rung,
    }
}

/// A snapshot that lists some calls to ann, and whether they have rung.
fn listing(request_id: u64, revision: u64, calls: &[(u64, bool)]) -> Input {
    let incoming = calls.iter().map(|(attempt, rung)| live(*attempt, *rung)).collect();
    my_calls(request_id, MyCalls { incoming, revision, ..snapshot(0, 9) })
}

fn ring(attempt: u64) -> Input {
    let call = named("eve", "ann", attempt, CallStatus::Calling);
    let (extension, time_left) = (String::new(), None);
    Input::Notice(Event::CallReceived { call, extension, time_left })
}

/// The attempts of which it is said that they ring here: the last of the effects.
fn said(effects: &[Effect]) -> Vec<u64> {
    let mut said = Vec::new();
    for effect in effects {
        match effect {
            Effect::Send {
                request_id: None,
                request: Request::Command(Command::Ringing { attempt }),
            } => said.push(*attempt),
            other => assert!(said.is_empty(), "{other:?} comes after {said:?}"),
        }
    }
    said
}

/// D-37: a ring that is shown is said, once, also of a call that waits, and before anything else is heard.
#[test]
fn what_is_shown_is_said() {
    let mut ann = ready();
    assert_eq!(said(&apply(&mut ann, 0, ring(1))), [1]);
    assert_eq!(said(&apply(&mut ann, 0, ring(1))), NOTHING);
    assert_eq!(said(&ann.apply_all(DeviceTick::START, [ring(3), ring(2)])), [2, 3]);
    // Neither time nor a link that comes up says it again.
    assert_eq!(said(&apply(&mut ann, 60_000, Input::Tick)), NOTHING);
    assert_eq!(said(&apply(&mut ann, 60_000, Input::Link(Link::Up))), NOTHING);
    // A handset that is not ready says it, too.
    let mut ann = ModelHandset::new("ann", "phone", Settings { requests: 0, ..SETTINGS });
    apply(&mut ann, 0, Input::Link(Link::Up));
    assert_eq!(said(&apply(&mut ann, 0, push("ann", 4, 0))), [4]);
}

/// D-37: without a link nothing is said; the first snapshot that lists it as not rung makes it say so, and each further one.
#[test]
fn what_was_not_heard_is_said_again() {
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Down));
    assert_eq!(said(&apply(&mut ann, 0, push("ann", 4, 0))), NOTHING);
    assert_eq!(said(&apply(&mut ann, 0, Input::Link(Link::Up))), NOTHING);
    assert_eq!(said(&apply(&mut ann, 0, listing(2, 20, &[(4, false), (5, false)]))), [4, 5]);
    apply(&mut ann, 0, Input::Link(Link::Up));
    assert_eq!(said(&apply(&mut ann, 0, listing(3, 21, &[(4, false), (5, true)]))), [4]);
    // A stale one, and one of before, say nothing.
    assert_eq!(said(&apply(&mut ann, 0, listing(2, 20, &[(4, false), (5, false)]))), NOTHING);
    apply(&mut ann, 0, Input::Link(Link::Up));
    assert_eq!(said(&apply(&mut ann, 0, listing(4, 22, &[(4, true), (5, true)]))), NOTHING);
}

/// D-37: what was listed as rung is not said any more, also when it comes onto the screen again, or after a restart.
#[test]
fn what_has_rung_is_not_said() {
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Up));
    let effects = apply(&mut ann, 0, listing(2, 20, &[(4, true)]));
    assert_eq!((answers(&effects).0, said(&effects)), (vec![(4, None)], vec![]));
    let through = |ann: &mut ModelHandset| {
        apply(ann, 0, Input::InRoom(Some("stage".into())));
        let effects = apply(ann, 0, Input::InRoom(None));
        assert_eq!(answers(&effects).0, [(4, None)]);
        said(&effects)
    };
    assert_eq!(through(&mut ann), NOTHING);
    let mut ann = ann.restart(Some(0));
    apply(&mut ann, 0, Input::Link(Link::Up));
    assert_eq!(through(&mut ann), NOTHING);
    // One that was never listed as rung is, each time that it comes back.
    let mut ann = ready();
    assert_eq!(said(&apply(&mut ann, 0, ring(4))), [4]);
    assert_eq!(through(&mut ann), [4]);
}

/// D-37: nobody is told that a call rings which is being answered, hidden, or in the room.
#[test]
fn what_is_answered_is_not_said() {
    let answers = [
        Input::Tap(Tap::Accept { attempt: 4 }),
        Input::Tap(Tap::Reject { attempt: 4, reason: CallRejectionReason::Busy }),
        Input::Tap(Tap::RejectHere { attempt: 4 }),
        Input::InRoom(Some("stage".into())),
    ];
    for answer in answers {
        let mut ann = ready();
        assert_eq!(said(&apply(&mut ann, 0, ring(4))), [4]);
        apply(&mut ann, 0, answer.clone());
        apply(&mut ann, 0, Input::Link(Link::Up));
        let asked = ann.waits_for().last().unwrap().0;
        assert_eq!(
            said(&apply(&mut ann, 0, listing(asked, 20, &[(4, false)]))),
            NOTHING,
            "{answer:?}"
        );
    }
    // A muted one is: somebody may look at it.
    let mut ann = ready();
    apply(&mut ann, 0, ring(4));
    apply(&mut ann, 0, Input::Tap(Tap::Silence { attempt: 4 }));
    apply(&mut ann, 0, Input::Link(Link::Up));
    assert_eq!(said(&apply(&mut ann, 0, listing(2, 20, &[(4, false)]))), [4]);
}

/// D-26, D-37: it is judged after the step.
#[test]
fn what_comes_together_is_said_once() {
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Up));
    let both = [ring(4), listing(2, 20, &[(4, false)])];
    assert_eq!(said(&ann.apply_all(DeviceTick::START, both)), [4]);
    let mut ann = ready();
    let ended = Input::Notice(Event::CallTimeout(named("eve", "ann", 4, CallStatus::Timeout)));
    assert_eq!(said(&ann.apply_all(DeviceTick::START, [ring(4), ended])), NOTHING);
    // Who hides it has not seen it ring.
    for last in [Input::Tap(Tap::RejectHere { attempt: 4 }), Input::Link(Link::Down)] {
        let mut ann = ready();
        apply(&mut ann, 0, Input::Link(Link::Up));
        let both = [listing(2, 20, &[(4, false)]), last];
        assert_eq!(said(&ann.apply_all(DeviceTick::START, both)), NOTHING);
    }
}

/// D-21: a call is made, and then it rings; what is said of it before comes too late.
#[test]
fn it_is_called_and_then_it_rings() {
    let rings = |attempt| {
        Input::Notice(Event::CallRinging(named("ann", "bob", attempt, CallStatus::Calling)))
    };
    let mut ann = calling();
    assert_eq!(progress(&apply(&mut ann, 0, rings(3))), [Progress::Ringing]);
    assert_eq!(apply(&mut ann, 0, rings(3)), []);
    assert_eq!(apply(&mut ann, 0, rings(2)), []);
    // It is called into a room that lists it.
    apply(&mut ann, 0, Input::InRoom(Some("stage".into())));
    let listed = Event::PendingCallChanged(named("ann", "bob", 3, CallStatus::Calling));
    assert_eq!(progress(&apply(&mut ann, 0, Input::Notice(listed))), []);
    let over = Event::CallTimeout(named("ann", "bob", 3, CallStatus::Timeout));
    assert_eq!(progress(&apply(&mut ann, 0, Input::Notice(over))), [Progress::TimedOut]);
    assert_eq!(apply(&mut ann, 0, rings(3)), []);
    // Of a later attempt it is the first that is heard.
    assert_eq!(progress(&apply(&mut ann, 0, rings(4))), [Progress::Ringing]);
    // D-01
    let mut eve = ModelHandset::new("eve", "phone", SETTINGS);
    assert_eq!(apply(&mut eve, 0, rings(5)), []);
    let bobs = Event::CallRinging(named("eve", "ann", 5, CallStatus::Calling));
    assert_eq!(apply(&mut ready(), 0, Input::Notice(bobs)), []);
}

/// D-21: a snapshot says it as well, of a call that is known, and in either order.
#[test]
fn a_snapshot_says_whether_it_rings() {
    for (rung, says) in [(false, vec![]), (true, vec![Progress::Ringing])] {
        let mut ann = calling();
        apply(&mut ann, 0, Input::Link(Link::Up));
        let call = LiveCall { caller: "ann".into(), callee: "bob".into(), ..live(3, rung) };
        let calls = MyCalls { outgoing: vec![call], revision: 20, ..snapshot(2, 3) };
        assert_eq!(progress(&apply(&mut ann, 0, my_calls(3, calls))), says);
        assert_eq!(ann.live(), [3]);
    }
}

/// D-16, D-21: what comes to ring at or below the watermark may be over; what was calling was asked for.
#[test]
fn what_rings_late_is_asked_for() {
    let rings = Input::Notice(Event::CallRinging(named("ann", "bob", 3, CallStatus::Calling)));
    let mut ann = ready();
    apply(&mut ann, 0, Input::Link(Link::Up));
    apply(&mut ann, 0, my_calls(2, snapshot(0, 3)));
    let effects = apply(&mut ann, 0, rings.clone());
    assert_eq!(progress(&effects), [Progress::Ringing]);
    assert_eq!(queries(&effects), [(3, Query::GetMyCalls { since: 2 })]);
    let mut ann = calling();
    apply(&mut ann, 0, Input::Link(Link::Up));
    let call = LiveCall { caller: "ann".into(), callee: "bob".into(), ..live(3, false) };
    let calls = MyCalls { outgoing: vec![call], revision: 20, ..snapshot(2, 3) };
    apply(&mut ann, 0, my_calls(3, calls));
    assert_eq!(queries(&apply(&mut ann, 0, rings)), []);
}

/// D-01: that nobody came is about the room, whoever hears of it.
#[test]
fn not_joined_changes_nothing() {
    for (caller, callee) in [("ann", "bob"), ("eve", "ann"), ("eve", "bob")] {
        let mut ann = calling();
        let before = ann.redraw();
        let call = named(caller, callee, 3, CallStatus::None);
        assert_eq!(apply(&mut ann, 0, Input::Notice(Event::CallNotJoined(call))), []);
        assert_eq!(ann.redraw(), before);
    }
}
