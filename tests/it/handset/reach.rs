//! The random journals of handsets reach what the model knows: without this the two could agree
//! because nothing ever happens. What is learned (D-10), taps (D-11), what is asked for (D-16) and
//! commands that are not sent (D-18) are counted among it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRng, TestRunner};
use roomcall::Rule;
use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Handset, NotSentReason, Progress, ReportReason, Request, Stage,
};
use roomcall::protocol::{LogEntry, LoggedCall, Query};

use roomcall_testkit::strategies::handset::{
    DEVICE, Journal, Move, SECOND_LIFE, USER, handset_journal,
};

const JOURNALS: usize = 1_000;
const LEAST: usize = 5;

/// The same random journals at each run.
fn fixed_journals() -> impl Iterator<Item = Journal> {
    let rng = TestRng::deterministic_rng(Config::default().rng_algorithm);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let journal = move || handset_journal().new_tree(&mut runner).unwrap().current();
    std::iter::repeat_with(journal).take(JOURNALS)
}

/// The rules behind the effects of handsets.
pub(crate) fn rules_seen() -> BTreeSet<Rule> {
    let mut rules = BTreeSet::new();
    for journal in fixed_journals() {
        let mut handset = Handset::new(USER, DEVICE, journal.settings);
        for play in journal.moves {
            match play {
                Move::Apply { at, inputs } => {
                    let effects = handset.apply_all(DeviceTick::from_millis(at), inputs);
                    rules.extend(effects.iter().map(Effect::rule));
                }
                Move::Restart { dead } => handset = handset.restart(dead),
            }
        }
    }
    rules
}

fn dismissal(why: &Dismissal) -> &'static str {
    match why {
        Dismissal::SignedOut => "signed out",
        Dismissal::Hidden => "hidden",
        Dismissal::Silenced => "silenced",
        Dismissal::Gone => "gone",
        Dismissal::TimedOut => "timed out",
        Dismissal::Cancelled => "cancelled",
        Dismissal::Revoked { operator: None } => "revoked by the backend",
        Dismissal::Revoked { operator: Some(_) } => "revoked by a user",
        Dismissal::InOtherRoom => "in other room",
        Dismissal::RejectedElsewhere { .. } => "rejected elsewhere",
        Dismissal::AnsweredElsewhere { .. } => "answered elsewhere",
        Dismissal::RejectedHere => "rejected here",
        Dismissal::AnsweredHere => "answered here",
        _ => panic!("a variant that this test does not know"),
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Ringing => "ringing",
        Stage::Waiting => "waiting",
        Stage::Accepting => "accepting",
        Stage::Rejecting => "rejecting",
    }
}

fn progress(progress: &Progress) -> &'static str {
    match progress {
        Progress::Asking => "asking",
        Progress::AlreadyInRoom => "already in room",
        Progress::AlreadyInCalling => "already in calling",
        Progress::Refused { .. } => "refused",
        Progress::NotSent => "not sent",
        Progress::Calling => "calling",
        Progress::Ringing => "ringing",
        Progress::Unknown => "unknown",
        Progress::TimedOut => "timed out",
        Progress::Rejected { reason: None } => "rejected",
        Progress::Rejected { reason: Some(_) } => "rejected for a reason",
        Progress::Cancelled => "cancelled",
        Progress::Revoked { .. } => "revoked",
        Progress::Accepted => "accepted",
        _ => panic!("a variant that this test does not know"),
    }
}

fn report(why: &ReportReason) -> &'static str {
    match why {
        ReportReason::NotThisUser => "not this user",
        ReportReason::Hidden => "hidden",
        ReportReason::SignedOut => "signed out",
        ReportReason::Silenced => "silenced",
        ReportReason::InRoom => "in the room",
        ReportReason::Shown => "shown",
        ReportReason::Over { ending } => dismissal(ending),
        ReportReason::Passed => "passed",
        ReportReason::TooMany => "too many",
        _ => panic!("a variant that this test does not know"),
    }
}

