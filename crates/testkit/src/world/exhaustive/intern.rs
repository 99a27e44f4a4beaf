//! Equal values by number, so that a state is a few numbers and a step is a table lookup.

#![allow(clippy::disallowed_types, reason = "nothing iterates over the map")]

use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// Values, each once.
pub struct Interned<T> {
    numbers: HashMap<Rc<T>, u32>,
    values: Vec<Rc<T>>,
}

impl<T: Eq + Hash> Interned<T> {
    pub fn new() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }

    pub fn id(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let (number, value) = (self.values.len() as u32, Rc::new(value));
        self.values.push(Rc::clone(&value));
        self.numbers.insert(value, number);
        number
    }

    pub fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }
}

/// What was computed already.
pub struct Memo<K, V>(HashMap<K, Rc<V>>);

impl<K: Eq + Hash, V> Memo<K, V> {
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    pub fn get(&self, key: &K) -> Option<Rc<V>> {
        self.0.get(key).cloned()
    }

    pub fn put(&mut self, key: K, value: V) -> Rc<V> {
        let value = Rc::new(value);
        self.0.insert(key, Rc::clone(&value));
        value
    }
}
