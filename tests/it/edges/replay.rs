//! The walk over a graph with the code beside it. It walks pairs of a state of the specification
//! and a state of the code, so that it holds for every pair that can be reached, and does not rest
//! on how states of the two are matched.
#![allow(clippy::disallowed_types, reason = "no order of theirs is told but in a failure")]

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt::Write;

use roomcall::protocol::{Command, Input as NamedInput, Record};
use serde_json::{Value, json};

use super::graph::Graph;
use super::scopes::Scope;
use super::system::{Felt, Input, System};
use roomcall_testkit::play::device;

/// What was replayed.
pub(super) struct Replayed {
    pub(super) states: usize,
    pub(super) edges: usize,
}

/// A pair of a state of each, and how it was reached.
struct Pair {
    state: usize,
    system: System,
    /// The pair before, and the number of the input.
    came: Option<(usize, usize)>,
    setup: usize,
}

struct Walk<'a> {
    scope: &'a Scope,
    graph: &'a Graph,
    inputs: Vec<Input>,
    pairs: Vec<Pair>,
    seen: HashSet<(usize, u64)>,
    /// Of each state of the specification, those of the code.
    hashes: BTreeMap<usize, BTreeSet<u64>>,
    queue: VecDeque<usize>,
    edges: BTreeSet<(usize, usize)>,
}

/// # Errors
///
/// The first edge at which the two differ, with the run that leads to it.
pub(super) fn replay(scope: &Scope, graph: &Graph) -> Result<Replayed, String> {
    let inputs = graph.inputs.iter().map(|input| read(scope, input)).collect();
    let mut walk = Walk {
        scope,
        graph,
        inputs,
        pairs: Vec::new(),
        seen: HashSet::new(),
        hashes: BTreeMap::new(),
        queue: VecDeque::new(),
        edges: BTreeSet::new(),
    };
    walk.start()?;
    while let Some(at) = walk.queue.pop_front() {
        walk.offers(at)?;
        for input in 0..walk.inputs.len() {
            walk.step(at, input)?;
        }
    }
    Ok(Replayed { states: walk.hashes.len(), edges: walk.edges.len() })
}

/// An input of the graph as one of the code.
fn read(scope: &Scope, told: &Value) -> Input {
    let at = |user: &Value, device: &Value| {
        let is_it = |on: &&(&str, &str)| *user == on.0 && *device == on.1;
        scope.handsets.iter().position(|on| is_it(&on))
    };
    if let Some(at) = at(&told["handset"]["user"], &told["handset"]["device"]) {
        let attempt = |name: &str| told[name].as_u64();
        let felt = attempt("rings").map(Felt::Rings).or(attempt("stops").map(Felt::Stops));
        let felt = felt.or(attempt("reply").map(Felt::Reply)).or_else(|| {
            let tap = if told["word"] == "yes" { Felt::Yes } else { Felt::No };
            attempt("taps").map(tap)
        });
        return Input::Handset(at, felt.unwrap_or_else(|| panic!("what is {told}?")));
    }
    let mut line = told.clone();
    let fields = line.as_object_mut().unwrap();
    let seconds = fields.remove("dt").and_then(|dt| dt.as_u64()).unwrap();
    fields.insert("at".to_owned(), json!(0));
    let Record { input, .. } = serde_json::from_value(line).unwrap();
    if let NamedInput::Ask {
        by,
        command:
            Command::AcceptCall { attempt: Some(attempt), .. }
            | Command::RejectCall { attempt: Some(attempt), .. },
    } = &input
        && let Some(at) = scope.handsets.iter().position(|on| *by == device(on.0, on.1))
    {
        return Input::Arrives((at, *attempt));
    }
    Input::Board(seconds, input)
}

