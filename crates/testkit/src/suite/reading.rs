//! How a stage reads: up to the answer to a query, before which comes all that the host has sent.

use roomcall::Rule;
use roomcall::protocol::{
    Answer, Body, CallLog, Command, MyCalls, Output, PendingCall, Query, Refused, Reply,
};

use super::stage::{Connection, Line, NOWHERE, Played, Stage, Stop};
use super::transport::Transport;
use crate::observer::{Violation, What};

/// How many entries of a log are asked for: as many as the default limits let be, which is more than they let a log have.
const PAGE: u32 = 100;

impl<T: Transport> Stage<T> {
    /// Reads what has come of an input on all connections, first on the one that it was sent on: once that is read, it has
    /// been applied. Nothing else was applied meanwhile, so for the observer the queries come after all of that, and what
    /// was told of one attempt before what was told of the next one (O-01).
    pub(super) async fn read(&mut self, sent_on: Option<Line>) -> Played {
        if !self.reads_at_once {
            return Ok(());
        }
        let others = (0..self.connections.len()).map(Line).filter(|line| Some(*line) != sent_on);
        let lines = sent_on.into_iter().chain(others).filter(|line| !self.is_stalled(*line));
        let lines: Vec<Line> = lines.collect();
        let (mut told, mut probes) = (Vec::new(), Vec::new());
        for line in lines {
            let mut of_line = Vec::new();
            self.probe(line, &mut of_line, &mut probes).await?;
            of_line.reverse();
            told.push(of_line);
        }
        while let Some(next) = told
            .iter_mut()
            .filter(|line| !line.is_empty())
            .min_by_key(|line| line.last().map(attempt))
        {
            let next = next.pop();
            next.into_iter().for_each(|next| self.note(next));
        }
        probes.into_iter().for_each(|probe| self.note(probe));
        Ok(())
    }

    /// Reads all that the host has sent on a connection by now.
    pub async fn hear(&mut self, line: Line) -> Played {
        let (mut told, mut probes) = (Vec::new(), Vec::new());
        self.probe(line, &mut told, &mut probes).await?;
        told.into_iter().chain(probes).for_each(|what| self.note(what));
        Ok(())
    }

    /// Reads all that the host has sent on a connection by now, and what it says of the calls of the user; `None` if the host
    /// has ended it.
    pub async fn my_calls(&mut self, line: Line) -> Played<Option<MyCalls>> {
        self.my_calls_since(line, 0).await
    }

    /// The same of the attempts above a number.
    pub async fn my_calls_since(&mut self, line: Line, since: u64) -> Played<Option<MyCalls>> {
        match self.answer_to(line, Query::GetMyCalls { since }).await? {
            Some(Ok(Answer::GetMyCalls(mine))) => Ok(Some(mine)),
            None => Ok(None),
            other => Err(Stop::Broken(Rule::Q11, format!("getMyCalls is answered {other:?}"))),
        }
    }

    /// Reads all that the host has sent on a connection by now, and the user's call log above a number; `None` if the host has
    /// ended it.
    pub async fn call_log(&mut self, line: Line, since: u64) -> Played<Option<CallLog>> {
        match self.answer_to(line, Query::GetCallLog { since, count: PAGE }).await? {
            Some(Ok(Answer::GetCallLog(log))) => Ok(Some(log)),
            None => Ok(None),
            other => Err(Stop::Broken(Rule::H03, format!("getCallLog is answered {other:?}"))),
        }
    }

    /// Reads all that the host has sent on a connection by now, and the answer to a query; `None` if the host has ended it.
    pub async fn answer_to(
        &mut self,
        line: Line,
        query: Query,
    ) -> Played<Option<Result<Answer, Refused>>> {
        let (mut told, mut probes) = (Vec::new(), Vec::new());
        let answer = self.ask(line, query, &mut told, &mut probes).await?;
        told.into_iter().chain(probes).for_each(|what| self.note(what));
        Ok(answer)
    }

    /// Reads all that the host has sent on a connection by now, and the calls that it lists for a room.
    pub async fn pending_calls(&mut self, line: Line, room: &str) -> Played<Vec<PendingCall>> {
        let (room, cursor, count, status) = (room.to_owned(), None, 20, None);
        let query = Query::GetPendingCalls { room, cursor, count, status };
        match self.answer_to(line, query).await? {
            Some(Ok(Answer::GetPendingCalls { calls, .. })) => Ok(calls),
            other => Err(Stop::Broken(Rule::Q01, format!("getPendingCalls is answered {other:?}"))),
        }
    }

