//! Connections that are not read for a time, as those of a device that is suspended or has too little bandwidth.

use roomcall::Rule;
use roomcall::protocol::{Body, Frame, Query, Request};

use super::stage::{Line, Played, QUERIES, Stage};
use super::transport::{Transport, TransportError};

impl<T: Transport> Stage<T> {
    /// Reads nothing on a connection until [`Self::resume`]. For the observer it is over: when that was sent which is read
    /// later is not known.
    pub fn stall(&mut self, line: Line) {
        if self.is_open(line) && !self.is_stalled(line) {
            self.note_closed(line);
            self.connections[line.0].is_stalled = true;
        }
    }

    /// Reads all that has waited on a connection, up to its end if the host has ended it.
    pub async fn resume(&mut self, line: Line) -> Played {
        if !self.is_stalled(line) {
            return Ok(());
        }
        self.connections[line.0].is_stalled = false;
        // It tells the observer nothing.
        self.probe(line, &mut Vec::new(), &mut Vec::new()).await?;
        self.connections[line.0].heard.retain(|body| !is_answer_to_suite(body));
        if self.is_open(line) {
            self.note_opened(line);
        }
        Ok(())
    }

    /// Whether a connection is there, and is not read.
    pub(super) fn is_stalled(&self, line: Line) -> bool {
        let connection = &self.connections[line.0];
        connection.is_stalled && connection.transport.is_some()
    }

    /// Asks on a connection that is stalled, under a number that no device uses: no device hears the answer.
    pub async fn ask_unread(&mut self, line: Line, query: Query) -> Played {
        let frame = self.query(query);
        let Some(connection) = &mut self.connections[line.0].transport else { return Ok(()) };
        Ok(self.transport.send(connection, frame).await?)
    }

    /// A query under the next number that no device uses.
    pub(super) fn query(&mut self, query: Query) -> Frame {
        self.last_query += 1;
        Frame { request_id: Some(self.last_query), request: Request::Query(query) }
    }

    /// What came of a step for a connection. If that failed while another connection is not read, that is why, and not what
    /// the observer misses since nothing more is read.
    pub(super) fn served<R>(&mut self, line: Line, came: Result<R, TransportError>) -> Played<R> {
        came.map_err(|error| {
            let mut others = (0..self.connections.len()).map(Line).filter(|it| *it != line);
            let Some(slow) = others.find(|it| self.is_stalled(*it)) else { return error.into() };
            let (slow, waits) = (&self.connections[slow.0], &self.connections[line.0]);
            let what = format!(
                "while {}'s {} does not read, {}'s {} is not served: {error}",
                slow.user, slow.device, waits.user, waits.device
            );
            self.broken(Rule::X01, what)
        })
    }
}

fn is_answer_to_suite(body: &Body) -> bool {
    matches!(body, Body::Reply(reply) if reply.request_id > QUERIES)
}
