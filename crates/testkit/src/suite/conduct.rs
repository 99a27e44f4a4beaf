//! What the rules demand of one device, judged by what it is given and what it does: a device that does nothing would pass
//! any world.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Effect, Input, Link, Tap};
use roomcall::protocol::{Answer, Command, Ending, Event, Query, Reply, Request};
use roomcall::{EndingKind, Rule};

use super::stage::{Played, expect};

/// A device, as far as it was seen.
#[derive(Debug)]
pub(super) struct Conduct {
    user: &'static str,
    device: &'static str,
    /// The request for a snapshot that it sent last since it is connected.
    snapshot: Option<u64>,
    /// Whether that was answered: from then on it sends commands at once (D-15).
    is_ready: bool,
    /// Its accepts and rejects, by the numbers of their requests.
    answers: BTreeMap<u64, Answering>,
    /// Attempts on which accept or reject was tapped, and nothing came of it yet.
    tapped: BTreeSet<u64>,
    /// Attempts that the host says were accepted on this device, and into which room.
    accepted: BTreeMap<u64, String>,
    /// Those for which it has joined.
    joined: BTreeSet<u64>,
}

/// An accept or a reject that was sent.
#[derive(Clone, Debug)]
struct Answering {
    attempt: u64,
    room: String,
    accepts: bool,
}

/// What the person sees before a step: the rooms of the calls on the screen, and the room that the device is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight<'a> {
    pub(super) screen: &'a BTreeMap<u64, String>,
    pub(super) room: Option<&'a str>,
}

impl Conduct {
    pub(super) const fn new(user: &'static str, device: &'static str) -> Self {
        Self {
            user,
            device,
            snapshot: None,
            is_ready: false,
            answers: BTreeMap::new(),
            tapped: BTreeSet::new(),
            accepted: BTreeMap::new(),
            joined: BTreeSet::new(),
        }
    }

    /// Its process was killed and started again.
    pub(super) const fn restarts(&mut self) {
        self.snapshot = None;
        self.is_ready = false;
    }

    /// It applied inputs, and gave effects.
    pub(super) fn applied(
        &mut self,
        inputs: &[Input],
        effects: &[Effect],
        sight: Sight<'_>,
    ) -> Played {
        // What taps, connections and snapshots at once bring about may cancel out.
        let is_heard = inputs.iter().all(is_about_one_call);
        if is_heard || inputs.len() == 1 {
            inputs.iter().try_for_each(|input| self.demand(input, effects, sight))?;
        }
        inputs.iter().for_each(|input| self.learn(input, sight));
        effects.iter().try_for_each(|effect| self.judge(effect))
    }

    /// At rest, with these attempts ringing for the user: what was tapped on one of them came to something.
    pub(super) fn rests(&self, rings: &BTreeSet<u64>) -> Played {
        let vanished: Vec<_> = self.tapped.intersection(rings).collect();
        let what = format!(
            "{} answers attempt {vanished:?}; at rest it still rings, and the device does not say that it was not sent",
            self.name()
        );
        expect(vanished.is_empty(), Rule::D11, what)
    }

    fn name(&self) -> String {
        format!("{}'s {}", self.user, self.device)
    }

    /// What one input has to bring about.
    fn demand(&self, input: &Input, effects: &[Effect], sight: Sight<'_>) -> Played {
        let gives = |is_meant: &dyn Fn(&Effect) -> bool| effects.iter().any(is_meant);
        match input {
            Input::Link(Link::Up) => {
                let what = format!("{} connects, and requests no snapshot", self.name());
                expect(gives(&is_snapshot), Rule::D16, what)
            }
            Input::Tap(tap @ (Tap::Accept { attempt } | Tap::Reject { attempt, .. }))
                if self.is_ready
                    && self.tapped.is_empty()
                    && sight.screen.contains_key(attempt) =>
            {
                let what =
                    format!("{}: on {tap:?} it neither sends that nor says why not", self.name());
                expect(gives(&|it| answered(it) == Some(*attempt)), Rule::D11, what)
            }
            Input::Tap(tap @ Tap::Call { users, .. }) if self.is_ready && !users.is_empty() => {
                let what =
                    format!("{}: on {tap:?} it neither sends that nor says why not", self.name());
                let is_call =
                    |it: &Effect| matches!(command(it), Some(Command::CallUserToRoom { .. }));
                expect(gives(&is_call), Rule::D20, what)
            }
            Input::Reply(Reply { request_id, answer: Ok(_), .. }) => {
                let Some(it) = self.answers.get(request_id).filter(|it| it.accepts) else {
                    return Ok(());
                };
                let is_owed = sight.screen.contains_key(&it.attempt)
                    && sight.room != Some(&it.room[..])
                    && !self.joined.contains(&it.attempt);
                let joins =
                    gives(&|effect| matches!(effect, Effect::Join { room } if *room == it.room));
                let what = format!(
                    "{}: its accept of attempt {} is answered with success, and it does not join {}",
                    self.name(),
                    it.attempt,
                    it.room
                );
                expect(joins || !is_owed, Rule::D12, what)
            }
            _ => Ok(()),
        }
    }

