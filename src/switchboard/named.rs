//! The form by name: names in, names out. It resolves the names of one input, applies it by handle,
//! and names what comes of it.

mod name;
mod resolve;

use alloc::string::ToString;
use alloc::vec::Vec;

use super::requests::{Digest, Recalled};
use super::state::State;
use super::{Outcome, Page, Switchboard};
use crate::domain::id::{Attempt, UserId};
use crate::domain::input::Input;
use crate::domain::output::Answer;
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;
use crate::domain::time::Tick;
use crate::protocol;
use crate::protocol::{Actor, Command, Query, Record, Refused};
use resolve::Resolver;

impl Switchboard {
    /// Applies one record of a journal: resolves its names, applies it, and answers in names. A
    /// refused request leaves no name behind (N-02).
    ///
    /// ```
    /// use roomcall::protocol::Record;
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let record: Record = serde_json::from_str(
    ///     r#"{"at":5,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"x"}}}"#,
    /// )?;
    /// let refused = board.apply_record(&record).answer.unwrap().unwrap_err();
    /// assert_eq!(refused.code, 100004);
    /// assert_eq!(board.known_names(), 0);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// A device numbers its requests upward from 1 and sends one again, with its number, until it has
    /// the reply; nothing happens twice (X-02):
    ///
    /// ```
    /// use roomcall::protocol::Record;
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let journal = r#"
    /// {"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}
    /// {"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}}
    /// {"at":9,"requestID":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30}}}
    /// {"at":9,"requestID":1,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30}}}
    /// "#;
    /// let records = journal.trim().lines().map(serde_json::from_str::<Record>);
    /// let outcomes = records.map(|record| Ok(board.apply_record(&record?)));
    /// let outcomes = outcomes.collect::<Result<Vec<_>, serde_json::Error>>()?;
    ///
    /// // The first answer was lost, perhaps. The second is the same, and rings nobody.
    /// assert_eq!(outcomes[3].reply(), outcomes[2].reply());
    /// assert_eq!(outcomes[2].attempts, [("bo".to_owned(), 1)]);
    /// assert_eq!((outcomes[2].effects.len(), outcomes[3].effects.len()), (2, 0));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_record(&mut self, record: &Record) -> protocol::Outcome {
        let mut outcome = Outcome::new();
        self.apply_pinned(record, &mut outcome);
        let named = self.name_outcome(record, &outcome);
        self.state.names.unpin();
        self.debug_verify();
        named
    }

