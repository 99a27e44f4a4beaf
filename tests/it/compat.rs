//! What a version wrote is read for ever: the files in `tests/compat`.

use std::path::Path;

use roomcall::handset::{
    DeviceTick, Effect, Handset, Input, Link, Progress, Request, Settings, Tap,
};
use roomcall::journal::Replay;
use roomcall::protocol::{Answer, Event, LiveCall, MyCalls, NamedCall, Output, Query, Reply};
use roomcall::switchboard::Switchboard;
use roomcall::{CallRejectionReason, CallStatus, Fact, Limits};
use serde_json::json;

use roomcall_testkit::compat::{hash, kept, outputs, played, seen, versions};

const HOW: &str = "the forms changed: write a new folder, as tests/compat/README.md says";

fn text(path: &Path, now: impl FnOnce() -> String) -> String {
    String::from_utf8(kept(path, || now().into_bytes())).unwrap()
}

/// J-01, S-03: an old journal and its outputs are read, and it leads to the same state in every build. What
/// its inputs bring about may be otherwise by now, where a rule was changed.
#[test]
fn journals_replay() {
    let newest = versions().pop();
    for folder in versions() {
        let mut replay = Replay::new();
        let journal = std::fs::read(folder.join("journal.ndjson")).unwrap();
        let lines = journal.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let outcomes: Vec<_> = lines.filter_map(|line| replay.line(line).unwrap()).collect();
        let board = replay.board().unwrap();
        assert!(outcomes.len() > 30, "{}: {} inputs", folder.display(), outcomes.len());
        let now = outputs(&outcomes);
        let then = text(&folder.join("outputs.ndjson"), || now.clone());
        for line in then.lines() {
            Output::<String>::read(line)
                .unwrap_or_else(|error| panic!("{}: {line}: {error}", folder.display()));
        }
        assert!(then == now || Some(&folder) != newest.as_ref(), "{HOW}: {now}");
        let wanted = text(&folder.join("state-hash.txt"), || hash(board));
        assert_eq!(hash(board), wanted, "{}", folder.display());
    }
}

/// S-01, S-02: an old snapshot is restored, is whole, and shows what is to be seen after its journal, with the
/// limits that were in force.
#[test]
fn snapshots_restore() {
    for folder in versions() {
        let (journal, board, _) = played(&folder);
        let snapshot = kept(&folder.join("snapshot.bin"), || board.snapshot());
        let restored = Switchboard::restore(&snapshot)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        assert_eq!(restored.verify(), Ok(()), "{}", folder.display());
        // What a version before 9 wrote has no logs, and counted no tries.
        let mut restored = restored;
        if snapshot[8] < 9 {
            let limits = Limits { logged_per_user: 0, ..*restored.limits() };
            let (policy, at) = (*restored.policy(), restored.clock());
            let _ =
                restored.apply(at, roomcall::Input::Fact(Fact::RulesChanged { policy, limits }));
        }
        let mut board = Switchboard::new(*restored.limits(), journal.policy);
        for record in &journal.lines {
            let _ = board.apply_record(record);
        }
        assert_eq!(
            seen(&restored, &journal.lines),
            seen(&board, &journal.lines),
            "{}",
            folder.display()
        );
        let rewritten = Switchboard::restore(&restored.snapshot());
        assert_eq!(rewritten.as_ref(), Ok(&restored), "{}", folder.display());
    }
}

/// D-25: an old saved handset is restored, draws what it drew, and sends what it had not got an answer to.
#[test]
fn handsets_restore() {
    for folder in versions() {
        let saved = text(&folder.join("handset.json"), || handset().restart(Some(0)).save());
        let restored = Handset::restore(&saved, Some(0))
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let wanted = text(&folder.join("screen.json"), || drawn(&restored, true));
        // The first version had another query for the same.
        let wanted = wanted.replace("getIncomingCalls", "getMyCalls");
        // Those before 8 did not say that it rings (D-37).
        let says_ringing = number(&folder) >= 8;
        assert_eq!(drawn(&restored, says_ringing), wanted, "{}", folder.display());
    }
}

