//! A number stands for one request, which has one effect (X-01 to, C-03, E-12): a reply has a number that was sent
//! and is an answer to that; an equal command under the same number has the same answer, as a repetition; another one under
//! that number is refused; and the next number is above all that were judged. Of a user who was erased (F-20) nothing that was
//! judged is remembered, and a repeated refusal does not name the user.
//!
//! It cannot see which of several commands under one number a reply is to, at the devices; nor repetitions of what was first
//! sent before the traffic begins, or that the authority may have forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use roomcall::Rule;
use roomcall::protocol::{Answer, Command, Frame, Query, Refused, Reply, Request};

use super::super::attempt::{Mark, Peer};
use super::super::state::State;
use super::identity::digest;

/// What a device asked under one number.
#[derive(Clone, Debug)]
pub(in super::super) struct Asked {
    /// A digest of what was sent last.
    content: u64,
    pub(super) kind: Kind,
    /// A digest of the callees, each once.
    callees: Option<u64>,
    pub(in super::super) room: Option<Box<str>>,
    pub(in super::super) attempt: Option<u64>,
    pub(in super::super) since: Option<u64>,
    /// A digest of the text of a call.
    pub(in super::super) extension: Option<u64>,
    /// When it was first sent, and last.
    pub(in super::super) first: Mark,
    pub(in super::super) last: Mark,
    /// Whether more than one thing was sent under this number.
    is_mixed: bool,
    judged: Option<Judged>,
}

/// An answer that is remembered.
#[derive(Clone, Copy, Debug)]
struct Judged {
    content: u64,
    answer: u64,
    line: u64,
    is_first: bool,
    /// Digests of the user whom it names as who ended a call, and of the same answer without the user (F-20).
    named: Option<(u64, u64)>,
}

/// What is asked for, and answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Call,
    Cancel,
    Revoke,
    Accept,
    Reject,
    Mark,
    Ringing,
    Incoming,
    Mine,
    Log,
    List,
    Other,
}

/// What is remembered of a device that asks.
#[derive(Debug, Default)]
pub(in super::super) struct Requester {
    asked: BTreeMap<u64, Asked>,
    /// Numbers up to this were dropped.
    dropped: u64,
    /// When it cancelled calls last.
    pub(super) cancelled: Option<Mark>,
    /// Whether it answered a call that was not known then, so that later answers may be repetitions.
    pub(super) is_unclear: bool,
    /// The highest number that was judged.
    judged: Option<(u64, Mark)>,
}

impl Requester {
    pub(in super::super) fn len(&self) -> usize {
        self.asked.len()
    }

    /// What was judged may not be remembered any more.
    pub(in super::super) fn forget(&mut self) {
        self.judged = None;
        self.asked.values_mut().for_each(|asked| asked.judged = None);
    }

    /// A user was erased, and is not named any more. If not `is_exact`, an answer from before may still be on its way.
    pub(in super::super) fn erase(&mut self, user: &str, is_exact: bool) {
        let user = digest(user);
        for judged in self.asked.values_mut().map(|asked| &mut asked.judged) {
            *judged = match *judged {
                Some(before @ Judged { named: Some((by, without)), .. }) if by == user => {
                    is_exact.then_some(Judged { answer: without, named: None, ..before })
                }
                before => before,
            };
        }
    }
}

impl Asked {
    /// What a frame asks for.
    pub(in super::super) fn of(frame: &Frame, state: &State) -> Self {
        let (mut room, mut attempt, mut since, mut extension, mut callees) =
            (None, None, None, None, None);
        let kind = match &frame.request {
            Request::Command(command) => {
                room = command.room().and_then(|room| state.name(room));
                if !command.users().is_empty() {
                    callees = Some(names(command.users().iter()));
                }
                match command {
                    Command::AcceptCall { attempt: named, .. }
                    | Command::RejectCall { attempt: named, .. } => attempt = *named,
                    Command::CallUserToRoom { extension: text, .. } => {
                        extension = Some(digest(&**text));
                    }
                    _ => {}
                }
                kind_of_command(command)
            }
            Request::Query(query) => {
                if let Query::GetMyCalls { since: asked } | Query::GetCallLog { since: asked, .. } =
                    query
                {
                    since = Some(*asked);
                }
                if let Query::GetPendingCalls { room: of, .. } = query {
                    room = state.name(of);
                }
                kind_of_query(query)
            }
        };
        let (content, now) = (digest(&frame.request), state.now);
        let (first, last, is_mixed, judged) = (now, now, false, None);
        Self {
            content,
            kind,
            callees,
            room,
            attempt,
            since,
            extension,
            first,
            last,
            is_mixed,
            judged,
        }
    }

