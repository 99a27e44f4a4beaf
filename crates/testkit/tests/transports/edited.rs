//! Hosts that say one thing wrong: what they send to a device is changed on the way.

use std::collections::VecDeque;

use roomcall::protocol::{
    Actor, Answer, Audience, Body, CallLog, Command, Effect, Event, Fact, Frame, LoggedCall,
    MyCalls, Query, Refused, Reply, Request,
};
use roomcall::{CallRejectionReason, EndingKind, Rule};
use roomcall_testkit::suite::{
    Capabilities, Memory, Report, Rules, Suite, Transport, TransportError,
};

use crate::block_on;

/// What is sent instead of a message to a device.
type Edit = fn(&mut Vec<Body>);

/// A host with an edit.
struct Edited {
    host: Memory,
    fault: Fault,
    /// What is sent instead, and not read yet.
    sent: VecDeque<(u64, Body)>,
    /// What a device asked last, above which number.
    since: u64,
    was_killed: bool,
}

/// What a host says wrong.
#[derive(Clone, Copy)]
enum Fault {
    /// An edit of each message.
    Says(Edit),
    /// All endings, whatever was asked.
    IgnoresSince,
    /// The whole log, whatever was asked.
    IgnoresSinceOfLog,
    /// After a kill it begins anew with the numbers of requests.
    ForgetsNumbers,
}

impl Edited {
    fn edited(&self, body: Body) -> Vec<Body> {
        let mut all = vec![body];
        match self.fault {
            Fault::Says(edit) => edit(&mut all),
            Fault::IgnoresSince => mine(&mut all, |mine| mine.since = self.since),
            Fault::IgnoresSinceOfLog => log(&mut all, |log| log.since = self.since),
            Fault::ForgetsNumbers => {
                let next = replies(&mut all).find_map(|reply| reply.next_request_id.as_mut());
                next.filter(|_| self.was_killed).into_iter().for_each(|next| *next = 1);
            }
        }
        all
    }
}

impl Transport for Edited {
    type Connection = (u64, Actor);

    fn capabilities(&self) -> Capabilities {
        self.host.capabilities()
    }

    async fn connect(&mut self, user: &str, device: &str) -> Result<(u64, Actor), TransportError> {
        self.host.connect(user, device).await
    }

    async fn disconnect(&mut self, connection: (u64, Actor)) -> Result<(), TransportError> {
        self.host.disconnect(connection).await
    }

    async fn send(
        &mut self,
        connection: &mut (u64, Actor),
        mut frame: Frame,
    ) -> Result<(), TransportError> {
        match (&mut frame.request, self.fault) {
            (Request::Query(Query::GetMyCalls { since }), Fault::IgnoresSince)
            | (Request::Query(Query::GetCallLog { since, .. }), Fault::IgnoresSinceOfLog) => {
                self.since = std::mem::take(since);
            }
            _ => {}
        }
        self.host.send(connection, frame).await
    }

    async fn receive(
        &mut self,
        connection: &mut (u64, Actor),
    ) -> Result<Option<Body>, TransportError> {
        loop {
            if let Some(at) = self.sent.iter().position(|(of, _)| *of == connection.0) {
                return Ok(self.sent.remove(at).map(|(_, body)| body));
            }
            let Some(body) = self.host.receive(connection).await? else { return Ok(None) };
            let edited = self.edited(body);
            self.sent.extend(edited.into_iter().map(|body| (connection.0, body)));
        }
    }

    async fn state(&mut self, fact: Fact) -> Result<(), TransportError> {
        self.host.state(fact).await
    }

    async fn advance(&mut self, millis: u64) -> Result<(), TransportError> {
        self.host.advance(millis).await
    }

    fn elapsed(&self) -> u64 {
        self.host.elapsed()
    }

    async fn command(
        &mut self,
        command: Command,
    ) -> Result<Result<Answer, Refused>, TransportError> {
        self.host.command(command).await
    }

    async fn restart(&mut self) -> Result<(), TransportError> {
        self.was_killed = true;
        self.host.restart().await
    }

    fn behind(&self) -> u64 {
        self.host.behind()
    }

