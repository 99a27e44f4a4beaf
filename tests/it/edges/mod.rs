//! The specification and the code are one, edge by edge: every transition that TLC found in a scope
//! of `spec/scopes` is replayed on the real reducers. At every state the code has the inputs that
//! the specification has, and for each of them the same answer, the same effects in the same order,
//! and a next state that looks the same to every query.
//!
//! The graphs are in `spec/graphs`, written by `cargo xtask spec write`; the gate has TLC find them
//! anew. What the code's inputs are is said here anew (`scopes.rs`), not read from the graph.

mod graph;
mod handsets;
mod replay;
mod scopes;
mod system;

use replay::Replayed;

/// Replays one scope, and says what was replayed.
fn replay(name: &str) -> Replayed {
    let scope = scopes::scope(name);
    let graph = graph::read(name);
    match replay::replay(&scope, &graph) {
        Ok(replayed) => {
            assert_eq!(replayed.states, graph.states.len(), "{name}: a state was not reached");
            assert_eq!(replayed.edges, graph.edges(), "{name}: an edge was not replayed");
            replayed
        }
        Err(story) => panic!("scope {name}: {story}"),
    }
}

/// C-01, C-02, E-01 to E-14, P-03, P-04, P-06, T-04
#[test]
fn answers() {
    replay("answers");
}

/// C-03, C-06, C-12, C-13, L-02 to L-05, L-07, L-08, O-01, R-01, T-03 to T-06
#[test]
fn batches() {
    replay("batches");
}

/// C-10, E-08, E-14, E-18, K-01 to K-03
#[test]
fn keeping() {
    replay("keeping");
}

/// F-01 to F-11, L-09 to L-11, P-01 to P-04, R-02
#[test]
fn roles() {
    replay("roles");
}

/// E-05, F-06 to F-08
#[test]
fn leaving() {
    replay("leaving");
}

/// C-05, C-07 to C-10, E-03, E-07, F-04, K-02
#[test]
fn two_rooms() {
    replay("two_rooms");
}

/// C-05, E-20, E-21, F-04, F-07, F-08, F-11, L-07, P-06, T-03
#[test]
fn expecting() {
    replay("expecting");
}

/// C-05, C-07, C-08, E-03, E-20, E-21, F-04, F-06, L-08, T-03
#[test]
fn elsewhere() {
    replay("elsewhere");
}

/// D-04 to D-12, D-14, D-17, X-02
#[test]
fn ringing() {
    replay("ringing");
}

/// D-04, D-06, D-07, D-11, D-12, D-14, E-11
#[test]
fn waiting() {
    replay("waiting");
}
