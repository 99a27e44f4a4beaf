//! The exhaustive scheduler, a search of small scopes: every order, repetition and loss of messages between the
//! real switchboard and the real handsets, breadth first, so that the first run that goes wrong is
//! a shortest one. It uses the public API only.

mod beside;
mod describe;
mod expected;
mod history;
mod host;
mod intern;
mod properties;
pub mod scopes;
mod world;

use std::collections::BTreeMap;

use intern::Interned;
use scopes::Plan;
use world::{Action, Node, World};

/// What a search came to.
#[derive(Debug)]
pub struct Found {
    /// States found.
    pub states: usize,
    /// Steps taken.
    pub transitions: usize,
    /// Steps of the longest shortest run.
    pub depth: usize,
    /// Whether there was nothing left to explore.
    pub is_closed: bool,
    /// How many transitions show each situation.
    pub sometimes: BTreeMap<&'static str, usize>,
    /// The property that a shortest run breaks, and the run.
    pub broken: Option<(&'static str, Vec<String>)>,
}

/// Explores everything within `depth` steps, up to the first broken property.
pub fn explore(plan: Plan, depth: usize) -> Found {
    let mut world = World::new(plan);
    let mut nodes: Interned<Node> = Interned::new();
    let start = world.start();
    nodes.id(start);
    let mut came_from: Vec<(u32, Action)> = vec![(0, Action::Start)];
    let mut found = Found {
        states: 1,
        transitions: 0,
        depth: 0,
        is_closed: false,
        sometimes: BTreeMap::new(),
        broken: None,
    };
    let (mut level, mut next) = (0..1, 1);
    while !level.is_empty() && found.depth < depth {
        for at in level {
            let node = *nodes.get(at);
            for action in world.actions(node) {
                let (after, seen) = world.step(node, action);
                found.transitions += 1;
                for situation in seen.situations {
                    *found.sometimes.entry(situation).or_default() += 1;
                }
                let is_new = nodes.id(after) == next;
                if is_new {
                    next += 1;
                    came_from.push((at, action));
                }
                let broken = seen.broken.or_else(|| is_new.then(|| world.broken(after)).flatten());
                if let Some(property) = broken {
                    let mut run = vec![world.describe(action)];
                    let mut step = at;
                    while step != 0 {
                        let (before, action) = came_from[step as usize];
                        run.push(world.describe(action));
                        step = before;
                    }
                    run.reverse();
                    found.broken = Some((property, run));
                    return found;
                }
            }
        }
        level = found.states as u32..next;
        found.states = next as usize;
        found.depth += usize::from(!level.is_empty());
        found.is_closed = level.is_empty();
    }
    found
}