    /// Whether it is remembered, like other commands.
    const fn is_command(&self) -> bool {
        matches!(
            self.kind,
            Kind::Call | Kind::Cancel | Kind::Revoke | Kind::Accept | Kind::Reject | Kind::Mark
        )
    }
}

const fn kind_of_command(command: &Command) -> Kind {
    match command {
        Command::CallUserToRoom { .. } => Kind::Call,
        Command::CancelCall { .. } => Kind::Cancel,
        Command::RevokeCall { .. } => Kind::Revoke,
        Command::AcceptCall { .. } => Kind::Accept,
        Command::RejectCall { .. } => Kind::Reject,
        Command::MarkCallsSeen { .. } => Kind::Mark,
        Command::Ringing { .. } => Kind::Ringing,
        Command::RevokeUserCalls { .. } => Kind::Other,
    }
}

const fn kind_of_query(query: &Query) -> Kind {
    match query {
        Query::GetIncomingCalls { .. } => Kind::Incoming,
        Query::GetMyCalls { .. } => Kind::Mine,
        Query::GetCallLog { .. } => Kind::Log,
        Query::GetPendingCalls { .. } => Kind::List,
        Query::GetUserCalls { .. } | Query::GetLiveCalls { .. } => Kind::Other,
    }
}

const fn kind_of_answer(answer: &Answer) -> Kind {
    match answer {
        Answer::CallUserToRoom(_) => Kind::Call,
        Answer::CancelCall(_) => Kind::Cancel,
        Answer::RevokeCall(_) => Kind::Revoke,
        Answer::AcceptCall { .. } => Kind::Accept,
        Answer::RejectCall { .. } => Kind::Reject,
        Answer::MarkCallsSeen { .. } => Kind::Mark,
        Answer::Ringing { .. } => Kind::Ringing,
        Answer::GetIncomingCalls { .. } => Kind::Incoming,
        Answer::GetMyCalls(_) => Kind::Mine,
        Answer::GetCallLog(_) => Kind::Log,
        Answer::GetPendingCalls { .. } => Kind::List,
        _ => Kind::Other,
    }
}

/// A digest of names, each where it is first.
fn names<'a>(names: impl Iterator<Item = &'a String>) -> u64 {
    let mut once: Vec<&str> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for name in names.filter(|name| known.insert(name.as_str())) {
        once.push(name);
    }
    digest(&once)
}

/// A digest of what must be the same in a repetition. The message may name a limit of now (F-19).
fn answer_digest(answer: &Result<Answer, Refused>, attempts: &[(String, u64)]) -> u64 {
    let answer = answer.as_ref();
    digest(&(
        answer.map_err(|refused| (refused.rule, refused.code, &refused.ended, refused.retry_after)),
        attempts,
    ))
}

/// Digests of the user whom a refusal names, and of the same one as it is when that user is erased (F-20).
fn named_in(reply: &Reply) -> Option<(u64, u64)> {
    let mut without = reply.answer.clone();
    let ended = without.as_mut().err()?.ended.as_mut()?;
    ended.device = None;
    let user = digest(&*ended.user.take()?);
    Some((user, answer_digest(&without, &reply.attempts)))
}

impl State {
    /// A device asks under a number.
    pub(in super::super) fn asks(&mut self, peer: &Arc<Peer>, number: u64, new: Asked) {
        let bound = self.settings.bounds.requests;
        let Some(requester) = self.requesters.make(peer, Requester::default) else { return };
        if number <= requester.dropped {
            return;
        }
        match requester.asked.get_mut(&number) {
            Some(asked) if asked.content == new.content => {
                // A reply to what was sent on another connection may not come after that.
                if asked.first.connection != new.first.connection {
                    asked.first = new.first;
                }
                asked.last = new.last;
            }
            Some(asked) => {
                let judged = asked.judged;
                *asked = Asked { is_mixed: true, judged, ..new };
            }
            None => _ = requester.asked.insert(number, new),
        }
        while requester.asked.len() > bound {
            let Some((lowest, _)) = requester.asked.pop_first() else { break };
            requester.dropped = requester.dropped.max(lowest);
        }
    }

    /// What a reply is to, if that is certain.
    pub(in super::super) fn question(&self, peer: &Arc<Peer>, number: u64) -> Option<Asked> {
        let asked = self.requesters.peek(peer)?.asked.get(&number)?;
        let is_here = asked.first.connection == self.now.connection && !asked.is_mixed;
        (self.is_at_authority() || is_here).then(|| asked.clone())
    }