    /// Asks for a room that is not there: the refusal tells nothing, and comes after all that was sent before.
    pub(super) async fn probe(
        &mut self,
        line: Line,
        told: &mut Vec<What>,
        probes: &mut Vec<What>,
    ) -> Played {
        let (room, cursor, count, status) = (NOWHERE.to_owned(), None, 1, None);
        let query = Query::GetPendingCalls { room, cursor, count, status };
        self.ask(line, query, told, probes).await.map(drop)
    }

    /// Asks, and reads up to the answer. What comes is yet to be noted: what was told, and the query with its answer.
    async fn ask(
        &mut self,
        line: Line,
        query: Query,
        told: &mut Vec<What>,
        asked: &mut Vec<What>,
    ) -> Played<Option<Result<Answer, Refused>>> {
        let number = self.connections[line.0].number;
        let frame = self.query(query);
        let request_id = self.last_query;
        if let Some(connection) = &mut self.connections[line.0].transport {
            let sent = self.transport.send(connection, frame.clone()).await;
            self.served(line, sent)?;
            asked.push(What::Sent { connection: number, frame });
        }
        loop {
            let Some(connection) = &mut self.connections[line.0].transport else { return Ok(None) };
            let received = self.transport.receive(connection).await;
            let Some(body) = self.served(line, received)? else {
                self.connections[line.0].transport = None;
                asked.pop();
                told.push(What::Closed { connection: number });
                return Ok(None);
            };
            let output = Output { at: self.now(), body: body.clone() };
            let received = What::Received { connection: number, output };
            match body {
                Body::Reply(Reply { request_id: of, answer, .. }) if of == request_id => {
                    asked.push(received);
                    return Ok(Some(answer));
                }
                body => {
                    told.push(received);
                    self.connections[line.0].heard.push(body);
                }
            }
        }
    }

    /// Reads what the host sends by itself, on a connection that asks for nothing, up to this event of any attempt, which the
    /// rule demands. Gives the attempt.
    pub async fn listen(&mut self, line: Line, event: &str, rule: Rule) -> Played<u64> {
        loop {
            let Connection { user, device, number, transport, .. } = &mut self.connections[line.0];
            let missed =
                format!("{user}'s {device} asks for nothing, and is not notified of {event}");
            let connection = *number;
            let received = match transport {
                Some(connection) => self.transport.receive(connection).await,
                None => Ok(None),
            };
            let body = match received {
                Ok(Some(body)) => body,
                Ok(None) => return Err(self.broken(rule, format!("{missed}: it is cut off"))),
                Err(error) => return Err(self.broken(rule, format!("{missed}: {error}"))),
            };
            let output = Output { at: self.now(), body: body.clone() };
            self.note(What::Received { connection, output });
            self.connections[line.0].heard.push(body.clone());
            if let Body::Effect(effect) = body
                && effect.event.name() == event
            {
                return Ok(effect.event.attempt());
            }
        }
    }

    /// A rule is violated, and that is why, not what the observer misses since nothing more is read.
    pub(super) fn broken(&mut self, rule: Rule, what: String) -> Stop {
        let at = self.now();
        self.violations.push(Violation { rule, at, what: what.clone(), lines: Vec::new() });
        Stop::Broken(rule, what)
    }

    /// Sends a command with the next number of the device, and gives the one reply, once nothing is on its way.
    pub async fn reply_to(&mut self, line: Line, command: Command) -> Played<Reply> {
        let number = self.send(line, command).await?;
        self.settle().await?;
        Ok(self.reply(line, number)?.clone())
    }

    /// Reads until nothing is on its way: all that was sent has been applied, and all that came of it has been read.
    pub async fn settle(&mut self) -> Played {
        for _ in 0..2 {
            for line in (0..self.connections.len()).map(Line) {
                if !self.is_stalled(line) {
                    self.hear(line).await?;
                }
            }
        }
        Ok(())
    }
}

/// Which attempt a message is about; 0 if none.
fn attempt(what: &What) -> u64 {
    match what {
        What::Received { output: Output { body: Body::Effect(effect), .. }, .. } => {
            effect.event.attempt()
        }
        _ => 0,
    }
}
