//! One input by name in, everything it brings about by name out.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::iter::empty;

use super::resolve::Resolver;
use crate::names::Found;
use crate::protocol;
use crate::protocol::{
    Actor, Answer, Command, Endings, Input as NamedInput, Query, Record, Refused,
};
use crate::switchboard::{AHEAD, Page, Switchboard};
use crate::{Attempt, Duplicate, Input, Outcome, Refusal, Rule, Tick, UserId};

impl Switchboard {
    /// Applies one line of a journal: resolves its names, applies it, and answers in names. A
    /// refused line leaves no name behind (N-02). A number is passed back and means nothing: who
    /// remembers numbered requests is the [`Exchange`](crate::exchange::Exchange).
    ///
    /// ```
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::protocol::Record;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let line: Record = serde_json::from_str(
    ///     r#"{"at":5,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"x"}}}"#,
    /// )?;
    /// let refused = board.apply_named(&line).answer.unwrap().unwrap_err();
    /// assert_eq!(refused.code, 100004);
    /// assert_eq!(board.known_names(), 0);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_named(&mut self, line: &Record) -> protocol::Outcome {
        let (mut step, made) = (Outcome::new(), self.last_attempt().get());
        self.apply_by_name(Tick::from_millis(line.at), &line.input, empty(), &mut step);
        let answer = match &line.input {
            NamedInput::Tick | NamedInput::Fact(_) => None,
            NamedInput::Ask { command, .. } => Some(match step.answer {
                Ok(answer) => Ok(self.name_answer(command, answer, &step)),
                Err(refusal) => Err(self.name_refusal(refusal)),
            }),
            NamedInput::Query { by, query } => Some(self.query_named(by, query)),
        };
        let request_id = match &line.input {
            NamedInput::Tick | NamedInput::Fact(_) => None,
            NamedInput::Ask { .. } | NamedInput::Query { .. } => line.request_id,
        };
        let attempts = match (&line.input, request_id) {
            (NamedInput::Ask { command, .. }, Some(_)) => self.name_attempts(command, &step, made),
            (
                NamedInput::Ask { .. }
                | NamedInput::Tick
                | NamedInput::Fact(_)
                | NamedInput::Query { .. },
                _,
            ) => Vec::new(),
        };
        let effects = step.effects.iter().map(|effect| self.name_effect(effect)).collect();
        self.names_mut().settle();
        self.debug_check();
        let (at, unchanged) = (self.clock().as_millis(), unchanged(&step));
        protocol::Outcome {
            at,
            request_id,
            answer,
            attempts,
            next_request_id: None,
            effects,
            unchanged,
        }
    }

