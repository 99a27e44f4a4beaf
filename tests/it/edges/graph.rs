//! The form of `spec/graphs`, as `crates/bridge` writes it.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

/// A state: the number of its picture, and per input, if it can arrive there, the number of the
/// output and of the next state.
pub(super) struct State {
    pub(super) picture: usize,
    pub(super) steps: Vec<Option<(usize, usize)>>,
}

/// All transitions of a scope.
pub(super) struct Graph {
    pub(super) inputs: Vec<Value>,
    pub(super) outputs: Vec<Value>,
    pub(super) pictures: Vec<Value>,
    /// The first states, each with the name of its setup.
    pub(super) initial: Vec<(usize, String)>,
    pub(super) states: Vec<State>,
}

impl Graph {
    pub(super) fn edges(&self) -> usize {
        self.states.iter().flat_map(|state| &state.steps).flatten().count()
    }
}

pub(super) fn read(name: &str) -> Graph {
    let path = roomcall_testkit::repository::root().join("spec/graphs").join(name);
    let bytes = std::fs::read(path.with_extension("gz")).unwrap();
    let mut text = String::new();
    GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("roomcall graph 1"));
    let mut section = |name: &str| {
        let count = lines.next().and_then(|line| line.strip_prefix(name));
        let count: usize = count.unwrap_or_else(|| panic!("no {name}")).trim().parse().unwrap();
        lines.by_ref().take(count).map(str::to_owned).collect::<Vec<_>>()
    };
    let values = |lines: Vec<String>| -> Vec<Value> {
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let inputs = values(section("inputs"));
    let outputs = values(section("outputs"));
    let pictures = values(section("pictures"));
    let initial = section("initial").into_iter().map(|line| {
        let (state, setup) = line.split_once(' ').unwrap();
        (state.parse().unwrap(), setup.to_owned())
    });
    let initial = initial.collect();
    let states = section("states").iter().enumerate().map(|(at, line)| state(at, line)).collect();
    Graph { inputs, outputs, pictures, initial, states }
}

fn state(at: usize, line: &str) -> State {
    let mut words = line.split(' ');
    let picture = words.next().unwrap().parse().unwrap();
    let step = |word: &str| {
        let (output, further) = word.split_once(',')?;
        let further: isize = further.parse().unwrap();
        Some((output.parse().unwrap(), at.checked_add_signed(further).unwrap()))
    };
    State { picture, steps: words.map(step).collect() }
}
