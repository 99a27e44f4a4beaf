//! The form by name: names in, names out. It resolves the names of one input, applies it by handle,
//! and names its outcome.

mod name;
mod query;
mod resolve;

use alloc::vec::Vec;

use super::requests::{Digest, Recalled};
use super::state::State;
use super::{Outcome, Switchboard};
use crate::domain::id::UserId;
use crate::domain::input::Input;
use crate::domain::output::Answer;
use crate::domain::refusal::Refusal;
use crate::domain::rule::Rule;
use crate::domain::time::Tick;
use crate::protocol;
use crate::protocol::{Actor, Command, FactAnswer, Query, Record};
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
    /// assert_eq!(outcomes[3].answer, outcomes[2].answer);
    /// assert!(outcomes[3].is_repeated() && !outcomes[2].is_repeated());
    /// assert_eq!(outcomes[2].attempts, [("bo".to_owned(), 1)]);
    /// assert_eq!((outcomes[2].effects.len(), outcomes[3].effects.len()), (2, 0));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_record(&mut self, record: &Record) -> protocol::Outcome {
        let mut outcome = Outcome::new();
        self.apply_record_into(record, &mut outcome);
        self.name(record, &outcome).into_owned()
    }

    /// Applies one record, into an outcome that the caller owns: the names are only looked up, and
    /// the outcome is in handles. A query is a tick here. A refused request leaves no name behind
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
    pub fn apply_record_into<S: AsRef<str>>(&mut self, record: &Record<S>, outcome: &mut Outcome) {
        let at = Tick::from_millis(record.at);
        if let protocol::Input::Fact(protocol::Fact::Recovered { floor }) = record.input {
            self.elapse_lost(at, floor, outcome);
        } else {
            self.elapse(at, outcome);
        }
        let has_changed = match &record.input {
            protocol::Input::Tick | protocol::Input::Query { .. } => false,
            protocol::Input::Fact(fact) => {
                let mut present = Vec::new();
                match Resolver::new(&mut self.state).fact(fact, &mut present) {
                    Some(fact) => self.judge(&Input::Fact(fact), outcome),
                    None => {
                        (outcome.answer, outcome.unchanged) =
                            (Ok(Answer::Ignored(Rule::L01)), Some(Rule::L01));
                        false
                    }
                }
            }
            protocol::Input::Ask { by, command } => match record.request_id {
                None => self.ask(by, command, None, outcome),
                Some(id) => self.numbered(by, id, command, outcome),
            },
        };
        if has_changed {
            self.state.names.sweep();
        }
        let users = &self.state.names.users;
        for withdrawn in &mut outcome.withdrawn {
            if !users.outlives_input(withdrawn.callee) {
                withdrawn.callee = UserId::NONE;
            }
        }
        self.state.names.unpin();
        self.debug_verify();
    }

    /// The outcome of a record that was just applied, in names that are borrowed from the record and
    /// the switchboard: nothing is copied, and a query is answered here.
    ///
    /// ```
    /// use roomcall::protocol::{Record, Text};
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Outcome, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let mut outcome = Outcome::new();
    /// let line = r#"{"at":5,"by":{"user":"bo","device":"phone"},"query":{"getIncomingCalls":{}}}"#;
    /// let record: Record<Text<'_>> = Record::read(line)?;
    /// board.apply_record_into(&record, &mut outcome);
    /// let lines: Vec<String> = board
    ///     .name(&record, &outcome)
    ///     .outputs()
    ///     .map(|output| serde_json::to_string(&output))
    ///     .collect::<Result<_, _>>()?;
    /// assert_eq!(lines, [r#"{"at":5,"answer":{"getIncomingCalls":{"calls":[],"revision":0}}}"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn name<'a, S: AsRef<str>>(
        &'a self,
        record: &'a Record<S>,
        outcome: &Outcome,
    ) -> protocol::Outcome<&'a str> {
        let (mut next_request_id, mut attempts) = (None, Vec::new());
        let (answer, request_id) = match &record.input {
            protocol::Input::Tick => (None, None),
            protocol::Input::Fact(fact) => {
                let room = fact.room().and_then(|room| self.lookup_room(room.as_ref()));
                let opening = room.and_then(|room| self.opening(room));
                let limits = &self.state.limits;
                let answer = FactAnswer::new(opening, outcome.unchanged, limits);
                (Some(Ok(protocol::Answer::Fact(answer))), None)
            }
            protocol::Input::Ask { command, .. } => {
                if record.request_id.is_some() {
                    attempts = name::attempts(command, outcome);
                }
                let answer = match outcome.answer {
                    Ok(answer) => Ok(name::answer(command, answer, outcome)),
                    Err(refusal) => Err(self.state.name_refusal(refusal)),
                };
                (Some(answer), record.request_id)
            }
            protocol::Input::Query { by, query } => {
                let answer = self.state.query(by, query);
                if let (Query::GetIncomingCalls { .. } | Query::GetMyCalls { .. }, Ok(_), Some(_)) =
                    (query, &answer, record.request_id)
                {
                    // X-06
                    next_request_id = Some(self.requests.next_id(self.state.lookup_actor(by)));
                }
                (Some(answer), record.request_id)
            }
        };
        let effects = outcome.effects.iter().map(|effect| self.state.name_effect(effect)).collect();
        let (at, unchanged) = (self.state.clock.as_millis(), outcome.unchanged);
        protocol::Outcome { at, request_id, answer, attempts, next_request_id, effects, unchanged }
    }

    /// Records, one after another, each as by [`apply_record_into`](Self::apply_record_into) into
    /// `outcome`, which `each` sees after every one of them (O-03).
    pub fn apply_records<S: AsRef<str>>(
        &mut self,
        records: &[Record<S>],
        outcome: &mut Outcome,
        mut each: impl FnMut(&Self, &Outcome),
    ) {
        for record in records {
            self.apply_record_into(record, outcome);
            each(self, outcome);
        }
    }

    /// A request by name, and the number and digest by which it is remembered.
    #[inline]
    fn ask<S: AsRef<str>>(
        &mut self,
        by: &Actor<S>,
        command: &Command<S>,
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
    fn numbered<S: AsRef<str>>(
        &mut self,
        by: &Actor<S>,
        id: u64,
        command: &Command<S>,
        outcome: &mut Outcome,
    ) -> bool {
        let Some(digest) = Digest::of_named(command) else {
            return self.ask(by, command, None, outcome);
        };
        let actor = self.state.lookup_actor(by);
        match self.requests.recall(&self.state.limits, actor, id, digest) {
            Recalled::Fresh => return self.ask(by, command, Some((id, digest)), outcome),
            Recalled::Repeated(request) => {
                (outcome.answer, outcome.unchanged) = (request.answer(), Some(Rule::X02));
                let State { names, .. } = &mut self.state;
                let handle = |user: &str| names.users.lookup(user).unwrap_or(UserId::NONE);
                let users = distinct(command.users(), request.len()).map(handle);
                request.fill(users, outcome);
            }
            Recalled::Refused(refusal) => outcome.answer = Err(refusal),
        }
        false
    }
}

