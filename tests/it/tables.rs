//! Whole tables as snapshots, to be read by a person.

mod drawing;
mod lifecycle;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use roomcall::switchboard::Switchboard;
use roomcall::{
    Action, Attempt, CallRejectionReason, CallRelation, CallResult, CallStatus, Ending, EndingKind,
    Limits, MayCall, Membership, Policy, Refusal, Role, Rule, permits,
};

/// Where a generated table is kept.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/tables").join(name)
}

/// Compares a generated table with the one that is kept; `UPDATE_TABLES=1` keeps the new one.
pub(crate) fn keep(name: &str, table: &str) {
    let path = path(name);
    if std::env::var_os("UPDATE_TABLES").is_some() {
        fs::write(&path, table).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == table, "spec/tables/{name} is not current: run this test with UPDATE_TABLES=1");
}

/// The lifecycle: every status with every ending (T-01, E-01 to E-07, K-01).
#[test]
fn lifecycle() {
    let mut table = String::from("status     ending        status after   record\n");
    for status in CallStatus::ALL {
        for how in EndingKind::ALL {
            let after = status.after(how);
            let record = match after {
                None => "-",
                Some(CallStatus::None) => "gone",
                Some(_) => "kept",
            };
            let after = after.map_or("cannot happen".to_owned(), |after| format!("{after:?}"));
            writeln!(
                table,
                "{:<10} {:<13} {after:<14} {record}",
                format!("{status:?}"),
                format!("{how:?}")
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

/// The whole of authorisation: the product of policy, standing, tie and act (P-01 to P-05, P-07, P-10).
#[test]
fn policy() {
    let standings = std::iter::once(Membership::Backend)
        .chain(Role::ALL.map(Membership::Inside))
        .chain(Role::ALL.map(Membership::Outside));
    let mut table =
        String::from("act           callers  standing              caller  callee  stranger\n");
    for act in [
        Action::Call,
        Action::Cancel,
        Action::Answer,
        Action::Revoke,
        Action::Read,
        Action::Receive,
        Action::ActForUsers,
        Action::BeNamedCaller,
    ] {
        for &may_call in MayCall::ALL {
            for standing in standings.clone() {
                let ties = [CallRelation::Caller, CallRelation::Callee, CallRelation::Stranger];
                let cells = ties.map(|tie| match permits(may_call, standing, tie, act) {
                    Ok(()) => "yes".to_owned(),
                    Err(refusal) => refusal.rule().to_string(),
                });
                writeln!(
                    table,
                    "{:<13} {:<8} {:<21} {:<7} {:<7} {}",
                    format!("{act:?}"),
                    format!("{may_call:?}"),
                    format!("{standing:?}"),
                    cells[0],
                    cells[1],
                    cells[2]
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// Every refusal in order of precedence, an ending of each kind in the place of E-09 (R-01).
pub(crate) fn refusals_in_order() -> Vec<Refusal> {
    let limit = 7;
    let ended = |how| Refusal::AlreadyHandled {
        ended: Ending { how, attempt: Attempt::new(1), user: None, device: None },
    };
    let before = [
        Refusal::RequestIdReused { id: 7 },
        Refusal::RequestIdPassed { id: 7, lowest: 8 },
        Refusal::RequestIdTooHigh { id: 7, end: 6 },
        Refusal::BadName { limit },
        Refusal::StaleHandle,
        Refusal::EmptyList,
        Refusal::TooManyCallees { limit },
        Refusal::TimeoutTooLong { limit },
        Refusal::NeverNotAllowed,
        Refusal::ExtensionTooLong { limit },
        Refusal::BadPageSize { limit },
        Refusal::BadCursor,
        Refusal::NoSuchRoom { ended: None },
        Refusal::BackendOnly,
        Refusal::CallerNotInRoom,
        Refusal::NeedAdminToCall,
        Refusal::NeedAdminToRevoke,
        Refusal::NotYours,
        Refusal::MayNotRead,
        Refusal::NoSuchCall { ended: None },
    ];
    let after = [
        Refusal::NoNumbersLeft,
        Refusal::RoomCallLimit { limit },
        Refusal::CallLimit { limit },
        Refusal::TooManyCalls { limit, retry_after: Some(7) },
        Refusal::ForeignCursor,
    ];
    before.into_iter().chain(EndingKind::ALL.map(ended)).chain(after).collect()
}

#[test]
fn refusals() {
    let mut table = String::from("  code  rule  message\n");
    for refusal in refusals_in_order() {
        writeln!(table, "{:>6}  {}  {refusal}", refusal.code(), refusal.rule()).unwrap();
    }
    insta::assert_snapshot!(table);
}

/// The order in which the refusals are declared is the order of R-01 in the rule book.
#[test]
fn refusals_are_declared_in_precedence_order() {
    let rules = include_str!("../../spec/rules.md");
    let (_, precedence) = rules.split_once("### R-01 Precedence").unwrap();
    let (precedence, _) = precedence.split_once("From:").unwrap();
    let mut place = 0;
    let mut seen = None;
    for rule in refusals_in_order().into_iter().map(|refusal| refusal.rule()) {
        if seen.replace(rule) == Some(rule) {
            continue;
        }
        let found = precedence[place..].find(rule.id());
        place += found.unwrap_or_else(|| panic!("{rule} is not where R-01 has it"));
    }
    let declared = include_str!("../../src/domain/refusal.rs");
    let (_, declared) = declared.split_once("pub enum Refusal {").unwrap();
    let (declared, _) = declared.split_once("impl Refusal").unwrap();
    let ids: Vec<&str> = declared
        .lines()
        .filter(|line| line.trim_start().starts_with("/// ") && line.ends_with(")."))
        .filter_map(|line| line.rsplit_once('(')?.1.strip_suffix(")."))
        .collect();
    let mut ids = ids;
    ids.dedup();
    let mut ordered: Vec<&str> =
        refusals_in_order().into_iter().map(|refusal| refusal.rule().id()).collect();
    ordered.dedup();
    assert_eq!(ids, ordered);
}

/// The numbers of the seed.
#[test]
fn numbers_of_the_seed() {
    let mut table = String::new();
    for value in CallStatus::ALL {
        writeln!(table, "CallStatus {} = {}", value.word(), value as u8).unwrap();
    }
    for value in CallResult::ALL {
        writeln!(table, "CallResult {} = {}", value.word(), value as u8).unwrap();
    }
    for value in CallRejectionReason::ALL {
        writeln!(table, "CallRejectionReason {} = {}", value.word(), value as u8).unwrap();
    }
    insta::assert_snapshot!(table, @r"
    CallStatus none = 0
    CallStatus calling = 1
    CallStatus timeout = 2
    CallStatus rejected = 3
    CallResult success = 0
    CallResult alreadyInCalling = 1
    CallResult alreadyInRoom = 2
    CallRejectionReason rejected = 0
    CallRejectionReason inOtherRoom = 1
    CallRejectionReason busy = 2
    ");
}

/// Effects and inputs are small values, and a switchboard goes to any thread.
#[test]
fn sizes() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Switchboard>();
    assert!(size_of::<roomcall::Effect>() <= 104, "{}", size_of::<roomcall::Effect>());
    assert!(size_of::<roomcall::Input<'_>>() <= 96, "{}", size_of::<roomcall::Input<'_>>());
    assert_eq!(size_of::<roomcall::UserId>(), 8);
    assert_eq!(size_of::<Option<roomcall::UserId>>(), 8);
    assert_eq!(Switchboard::new(Limits::DEFAULT, Policy::DEFAULT).live_count(), 0);
    assert_eq!(Rule::ALL.len(), 185);
}