fn logged(entry: &LogEntry, is_news: bool) -> &'static str {
    match (&entry.what, is_news) {
        (LoggedCall::Tried { count: 1 }, true) => "a refused try",
        (LoggedCall::Tried { .. }, true) => "a further refused try",
        (LoggedCall::Tried { .. }, false) => "a refused try that is no news",
        (LoggedCall::Ended(_), true) => "a missed call",
        (LoggedCall::Ended(_), false) if entry.is_missed() => "a missed call that is no news",
        (LoggedCall::Ended(_), false) => "an answered call",
    }
}

fn words(effect: &Effect) -> (&'static str, &'static str) {
    match effect {
        Effect::Dismiss { why, .. } => ("dismiss", dismissal(why)),
        Effect::Update { stage: now, .. } => ("update", stage(*now)),
        Effect::Show { stage: now, .. } => ("show", stage(*now)),
        Effect::Report { why, .. } => ("report", report(why)),
        Effect::Learned { why, .. } => ("learned", dismissal(why)),
        Effect::Join { .. } => ("join", ""),
        Effect::Progress { progress: now, .. } => ("progress", progress(now)),
        Effect::Listed { .. } => ("listed", ""),
        Effect::Unlisted { .. } => ("unlisted", ""),
        Effect::Logged { entry, is_news } => ("logged", logged(entry, *is_news)),
        Effect::Seen { .. } => ("seen", ""),
        Effect::Answered { answer: Ok(_), .. } => ("answered", "success"),
        Effect::Answered { answer: Err(_), .. } => ("answered", "refusal"),
        Effect::NotSent { why: NotSentReason::TooMany, .. } => ("not sent", "too many"),
        Effect::NotSent { why: NotSentReason::TooOld, .. } => ("not sent", "too old"),
        Effect::NotSent { why: NotSentReason::Over, .. } => ("not sent", "over"),
        Effect::NotSent { why: NotSentReason::SignedOut, .. } => ("not sent", "signed out"),
        Effect::Send { request_id: None, .. } => ("send", "that it rings"),
        Effect::Send { request: Request::Command(_), .. } => ("send", "command"),
        Effect::Send { request: Request::Query(Query::GetMyCalls { .. }), .. } => {
            ("send", "for a snapshot")
        }
        Effect::Send { request: Request::Query(Query::GetCallLog { since, .. }), .. } => {
            ("send", if *since == 0 { "for the log" } else { "for what is new in the log" })
        }
        Effect::Send { request: Request::Query(Query::GetPendingCalls { cursor, .. }), .. } => {
            ("send", if cursor.is_some() { "for a further page" } else { "for a first page" })
        }
        _ => panic!("a variant that this test does not know"),
    }
}

const WORDS: &[(&str, &[&str])] = &[
    (
        "dismiss",
        &[
            "signed out",
            "hidden",
            "silenced",
            "gone",
            "timed out",
            "cancelled",
            "revoked by the backend",
            "revoked by a user",
            "in other room",
            "rejected elsewhere",
            "answered elsewhere",
            "rejected here",
            "answered here",
        ],
    ),
    ("update", &["ringing", "waiting", "accepting", "rejecting"]),
    ("show", &["ringing", "waiting"]),
    (
        "report",
        &[
            "not this user",
            "hidden",
            "signed out",
            "silenced",
            "in the room",
            "shown",
            "passed",
            "too many",
            "timed out",
            "answered elsewhere",
        ],
    ),
    ("learned", &["gone", "timed out", "cancelled", "rejected elsewhere", "answered elsewhere"]),
    ("join", &[""]),
    (
        "progress",
        &[
            "asking",
            "already in room",
            "already in calling",
            "refused",
            "not sent",
            "calling",
            "ringing",
            "unknown",
            "timed out",
            "rejected",
            "rejected for a reason",
            "cancelled",
            "revoked",
            "accepted",
        ],
    ),
    ("listed", &[""]),
    ("unlisted", &[""]),
    (
        "logged",
        &[
            "a refused try",
            "a further refused try",
            "a refused try that is no news",
            "a missed call",
            "a missed call that is no news",
            "an answered call",
        ],
    ),
    ("seen", &[""]),
    ("answered", &["success", "refusal"]),
    ("not sent", &["too many", "too old", "over", "signed out"]),
    (
        "send",
        &[
            "that it rings",
            "command",
            "for a snapshot",
            "for a first page",
            "for a further page",
            "for the log",
            "for what is new in the log",
        ],
    ),
];

