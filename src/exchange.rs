//! A switchboard with a memory of the numbered requests that it answered: a request that is sent
//! again is answered again, and nothing happens twice (rules X).
//!
//! A device numbers its requests upward from 1 and sends one again, with its number, until it has
//! the reply. An [`Exchange`] answers what it remembers as it did the first time, and refuses what
//! it may have judged and forgotten. Everything else is the [`Switchboard`]'s (X-07).

mod memory;
mod snapshot;

use crate::protocol::{Actor, Command, Input, Outcome, Query, Record};
use crate::switchboard::Switchboard;
use crate::{Limits, Policy, Rule};

use memory::{Memory, Recalled};

/// A switchboard that can be asked the same twice (X-01 to X-08).
///
/// ```
/// use roomcall::exchange::Exchange;
/// use roomcall::protocol::Record;
/// use roomcall::{Limits, Policy};
///
/// let mut exchange = Exchange::new(Limits::DEFAULT, Policy::DEFAULT);
/// let journal = r#"
/// {"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}
/// {"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}
/// {"at":9,"requestID":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30}}}
/// {"at":9,"requestID":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30}}}
/// "#;
/// let lines = journal.trim().lines().map(serde_json::from_str::<Record>);
/// let turns = lines.map(|line| Ok(exchange.apply(&line?)));
/// let turns = turns.collect::<Result<Vec<_>, serde_json::Error>>()?;
///
/// // The answer to the first was lost, perhaps. The second has the same, and rings nobody.
/// assert_eq!(turns[3].reply(), turns[2].reply());
/// assert_eq!(turns[2].attempts, [("bo".to_owned(), 1)]);
/// assert_eq!((turns[2].effects.len(), turns[3].effects.len()), (2, 0));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Exchange {
    board: Switchboard,
    memory: Memory,
}

impl Exchange {
    /// An exchange of an empty switchboard, which remembers no request.
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self::of(Switchboard::new(limits, policy))
    }

    /// An exchange of this switchboard, which remembers no request: of one that was made with a key
    /// of its own and with room for much, say.
    ///
    /// ```
    /// use roomcall::exchange::Exchange;
    /// use roomcall::switchboard::{Capacity, Switchboard};
    /// use roomcall::{HashKey, Limits, Policy};
    ///
    /// let (key, capacity) = (HashKey::new(0x5eed), Capacity { users: 1_000, ..Capacity::default() });
    /// let board = Switchboard::sized(Limits::DEFAULT, Policy::DEFAULT, key, capacity);
    /// assert_eq!(Exchange::of(board), Exchange::new(Limits::DEFAULT, Policy::DEFAULT));
    /// ```
    pub fn of(board: Switchboard) -> Self {
        Self { board, memory: Memory::default() }
    }

    /// Applies one line of a journal, as [`Switchboard::apply_named`] does, but for numbered
    /// commands that were judged before: what is remembered is answered as it was (X-02), and the
    /// rest is refused (X-03, X-04). Either is a tick at its time.
    ///
    /// ```
    /// use roomcall::exchange::Exchange;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut exchange = Exchange::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let line = r#"{"at":5,"requestID":1,"by":{"user":"bo","device":"phone"},"query":{"getIncomingCalls":{}}}"#;
    /// let turn = exchange.apply(&serde_json::from_str(line)?);
    /// assert_eq!(turn.reply().and_then(|reply| reply.next_request_id), Some(1));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply(&mut self, line: &Record) -> Outcome {
        let turn = match (&line.input, line.request_id) {
            (Input::Ask { by, command }, Some(request_id)) => {
                self.request(line, by, request_id, command)
            }
            (Input::Query { by, query: Query::GetIncomingCalls { .. } }, Some(_)) => {
                let turn = self.board.apply_named(line);
                // X-06
                let is_answered = matches!(turn.answer, Some(Ok(_)));
                Outcome { next_request_id: is_answered.then(|| self.memory.next(by)), ..turn }
            }
            (Input::Tick | Input::Fact(_) | Input::Query { .. }, _) | (Input::Ask { .. }, None) => {
                self.board.apply_named(line)
            }
        };
        debug_assert!(self.memory.is_sound(self.board.limits()), "X-05");
        turn
    }

    /// X-02 to X-05
    fn request(
        &mut self,
        line: &Record,
        by: &Actor,
        request_id: u64,
        command: &Command,
    ) -> Outcome {
        let recalled = self.memory.recall(self.board.limits(), by, request_id, command);
        match recalled {
            Recalled::Never => {
                let turn = self.board.apply_named(line);
                // X-05: a requester with a bad id would be remembered for nothing.
                let is_bad =
                    matches!(&turn.answer, Some(Err(refused)) if refused.rule == Rule::L01);
                if let Some(reply) = turn.reply().filter(|_| !is_bad) {
                    self.memory.remember(self.board.limits(), by, command, reply);
                }
                turn
            }
            Recalled::Before(reply) => {
                let (answer, attempts) = (Some(reply.answer.clone()), reply.attempts.clone());
                let unchanged = Some(Rule::X02);
                Outcome {
                    request_id: Some(request_id),
                    answer,
                    attempts,
                    unchanged,
                    ..self.tick(line.at)
                }
            }
            Recalled::Refused(refused) => Outcome {
                request_id: Some(request_id),
                answer: Some(Err(refused)),
                ..self.tick(line.at)
            },
        }
    }

    fn tick(&mut self, at: u64) -> Outcome {
        self.board.apply_named(&Record { at, request_id: None, input: Input::Tick })
    }

    /// The switchboard as it stands: its clock, its next deadline, who is in which room.
    ///
    /// ```
    /// use roomcall::exchange::Exchange;
    /// use roomcall::{Limits, Policy};
    ///
    /// let exchange = Exchange::new(Limits::DEFAULT, Policy::DEFAULT);
    /// assert_eq!(exchange.board().next_deadline(), None);
    /// ```
    pub const fn board(&self) -> &Switchboard {
        &self.board
    }
}