    /// What an input says to it.
    fn learn(&mut self, input: &Input, sight: Sight<'_>) {
        match input {
            Input::Link(_) => self.restarts(),
            Input::Tap(Tap::Accept { attempt } | Tap::Reject { attempt, .. })
                if sight.screen.contains_key(attempt) =>
            {
                self.tapped.insert(*attempt);
            }
            Input::Reply(reply) => self.learn_reply(reply),
            Input::Notice(Event::CallHandledByOtherDevice {
                room,
                is_accepted: true,
                attempt,
                device: Some(device),
            }) if device == self.device => {
                self.accepted.insert(*attempt, room.clone());
            }
            _ => {}
        }
    }

    fn learn_reply(&mut self, reply: &Reply) {
        if self.snapshot == Some(reply.request_id) {
            self.is_ready = true;
        }
        if let Ok(Answer::GetMyCalls(mine)) = &reply.answer {
            for over in &mine.endings {
                self.learn_ending(&over.ended, &over.room);
            }
        }
        let Some(answering) = self.answers.get(&reply.request_id).cloned() else { return };
        match &reply.answer {
            Ok(_) if answering.accepts => {
                self.accepted.insert(answering.attempt, answering.room);
            }
            Ok(_) => {}
            // It is sent again.
            Err(refused) if refused.rule == Rule::L15 => return,
            Err(refused) => {
                if let Some(ended) = &refused.ended {
                    self.learn_ending(ended, &answering.room);
                }
            }
        }
        self.tapped.remove(&answering.attempt);
    }

    fn learn_ending(&mut self, ended: &Ending, room: &str) {
        let is_here = ended.device.as_deref() == Some(self.device)
            && ended.user.as_deref() == Some(self.user);
        if is_here && ended.how == EndingKind::Accepted {
            self.accepted.insert(ended.attempt, room.to_owned());
        }
    }

    fn judge(&mut self, effect: &Effect) -> Played {
        match effect {
            Effect::Send { request_id: Some(id), request } => match request {
                Request::Query(Query::GetMyCalls { .. }) => self.snapshot = Some(*id),
                Request::Command(Command::AcceptCall { room, attempt: Some(attempt) }) => {
                    self.answering(*id, *attempt, room, true);
                }
                Request::Command(Command::RejectCall { room, attempt: Some(attempt), .. }) => {
                    self.answering(*id, *attempt, room, false);
                }
                _ => {}
            },
            Effect::NotSent { .. } => {
                if let Some(attempt) = answered(effect) {
                    self.tapped.remove(&attempt);
                }
            }
            Effect::Dismiss { attempt, .. } => drop(self.tapped.remove(attempt)),
            Effect::Join { room } => return self.joins(room),
            _ => {}
        }
        Ok(())
    }

    fn answering(&mut self, id: u64, attempt: u64, room: &str, accepts: bool) {
        self.answers.insert(id, Answering { attempt, room: room.to_owned(), accepts });
    }

    /// Each join is for an attempt that the host said was accepted here, and there is one for each.
    fn joins(&mut self, room: &str) -> Played {
        let open = self
            .accepted
            .iter()
            .find(|(attempt, into)| *into == room && !self.joined.contains(attempt));
        let Some((attempt, _)) = open else {
            let what = format!(
                "{} joins {room}; the host says that {:?} were accepted on it, and it has joined for {:?}",
                self.name(),
                self.accepted,
                self.joined
            );
            return expect(false, Rule::D12, what);
        };
        self.joined.insert(*attempt);
        Ok(())
    }
}

fn is_about_one_call(input: &Input) -> bool {
    match input {
        Input::Notice(_) => true,
        Input::Reply(reply) => !matches!(reply.answer, Ok(Answer::GetMyCalls(_))),
        _ => false,
    }
}

fn is_snapshot(effect: &Effect) -> bool {
    matches!(effect, Effect::Send { request: Request::Query(Query::GetMyCalls { .. }), .. })
}

/// The command that is sent, or of which it is said that it is not.
fn command(effect: &Effect) -> Option<&Command> {
    match effect {
        Effect::Send { request: Request::Command(command), .. }
        | Effect::NotSent { command, .. } => Some(command),
        _ => None,
    }
}

/// The attempt that a command accepts or rejects.
fn answered(effect: &Effect) -> Option<u64> {
    match command(effect)? {
        Command::AcceptCall { attempt, .. } | Command::RejectCall { attempt, .. } => *attempt,
        _ => None,
    }
}
