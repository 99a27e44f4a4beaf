//! Doubly linked lists whose links are in the records of a [`Slab`]: to join one at an end and to leave
//! it takes the same time however long it is, and allocates nothing. To join in order takes time for
//! each record that comes after.

use core::marker::PhantomData;

use super::{NONE, Slab};

/// The neighbours of a record in one list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Links {
    pub(crate) prev: u32,
    pub(crate) next: u32,
}

impl Links {
    /// Of a record that is in no list, or alone in one.
    pub(crate) const NONE: Self = Self { prev: NONE, next: NONE };
}

/// A record that can be in a list of the kind `L`.
pub(crate) trait Linked<L> {
    /// Its neighbours; [`Links::NONE`] if it can be in no such list now.
    fn links(&self) -> Links;
    /// Where they are stored; `None` if it can be in no such list now.
    fn links_mut(&mut self) -> Option<&mut Links>;
}

/// Records that have the links of each kind of list in a field of its own.
macro_rules! linked {
    ($record:ty { $($list:ty: $field:ident),+ }) => {
        $(impl $crate::collections::Linked<$list> for $record {
            #[inline(always)]
            fn links(&self) -> $crate::collections::Links {
                self.$field
            }

            #[inline(always)]
            fn links_mut(&mut self) -> Option<&mut $crate::collections::Links> {
                Some(&mut self.$field)
            }
        })+
    };
}

pub(crate) use linked;

/// The ends of a list.
#[derive(Debug)]
pub(crate) struct List<L> {
    first: u32,
    last: u32,
    kind: PhantomData<L>,
}

impl<L> Clone for List<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for List<L> {}

impl<L> List<L> {
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE, kind: PhantomData };

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// The position of the first record.
    #[inline]
    pub(crate) const fn first(&self) -> u32 {
        self.first
    }

    /// Puts the record at `position` at the end, and gives the links that it has there: the caller
    /// stores them. So a record that joins several lists is written once.
    #[inline]
    pub(crate) fn join_back<T: Linked<L>>(&mut self, slab: &mut Slab<T>, position: u32) -> Links {
        let prev = core::mem::replace(&mut self.last, position);
        match slab.get_mut(prev).and_then(T::links_mut) {
            Some(before) => before.next = position,
            None => self.first = position,
        }
        Links { prev, next: NONE }
    }

    /// As [`join_back`](Self::join_back), at the beginning.
    #[inline]
    pub(crate) fn join_front<T: Linked<L>>(&mut self, slab: &mut Slab<T>, position: u32) -> Links {
        let next = core::mem::replace(&mut self.first, position);
        match slab.get_mut(next).and_then(T::links_mut) {
            Some(after) => after.prev = position,
            None => self.last = position,
        }
        Links { prev: NONE, next }
    }

    /// As [`join_back`](Self::join_back), after the last record of which `is_before` holds, looking
    /// from the end.
    #[inline]
    pub(crate) fn join_sorted<T: Linked<L>>(
        &mut self,
        slab: &mut Slab<T>,
        position: u32,
        is_before: impl Fn(&T) -> bool,
    ) -> Links {
        let mut prev = self.last;
        while let Some(record) = slab.get(prev).filter(|record| !is_before(record)) {
            prev = record.links().prev;
        }
        if prev == self.last {
            return self.join_back(slab, position);
        }
        let next = match slab.get_mut(prev).and_then(T::links_mut) {
            Some(before) => core::mem::replace(&mut before.next, position),
            None => core::mem::replace(&mut self.first, position),
        };
        if let Some(after) = slab.get_mut(next).and_then(T::links_mut) {
            after.prev = position;
        }
        Links { prev, next }
    }

    /// Takes out the record that has these links in the list, and keeps them.
    #[inline]
    pub(crate) fn leave<T: Linked<L>>(&mut self, slab: &mut Slab<T>, links: Links) {
        let Links { prev, next } = links;
        match slab.get_mut(prev).and_then(T::links_mut) {
            Some(before) => before.next = next,
            None => self.first = next,
        }
        match slab.get_mut(next).and_then(T::links_mut) {
            Some(after) => after.prev = prev,
            None => self.last = prev,
        }
    }

    /// Puts a stored record at the end.
    #[inline]
    pub(crate) fn push_back<T: Linked<L>>(&mut self, slab: &mut Slab<T>, position: u32) {
        let links = self.join_back(slab, position);
        Self::store(slab, position, links);
    }

    /// Takes a stored record out of the list that it is in.
    #[inline]
    pub(crate) fn remove<T: Linked<L>>(&mut self, slab: &mut Slab<T>, position: u32) {
        if let Some(links) = slab.get(position).map(T::links) {
            self.leave(slab, links);
        }
    }

    /// Stores the links of a record.
    #[inline]
    pub(crate) fn store<T: Linked<L>>(slab: &mut Slab<T>, position: u32, links: Links) {
        if let Some(stored) = slab.get_mut(position).and_then(T::links_mut) {
            *stored = links;
        }
    }

    /// The records, from the first to the last, with their positions.
    #[inline]
    pub(crate) fn iter<T: Linked<L>>(self, slab: &Slab<T>) -> impl Iterator<Item = (u32, &T)> {
        Self::iter_from(slab, self.first)
    }

    /// The records from the one at `position` to the last.
    #[inline]
    pub(crate) fn iter_from<T: Linked<L>>(
        slab: &Slab<T>,
        mut position: u32,
    ) -> impl Iterator<Item = (u32, &T)> {
        core::iter::from_fn(move || {
            let here = position;
            let record = slab.get(here)?;
            position = record.links().next;
            Some((here, record))
        })
    }

    /// The records, from the last to the first.
    #[inline]
    pub(crate) fn iter_back<T: Linked<L>>(self, slab: &Slab<T>) -> impl Iterator<Item = (u32, &T)> {
        let mut position = self.last;
        core::iter::from_fn(move || {
            let here = position;
            let record = slab.get(here)?;
            position = record.links().prev;
            Some((here, record))
        })
    }

    /// The records, once each link is answered by its neighbour; `None` if one is not.
    pub(crate) fn verify<T: Linked<L>>(self, slab: &Slab<T>) -> Option<u32> {
        let (mut count, mut prev, mut position) = (0_u32, NONE, self.first);
        while position != NONE {
            let record = slab.get(position).filter(|_| count < slab.len())?;
            if record.links().prev != prev {
                return None;
            }
            count = count.saturating_add(1);
            (prev, position) = (position, record.links().next);
        }
        (self.last == prev).then_some(count)
    }
}

