//! The lifecycle as a picture: every change of status, why, and by which rules.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::protocol::{Event, Fact, Input, Outcome, Record};
use roomcall::{CallStatus, EndingKind, Rule};

use super::{drawing, keep};
use crate::reach::fixed_journals;
use roomcall_testkit::play::play;
use roomcall_testkit::repository::{files, read};

/// A change of status, what brings it about, and the rules that say so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrow {
    pub(super) from: CallStatus,
    pub(super) to: CallStatus,
    pub(super) what: &'static str,
    pub(super) rules: &'static [Rule],
}

/// The statuses of a kept record: those that an ending leaves other than none (K-01).
pub(super) fn kept() -> BTreeSet<CallStatus> {
    let after =
        |status: CallStatus| EndingKind::ALL.into_iter().filter_map(move |how| status.after(how));
    CallStatus::ALL.into_iter().flat_map(after).filter(|after| *after != CallStatus::None).collect()
}

/// The rules by which an attempt ends like this.
const fn rules(how: EndingKind) -> &'static [Rule] {
    match how {
        EndingKind::Accepted => &[Rule::E01],
        EndingKind::Rejected => &[Rule::E02],
        EndingKind::InOtherRoom => &[Rule::E03, Rule::C08],
        EndingKind::TimedOut => &[Rule::E04],
        EndingKind::Cancelled => &[Rule::E05, Rule::F07, Rule::F08],
        EndingKind::Revoked => &[Rule::E06, Rule::E19, Rule::F11, Rule::F16, Rule::F18, Rule::F19],
        EndingKind::Entered => &[Rule::E07],
    }
}

/// Every arrow: a new attempt, every ending of the lifecycle table, and what takes a record away.
fn arrows() -> Vec<Arrow> {
    let arrow = |from, to, what, rules| Arrow { from, to, what, rules };
    let (none, calling) = (CallStatus::None, CallStatus::Calling);
    let mut arrows = vec![arrow(none, calling, "called", &[Rule::C01, Rule::C02])];
    for status in CallStatus::ALL {
        for how in EndingKind::ALL {
            let after = status.after(how);
            arrows.extend(after.map(|after| arrow(status, after, how.word(), rules(how))));
        }
    }
    for record in kept() {
        arrows.push(arrow(record, calling, "called again", &[Rule::C01, Rule::C10]));
        arrows.push(arrow(record, none, "the callee enters", &[Rule::K02]));
        arrows.push(arrow(record, none, "evicted", &[Rule::K03]));
        arrows.push(arrow(record, none, "the room is dissolved", &[Rule::F11]));
    }
    for status in kept().into_iter().chain([calling]) {
        arrows.push(arrow(status, none, "one of the two is erased", &[Rule::F20]));
    }
    arrows
}

/// What became of the records of a journal.
#[derive(Default)]
struct Records {
    /// By room and callee: attempt, status, and the status before it.
    statuses: BTreeMap<(String, String), (u64, CallStatus, CallStatus)>,
    changes: BTreeSet<(CallStatus, CallStatus, Rule)>,
}

impl Records {
    fn turn(&mut self, line: &Record, turn: &Outcome) {
        for effect in &turn.effects {
            let Some(call) = effect.event.call() else { continue };
            let key = (call.room.clone(), call.callee.clone());
            let known = self.statuses.get(&key).copied();
            let (attempt, status, earlier) =
                known.unwrap_or((0, CallStatus::None, CallStatus::None));
            // Several are told of one change.
            let is_told = (attempt, status) == (call.attempt, call.status);
            // C-14, E-21: these tell of a status that is no other than before.
            if matches!(effect.event, Event::CallRinging(_) | Event::CallNotJoined(_)) {
                assert!(is_told, "{attempt} is {status:?}: {effect:?}");
                continue;
            }
            let before = if is_told { earlier } else { status };
            self.statuses.insert(key, (call.attempt, call.status, before));
            // An attempt that ends at once was calling for no time.
            let before = if effect.because == Rule::C08 { CallStatus::Calling } else { before };
            self.changes.insert((before, call.status, effect.because));
        }
        if let (Input::Fact(Fact::RoomDissolved { room, .. }), None) = (&line.input, turn.unchanged)
        {
            self.dissolve(room);
        }
    }

    /// Kept records go with their room, and nobody is told (F-11).
    fn dissolve(&mut self, room: &str) {
        let kept = kept();
        for ((of, _), (_, status, _)) in &mut self.statuses {
            if of == room && kept.contains(status) {
                self.changes.insert((*status, CallStatus::None, Rule::F11));
                *status = CallStatus::None;
            }
        }
    }
}

/// `UPDATE_TABLES=1 cargo test table` draws the picture anew (T-01, E-01 to E-07, K-01).
#[test]
fn the_picture_is_up_to_date() {
    keep("lifecycle.svg", &drawing::draw(&arrows()));
}

/// Scenarios and random journals show every arrow of the picture by each of its rules, and no
/// change besides.
#[test]
fn the_picture_is_what_happens() {
    const JOURNALS: usize = 300;
    let mut happens = BTreeSet::new();
    let scenarios = files("spec/scenarios").into_iter().map(|path| read(&path).1);
    for journal in scenarios.chain(fixed_journals(JOURNALS)) {
        let mut records = Records::default();
        for (line, turn) in journal.lines.iter().zip(play(&journal).1) {
            records.turn(line, &turn);
        }
        happens.append(&mut records.changes);
    }
    let by_rule = |arrow: &Arrow| {
        let Arrow { from, to, rules, .. } = *arrow;
        rules.iter().map(move |&rule| (from, to, rule))
    };
    let drawn: BTreeSet<_> = arrows().iter().flat_map(by_rule).collect();
    let missing: Vec<_> = happens.difference(&drawn).collect();
    let never: Vec<_> = drawn.difference(&happens).collect();
    assert!(missing.is_empty(), "happens and is not in the picture: {missing:?}");
    assert!(never.is_empty(), "in the picture, and in no journal: {never:?}");
}