    async fn set_back(&mut self, millis: u64) -> Result<(), TransportError> {
        self.host.set_back(millis).await
    }
}

fn play(suite: &Suite, fault: Fault) -> Report {
    block_on(suite.run(async |rules: Rules| {
        let (host, sent) = (Memory::new(rules), VecDeque::new());
        Ok(Edited { host, fault, sent, since: 0, was_killed: false })
    }))
}

/// That a fault loses a race by this rule.
#[track_caller]
fn loses(fault: Fault, race: &str, rule: Rule) {
    let races = play(&Suite::new().only(race).worlds(0..0), fault);
    let lost: Vec<_> = races.failures().map(|(_, it)| it.rule).collect();
    assert_eq!(lost, [Some(rule)], "{race}\n{races}");
}

/// The same, and that it is found in a world, too.
#[track_caller]
fn is_caught(fault: Fault, race: &str, of_race: Rule, of_world: Rule) {
    loses(fault, race, of_race);
    // In few of them does somebody accept and not come.
    let seeds = if of_world == Rule::E21 { 170..240 } else { 0..40 };
    let worlds = play(&Suite::new().only("no race").worlds(seeds).shrinks(0), fault);
    let found = worlds.failures().any(|(_, it)| it.rule == Some(of_world));
    let rules: Vec<_> = worlds.failures().map(|(_, it)| it.rule).collect();
    assert!(found, "{race}: no world shows {of_world}, but {rules:?}");
}

fn replies(all: &mut [Body]) -> impl Iterator<Item = &mut Reply> {
    all.iter_mut().filter_map(|body| match body {
        Body::Reply(reply) => Some(reply),
        _ => None,
    })
}

fn mine(all: &mut [Body], change: impl Fn(&mut MyCalls)) {
    for reply in replies(all) {
        if let Ok(Answer::GetMyCalls(mine)) = &mut reply.answer {
            change(mine);
        }
    }
}

fn log(all: &mut [Body], change: impl Fn(&mut CallLog)) {
    for reply in replies(all) {
        if let Ok(Answer::GetCallLog(log)) = &mut reply.answer {
            change(log);
        }
    }
}

fn refused(all: &mut [Body], change: impl Fn(&mut Refused)) {
    replies(all).filter_map(|reply| reply.answer.as_mut().err()).for_each(change);
}

const ENDINGS: &str = "calls that are over are listed with their endings";
const LOG: &str = "each call is in the log of who was called";

#[test]
fn hosts_that_list_other_endings() {
    let edits: [(Edit, Rule, Rule); 6] = [
        (|all| mine(all, |it| drop(it.endings.pop())), Rule::Q11, Rule::Q11),
        (|all| mine(all, |it| it.endings.reverse()), Rule::Q11, Rule::Q11),
        (|all| mine(all, |it| it.endings.extend(it.endings.last().cloned())), Rule::Q11, Rule::Q11),
        (
            |all| mine(all, |it| it.endings.iter_mut().for_each(|it| it.callee = "eve".into())),
            Rule::C06,
            Rule::C06,
        ),
        (
            |all| {
                mine(all, |it| {
                    let ended = it.endings.iter_mut().map(|it| &mut it.ended);
                    ended.for_each(|it| {
                        (it.how, it.user, it.device) = (EndingKind::TimedOut, None, None)
                    });
                    it.endings.iter_mut().for_each(|it| it.reason = None);
                });
            },
            Rule::T01,
            Rule::T01,
        ),
        (
            |all| {
                mine(all, |it| {
                    let reasons = it.endings.iter_mut().filter_map(|it| it.reason.as_mut());
                    reasons.for_each(|reason| *reason = CallRejectionReason::InOtherRoom);
                });
            },
            Rule::E02,
            Rule::E02,
        ),
    ];
    for (edit, of_race, of_world) in edits {
        is_caught(Fault::Says(edit), ENDINGS, of_race, of_world);
    }
    is_caught(Fault::IgnoresSince, ENDINGS, Rule::Q11, Rule::Q11);
}

