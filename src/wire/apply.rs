//! One input by name in, everything it brings about by name out.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::resolve::Resolver;
use crate::named::{Actor, Answer, Command, Endings, Entry, Fact, Line, Query, Refused, Turn};
use crate::server::{Page, Switchboard};
use crate::{Again, Attempt, Input, Refusal, Rule, Step, Tick};

impl Switchboard {
    /// Applies one line of a journal: resolves its names, applies it, and answers in names. A
    /// refused line leaves no name behind (N-02). A number is passed back and means nothing: who
    /// remembers numbered requests is the [`Exchange`](crate::exchange::Exchange).
    ///
    /// ```
    /// use roomcall::server::Switchboard;
    /// use roomcall::wire::Line;
    /// use roomcall::{Limits, Policy};
    ///
    /// let mut board = Switchboard::new(Limits::DEFAULT, Policy::DEFAULT);
    /// let line: Line = serde_json::from_str(
    ///     r#"{"at":5,"by":{"user":"bo","device":"phone"},"command":{"acceptCall":{"roomID":"x"}}}"#,
    /// )?;
    /// let refused = board.apply_named(&line).answer.unwrap().unwrap_err();
    /// assert_eq!(refused.code, 100004);
    /// assert_eq!(board.known_names(), 0);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn apply_named(&mut self, line: &Line) -> Turn {
        let (mut step, made) = (Step::new(), self.last_attempt().get());
        self.elapse(Tick::from_millis(line.at), &mut step);
        let (answer, unchanged) = match &line.entry {
            Entry::Tick => (None, None),
            Entry::Fact(fact) => (None, self.note(fact, &mut step)),
            Entry::Ask { by, command } => {
                let answer = self.ask_named(by, command, &mut step);
                (Some(answer), repeated(&step))
            }
            Entry::Query { by, query } => (Some(self.query_named(by, query)), None),
        };
        let no = match &line.entry {
            Entry::Tick | Entry::Fact(_) => None,
            Entry::Ask { .. } | Entry::Query { .. } => line.no,
        };
        let attempts = match (&line.entry, no) {
            (Entry::Ask { command, .. }, Some(_)) => self.name_attempts(command, &step, made),
            (Entry::Ask { .. } | Entry::Tick | Entry::Fact(_) | Entry::Query { .. }, _) => {
                Vec::new()
            }
        };
        let effects = step.effects.iter().map(|effect| self.name_effect(effect)).collect();
        self.names_mut().settle();
        self.debug_check();
        let at = self.clock().as_millis();
        Turn { at, no, answer, attempts, next_request: None, effects, unchanged }
    }

    fn note(&mut self, fact: &Fact, step: &mut Step) -> Option<Rule> {
        let Some(fact) = self.resolver().fact(fact) else {
            return Some(Rule::L01);
        };
        self.judge(Input::Fact(fact), step);
        match step.answer {
            Ok(crate::Answer::Ignored(rule)) => Some(rule),
            _ => None,
        }
    }

    fn ask_named(
        &mut self,
        by: &Actor,
        command: &Command,
        step: &mut Step,
    ) -> Result<Answer, Refused> {
        let mut callees = Vec::new();
        let limit = self.limits().id_bytes;
        let mut resolver = self.resolver();
        let resolved =
            resolver.actor(by).and_then(|by| Some((by, resolver.command(command, &mut callees)?)));
        let Some((by, command_by_handle)) = resolved else {
            return Err(self.name_refusal(Refusal::BadName { limit }));
        };
        self.judge(Input::Ask { by, command: command_by_handle }, step);
        match step.answer {
            Err(refusal) => Err(self.name_refusal(refusal)),
            Ok(answer) => Ok(self.name_answer(command, answer, step)),
        }
    }

    fn query_named(&mut self, by: &Actor, query: &Query) -> Result<Answer, Refused> {
        let limit = self.limits().id_bytes;
        let bad_name = Refusal::BadName { limit };
        let mut resolver = self.resolver();
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

    fn resolver(&mut self) -> Resolver<'_> {
        let limits = *self.limits();
        Resolver { names: self.names_mut(), limits }
    }
}

/// E-08
fn repeated(step: &Step) -> Option<Rule> {
    match step.answer {
        Ok(
            crate::Answer::Accepted { again: Again::Repeat, .. }
            | crate::Answer::Rejected { again: Again::Repeat, .. },
        ) => Some(Rule::E08),
        _ => None,
    }
}