/// Names once each, in first-seen order, of which there are `count`. Takes time n log n, and memory, if
/// some are there twice.
fn distinct<S: AsRef<str>>(users: &[S], count: usize) -> impl Iterator<Item = &str> {
    // A refusal has no results.
    let users = if count == 0 { &[] } else { users };
    let repeated = if users.len() == count { Vec::new() } else { repeated(users) };
    let mut repeated = repeated.into_iter().peekable();
    let first =
        users.iter().enumerate().filter(move |(place, _)| repeated.next_if_eq(place).is_none());
    first.map(|(_, user)| user.as_ref())
}

/// The places of names that are there before, in order.
fn repeated<S: AsRef<str>>(users: &[S]) -> Vec<usize> {
    let mut sorted: Vec<_> = users.iter().map(AsRef::as_ref).zip(0_usize..).collect();
    sorted.sort_unstable();
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    let mut places: Vec<_> = pairs
        .filter(|((before, _), (name, _))| before == name)
        .map(|(_, (_, place))| *place)
        .collect();
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn names_are_given_once_in_first_seen_order() {
        let given = |users: &[&'static str]| {
            let mut once: alloc::vec::Vec<&str> = alloc::vec::Vec::new();
            users.iter().for_each(|user| {
                if !once.contains(user) {
                    once.push(user)
                }
            });
            assert!(distinct(users, once.len()).eq(once.iter().copied()), "{users:?}");
        };
        given(&[]);
        given(&["bo"]);
        given(&["bo", "cy", "ana"]);
        given(&["bo", "cy", "bo", "ana", "cy", "bo", "dee", "ana"]);
        given(&["cy", "cy", "bo", "bo", "bo"]);
    }
}
