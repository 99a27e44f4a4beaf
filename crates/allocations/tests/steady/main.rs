//! A steady state allocates nothing: once the memory has grown to what is needed, no input, query
//! or look-up does, in whichever form, of names of up to 32 bytes, which is what a registry stores inline.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that goes wrong should stop"
)]

mod questions;
mod reading;
mod script;
mod tally;

use roomcall::protocol::{self, Record};
use roomcall::switchboard::{Switchboard, Work};
use roomcall::{
    ActiveCalls, Actor, Answer, CallerLeft, InOtherRoom, Input, Limits, MayCall, Outcome,
    OutcomesTo, Policy, Rule, Tick,
};

use roomcall_testkit::host::{Host, Owned};
use script::{Expected, LIMITS, LONG, Scene, Script};
use tally::Tally;

/// How the lines of a round are applied.
#[derive(Clone, Copy, Debug)]
enum Form {
    ByName,
    Lines,
    ByHandle,
    Pieces,
    Batch,
}

const FORMS: [Form; 5] = [Form::ByName, Form::Lines, Form::ByHandle, Form::Pieces, Form::Batch];

/// A switchboard and what a host keeps for it.
struct World {
    host: Host,
    step: Outcome,
}

impl World {
    fn new(limits: Limits, policy: Policy) -> Self {
        let mut board = Switchboard::new(limits, policy);
        board.intern_device(script::PHONE).unwrap();
        let mut step = Outcome::new();
        board.apply_records(&script::prelude(), &mut step, |_, step| {
            assert_eq!(step.answer, Ok(Answer::Applied));
        });
        Self { host: Host::of(board), step }
    }

    fn play(&mut self, form: Form, script: &Script, tally: &mut Tally) {
        match form {
            Form::ByName => self.by_name(script, tally),
            Form::Lines => self.lines(script, tally),
            Form::ByHandle => self.by_handle(script, tally),
            Form::Pieces => self.in_pieces(script, tally),
            Form::Batch => self.batch(script, tally),
        }
    }

    fn by_name(&mut self, script: &Script, tally: &mut Tally) {
        for scene in &script.scenes {
            let (board, step) = (&mut self.host.board, &mut self.step);
            tally.of("by name", scene.kind, || board.apply_record_into(&scene.line, step));
            expect(scene, &self.step);
            if scene.kind.starts_with("a call to a l") {
                self.it_rings(script, scene.line.at, tally);
                self.ask_around(script, tally);
            }
        }
    }

    /// A device of each guest who is called says that it rings, twice (C-14).
    fn it_rings(&mut self, script: &Script, at: u64, tally: &mut Tally) {
        let Self { host: Host { board, .. }, step } = self;
        for guest in (3..11).map(|nth| script.guest(nth)) {
            let device = board.lookup_device(script::PHONE).unwrap();
            let Some(user) = board.lookup_user(&guest) else { continue };
            let incoming = board.incoming_calls(Actor::Device { user, device }).unwrap();
            let Some(attempt) = incoming.calls.first().map(|call| call.attempt.get()) else {
                continue;
            };
            let by = protocol::Actor::Device { user: guest, device: script::PHONE.into() };
            let input =
                protocol::Input::Ask { by, command: protocol::Command::Ringing { attempt } };
            let line = Record { at, request_id: None, input };
            for kind in ["ringing", "ringing again"] {
                tally.of("by name", kind, || board.apply_record_into(&line, step));
                assert!(matches!(step.answer, Ok(Answer::Ringing { rung: true, .. })), "{line:?}");
            }
        }
    }

    fn lines(&mut self, script: &Script, tally: &mut Tally) {
        let lines: Vec<Record> = script.scenes.iter().map(|scene| scene.line.clone()).collect();
        let (board, step, mut scenes) =
            (&mut self.host.board, &mut self.step, script.scenes.iter());
        let each = |_: &Switchboard, step: &Outcome| expect(scenes.next().unwrap(), step);
        tally.of("lines", "all of them", || board.apply_records(&lines, step, each));
        assert!(scenes.next().is_none());
    }

    fn by_handle(&mut self, script: &Script, tally: &mut Tally) {
        for scene in script.scenes.iter().filter(|scene| has_handles(scene)) {
            let batch = self.host.batch(std::slice::from_ref(&scene.line));
            let (at, input) = batch[0].input();
            let (board, step) = (&mut self.host.board, &mut self.step);
            tally.of("by handle", scene.kind, || board.apply_into(at, input, step));
            expect(scene, &self.step);
            self.host.let_go();
        }
        self.come_and_go(script, tally);
        self.ask_around(script, tally);
    }

