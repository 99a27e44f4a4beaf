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

use super::{LEAST, TextId, Texts, size};
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
    let TextId(at) = texts.insert(text).expect("there are more ids than that");
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
        // By size, the numbers that were given back, the latest last.
        let mut free = BTreeMap::<usize, Vec<u32>>::new();
        for op in ops {
            match op {
                Op::Insert(text) => {
                    let at = insert(&mut texts, &mut model, &text);
                    let duplicate = free.entry(size(text.len())).or_default();
                    let expected = if at == 0 { Some(0) } else { duplicate.pop() };
                    prop_assert!(expected.is_none_or(|expected| expected == at));
                }
                Op::Remove(nth) if !model.is_empty() => {
                    let at = *model.keys().nth(nth.index(model.len())).unwrap();
                    texts.remove(TextId(at));
                    let text = model.remove(&at).unwrap();
                    free.entry(size(text.len())).or_default().push(at);
                }
                Op::Remove(_) => {}
                Op::RemoveAny(at) => {
                    texts.remove(TextId(at));
                    if let Some(text) = model.remove(&at) {
                        free.entry(size(text.len())).or_default().push(at);
                    }
                }
                Op::Clone => texts = texts.clone(),
            }
            prop_assert_eq!(texts.len(), model.len());
            for at in (0..310).chain([u32::MAX]) {
                prop_assert_eq!(texts.get(TextId(at)), model.get(&at).map_or("", String::as_str));
            }
        }
    }
}

#[test]
fn a_buffer_is_used_again_for_a_text_of_its_size() {
    let sizes = [(1, 0), (16, 0), (17, 1), (32, 1), (33, 2), (2_048, 7), (2_049, 8)];
    for (bytes, expected) in sizes {
        assert_eq!(size(bytes), expected, "{bytes}");
    }
    let mut texts = Texts::new();
    let long = texts.insert(&"a".repeat(2_000)).unwrap();
    texts.remove(long);
    let short = texts.insert("b").unwrap();
    assert_ne!(short, long, "a short text takes no long buffer");
    assert!(texts.texts[1].text.capacity() <= LEAST);
    assert_eq!(texts.insert(&"c".repeat(1_100)), Some(long));
    assert_eq!(texts.texts[0].text.capacity(), 2_048);
}

#[test]
fn a_steady_state_allocates_nothing() {
    let mut texts = Texts::new();
    let mut numbers: Vec<TextId> = (0..100).map(|_| texts.insert("0123456789").unwrap()).collect();
    let blocks = |texts: &Texts| {
        let buffers: Vec<_> = texts.texts.iter().map(|text| text.text.as_ptr()).collect();
        (buffers, texts.texts.as_ptr(), texts.sizes[0].free.as_ptr())
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