    /// Applies one input by name, into a step that the caller owns: the names are only looked up,
    /// and what comes of it is in handles. A query is a tick here. A refused ask leaves no name
    /// behind (N-02); a bad name is refused or ignored by L-01. Where a cancel or a revoke names
    /// somebody of whom nothing is known, the handle in its results stands for no name; their order is
    /// that of the input (E-12).
    ///
    /// ```
    /// use roomcall::protocol::Record;
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Answer, Limits, Policy, Outcome, Tick};
    ///
    /// let (mut board, mut step) = (Switchboard::new(Limits::DEFAULT, Policy::DEFAULT), Outcome::new());
    /// let line = r#"{"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}}"#;
    /// let line: Record = serde_json::from_str(line)?;
    /// board.apply_entry_into(Tick::from_millis(line.at), &line.input, &mut step);
    /// assert_eq!(step.answer, Ok(Answer::Applied));
    /// assert!(board.lookup_room("standup").is_some());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_entry_into(&mut self, at: Tick, input: &NamedInput, step: &mut Outcome) {
        self.apply_by_name(at, input, empty(), step);
        self.settle(step);
        self.debug_check();
    }

    /// Lines, one after another, each as by [`apply_entry_into`](Self::apply_entry_into) into
    /// `step`, which `each` sees after every one of them. Their names are looked up ahead, and what
    /// these lead to is read ahead, which is much faster for many independent lines over much state
    /// (O-03).
    ///
    /// ```
    /// use roomcall::protocol::Record;
    /// use roomcall::switchboard::Switchboard;
    /// use roomcall::{Limits, Policy, Outcome};
    ///
    /// let (mut board, mut step) = (Switchboard::new(Limits::DEFAULT, Policy::DEFAULT), Outcome::new());
    /// let lines = r#"[
    ///     {"at":0,"fact":{"roomOpened":{"roomID":"standup","owner":"ana"}}},
    ///     {"at":0,"fact":{"userEntered":{"roomID":"standup","userID":"ana","deviceID":"mac"}}},
    ///     {"at":9,"by":{"user":"ana","device":"mac"},"command":{"callUserToRoom":{"roomID":"standup","userIDList":["bo"],"timeout":30}}}
    /// ]"#;
    /// let lines: Vec<Record> = serde_json::from_str(lines)?;
    /// let mut effects = 0;
    /// board.apply_lines(&lines, &mut step, |_, step| effects += step.effects.len());
    /// assert_eq!(effects, 2);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_lines(
        &mut self,
        lines: &[Record],
        step: &mut Outcome,
        mut each: impl FnMut(&Self, &Outcome),
    ) {
        let mut ahead = self.take_ahead();
        for lines in lines.chunks(AHEAD) {
            ahead.look(self, lines);
            let mut start = 0;
            for (line, end) in lines.iter().zip(&ahead.ends) {
                let found = ahead.found.get(start..*end).unwrap_or_default().iter().copied();
                start = *end;
                self.apply_by_name(Tick::from_millis(line.at), &line.input, found, step);
                self.settle(step);
                self.debug_check();
                each(self, step);
            }
        }
        self.put_ahead(ahead);
    }

    /// Lets the names of an input go whose results are in handles. The handle of one that nothing
    /// comes to use is given to others: in a result, nobody is in its place (N-01).
    #[inline]
    fn settle(&mut self, step: &mut Outcome) {
        // Nearly always all names of an input are in use, and those are kept.
        if !self.names().is_settled() {
            self.settle_names(step);
        }
    }

    #[cold]
    fn settle_names(&mut self, step: &mut Outcome) {
        for (callee, _) in &mut step.withdrawn {
            if !self.names().users.is_kept(callee.0) {
                *callee = UserId::NOBODY;
            }
        }
        self.names_mut().settle();
    }

    /// Names are to be settled after that.
    #[inline]
    fn apply_by_name(
        &mut self,
        at: Tick,
        input: &NamedInput,
        found: impl Iterator<Item = Found>,
        step: &mut Outcome,
    ) {
        self.elapse(at, step);
        match input {
            NamedInput::Tick | NamedInput::Query { .. } => {}
            NamedInput::Fact(fact) => match self.resolver(found).fact(fact) {
                Some(fact) => self.judge(&Input::Fact(fact), step),
                None => step.answer = Ok(crate::Answer::Ignored(Rule::L01)),
            },
            NamedInput::Ask { by, command } => self.ask_by_name(by, command, found, step),
        }
    }

    #[inline]
    fn ask_by_name(
        &mut self,
        by: &Actor,
        command: &Command,
        found: impl Iterator<Item = Found>,
        step: &mut Outcome,
    ) {
        let mut callees = self.take_callees();
        match &self.resolver(found).ask(by, command, &mut callees) {
            Some(ask) => self.judge(ask, step),
            None => step.answer = Err(Refusal::BadName { limit: self.limits().id_bytes }),
        }
        callees.clear();
        self.put_callees(callees);
    }

    fn query_named(&mut self, by: &Actor, query: &Query) -> Result<Answer, Refused> {
        let limit = self.limits().id_bytes;
        let bad_name = Refusal::BadName { limit };
        let mut resolver = self.resolver(empty());
        let answer = match query {
            Query::GetPendingCalls { room, cursor, count, status } => {
                let names = resolver.actor(by).zip(resolver.room(room));
                let cursor = cursor.as_deref().filter(|cursor| !cursor.is_empty());
                let page = Page { cursor, count: *count, status: *status };
                names.ok_or(bad_name).and_then(|(by, room)| {
                    let list = self.pending_calls(by, room, page)?;
                    let calls = list.calls.iter().map(|call| self.name_pending(call)).collect();
                    let next_cursor = list.next.map(|next| next.to_string()).unwrap_or_default();
                    Ok(Answer::GetPendingCalls { calls, next_cursor })
                })
            }
            Query::GetIncomingCalls { since } => resolver
                .actor(by)
                .ok_or(bad_name)
                .and_then(|by| self.incoming_named(by, since.map(Attempt::new))),
        };
        answer.map_err(|refusal| self.name_refusal(refusal))
    }

    fn incoming_named(&self, by: crate::Actor, since: Option<Attempt>) -> Result<Answer, Refusal> {
        let incoming = self.incoming_calls(by)?;
        let ended = since.map(|since| self.endings_since(by, since)).transpose()?;
        let endings = ended.map(|ended| Endings {
            calls: ended.calls.iter().map(|call| self.name_ended_call(call)).collect(),
            last_attempt: ended.last_attempt.get(),
        });
        let calls = incoming.calls.iter().map(|call| self.name_incoming(call)).collect();
        Ok(Answer::GetIncomingCalls { calls, revision: incoming.revision, endings })
    }

    #[inline]
    fn resolver<F>(&mut self, found: F) -> Resolver<'_, F> {
        let (names, limits) = self.names_and_limits();
        Resolver { names, limits, found }
    }
}

/// The rule by which an input that was not refused changed nothing (F-01, E-08).
const fn unchanged(step: &Outcome) -> Option<Rule> {
    match step.answer {
        Ok(crate::Answer::Ignored(rule)) => Some(rule),
        Ok(
            crate::Answer::Accepted { duplicate: Duplicate::Yes, .. }
            | crate::Answer::Rejected { duplicate: Duplicate::Yes, .. },
        ) => Some(Rule::E08),
        _ => None,
    }
}