    /// A reply reaches a device.
    pub(in super::super) fn replies(&mut self, opened: Mark, peer: &Arc<Peer>, reply: &Reply) {
        let (now, number) = (self.now, reply.request_id);
        let is_ordered = self.is_ordered();
        let requester = self.requesters.get(peer);
        let dropped = requester.as_ref().map_or(0, |it| it.dropped);
        let is_known = requester.is_some_and(|it| it.asked.contains_key(&number));
        if !is_known {
            // What is not known any more may have been sent.
            let is_complete = is_ordered && self.requesters.is_complete() && number > dropped;
            if is_complete {
                let message = format!(
                    "{}/{} is answered {number}, which it did not send",
                    peer.user, peer.device
                );
                self.wrong(Rule::X01, message, vec![opened.line, now.line]);
            }
            return;
        }
        let Some(asked) = self.question(peer, number) else { return };
        if let Ok(answer) = &reply.answer {
            self.is_an_answer_to(&asked, answer);
            self.next_is_new(peer, &asked, reply.next_request_id);
        }
        let limits = &self.settings.limits;
        if self.knows_rules()
            && asked.is_command()
            && limits.requests_per_requester > 0
            && limits.requesters > 0
        {
            self.is_judged_once(peer, &asked, reply);
        }
    }

    fn is_an_answer_to(&mut self, asked: &Asked, answer: &Answer) {
        let lines = vec![asked.last.line, self.now.line];
        if kind_of_answer(answer) != asked.kind {
            let message =
                format!("an answer to {:?} is one to {:?}", asked.kind, kind_of_answer(answer));
            return self.wrong(Rule::X01, message, lines);
        }
        let (rule, given) = match answer {
            Answer::CallUserToRoom(results) => {
                (Rule::C03, names(results.iter().map(|(user, _)| user)))
            }
            Answer::CancelCall(results) | Answer::RevokeCall(results) => {
                (Rule::E12, names(results.iter().map(|(user, _)| user)))
            }
            _ => return,
        };
        if asked.callees.is_some_and(|callees| callees != given) {
            self.wrong(rule, "the results are not of the users who were named".into(), lines);
        }
    }

    ///
    fn next_is_new(&mut self, peer: &Arc<Peer>, asked: &Asked, next: Option<u64>) {
        let is_owed = matches!(asked.kind, Kind::Incoming | Kind::Mine);
        if is_owed != next.is_some() {
            let message = format!("an answer to {:?} has the next number {next:?}", asked.kind);
            return self.wrong(Rule::X06, message, vec![asked.last.line, self.now.line]);
        }
        let judged = self.requesters.get(peer).and_then(|requester| requester.judged);
        let known = next.zip(judged).filter(|_| self.knows_rules());
        let Some((next, (number, mark))) = known else { return };
        let asked_at = if self.is_at_authority() { self.now } else { asked.first };
        if next <= number && self.is_before(mark, asked_at) {
            let message = format!("the next number is {next}, and {number} was judged");
            self.wrong(Rule::X06, message, vec![mark.line, self.now.line]);
        }
    }

    ///
    fn is_judged_once(&mut self, peer: &Arc<Peer>, asked: &Asked, reply: &Reply) {
        let (now, number) = (self.now, reply.request_id);
        let answer = answer_digest(&reply.answer, &reply.attempts);
        let rule = reply.answer.as_ref().err().map(|refused: &Refused| refused.rule);
        let has_passed = rule == Some(Rule::X04) || rule == Some(Rule::L15);
        if has_passed {
            return;
        }
        let is_other = rule == Some(Rule::X03);
        match asked.judged {
            Some(before) if before.content != asked.content => {
                if !is_other {
                    let message = format!("another command under the number {number} is judged");
                    self.wrong(Rule::X03, message, vec![before.line, now.line]);
                }
                return;
            }
            Some(before) => {
                let is_twice = self.is_ordered() && before.is_first && !reply.repeated;
                if is_other || before.answer != answer || is_twice {
                    let message = format!("command {number} is judged twice");
                    self.wrong(Rule::X02, message, vec![before.line, now.line]);
                }
            }
            None => {}
        }
        // What is remembered.
        if is_other || rule == Some(Rule::L01) || rule == Some(Rule::N01) {
            return;
        }
        let named = named_in(reply);
        if named.is_some() && self.may_name_erased {
            return;
        }
        let Some(requester) = self.requesters.get(peer) else { return };
        if requester.judged.is_none_or(|(highest, _)| highest < number) {
            requester.judged = Some((number, now));
        }
        if let Some(of) = requester.asked.get_mut(&number) {
            let was_first = of.judged.is_some_and(|before| before.is_first);
            let is_first = was_first || !reply.repeated;
            let (content, line) = (of.content, now.line);
            of.judged = Some(Judged { content, answer, line, is_first, named });
        }
    }
}