    /// Applies one record, into an outcome that the caller owns: the names are only looked up, and
    /// what comes of it is in handles. A query is a tick here. A refused request leaves no name behind
    /// (N-02); a bad name is refused or ignored by L-01. Where a cancel or a revoke names somebody of
    /// whom nothing is known, the handle in its results stands for no name; their order is that of the
    /// request (E-12).
    ///
    /// ```
    /// use roomcall::protocol::Record;
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Answer, Limits, Outcome, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let mut outcome = Outcome::new();
    /// let record = r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#;
    /// let record: Record = serde_json::from_str(record)?;
    /// board.apply_record_into(&record, &mut outcome);
    /// assert_eq!(outcome.answer, Ok(Answer::Applied));
    /// assert!(board.lookup_room("standup").is_some());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_record_into(&mut self, record: &Record, outcome: &mut Outcome) {
        self.apply_pinned(record, outcome);
        let users = &self.state.names.users;
        for withdrawn in &mut outcome.withdrawn {
            if !users.outlives_input(withdrawn.callee) {
                withdrawn.callee = UserId::NOBODY;
            }
        }
        self.state.names.unpin();
        self.debug_verify();
    }

    /// Records, one after another, each as by [`apply_record_into`](Self::apply_record_into) into
    /// `outcome`, which `each` sees after every one of them (O-03).
    pub fn apply_records(
        &mut self,
        records: &[Record],
        outcome: &mut Outcome,
        mut each: impl FnMut(&Self, &Outcome),
    ) {
        for record in records {
            self.apply_record_into(record, outcome);
            each(self, outcome);
        }
    }

    /// Applies a record whose names stay until they are unpinned.
    #[inline]
    fn apply_pinned(&mut self, record: &Record, outcome: &mut Outcome) {
        self.elapse(Tick::from_millis(record.at), outcome);
        let has_changed = match &record.input {
            protocol::Input::Tick | protocol::Input::Query { .. } => false,
            protocol::Input::Fact(fact) => match Resolver::new(&mut self.state).fact(fact) {
                Some(fact) => self.judge(&Input::Fact(fact), outcome),
                None => {
                    (outcome.answer, outcome.unchanged) =
                        (Ok(Answer::Ignored(Rule::L01)), Some(Rule::L01));
                    false
                }
            },
            protocol::Input::Ask { by, command } => match record.request_id {
                None => self.ask(by, command, None, outcome),
                Some(id) => self.numbered(by, id, command, outcome),
            },
        };
        if has_changed {
            self.state.names.sweep();
        }
    }

    /// A request by name, and the number and digest by which it is remembered.
    #[inline]
    fn ask(
        &mut self,
        by: &Actor,
        command: &Command,
        numbered: Option<(u64, Digest)>,
        outcome: &mut Outcome,
    ) -> bool {
        let mut callees = core::mem::take(&mut self.callees);
        let resolved = Resolver::new(&mut self.state).request(by, command, &mut callees);
        let has_changed = match (resolved, numbered) {
            (None, _) => {
                outcome.answer = Err(Refusal::BadName { limit: self.state.limits.id_bytes });
                false
            }
            (Some((by, command)), None) => {
                self.judge(&Input::Ask { by, request_id: None, command }, outcome)
            }
            (Some((by, command)), Some((id, digest))) => {
                let input = Input::Ask { by, request_id: None, command };
                self.judge_first((by, id), digest, &input, outcome)
            }
        };
        callees.clear();
        self.callees = callees;
        has_changed
    }

    /// X-02 to X-05: what is remembered is looked for before any name is resolved.
    fn numbered(&mut self, by: &Actor, id: u64, command: &Command, outcome: &mut Outcome) -> bool {
        let digest = Digest::of_named(command);
        let actor = self.state.lookup_actor(by);
        match self.requests.recall(&self.state.limits, actor, id, digest) {
            Recalled::Fresh => return self.ask(by, command, Some((id, digest)), outcome),
            Recalled::Repeated(request) => {
                (outcome.answer, outcome.unchanged) = (request.answer(), Some(Rule::X02));
                let State { names, .. } = &mut self.state;
                let handle = |user| names.users.lookup(user).unwrap_or(UserId::NOBODY);
                let users = distinct(command.users(), request.len()).map(handle);
                request.fill(users, outcome);
            }
            Recalled::Refused(refusal) => outcome.answer = Err(refusal),
        }
        false
    }

    fn query(&mut self, by: &Actor, query: &Query) -> Result<protocol::Answer, Refused> {
        let bad_name = Refusal::BadName { limit: self.state.limits.id_bytes };
        let mut resolver = Resolver::new(&mut self.state);
        let answer = match query {
            Query::GetPendingCalls { room, cursor, count, status } => {
                let names = resolver.actor(by).zip(resolver.room(room));
                let cursor = cursor.as_deref().filter(|cursor| !cursor.is_empty());
                let page = Page { cursor, count: *count, status: *status };
                names.ok_or(bad_name).and_then(|(by, room)| {
                    let list = self.pending_calls(by, room, page)?;
                    let calls = list.calls.iter().map(|call| self.state.name_pending(call));
                    let next_cursor = list.next.map(|next| next.to_string()).unwrap_or_default();
                    Ok(protocol::Answer::GetPendingCalls { calls: calls.collect(), next_cursor })
                })
            }
            Query::GetIncomingCalls { since } => resolver
                .actor(by)
                .ok_or(bad_name)
                .and_then(|by| self.incoming(by, since.map(Attempt::new))),
        };
        answer.map_err(|refusal| self.state.name_refusal(refusal))
    }

    fn incoming(
        &self,
        by: crate::Actor,
        since: Option<Attempt>,
    ) -> Result<protocol::Answer, Refusal> {
        let incoming = self.incoming_calls(by)?;
        let ended = since.map(|since| self.endings_since(by, since)).transpose()?;
        let endings = ended.map(|ended| protocol::Endings {
            calls: ended.calls.iter().map(|call| self.state.name_ended_call(call)).collect(),
            last_attempt: ended.last_attempt.get(),
        });
        let calls = incoming.calls.iter().map(|call| self.state.name_incoming(call)).collect();
        Ok(protocol::Answer::GetIncomingCalls { calls, revision: incoming.revision, endings })
    }

    /// What came of a record, in names.
    fn name_outcome(&mut self, record: &Record, outcome: &Outcome) -> protocol::Outcome {
        let mut next_request_id = None;
        let (answer, request_id) = match &record.input {
            protocol::Input::Tick | protocol::Input::Fact(_) => (None, None),
            protocol::Input::Ask { command, .. } => {
                let answer = match outcome.answer {
                    Ok(answer) => Ok(name::answer(command, answer, outcome)),
                    Err(refusal) => Err(self.state.name_refusal(refusal)),
                };
                (Some(answer), record.request_id)
            }
            protocol::Input::Query { by, query } => {
                let answer = self.query(by, query);
                if let (Query::GetIncomingCalls { .. }, Ok(_), Some(_)) =
                    (query, &answer, record.request_id)
                {
                    // X-06
                    next_request_id = Some(self.requests.next_id(self.state.lookup_actor(by)));
                }
                (Some(answer), record.request_id)
            }
        };
        let attempts = match (&record.input, request_id) {
            (protocol::Input::Ask { command, .. }, Some(_)) => name::attempts(command, outcome),
            _ => Vec::new(),
        };
        let effects = outcome.effects.iter().map(|effect| self.state.name_effect(effect)).collect();
        let (at, unchanged) = (self.state.clock.as_millis(), outcome.unchanged);
        protocol::Outcome { at, request_id, answer, attempts, next_request_id, effects, unchanged }
    }
}

/// Names once each, in first-seen order, of which there are `count`.
fn distinct(users: &[alloc::string::String], count: usize) -> impl Iterator<Item = &str> {
    let are_distinct = users.len() == count;
    let is_first = move |place: usize, user: &str| {
        are_distinct || !users.iter().take(place).any(|before| before == user)
    };
    let users = users.iter().enumerate().map(|(place, user)| (place, user.as_str()));
    users.filter(move |(place, user)| is_first(*place, user)).map(|(_, user)| user)
}