impl Walk<'_> {
    fn start(&mut self) -> Result<(), String> {
        let setups: Vec<&String> = self.graph.initial.iter().map(|(_, setup)| setup).collect();
        let mut ours: Vec<&String> = self.scope.setups.iter().map(|(name, ..)| name).collect();
        ours.sort();
        if setups != ours {
            return Err(format!("the setups are {setups:?} there and {ours:?} here"));
        }
        for (state, setup) in self.graph.initial.clone() {
            let is_it = |(name, ..): &&(String, _, _)| *name == setup;
            let at = self.scope.setups.iter().position(|one| is_it(&one)).unwrap();
            let (_, limits, policy) = self.scope.setups[at];
            let system = System::new(self.scope, limits, policy);
            self.reach(state, system, None, at)?;
        }
        Ok(())
    }

    /// A pair, which is new or was walked already. What queries say of it is compared once.
    fn reach(
        &mut self,
        state: usize,
        system: System,
        came: Option<(usize, usize)>,
        setup: usize,
    ) -> Result<(), String> {
        let hash = system.hash();
        if !self.seen.insert((state, hash)) {
            return Ok(());
        }
        let expected = &self.graph.pictures[self.graph.states[state].picture];
        let found = system.picture(self.scope);
        if *expected != found {
            let what = format!(
                "the state after it\n  specification: {expected}\n  code:          {found}"
            );
            return Err(self.story(came, setup, &what));
        }
        let hashes = self.hashes.entry(state).or_default();
        hashes.insert(hash);
        // Where there are no handsets the two have the same states, hidden ones included.
        if self.scope.handsets.is_empty() && hashes.len() > 1 {
            let what = format!(
                "the state after it looks as it should, and is not the one that other runs to \
                 state {state} of the specification lead to"
            );
            return Err(self.story(came, setup, &what));
        }
        self.pairs.push(Pair { state, system, came, setup });
        self.queue.push_back(self.pairs.len() - 1);
        Ok(())
    }

    /// The inputs that the code has are those that the specification has.
    fn offers(&self, at: usize) -> Result<(), String> {
        let Pair { state, system, came, setup } = &self.pairs[at];
        let steps = &self.graph.states[*state].steps;
        let there: HashSet<&Input> = self
            .inputs
            .iter()
            .zip(steps)
            .filter(|(_, step)| step.is_some())
            .map(|(i, _)| i)
            .collect();
        let ours = system.inputs(self.scope);
        let here: HashSet<&Input> = ours.iter().collect();
        if here == there {
            return Ok(());
        }
        let what = format!(
            "what can arrive after it\n  only in the specification: {:?}\n  only in the code: {:?}",
            there.difference(&here).collect::<Vec<_>>(),
            here.difference(&there).collect::<Vec<_>>()
        );
        Err(self.story(*came, *setup, &what))
    }

    fn step(&mut self, at: usize, input: usize) -> Result<(), String> {
        let Pair { state, system, setup, .. } = &self.pairs[at];
        let (state, setup) = (*state, *setup);
        let Some((output, next)) = self.graph.states[state].steps[input] else {
            return Ok(());
        };
        let mut system = system.clone();
        let found = system.apply(&self.inputs[input]);
        let expected = &self.graph.outputs[output];
        if *expected != found {
            let what = format!(
                "what it brings about\n  specification: {expected}\n  code:          {found}"
            );
            return Err(self.story(Some((at, input)), setup, &what));
        }
        self.edges.insert((state, input));
        self.reach(next, system, Some((at, input)), setup)
    }

    /// The run, its last edge, and what differs there.
    fn story(&self, came: Option<(usize, usize)>, setup: usize, what: &str) -> String {
        let (mut steps, mut before) = (Vec::new(), came);
        while let Some((pair, input)) = before {
            steps.push(self.graph.inputs[input].to_string());
            before = self.pairs[pair].came;
        }
        let mut story =
            format!("the code is not the specification, setup {}\n", self.scope.setups[setup].0);
        let last = steps.first().cloned().unwrap_or_else(|| "the start".to_owned());
        for step in steps.iter().skip(1).rev() {
            writeln!(story, "  after {step}").unwrap();
        }
        write!(story, "the edge {last} differs in {what}").unwrap();
        story
    }
}