#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Record(u8, Links);

    impl Linked<()> for Record {
        fn links(&self) -> Links {
            self.1
        }

        fn links_mut(&mut self) -> Option<&mut Links> {
            Some(&mut self.1)
        }
    }

    fn listed(list: List<()>, slab: &Slab<Record>) -> Vec<u8> {
        let there: Vec<u8> = list.iter(slab).map(|(_, record)| record.0).collect();
        let mut back: Vec<u8> = list.iter_back(slab).map(|(_, record)| record.0).collect();
        back.reverse();
        assert_eq!(there, back);
        assert_eq!(list.verify(slab), u32::try_from(there.len()).ok());
        there
    }

    proptest! {
        #[test]
        fn a_list_is_a_vector(ops in proptest::collection::vec((0_u8..4, any::<u8>()), 0..60)) {
            let (mut slab, mut list, mut model) = (Slab::new(), List::<()>::EMPTY, Vec::<u8>::new());
            for (op, value) in ops {
                match op {
                    0 => {
                        let at = slab.insert(Record(value, Links::NONE));
                        list.push_back(&mut slab, at);
                        model.push(value);
                    }
                    1 => {
                        let at = slab.insert(Record(value, Links::NONE));
                        let links = list.join_front(&mut slab, at);
                        List::store(&mut slab, at, links);
                        model.insert(0, value);
                    }
                    2 => {
                        let at = slab.insert(Record(value, Links::NONE));
                        let links = list.join_sorted(&mut slab, at, |other| other.0 <= value);
                        List::store(&mut slab, at, links);
                        let after = model.iter().rposition(|other| *other <= value);
                        model.insert(after.map_or(0, |after| after + 1), value);
                    }
                    _ if model.is_empty() => {}
                    _ => {
                        let nth = usize::from(value) % model.len();
                        let at = list.iter(&slab).nth(nth).map(|(at, _)| at).unwrap();
                        list.remove(&mut slab, at);
                        slab.remove(at);
                        model.remove(nth);
                    }
                }
                prop_assert_eq!(listed(list, &slab), model.clone());
            }
        }
    }
}
