//! What other systems call each dismissal and each report, and what is no saved state.

use std::fmt::Write;

use roomcall::handset::{Dismissal, Handset, ReportReason, SavedError, Settings};

fn all() -> [Dismissal; 12] {
    let device = || Some("tablet".to_owned());
    [
        Dismissal::SignedOut,
        Dismissal::Silenced,
        Dismissal::Hidden,
        Dismissal::Gone,
        Dismissal::TimedOut,
        Dismissal::Cancelled,
        Dismissal::Revoked { operator: None },
        Dismissal::InOtherRoom,
        Dismissal::RejectedElsewhere { device: device() },
        Dismissal::AnsweredElsewhere { device: device() },
        Dismissal::RejectedHere,
        Dismissal::AnsweredHere,
    ]
}

fn name(why: &Dismissal) -> String {
    let text = format!("{why:?}");
    text.split([' ', '{']).next().unwrap().to_owned()
}

/// Every dismissal by the names of other systems (D-05, D-27).
#[test]
fn dismissals() {
    let mut table = String::from(
        "dismissal          CallKit               Telecom             core-telecom  SIP  Q.850\n",
    );
    for why in all() {
        let callkit = why.callkit().map_or("-".to_owned(), |reason| format!("{reason:?}"));
        let (telecom, sip) = (why.telecom(), why.sip());
        let core = telecom.in_core_telecom();
        let (name, telecom, core) = (name(&why), format!("{telecom:?}"), format!("{core:?}"));
        let (status, q850) = (sip.status, sip.q850);
        writeln!(table, "{name:<18} {callkit:<21} {telecom:<19} {core:<13} {status}  {q850}")
            .unwrap();
    }
    insta::assert_snapshot!(table);
}

/// Every reason of a Report by the names of other systems (D-27).
#[test]
fn reports() {
    let mut table = String::from("report                    CallKit            Telecom\n");
    let mut row = |name: &str, why: &ReportReason| {
        let or_none = |reason: Option<String>| reason.unwrap_or_else(|| "-".to_owned());
        let callkit = or_none(why.callkit().map(|reason| format!("{reason:?}")));
        let telecom = or_none(why.telecom().map(|cause| format!("{cause:?}")));
        writeln!(table, "{name:<25} {callkit:<18} {telecom}").unwrap();
    };
    for why in [
        ReportReason::NotThisUser,
        ReportReason::Hidden,
        ReportReason::Silenced,
        ReportReason::InRoom,
        ReportReason::Shown,
        ReportReason::Passed,
        ReportReason::TooMany,
        ReportReason::SignedOut,
    ] {
        row(&format!("{why:?}"), &why);
    }
    for ending in all() {
        row(&format!("Over: {}", name(&ending)), &ReportReason::Over { ending });
    }
    insta::assert_snapshot!(table);
}

/// A later one in the list overrides an earlier one (D-04).
#[test]
fn endings_are_in_order() {
    assert!(all().is_sorted());
}

// D-25
#[test]
fn bad_saved_states() {
    let saved = Handset::new("bo", "phone", Settings::DEFAULT).save();
    let swap = |from: &str, to: &str| {
        assert!(saved.contains(from), "{from} in {saved}");
        saved.replacen(from, to, 1)
    };
    let call = r#"{"roomID":"r","caller":"ana","extensionInfo":"","deadline":null,"isSilenced":false,"stage":null}"#;
    let silenced = r#"{"roomID":"r","caller":"ana","extensionInfo":"","deadline":null,"isSilenced":true,"stage":"ringing"}"#;
    let accept = r#"{"request":{"command":{"acceptCall":{"roomID":"r","attempt":4}}},"expiresAt":null,"sentAt":null,"wasSent":true,"attempts":[]}"#;
    let lacking = r#"{"attempt":3,"progress":"ringing","tapResult":null,"lacksDetail":true}"#;
    let known = |call: &str| swap("\"known\":{}", &format!("\"known\":{{\"4\":{call}}}"));
    let unanswered = swap("\"unanswered\":{}", &format!("\"unanswered\":{{\"1\":{accept}}}"));
    let bad = [
        String::new(),
        "[]".into(),
        swap("\"handset\":1", "\"handset\":2"),
        swap("\"clock\":0", "\"clock\":-1"),
        swap("\"clock\":0", "\"clock\":18446744073709551615"),
        swap("\"user\":\"bo\"", "\"user\":\"\""),
        swap("\"nextRequestID\":1", "\"nextRequestID\":1,\"more\":1"),
        known(call).replacen("\"tombstones\":{}", "\"tombstones\":{\"4\":\"gone\"}", 1),
        known(silenced),
        known(&silenced.replace("isSilenced\":true", "isSilenced\":false,\"isHidden\":true")),
        known(&silenced.replace("isSilenced\":true", "isSilenced\":false,\"isMuted\":true")),
        swap("\"clock\":0", "\"clock\":0,\"quiet\":{\"join\":18446744073709551615}"),
        swap("\"watermark\":0", "\"watermark\":1"),
        swap("\"rooms\":{}", &format!("\"rooms\":{{\"r\":{{\"cy\":{lacking}}}}}")),
        unanswered.clone(),
        unanswered.replacen("\"nextRequestID\":1", "\"nextRequestID\":2", 1),
        saved[..saved.len() - 1].into(),
    ];
    let mut table = String::new();
    for text in &bad {
        let error: SavedError = Handset::restore(text, Some(0)).unwrap_err();
        writeln!(table, "{error}").unwrap();
    }
    insta::assert_snapshot!(table);
    assert!(Handset::restore(&saved, Some(0)).is_ok());
}
