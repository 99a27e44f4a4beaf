//! Laws about work in pieces: a tick that ends a few attempts at a time, and a room that is
//! dissolved a little at a time, are what they would be at once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use roomcall::protocol::{self, Input as NamedInput, Record};
use roomcall::switchboard::{Page, Switchboard, Work};
use roomcall::{
    Actor, Audience, CallStatus, Fact, Input, Limits, Outcome, Policy, RoomId, Rule, Tick,
};

use super::told::Teller;
use super::turnover::dissolving;
use roomcall_testkit::play::{ask, board, call, meeting, now};
use roomcall_testkit::strategies::journal::{Journal, LONG, ROOMS, settings};

/// How one line is applied.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// How many pieces of a tick come before it.
    ticks: usize,
    /// If it dissolves a room, how many pieces of that are done before the next line.
    pieces: usize,
    budgets: [u32; 3],
    /// Whether what is left after a piece is stored and read back.
    is_stored: bool,
}

/// So many pieces are always enough.
const ALL: usize = 10_000;

fn plan() -> impl Strategy<Value = Plan> {
    let pieces = || prop_oneof![2 => Just(0), 3 => 1..4_usize, 2 => Just(ALL)];
    let budgets = prop::array::uniform3(prop_oneof![4 => 0..4_u32, 1 => Just(u32::MAX)]);
    (pieces(), pieces(), budgets, any::<bool>())
        .prop_map(|(ticks, pieces, budgets, is_stored)| Plan { ticks, pieces, budgets, is_stored })
}

/// A board that works in pieces.
struct Piecemeal {
    board: Switchboard,
    step: Outcome,
    told: Vec<String>,
    /// The room that is half dissolved.
    dissolving: Option<RoomId>,
}

type Piece = Result<Work, TestCaseError>;

impl Piecemeal {
    /// T-11: one piece of a tick.
    fn tick(&mut self, at: Tick, budget: u32, is_stored: bool) -> Piece {
        let before = self.board.clone();
        let work = self.board.tick_within(at, budget, &mut self.step);
        let (most, ended) = (budget.max(1), before.live_calls() - self.board.live_calls());
        prop_assert!(ended <= most, "{} ended by a budget of {}", ended, budget);
        prop_assert!(timeouts(&self.step) <= most as usize);
        if self.dissolving.is_none() {
            let is_due =
                before.next_deadline().is_some_and(|first| first <= at.max(before.clock()));
            prop_assert!(ended > 0 || !is_due, "at least one");
            prop_assert_eq!(self.board.clock(), before.clock().max(at), "the clock moves at once");
            prop_assert_eq!(timeouts(&self.step), ended as usize);
        }
        self.piece_is_done(work, is_stored)
    }

    /// F-12: one piece of the dissolving of a room.
    fn dissolve(
        &mut self,
        at: Tick,
        (room, by): (RoomId, Actor),
        plan: &Plan,
        nth: usize,
    ) -> Piece {
        let (before, budget) = (self.board.live_calls(), plan.budgets[nth % 3]);
        let work = self.board.dissolve_within(at, room, by, budget, &mut self.step);
        prop_assert!(before - self.board.live_calls() <= budget.max(1));
        self.piece_is_done(work, plan.is_stored)
    }

    fn piece_is_done(&mut self, work: Work, is_stored: bool) -> Piece {
        prop_assert_eq!(self.board.check(), Ok(()));
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
        self.dissolving = self.dissolving.filter(|_| work == Work::Left);
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

    /// Whether a room that is to be dissolved has begun to go: another one, and deadlines that have
    /// passed, come first.
    fn has_begun(&self, room: RoomId) -> bool {
        let is_first =
            self.dissolving.is_none_or(|other| other == room || !self.board.is_open(other));
        let is_due = self.board.next_deadline().is_some_and(|first| first <= self.board.clock());
        is_first && !is_due
    }

    /// Dissolves a room in pieces. Whether that was judged to the end, so that its answer is known.
    fn dissolve_as_planned(
        &mut self,
        at: Tick,
        what: (RoomId, Actor),
        plan: &Plan,
    ) -> Result<bool, TestCaseError> {
        let was_under_way = self.dissolving.is_some();
        for nth in 0..ALL {
            if self.dissolve(at, what, plan, nth)? == Work::Done {
                return Ok(!was_under_way);
            }
            if nth + 1 >= plan.pieces && self.has_begun(what.0) {
                self.dissolving = Some(what.0);
                return Ok(false);
            }
        }
        prop_assert!(false, "it does not end");
        Ok(false)
    }
}

/// E-04: attempts that a step ended because time was up.
fn timeouts(step: &Outcome) -> usize {
    let effects = step.effects.iter().filter(|effect| effect.because == Rule::E04);
    let to_callee = effects.filter(|effect| effect.to == Audience::User(effect.call.callee));
    to_callee.map(|effect| effect.attempt).collect::<BTreeSet<_>>().len()
}

/// The room and the dissolver in handles, if a line dissolves a room and all are known.
fn dissolved(board: &Switchboard, line: &Record) -> Option<(RoomId, Actor)> {
    let NamedInput::Fact(protocol::Fact::RoomDissolved { room, by }) = &line.input else {
        return None;
    };
    let by = match by {
        protocol::Actor::Backend => Actor::Backend,
        protocol::Actor::Device { user, device } => {
            Actor::Device { user: board.lookup_user(user)?, device: board.lookup_device(device)? }
        }
    };
    Some((board.lookup_room(room)?, by))
}

/// The same line at once and in pieces.
struct Both {
    whole: Switchboard,
    step: Outcome,
    told: Vec<String>,
    pieces: Piecemeal,
    /// Whether the handles are the same, too. Names may be kept longer (N-03): if the dissolving of a
    /// room and another change were told in one step, and those of who dissolved it.
    have_same_handles: bool,
}

impl Both {
    fn new(journal: &Journal) -> Self {
        let (whole, board) = (board(journal), board(journal));
        let (step, told, dissolving) = (Outcome::new(), Vec::new(), None);
        let pieces = Piecemeal { board, step: step.clone(), told: told.clone(), dissolving };
        Self { whole, step, told, pieces, have_same_handles: true }
    }