#[test]
fn hosts_whose_log_is_wrong() {
    let edits: [(Edit, Rule); 4] = [
        (
            |all| {
                log(all, |log| {
                    if log.entries.len() > 2 {
                        log.entries.remove(1);
                    }
                });
            },
            Rule::H01,
        ),
        (
            |all| {
                log(all, |log| {
                    if let [.., last] = &mut log.entries[..] {
                        let again = last.clone();
                        last.number -= 1;
                        log.entries.push(again);
                    }
                });
            },
            Rule::H01,
        ),
        (|all| log(all, |log| log.entries.reverse()), Rule::H03),
        (
            |all| {
                log(all, |log| {
                    for entry in &mut log.entries {
                        if let LoggedCall::Ended(ended) = &mut entry.what {
                            (ended.user, ended.device) = (Some("eve".into()), None);
                        }
                    }
                });
            },
            Rule::E09,
        ),
    ];
    for (edit, rule) in edits {
        is_caught(Fault::Says(edit), LOG, rule, rule);
    }
    is_caught(Fault::IgnoresSinceOfLog, LOG, Rule::H03, Rule::H03);
    let ageless: Edit = |all| log(all, |log| log.entries.iter_mut().for_each(|it| it.age = 0));
    is_caught(Fault::Says(ageless), "entries of the log have an age", Rule::H03, Rule::H03);
}

#[test]
fn hosts_that_refuse_by_another_code() {
    const RACE: &str = "requests are refused with their codes";
    let code: Edit = |all| refused(all, |refused| refused.code = -1);
    is_caught(Fault::Says(code), RACE, Rule::R01, Rule::R01);
    // All that is refused is what never rang.
    let rule: Edit = |all| {
        refused(all, |refused| *refused = Refused::new(Rule::E10, -2_311, "there is no such call"));
    };
    is_caught(Fault::Says(rule), RACE, Rule::R01, Rule::R01);
    let silent: Edit = |all| refused(all, |refused| refused.ended = None);
    is_caught(Fault::Says(silent), RACE, Rule::E09, Rule::E09);
}

#[test]
fn hosts_that_tell_otherwise_that_nobody_came() {
    const RACE: &str = "who accepts does not come";
    // In worlds the callers connect anew too often.
    let silent: Edit = |all| all.retain(|body| event(body) != Some("onCallNotJoined"));
    loses(Fault::Says(silent), RACE, Rule::E21);
    let edits: [Edit; 3] = [
        |all| {
            let told = all.iter().filter(|body| event(body) == Some("onCallNotJoined"));
            let again: Vec<_> = told.cloned().collect();
            all.extend(again);
        },
        // To the caller at once.
        |all| {
            let Some(Body::Effect(effect)) = all.first() else { return };
            if let Event::CallAccepted(call) = &effect.event {
                let event = Event::CallNotJoined(call.clone());
                let early = Effect { event, because: Rule::E21, ..effect.clone() };
                all.push(Body::Effect(early));
            }
        },
        // To the callee.
        |all| {
            let Some(Body::Effect(effect)) = all.first() else { return };
            if let Event::CallReceived { call, .. } = &effect.event {
                let to = Audience::User(call.callee.clone());
                let call = roomcall::protocol::NamedCall {
                    status: roomcall::CallStatus::None,
                    ..call.clone()
                };
                let event = Event::CallNotJoined(call);
                all.push(Body::Effect(Effect { to, event, because: Rule::E21 }));
            }
        },
    ];
    for edit in edits {
        is_caught(Fault::Says(edit), RACE, Rule::E21, Rule::E21);
    }
}

fn event(body: &Body) -> Option<&'static str> {
    match body {
        Body::Effect(effect) => Some(effect.event.name()),
        _ => None,
    }
}

#[test]
fn hosts_whose_next_number_is_not_new() {
    const RACE: &str = "killed, and a device asks for its next number";
    is_caught(Fault::ForgetsNumbers, RACE, Rule::X06, Rule::X06);
    let silent: Edit = |all| replies(all).for_each(|reply| reply.next_request_id = None);
    is_caught(Fault::Says(silent), RACE, Rule::X06, Rule::X06);
}
