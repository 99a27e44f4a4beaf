//! A host that has too much to do refuses a request, and the same one comes again (L-15, D-17).

use roomcall::handset::{Progress, Stage as At};
use roomcall_testkit::world::kind::Kind;
use roomcall_testkit::world::scripted::{ANA, PHONE, STANDUP, Script};

/// ana calls bo, and hears that the host has too much to do for 3 seconds.
fn refused() -> Script {
    let mut script = Script::new();
    script.calls(ANA, STANDUP, 30);
    script.refuse(ANA, Kind::Call, 3_000);
    script.deliver(ANA, Kind::Answer);
    script.progressed(&[(0, Progress::Asking)]);
    script
}

/// The call came again, and is made once.
fn is_made_once(mut script: Script) {
    assert_eq!(script.count(ANA, Kind::Call), 1);
    script.flush();
    script.shows(PHONE, &[(1, At::Ringing)]);
    script.progressed(&[(0, Progress::Asking), (1, Progress::Calling), (1, Progress::Ringing)]);
    script.end();
}

#[test]
fn a_call_waits_for_the_host() {
    let mut script = refused();
    script.pass(2_999);
    assert_eq!(script.count(ANA, Kind::Call), 0);
    script.pass(1);
    is_made_once(script);
}

#[test]
fn another_connection_does_not_wait() {
    let mut script = refused();
    script.heal(ANA);
    is_made_once(script);
}