/// D-25, C-14: a call that was live rang, before a device could say so: nobody knows whether it does.
#[test]
fn what_rang_before_is_calling() {
    let saved = handset().restart(Some(0)).save();
    let of_hal = |saved: &str| {
        let effects = Handset::restore(saved, Some(0)).unwrap().redraw();
        effects.into_iter().find_map(|effect| match effect {
            Effect::Progress { callee, progress, .. } if callee == "hal" => Some(progress),
            _ => None,
        })
    };
    assert_eq!(of_hal(&saved), Some(Progress::Ringing));
    let before = saved.replace(r#""isRingingTold":true,"#, "");
    assert_eq!(of_hal(&before), Some(Progress::Calling), "{before}");
}

/// Whoever changes a form adds a folder.
#[test]
fn the_newest_files_are_as_they_are_written_now() {
    let newest = versions().pop().unwrap();
    let (_, board, _) = played(&newest);
    assert!(kept(&newest.join("snapshot.bin"), || board.snapshot()) == board.snapshot(), "{HOW}");
    let saved = text(&newest.join("handset.json"), || handset().restart(Some(0)).save());
    assert_eq!(Handset::restore(&saved, Some(0)).unwrap().save(), saved, "{HOW}");
    assert_eq!(handset().restart(Some(0)).save(), saved, "{HOW}");
}

/// The number of a version.
fn number(folder: &Path) -> u32 {
    folder.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap()
}

/// The screen of a handset that was restored, and what it does when it connects and hears what rings.
fn drawn(restored: &Handset, says_ringing: bool) -> String {
    let screen: Vec<_> = restored.screen().collect();
    let mut phone = restored.clone();
    let mut effects = phone.apply(DeviceTick::from_millis(10), Input::Link(Link::Up));
    let Some(Effect::Send { request_id, request: Request::Query(Query::GetMyCalls { since }) }) =
        effects.last()
    else {
        panic!("it asks what rings: {effects:?}")
    };
    let snapshot = Input::Reply(snapshot(request_id.unwrap(), *since, 6));
    effects.extend(phone.apply(DeviceTick::from_millis(20), snapshot));
    effects
        .retain(|effect| says_ringing || !matches!(effect, Effect::Send { request_id: None, .. }));
    let (user, device) = (restored.user(), restored.device());
    let drawn = json!({ "user": user, "device": device, "screen": screen, "effects": effects });
    serde_json::to_string_pretty(&drawn).unwrap() + "\n"
}

/// The reply that lists two calls.
fn snapshot(request_id: u64, since: u64, revision: u64) -> Reply {
    let answer = Ok(Answer::GetMyCalls(MyCalls {
        incoming: vec![
            incoming(3, "standup", "ana"),
            LiveCall { rung: true, ..incoming(5, "lounge", "cy") },
        ],
        outgoing: Vec::new(),
        endings: Vec::new(),
        more: false,
        since,
        last_attempt: 5,
        revision,
        log: None,
    }));
    Reply { next_request_id: Some(9), ..Reply::new(request_id, answer) }
}

/// bo's phone: it accepts one call, a second waits and is muted, it rejects a third, a fourth is hidden, a fifth was
/// answered elsewhere, and a call of its own is unanswered.
fn handset() -> Handset {
    let mut phone = Handset::new("bo", "phone", Settings::DEFAULT);
    let ring = |attempt| Event::CallReceived {
        call: call(attempt, CallStatus::Calling),
        extension: "now".into(),
        time_left: None,
    };
    let (room, device) = (call(10, CallStatus::None).room, Some("tablet".to_owned()));
    let elsewhere =
        Event::CallHandledByOtherDevice { room, is_accepted: true, attempt: 10, device };
    let users = vec!["fay".to_owned(), "gus".to_owned()];
    let own = Tap::Call { room: "standup".into(), users, timeout: 30, extension: "join us".into() };
    let steps = [
        Input::Link(Link::Up),
        Input::Reply(snapshot(1, 0, 4)),
        Input::Notice(ring(7)),
        Input::Notice(ring(9)),
        Input::Notice(ring(10)),
        Input::Notice(Event::CallCancelled(call(8, CallStatus::None))),
        Input::Tap(Tap::Accept { attempt: 3 }),
        Input::Tap(Tap::Reject { attempt: 7, reason: CallRejectionReason::Rejected }),
        Input::Tap(own),
        Input::Tap(Tap::Silence { attempt: 5 }),
        Input::Tap(Tap::RejectHere { attempt: 9 }),
        Input::Notice(elsewhere),
        Input::Notice(Event::CallsSeen { up_to: 3 }),
        Input::Notice(Event::CallRinging(own_call(11))),
        Input::Tap(Tap::MarkSeen { up_to: 5 }),
    ];
    for (at, input) in (1_000..).step_by(100).zip(steps) {
        let _ = phone.apply(DeviceTick::from_millis(at), input);
    }
    phone
}

fn incoming(attempt: u64, room: &str, caller: &str) -> LiveCall {
    LiveCall {
        room: room.into(),
        caller: caller.into(),
        callee: "bo".into(),
        attempt,
        time_left: Some(30_000),
        extension: "hi".into(),
        rung: false,
    }
}

fn own_call(attempt: u64) -> NamedCall {
    let (caller, callee) = ("bo".to_owned(), "hal".to_owned());
    NamedCall { caller, callee, ..call(attempt, CallStatus::Calling) }
}

fn call(attempt: u64, status: CallStatus) -> NamedCall {
    NamedCall { room: "hall".into(), caller: "dee".into(), callee: "bo".into(), status, attempt }
}
