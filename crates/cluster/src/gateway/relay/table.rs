//! The connections that were let in.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use roomcall_server::close_code::CloseCode;
use roomcall_server::sink::{Place, Sink};
use roomcall_server::token::Claims;

use crate::wire::Connection;

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct LetIn {
    /// By which token.
    pub(super) claims: Claims,
    /// After which batch.
    pub(super) since: Place,
    /// Where its lines go.
    pub(super) sink: Arc<dyn Sink>,
    /// The last output of the log that it has.
    last: Place,
    /// Its requests that are not answered, in their order: the number here, and that of the device.
    asked: VecDeque<(u64, Option<u64>)>,
}

impl LetIn {
    /// It has all up to a batch, and has asked nothing.
    pub(super) fn new(claims: Claims, since: Place, sink: Arc<dyn Sink>) -> Self {
        Self { claims, since, sink, last: since, asked: VecDeque::new() }
    }

    /// Whether an output is new to it. What is of no log always is.
    pub(super) fn is_new(&mut self, place: Option<Place>) -> bool {
        let Some(place) = place else { return true };
        let is_new = place > self.last;
        self.last = self.last.max(place);
        is_new
    }

    /// It has asked something.
    pub(super) fn ask(&mut self, number: u64, request_id: Option<u64>) {
        self.asked.push_back((number, request_id));
    }

    /// The first request that such an answer is of, which is answered by it.
    pub(super) fn answered(&mut self, request_id: Option<u64>) -> Option<u64> {
        let index = self.asked.iter().position(|(_, of)| *of == request_id)?;
        self.asked.remove(index).map(|(number, _)| number)
    }

    /// Its requests that are not answered.
    pub(super) fn asked(&self) -> impl Iterator<Item = u64> {
        self.asked.iter().map(|(number, _)| *number)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Table(BTreeMap<Connection, LetIn>);

impl Table {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn insert(&mut self, connection: Connection, let_in: LetIn) {
        self.0.insert(connection, let_in);
    }

    pub(super) fn find(&mut self, connection: Connection) -> Option<&mut LetIn> {
        self.0.get_mut(&connection)
    }

    pub(super) fn remove(&mut self, connection: Connection) -> Option<LetIn> {
        self.0.remove(&connection)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Connection, &LetIn)> {
        self.0.iter().map(|(connection, let_in)| (*connection, let_in))
    }

    /// Which are closed, or have gone without a word.
    pub(super) fn gone(&self) -> Vec<Connection> {
        self.iter().filter(|(_, it)| it.sink.is_gone()).map(|(connection, _)| connection).collect()
    }

    /// Closes all of them; which they were.
    pub(super) fn close(&mut self) -> BTreeMap<Connection, LetIn> {
        let closed = std::mem::take(&mut self.0);
        closed.values().for_each(|it| it.sink.cut(CloseCode::GoingAway));
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roomcall_server::queue::queue;
    use roomcall_server::text::All;
    use roomcall_server::token::{TenantName, Who};

    #[test]
    fn an_output_is_new_once_and_answers_find_their_requests() {
        let who = Who::device("ana", "phone");
        let claims = Claims { tenant: TenantName::default(), who, iat: 0, exp: 9, until: 9 };
        let mut it = LetIn::new(claims, Place::last_of(7), queue(&All::default(), 9).0);
        let place = |sequence, index| Some(Place { sequence, index });
        assert!(!it.is_new(place(7, 3)) && it.is_new(place(8, 1)) && it.is_new(None));
        assert!(!it.is_new(place(8, 1)) && !it.is_new(place(8, 0)) && it.is_new(place(8, 2)));
        for (number, request_id) in [(1, Some(5)), (2, None), (3, Some(5)), (4, None)] {
            it.ask(number, request_id);
        }
        assert_eq!(it.answered(Some(5)), Some(1));
        assert_eq!(it.answered(None), Some(2));
        assert_eq!(it.answered(Some(6)), None);
        assert_eq!(it.answered(Some(5)), Some(3));
        assert_eq!(it.answered(Some(5)), None);
        assert!(it.asked().eq([4]));
    }
}
