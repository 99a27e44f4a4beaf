//! A map with a bound: what was not used for longest is dropped.

use std::collections::BTreeMap;

#[derive(Debug)]
pub(super) struct Lru<K, V> {
    entries: BTreeMap<K, (u64, V)>,
    ages: BTreeMap<u64, K>,
    uses: u64,
    is_complete: bool,
    bound: usize,
}

impl<K: Clone + Ord, V> Lru<K, V> {
    pub(super) const fn new(bound: usize) -> Self {
        Self { entries: BTreeMap::new(), ages: BTreeMap::new(), uses: 0, is_complete: true, bound }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What is there, or is made now; `None` if the bound is 0.
    pub(super) fn make(&mut self, key: &K, value: impl FnOnce() -> V) -> Option<&mut V> {
        if self.bound == 0 {
            self.is_complete = false;
            return None;
        }
        self.uses += 1;
        let (age, _) = self.entries.entry(key.clone()).or_insert_with(|| (0, value()));
        self.ages.remove(age);
        *age = self.uses;
        self.ages.insert(self.uses, key.clone());
        while self.entries.len() > self.bound {
            let Some((_, oldest)) = self.ages.pop_first() else { break };
            self.entries.remove(&oldest);
            self.is_complete = false;
        }
        self.get(key)
    }

    pub(super) fn get(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    pub(super) fn peek(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Whether nothing was ever dropped.
    pub(super) const fn is_complete(&self) -> bool {
        self.is_complete
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values().map(|(_, value)| value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, (_, value))| (key, value))
    }

    /// Forgets what is not to be kept.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&K) -> bool) {
        let Self { entries, ages, .. } = self;
        entries.retain(|key, (age, _)| {
            let stays = keep(key);
            if !stays {
                ages.remove(age);
            }
            stays
        });
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.ages.clear();
    }
}
