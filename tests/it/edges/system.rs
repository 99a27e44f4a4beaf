//! The code as a system that a scope is about: a switchboard, handsets, and what was said between
//! them. What was said may arrive at any time, again, or never.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use roomcall::handset::Handset;
use roomcall::protocol::{Actor, Command, Fact, Input as NamedInput, Record};
use roomcall::protocol::{Event, Reply};
use roomcall::switchboard::Switchboard;
use roomcall::{Limits, Policy};
use serde_json::{Value, json};

use super::handsets;
use super::scopes::Scope;
use roomcall_testkit::spec::diagram::{diagram, set};
use roomcall_testkit::spec::plain;

/// Which handset, and about which attempt.
pub(super) type About = (usize, u64);

#[derive(Clone)]
pub(super) struct System {
    pub(super) switchboard: Switchboard,
    openings: u64,
    pub(super) handsets: Vec<Handset>,
    pub(super) rings: BTreeMap<About, Event>,
    pub(super) stops: BTreeMap<About, Event>,
    /// Answers that handsets sent, with their numbers.
    pub(super) asked: BTreeMap<About, (u64, Command)>,
    pub(super) replies: BTreeMap<About, Reply>,
}

/// One input of a scope.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Input {
    /// To the switchboard, after some seconds.
    Board(u64, NamedInput),
    /// A handset's answer reaches the switchboard.
    Arrives(About),
    /// To a handset.
    Handset(usize, Felt),
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Felt {
    Rings(u64),
    Stops(u64),
    Reply(u64),
    Yes(u64),
    No(u64),
}

impl System {
    /// The first state of a scope.
    pub(super) fn new(scope: &Scope, limits: Limits, policy: Policy) -> Self {
        let mut switchboard = Switchboard::new(limits, policy);
        for fact in &scope.prelude {
            let _ = switchboard.apply_record(&Record {
                at: 0,
                request_id: None,
                input: NamedInput::Fact(fact.clone()),
            });
        }
        let opens = |fact: &&Fact| matches!(fact, Fact::RoomOpened { .. });
        Self {
            openings: scope.prelude.iter().filter(opens).count() as u64,
            handsets: scope
                .handsets
                .iter()
                .map(|on| handsets::ready(*on, &mut switchboard))
                .collect(),
            switchboard,
            rings: BTreeMap::new(),
            stops: BTreeMap::new(),
            asked: BTreeMap::new(),
            replies: BTreeMap::new(),
        }
    }

    /// What can arrive in this state: of the switchboard's inputs those that stay in the scope.
    pub(super) fn inputs(&self, scope: &Scope) -> Vec<Input> {
        let board =
            scope.inputs.iter().map(|(seconds, input)| Input::Board(*seconds, input.clone()));
        board
            .filter(|input| self.stays(scope, input))
            .chain(handsets::inputs(self, scope))
            .collect()
    }

    /// The bounds of a scope: so many attempts and openings.
    fn stays(&self, scope: &Scope, input: &Input) -> bool {
        let Input::Board(_, NamedInput::Fact(Fact::RoomOpened { .. }) | NamedInput::Ask { .. }) =
            input
        else {
            return true;
        };
        let mut after = self.clone();
        let _ = after.apply(input);
        let attempts = after.switchboard.last_attempt().get();
        attempts <= scope.attempts && after.openings <= scope.openings
    }

    fn line(&self, seconds: u64, input: NamedInput) -> Record {
        let at = self.switchboard.clock().as_millis() + seconds * 1_000;
        Record { at, request_id: None, input }
    }

    /// Applies an input: what it brings about, as the specification says it. A panic is told, too:
    /// a debug build checks the invariants after each step, and the edge is what one wants to know.
    pub(super) fn apply(&mut self, input: &Input) -> Value {
        let applied = catch_unwind(AssertUnwindSafe(|| self.brings_about(input)));
        applied.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map_or("no text", String::as_str);
            json!({ "panic": text })
        })
    }

    fn brings_about(&mut self, input: &Input) -> Value {
        match input {
            Input::Board(seconds, input) => {
                let turn = self.switchboard.apply_record(&self.line(*seconds, input.clone()));
                let opens = matches!(input, NamedInput::Fact(Fact::RoomOpened { .. }));
                self.openings += u64::from(opens && turn.unchanged.is_none());
                handsets::overhear(self, &turn);
                plain::outcome(&turn)
            }
            Input::Arrives(about) => {
                let (request_id, command) = self.asked[about].clone();
                let handset = &self.handsets[about.0];
                let (user, device) = (handset.user().to_owned(), handset.device().to_owned());
                let input = NamedInput::Ask { by: Actor::Device { user, device }, command };
                let line = Record { request_id: Some(request_id), ..self.line(0, input) };
                let turn = self.switchboard.apply_record(&line);
                handsets::overhear(self, &turn);
                self.replies.extend(turn.reply().map(|reply| (*about, reply)));
                plain::outcome(&turn)
            }
            Input::Handset(at, felt) => {
                json!({ "answer": null, "effects": handsets::feel(self, *at, *felt) })
            }
        }
    }

    /// What tells states apart, but for when they are: T-10.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.switchboard.relative_state_hash().hash(&mut hasher);
        (&self.handsets, &self.rings, &self.stops, &self.asked, &self.replies).hash(&mut hasher);
        hasher.finish()
    }

    /// What queries say of it, and what the screens show.
    pub(super) fn diagram(&self, scope: &Scope) -> Value {
        let mut picture = diagram(&self.switchboard, scope.users, scope.rooms);
        let shown = self.handsets.iter().flat_map(|handset| {
            let on = (handset.user(), handset.device());
            let told = move |(attempt, at)| json!([on.0, on.1, attempt, handsets::stage(at)]);
            handset.screen().map(told)
        });
        picture["screens"] = set(shown);
        picture
    }
}
