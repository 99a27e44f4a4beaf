#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]

//! What was put in is what comes out, and what was given back is used again.

use std::collections::BTreeMap;

use super::{SMALL, Texts};
use proptest::prelude::*;
use proptest::sample;

#[derive(Clone, Debug)]
enum Op {
    Insert(String),
    /// Removes the nth text, or a number that may or may not be in use.
    Remove(sample::Index),
    RemoveAny(u32),
    Clone,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => ".{0,20}".prop_map(Op::Insert),
        2 => (0..3_000_usize).prop_map(|length| Op::Insert("x".repeat(length))),
        4 => any::<sample::Index>().prop_map(Op::Remove),
        1 => prop_oneof![0..30_u32, Just(u32::MAX)].prop_map(Op::RemoveAny),
        1 => Just(Op::Clone),
    ]
}

/// Puts a text in both, and says which number it got.
fn insert(texts: &mut Texts, model: &mut BTreeMap<u32, String>, text: &str) -> u32 {
    let at = texts.insert(text).expect("there are more numbers than that");
    assert_eq!(at == 0, text.is_empty());
    if at != 0 {
        assert_eq!(model.insert(at, text.into()), None, "{at} was in use");
    }
    at
}

proptest! {
    #[test]
    fn agree_with_a_map(ops in prop::collection::vec(op(), 1..300)) {
        let (mut texts, mut model) = (Texts::new(), BTreeMap::<u32, String>::new());
        // Numbers that were given back, the latest last, and the most that were in use at once.
        let (mut free, mut most) = (vec![], 0_usize);
        for op in ops {
            match op {
                Op::Insert(text) => {
                    let at = insert(&mut texts, &mut model, &text);
                    most = most.max(model.len());
                    let expected = if at == 0 { Some(0) } else { free.pop() };
                    prop_assert!(expected.is_none_or(|expected| expected == at));
                }
                Op::Remove(nth) if !model.is_empty() => {
                    let at = *model.keys().nth(nth.index(model.len())).unwrap();
                    texts.remove(at);
                    model.remove(&at);
                    free.push(at);
                }
                Op::Remove(_) => {}
                Op::RemoveAny(at) => {
                    texts.remove(at);
                    free.extend(model.remove(&at).map(|_| at));
                }
                Op::Clone => texts = texts.clone(),
            }
            prop_assert_eq!(texts.len(), model.len());
            for at in (0..310).chain([u32::MAX]) {
                prop_assert_eq!(texts.get(at), model.get(&at).map_or("", String::as_str));
            }
            prop_assert!(model.keys().all(|at| usize::try_from(*at).unwrap() <= most));
        }
    }
}

#[test]
fn a_buffer_is_used_again_unless_it_is_far_too_large() {
    let capacity = |before: usize, after: usize| {
        let mut texts = Texts::new();
        let at = texts.insert(&"a".repeat(before)).unwrap();
        texts.remove(at);
        assert_eq!(texts.insert(&"b".repeat(after)), Some(at));
        texts.texts[0].capacity()
    };
    assert_eq!(capacity(SMALL, 1), SMALL);
    assert_eq!(capacity(SMALL + 1, 1), 1);
    assert_eq!(capacity(4_000, 1_000), 4_000);
    assert_eq!(capacity(4_000, 999), 999);
    assert!(capacity(10, 1_000) >= 1_000);
}

#[test]
fn a_steady_state_allocates_nothing() {
    let mut texts = Texts::new();
    let mut numbers: Vec<u32> = (0..100).map(|_| texts.insert("0123456789").unwrap()).collect();
    let blocks = |texts: &Texts| {
        let buffers: Vec<_> = texts.texts.iter().map(|text| text.as_ptr()).collect();
        (buffers, texts.texts.as_ptr(), texts.free.as_ptr())
    };
    let before = blocks(&texts);
    for round in 0..1_000 {
        let many = round % 100 + 1;
        numbers.drain(..many).for_each(|at| texts.remove(at));
        numbers.extend((0..many).map(|n| texts.insert(&"9876543210"[n % 10..]).unwrap()));
        assert_eq!(texts.len(), 100);
    }
    assert_eq!(blocks(&texts), before);
}
