//! The law of work in pieces: a tick that ends a few attempts at a time is what it would be at once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use roomcall::protocol::{self, Record};
use roomcall::switchboard::{Page, Switchboard, Work};
use roomcall::{Actor, Audience, CallStatus, Input, Outcome, Rule, Tick};

use super::told::Teller;
use super::turnover::dissolving;
use roomcall_testkit::play::board;
use roomcall_testkit::strategies::journal::{Journal, LONG, ROOMS, settings};

/// How one line is applied.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// How many pieces of a tick come before it.
    ticks: usize,
    budgets: [u32; 3],
    /// Whether what is left after a piece is stored and read back.
    is_stored: bool,
}

/// So many pieces are always enough.
const ALL: usize = 10_000;

fn plan() -> impl Strategy<Value = Plan> {
    let ticks = prop_oneof![2 => Just(0), 3 => 1..4_usize, 2 => Just(ALL)];
    let budgets = prop::array::uniform3(prop_oneof![4 => 0..4_u32, 1 => Just(u32::MAX)]);
    (ticks, budgets, any::<bool>()).prop_map(|(ticks, budgets, is_stored)| Plan {
        ticks,
        budgets,
        is_stored,
    })
}

/// A board that works in pieces.
struct Piecemeal {
    board: Switchboard,
    step: Outcome,
    told: Vec<String>,
}

type Piece = Result<Work, TestCaseError>;

impl Piecemeal {
    /// T-11: one piece of a tick.
    fn tick(&mut self, at: Tick, budget: u32, is_stored: bool) -> Piece {
        let before = self.board.clone();
        let work = self.board.tick_within(at, budget, &mut self.step);
        let (most, ended) = (budget.max(1), before.live_count() - self.board.live_count());
        prop_assert_eq!(timeouts(&self.step), ended as usize);
        let ended = ended as usize + not_joined(&self.step);
        prop_assert!(ended <= most as usize, "{} ended by a budget of {}", ended, budget);
        let is_due = before.next_deadline().is_some_and(|first| first <= at.max(before.clock()));
        prop_assert!(ended > 0 || !is_due, "at least one");
        prop_assert_eq!(self.board.clock(), before.clock().max(at), "the clock moves at once");
        self.piece_is_done(work, is_stored)
    }

    fn piece_is_done(&mut self, work: Work, is_stored: bool) -> Piece {
        prop_assert_eq!(self.board.verify(), Ok(()));
        self.told.extend(Teller(&self.board).effects(&self.step));
        let mut ticked = self.board.clone();
        let ends = ticked.apply(ticked.clock(), Input::Tick);
        prop_assert_eq!(work == Work::Left, ticked != self.board, "what is left is said");
        prop_assert!(timeouts(&ends) <= self.listed_without_time(), "it rings, with no time left");
        if is_stored {
            let restored = Switchboard::restore(&self.board.snapshot()).unwrap();
            prop_assert_eq!(&restored, &self.board);
            // It goes on in its place.
            self.board = restored;
        }
        Ok(work)
    }

    /// Calls that are shown as live and with no time left.
    fn listed_without_time(&self) -> usize {
        let (mut found, count) = (0, self.board.limits().page_size.max(1));
        for room in ROOMS.into_iter().chain([LONG]).filter_map(|room| self.board.lookup_room(room))
        {
            let mut cursor = None;
            loop {
                let page =
                    Page { cursor: cursor.as_deref(), count, status: Some(CallStatus::Calling) };
                let next = self.board.each_pending_call(Actor::Backend, room, page, |call| {
                    found += usize::from(call.time_left == Some(0));
                });
                let Ok(Some(next)) = next else { break };
                cursor = Some(next.to_string());
            }
        }
        found
    }
}

/// E-04: attempts that a step ended because time was up.
fn timeouts(step: &Outcome) -> usize {
    let effects = step.effects.iter().filter(|effect| effect.because == Rule::E04);
    let to_callee = effects.filter(|effect| effect.to == Audience::User(effect.call.callee));
    to_callee.map(|effect| effect.attempt).collect::<BTreeSet<_>>().len()
}

/// E-21: expectations that a step ended because time was up.
fn not_joined(step: &Outcome) -> usize {
    let effects = step.effects.iter().filter(|effect| effect.because == Rule::E21);
    effects.filter(|effect| matches!(effect.to, Audience::Room(_))).count()
}

/// The same line at once and in pieces.
struct Both {
    whole: Switchboard,
    step: Outcome,
    told: Vec<String>,
    pieces: Piecemeal,
}

impl Both {
    fn new(journal: &Journal) -> Self {
        let (whole, board) = (board(journal), board(journal));
        let (step, told) = (Outcome::new(), Vec::new());
        let pieces = Piecemeal { board, step: step.clone(), told: told.clone() };
        Self { whole, step, told, pieces }
    }

    fn apply(&mut self, line: &Record, plan: &Plan) -> Result<(), TestCaseError> {
        self.whole.apply_record_into(line, &mut self.step);
        self.told.extend(Teller(&self.whole).effects(&self.step));
        let (at, pieces) = (Tick::from_millis(line.at), &mut self.pieces);
        // T-08: before the fact that state was lost nothing is applied.
        let is_lost = matches!(line.input, protocol::Input::Fact(protocol::Fact::Recovered { .. }));
        for nth in 0..if is_lost { 0 } else { plan.ticks } {
            if pieces.tick(at, plan.budgets[nth % 3], plan.is_stored)? == Work::Done {
                break;
            }
        }
        pieces.board.apply_record_into(line, &mut pieces.step);
        pieces.told.extend(Teller(&pieces.board).effects(&pieces.step));
        prop_assert_eq!(pieces.board.verify(), Ok(()));
        let answers = Teller(&pieces.board).answers(&pieces.step);
        prop_assert_eq!(Teller(&self.whole).answers(&self.step), answers);
        self.agree()
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        let (whole, pieces) = (&self.whole, &self.pieces);
        prop_assert_eq!(&self.told, &pieces.told);
        prop_assert_eq!(whole.state_hash(), pieces.board.state_hash());
        prop_assert_eq!(whole, &pieces.board);
        Ok(())
    }
}

proptest! {
    #![proptest_config(settings())]

    // T-11
    #[test]
    fn pieces_make_the_whole(
        journal in dissolving(),
        plans in prop::collection::vec(plan(), 1..90),
    ) {
        let mut both = Both::new(&journal);
        for (line, plan) in journal.lines.iter().zip(plans.iter().cycle()) {
            both.apply(line, plan)?;
        }
        let last = both.whole.clock();
        while both.pieces.tick(last, 1, false)? == Work::Left {}
        both.agree()?;
    }
}
