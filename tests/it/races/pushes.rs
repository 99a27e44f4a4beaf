//! Woken by a push (D-29): first, late, twice and alone; to a dead process, before the snapshot and
//! after it.

use roomcall::handset::{Dismissal, Effect, NotSentReason, Progress, ReportReason, Stage as At};
use roomcall::{EndingKind, Policy};

use roomcall_testkit::world::Action;
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::log::Happened;
use roomcall_testkit::world::scripted::{ANA, PHONE, STANDUP, Script, TABLET, USER_BO};

fn pushed() -> Script {
    Script::with(Policy::DEFAULT, |plan| plan.push = true)
}

/// ana calls bo, whose phone is killed; the push is all that reaches it.
fn woken() -> Script {
    let mut script = pushed();
    script.go(Action::Kill { device: PHONE });
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.lose(PHONE, Kind::Ring);
    script.pass(4_000);
    script.deliver(PHONE, Kind::Push);
    script
}

/// What a handset said that it does not send.
fn not_sent(script: &Script, device: usize) -> Vec<NotSentReason> {
    let entries = script.world.log.iter().flat_map(|log| &log.entries);
    let reason = |happened: &Happened| match happened {
        Happened::Effect(of, Effect::NotSent { why, .. }) if *of == device => Some(*why),
        _ => None,
    };
    entries.filter_map(|(_, happened)| reason(happened)).collect()
}

// The push starts the process, which shows the call in that step, without a connection, with the
// time that is left.
#[test]
fn a_push_wakes_a_dead_phone() {
    let mut script = woken();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.shown(PHONE, &[(1, 26_000)]);
    script.reported(PHONE, &[]);
    // It rings on when the snapshot has come.
    script.heal(PHONE);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.end();
    script.shown(PHONE, &[(1, 26_000)]);
}

// Yes is tapped before there is a connection: it is kept, sent once the snapshot has come, and wins.
#[test]
fn a_yes_before_the_snapshot_is_sent_after_it() {
    let mut script = woken();
    script.taps_yes(PHONE);
    script.shows(PHONE, &[(1, At::Accepting)]);
    script.heal(PHONE);
    assert_eq!(script.count(PHONE, Kind::Accept), 0, "not before the snapshot");
    script.flush();
    assert_eq!(script.ended(1), Some(EndingKind::Accepted));
    script.end();
    script.joined(&[(PHONE, "standup")]);
}

// The call is over when the push comes: the snapshot that follows takes it off, and says why.
#[test]
fn a_push_after_the_end_is_provisional() {
    let mut script = pushed();
    script.go(Action::Kill { device: PHONE });
    script.calls(ANA, STANDUP, 30);
    script.cancels(ANA);
    script.deliver(ANA, Kind::Call);
    script.deliver(ANA, Kind::Cancel);
    script.lose(PHONE, Kind::Ring);
    script.lose(PHONE, Kind::Cancelled);
    script.deliver(PHONE, Kind::Push);
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.heal(PHONE);
    script.flush();
    script.dismissed(PHONE, &[(1, Dismissal::Cancelled)]);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
}

// The process was dead for longer than the call rings: nothing is shown, and the report says so.
#[test]
fn a_push_that_is_too_old_is_silenced() {
    let mut script = pushed();
    script.go(Action::Kill { device: PHONE });
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.lose(PHONE, Kind::Ring);
    script.pass(29_500);
    script.deliver(PHONE, Kind::Push);
    script.reported(PHONE, &[(1, ReportReason::Silenced)]);
    script.end();
    script.shown(PHONE, &[]);
}

// A push for a call that is shown, one that comes twice, and one for a call that is settled.
#[test]
fn each_push_is_answered() {
    let mut script = pushed();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.duplicate(PHONE, Kind::Push);
    let last = script.hold(PHONE, Kind::Push);
    script.deliver(PHONE, Kind::Ring);
    script.deliver(PHONE, Kind::Push);
    script.shown(PHONE, &[(1, 30_000)]);
    script.reported(PHONE, &[(1, ReportReason::Shown)]);
    script.cancels(ANA);
    script.flush();
    script.release(last.clone());
    let over = ReportReason::Over { ending: Dismissal::Cancelled };
    script.reported(PHONE, &[(1, ReportReason::Shown), (1, over.clone())]);
    script.heal(PHONE);
    script.flush();
    script.release(last);
    let reports = [(1, ReportReason::Shown), (1, over), (1, ReportReason::Passed)];
    script.reported(PHONE, &reports);
    script.end();
    script.shown(PHONE, &[(1, 30_000)]);
}

// A push to the device of somebody else: whoever signed out of it left its token behind.
#[test]
fn a_push_for_another_user_shows_nothing() {
    let mut script = pushed();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.misdeliver(PHONE, Kind::Push, ANA);
    script.flush();
    script.reported(ANA, &[(1, ReportReason::NotThisUser)]);
    script.shows(ANA, &[]);
    script.end();
}

// The phone is in the room when the push comes: there is nothing to answer.
#[test]
fn a_push_in_the_room_shows_nothing() {
    let mut script = pushed();
    script.calls(ANA, STANDUP, 30);
    script.deliver(ANA, Kind::Call);
    script.deliver(PHONE, Kind::Ring);
    script.enters(PHONE, STANDUP);
    script.deliver(PHONE, Kind::Push);
    script.reported(PHONE, &[(1, ReportReason::InRoom)]);
    script.end();
}

// A call that cannot be sent for as long as `validFor` is not sent, dead or alive, and the person is
// told; one that can be is.
#[test]
fn a_call_that_never_leaves_is_too_old() {
    for (dead, ms, is_sent) in
        [(false, 9_999, true), (false, 10_000, false), (true, 4_000, true), (true, 12_000, false)]
    {
        let mut script = Script::new();
        script.cut(ANA);
        script.calls(ANA, STANDUP, 30);
        if dead {
            script.go(Action::Kill { device: ANA });
            script.skip(ms);
            script.go(Action::Restart { device: ANA });
        } else {
            script.pass(ms);
        }
        script.heal(ANA);
        script.flush();
        let reasons = if is_sent { vec![] } else { vec![NotSentReason::TooOld] };
        assert_eq!(not_sent(&script, ANA), reasons, "{dead} {ms}");
        assert_eq!(script.world.truth.attempts.len(), usize::from(is_sent), "{dead} {ms}");
        script.end();
        let last = script.world.devices[ANA].screen.progress.values().next();
        let stands =
            if is_sent { (Some(1), Progress::TimedOut) } else { (None, Progress::NotSent) };
        assert_eq!(last, Some(&stands), "{dead} {ms}");
    }
}

// Nobody knows how long the process was dead: a call that it never sent is not sent now.
#[test]
fn a_call_of_an_unknown_time_is_too_old() {
    let mut script = Script::with(Policy::DEFAULT, |plan| plan.is_timeless = true);
    script.cut(ANA);
    script.go(Action::Call { device: ANA, room: STANDUP, users: vec![USER_BO], timeout: 30 });
    script.go(Action::Restart { device: ANA });
    script.heal(ANA);
    script.flush();
    assert_eq!(not_sent(&script, ANA), [NotSentReason::TooOld]);
    script.shows(TABLET, &[]);
    script.end();
}