    /// T-11
    fn in_pieces(&mut self, script: &Script, tally: &mut Tally) {
        for scene in script.scenes.iter().filter(|scene| has_handles(scene)) {
            let batch = self.host.batch(std::slice::from_ref(&scene.line));
            let (at, input) = batch[0].input();
            let (board, step) = (&mut self.host.board, &mut self.step);
            match input {
                Input::Tick => tally.of("in pieces", scene.kind, || {
                    while board.tick_within(at, 2, step) == Work::Left {}
                }),
                Input::Fact(_) | Input::Ask { .. } => {
                    // One piece, and the input finishes the rest.
                    tally.of("in pieces", "a piece of a tick", || {
                        let _ = board.tick_within(at, 1, step);
                    });
                    tally.of("in pieces", scene.kind, || board.apply_into(at, input, step));
                }
            }
            expect(scene, &self.step);
            self.host.let_go();
        }
    }

    fn batch(&mut self, script: &Script, tally: &mut Tally) {
        let scenes: Vec<&Scene> = script.scenes.iter().filter(|scene| has_handles(scene)).collect();
        let lines: Vec<Record> = scenes.iter().map(|scene| scene.line.clone()).collect();
        let batch = self.host.batch(&lines);
        let inputs: Vec<(Tick, Input<'_>)> = batch.iter().map(Owned::input).collect();
        let (board, step, mut scenes) = (&mut self.host.board, &mut self.step, scenes.into_iter());
        let each = |_: &Switchboard, step: &Outcome| expect(scenes.next().unwrap(), step);
        tally.of("a batch by handle", "all of them", || board.apply_batch(&inputs, step, each));
        self.host.let_go();
    }
}

/// L-01: a host cannot make a handle of a bad name.
fn has_handles(scene: &Scene) -> bool {
    scene.outcome != Expected::Nothing(Rule::L01)
}

/// What came of a line is what its script says.
fn expect(scene: &Scene, step: &Outcome) {
    let outcome = match step.answer {
        Ok(Answer::Ignored(rule)) => Expected::Nothing(rule),
        Ok(_) => Expected::Done,
        Err(refusal) => Expected::Nothing(refusal.rule()),
    };
    assert_eq!(outcome, scene.outcome, "{}: {:?}", scene.kind, scene.line);
}

const POLICIES: [Policy; 4] = [
    Policy::DEFAULT,
    Policy {
        active_calls: ActiveCalls::PerRoom,
        in_other_room: InOtherRoom::Ring,
        caller_left: CallerLeft::CancelCalls,
        may_call: MayCall::Admins,
        outcomes_to: OutcomesTo::AllDevices,
        join_grace: 1,
    },
    Policy {
        active_calls: ActiveCalls::PerRoom,
        caller_left: CallerLeft::CancelIfRoomEmpty,
        ..Policy::DEFAULT
    },
    Policy { in_other_room: InOtherRoom::Ring, may_call: MayCall::Admins, ..Policy::DEFAULT },
];

/// Rounds in which the memory may grow, and rounds that are counted: each form is in both.
const WARM: u32 = 200;
const COUNTED: u32 = 100;

/// Plays a script round after round, and tells what was allocated.
fn rounds(limits: Limits, policy: Policy, script: impl Fn(u32) -> Script) -> Tally {
    let (mut world, mut warm, mut tally) =
        (World::new(limits, policy), Tally::default(), Tally::default());
    for round in 0..WARM + COUNTED {
        let form = FORMS[round as usize % FORMS.len()];
        let tally = if round < WARM { &mut warm } else { &mut tally };
        world.play(form, &script(round), tally);
        assert_eq!(world.host.board.verify(), Ok(()));
    }
    tally
}

fn is_nothing(tally: &Tally) {
    let (table, wrong) = tally.told();
    println!("{table}");
    assert!(wrong.is_empty(), "these allocate: {wrong:#?}");
}

#[test]
fn a_steady_state_allocates_nothing() {
    let mut tally = Tally::default();
    for (nth, policy) in POLICIES.into_iter().enumerate() {
        let never = nth % 2 == 0;
        let limits = Limits { never, ..LIMITS };
        tally.add(rounds(limits, policy, |round| Script::new(round, policy, never)));
    }
    is_nothing(&tally);
}

#[test]
fn long_lists_allocate_nothing() {
    is_nothing(&rounds(LONG, POLICIES[1], Script::of_long_lists));
}

#[test]
fn texts_of_all_lengths_allocate_nothing() {
    is_nothing(&rounds(LONG, POLICIES[0], Script::of_long_texts));
}