    fn apply(&mut self, line: &Record, plan: &Plan) -> Result<(), TestCaseError> {
        at_once(&mut self.whole, line, &mut self.step);
        self.told.extend(Teller(&self.whole).effects(&self.step));
        let (at, pieces) = (Tick::from_millis(line.at), &mut self.pieces);
        for nth in 0..plan.ticks {
            if pieces.tick(at, plan.budgets[nth % 3], plan.is_stored)? == Work::Done {
                break;
            }
        }
        let is_answered = match dissolved(&pieces.board, line) {
            Some(what) if plan.pieces > 0 => {
                self.have_same_handles &= what.1 == Actor::Backend;
                pieces.dissolve_as_planned(at, what, plan)?
            }
            _ => {
                let is_change = matches!(line.input, NamedInput::Fact(_) | NamedInput::Ask { .. });
                self.have_same_handles &= !(pieces.dissolving.is_some() && is_change);
                at_once(&mut pieces.board, line, &mut pieces.step);
                pieces.told.extend(Teller(&pieces.board).effects(&pieces.step));
                pieces.dissolving = None;
                true
            }
        };
        prop_assert_eq!(pieces.board.check(), Ok(()));
        if is_answered {
            let answers = Teller(&pieces.board).answers(&pieces.step);
            prop_assert_eq!(Teller(&self.whole).answers(&self.step), answers);
        }
        if pieces.dissolving.is_some() { Ok(()) } else { self.agree() }
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        let (whole, pieces) = (&self.whole, &self.pieces);
        prop_assert_eq!(&self.told, &pieces.told);
        prop_assert_eq!(whole.state_hash(), pieces.board.state_hash());
        if self.have_same_handles {
            prop_assert_eq!(whole, &pieces.board);
        }
        Ok(())
    }
}

/// Applies a line, by handle if it dissolves a room, as work in pieces is asked for by handle.
fn at_once(board: &mut Switchboard, line: &Record, step: &mut Outcome) {
    let at = Tick::from_millis(line.at);
    match dissolved(board, line) {
        Some((room, by)) => {
            board.apply_into(at, Input::Fact(Fact::RoomDissolved { room, by }), step);
        }
        None => board.apply_entry_into(at, &line.input, step),
    }
}

proptest! {
    #![proptest_config(settings())]

    // T-11, F-12
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

// F-12, N-03: what finishes the dissolving of a room can name all that it says.
#[test]
fn names_last_through_what_is_finished_for_another() {
    let mut board = meeting(Policy::DEFAULT);
    let (hall, eve) = (board.intern_room("hall").unwrap(), board.intern_user("eve").unwrap());
    let call = ask("ana", "phone", call("standup", &["bo", "cy"], 30));
    let _ = board.apply_named(&now(&board, call));
    let (room, mut step) = (board.lookup_room("standup").unwrap(), Outcome::new());
    let work = board.dissolve_within(Tick::START, room, Actor::Backend, 1, &mut step);
    assert_eq!(work, Work::Left);
    assert_eq!(Teller(&board).user(step.effects[0].call.callee), "bo");
    let opened = Input::Fact(Fact::RoomOpened { room: hall, owner: eve });
    board.apply_into(Tick::START, opened, &mut step);
    let told = Teller(&board).effects(&step);
    assert_eq!(told[0], "cy: 2 revoked of ana to cy is None in standup (F-11) ");
}

// F-12: who dissolves the room is known to the host alone. The host lets go of them, and stores and
// restores, in the middle.
#[test]
fn who_dissolves_is_known_to_the_end() {
    for is_stored in [false, true] {
        let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
        let (ana, zoe) = (board.intern_user("ana").unwrap(), board.intern_user("zoe").unwrap());
        let (phone, mac) =
            (board.intern_device("phone").unwrap(), board.intern_device("mac").unwrap());
        let (room, at, mut step) =
            (board.intern_room("standup").unwrap(), Tick::START, Outcome::new());
        let _ = board.apply(at, Input::Fact(Fact::RoomOpened { room, owner: ana }));
        let _ = board.apply(at, Input::Fact(Fact::UserEntered { room, user: ana, device: phone }));
        let by = Actor::Device { user: zoe, device: mac };
        assert_eq!(board.dissolve_within(at, room, by, 1, &mut step), Work::Left);
        board.release_device(mac);
        board.release_user(zoe);
        if is_stored {
            board = Switchboard::restore(&board.snapshot()).unwrap();
        }
        // Somebody else comes, and is not taken for who has gone.
        let (other, eve) =
            (board.intern_device("other").unwrap(), board.intern_user("eve").unwrap());
        assert_eq!((board.device_name(mac), board.user_name(zoe)), (Some("mac"), Some("zoe")));
        assert_ne!((other, eve), (mac, zoe));
        while board.dissolve_within(at, room, by, 1, &mut step) == Work::Left {
            assert_eq!(board.check(), Ok(()));
        }
        assert_eq!(board.check(), Ok(()));
        assert!(!board.is_open(room));
    }
}