/// D-07, D-09: one call rings, and every Show is followed by one Dismiss.
fn follow_the_screen(screen: &mut BTreeMap<u64, Stage>, effects: &[Effect]) {
    for effect in effects {
        match effect {
            Effect::Show { call, stage, .. } => {
                assert!(screen.insert(call.attempt, *stage).is_none(), "shown twice");
            }
            Effect::Update { attempt, stage } => {
                assert!(screen.insert(*attempt, *stage).is_some_and(|was| was != *stage));
            }
            Effect::Dismiss { attempt, .. } => {
                assert!(screen.remove(attempt).is_some(), "dismissed and not there");
            }
            Effect::Report { .. }
            | Effect::Learned { .. }
            | Effect::Join { .. }
            | Effect::Progress { .. }
            | Effect::Listed { .. }
            | Effect::Unlisted { .. }
            | Effect::Logged { .. }
            | Effect::Seen { .. }
            | Effect::Answered { .. }
            | Effect::NotSent { .. }
            | Effect::Send { .. } => {}
            _ => panic!("a variant that this test does not know"),
        }
    }
    let at = |stage| screen.values().filter(|at| **at == stage).count();
    let one = at(Stage::Ringing) + at(Stage::Accepting);
    assert!(one <= 1, "{screen:?}");
}

#[test]
fn handset_journals_reach_everything() {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut restarts = 0;
    for journal in fixed_journals() {
        let mut model = journal.model();
        let mut screen = BTreeMap::new();
        for play in &journal.moves {
            match play {
                Move::Apply { at, inputs } => {
                    let effects = model.apply_all(DeviceTick::from_millis(*at), inputs.clone());
                    follow_the_screen(&mut screen, &effects);
                    for effect in &effects {
                        *seen.entry(words(effect)).or_default() += 1;
                    }
                }
                Move::Restart { dead } => {
                    model = model.restart(*dead);
                    restarts += usize::from(!screen.is_empty());
                }
            }
        }
    }
    let all: BTreeSet<(&str, &str)> =
        WORDS.iter().flat_map(|(kind, words)| words.iter().map(|word| (*kind, *word))).collect();
    let count = |words| seen.get(&words).copied().unwrap_or_default();
    let rare: Vec<_> = all.into_iter().filter(|words| count(*words) < LEAST).collect();
    assert!(rare.is_empty(), "seldom or never seen: {rare:?}\nall: {seen:?}");
    assert!(restarts >= LEAST, "{restarts} restarts with something on the screen");
}

/// Calls come onto the screen in a second life of the switchboard (F-18) after some of the first did, and in a second life of
/// the process (D-25).
#[test]
fn handset_journals_go_on_in_other_lives() {
    let (mut after_loss, mut after_restart) = (0, 0);
    for journal in fixed_journals() {
        let mut model = journal.model();
        let [mut is_restarted, mut was_first, mut is_second, mut is_again] = [false; 4];
        for play in &journal.moves {
            let effects = match play {
                Move::Apply { at, inputs } => {
                    model.apply_all(DeviceTick::from_millis(*at), inputs.clone())
                }
                Move::Restart { dead } => {
                    model = model.restart(*dead);
                    is_restarted = true;
                    Vec::new()
                }
            };
            for effect in &effects {
                let Effect::Show { call, .. } = effect else { continue };
                is_second |= was_first && call.attempt > SECOND_LIFE;
                was_first |= call.attempt <= SECOND_LIFE;
                is_again |= is_restarted;
            }
        }
        after_loss += usize::from(is_second);
        after_restart += usize::from(is_again);
    }
    println!("{after_loss} after a loss, {after_restart} after a restart");
    assert!(after_loss >= LEAST && after_restart >= LEAST, "{after_loss}, {after_restart}");
}
