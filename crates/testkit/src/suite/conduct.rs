//! What the rules demand of one device, judged by what it is given and what it does: a device that does nothing would pass
//! any world.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Effect, Input, Link, Stage, Tap};
use roomcall::protocol::{Answer, Command, Ending, Event, MyCalls, Query, Reply, Request};
use roomcall::{EndingKind, Rule};

use super::commands::{self, Commands, answers};
use super::screen::Screen;
use super::stage::{Played, expect};

/// A device, as far as it was seen.
#[derive(Debug)]
pub(super) struct Conduct {
    user: &'static str,
    device: &'static str,
    is_connected: bool,
    /// The request for a snapshot that it sent last since it is connected.
    snapshot: Option<u64>,
    /// Whether that was answered: from then on it sends commands at once (D-15).
    is_ready: bool,
    commands: Commands,
    /// Attempts on which accept or reject was tapped, and nothing came of it yet; whether it was accept.
    tapped: BTreeMap<u64, bool>,
    /// Attempts of which a snapshot said that they have rung.
    rung: BTreeSet<u64>,
    /// Attempts that the host says were accepted on this device, and into which room.
    accepted: BTreeMap<u64, String>,
    /// Those for which it has joined.
    joined: BTreeSet<u64>,
}

impl Conduct {
    pub(super) fn new(user: &'static str, device: &'static str) -> Self {
        Self {
            user,
            device,
            is_connected: false,
            snapshot: None,
            is_ready: false,
            commands: Commands::default(),
            tapped: BTreeMap::new(),
            rung: BTreeSet::new(),
            accepted: BTreeMap::new(),
            joined: BTreeSet::new(),
        }
    }

    /// Whose device it is.
    pub(super) fn name(&self) -> String {
        format!("{}'s {}", self.user, self.device)
    }

    /// Its process was killed and started again, or its connection is another one or none.
    pub(super) const fn restarts(&mut self, is_connected: bool) {
        self.is_connected = is_connected;
        self.snapshot = None;
        self.is_ready = false;
    }

    /// It applied inputs, and gave effects. `screen` is what was on it before, and `room` the one that it is in.
    pub(super) fn applied(
        &mut self,
        inputs: &[Input],
        effects: &[Effect],
        screen: &Screen,
        room: Option<&str>,
    ) -> Played {
        // What several taps and connections at once bring about may cancel out.
        if let [input] = inputs {
            self.demand(input, effects, screen)?;
        }
        // What leaves the screen meanwhile, as by coming in, is answered by that and not by the accept.
        let (before, unanswered) = (self.accepted.clone(), self.tapped.clone());
        inputs.iter().for_each(|input| self.learn(input, screen));
        let new = self.accepted.iter().filter(|(attempt, _)| !before.contains_key(attempt));
        let owed = new.filter(|(attempt, into)| {
            let is_shown = screen.room(**attempt).is_some();
            is_shown && unanswered.get(attempt) == Some(&true) && room != Some(&into[..])
        });
        if is_heard(inputs) {
            self.demand_joins(owed, effects)?;
        }
        self.demand_ringing(effects)?;
        effects.iter().try_for_each(|effect| self.judge(effect))
    }

    /// At rest, with these attempts ringing for the user: what was tapped on one of them came to something.
    pub(super) fn rests(&self, rings: &BTreeSet<u64>) -> Played {
        let vanished: Vec<_> = self.tapped.keys().filter(|it| rings.contains(it)).collect();
        let what = format!(
            "{} answers attempt {vanished:?}; at rest it still rings, and the device does not say that it was not sent",
            self.name()
        );
        expect(vanished.is_empty(), Rule::D11, what)
    }

    /// What one input has to bring about.
    fn demand(&self, input: &Input, effects: &[Effect], screen: &Screen) -> Played {
        match input {
            Input::Link(Link::Up) => {
                let what = format!("{} connects, and requests no snapshot", self.name());
                expect(effects.iter().any(is_snapshot), Rule::D16, what)
            }
            Input::Tap(tap) if self.is_ready && is_open(tap, screen) => {
                match commands::command(tap, screen) {
                    Some(command) => self.commands.demand(&self.name(), &command, effects),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Whoever shows a call says so, and nobody else does (D-37).
    fn demand_ringing(&self, effects: &[Effect]) -> Played {
        let shown = effects.iter().filter_map(|effect| match effect {
            Effect::Show { call, stage: Stage::Ringing | Stage::Waiting, .. } => Some(call.attempt),
            _ => None,
        });
        let said: BTreeSet<u64> = effects.iter().filter_map(ringing).collect();
        for attempt in shown {
            let is_owed = self.is_connected && !self.rung.contains(&attempt);
            let what =
                format!("{} shows attempt {attempt}, and does not say that it rings", self.name());
            expect(!is_owed || said.contains(&attempt), Rule::D37, what)?;
        }
        Ok(())
    }

    fn demand_joins<'a>(
        &self,
        mut owed: impl Iterator<Item = (&'a u64, &'a String)>,
        effects: &[Effect],
    ) -> Played {
        let missing = owed.find(|(_, into)| {
            !effects.iter().any(|it| matches!(it, Effect::Join { room } if room == *into))
        });
        let what = format!(
            "{}: its accept {missing:?} stands, and it does not join that room",
            self.name()
        );
        expect(missing.is_none(), Rule::D12, what)
    }

    /// What an input says to it.
    fn learn(&mut self, input: &Input, screen: &Screen) {
        match input {
            Input::Link(link) => self.restarts(*link == Link::Up),
            Input::Tap(tap) => {
                let Some(command) = commands::command(tap, screen) else { return };
                let accepts = matches!(tap, Tap::Accept { .. });
                if let Some(attempt) = answers(&command) {
                    self.tapped.entry(attempt).or_insert(accepts);
                }
                self.commands.tap(command);
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
            self.learn_snapshot(mine);
        }
        let Some(command) = self.commands.of(reply.request_id).cloned() else { return };
        match (&reply.answer, &command) {
            (Ok(_), Command::AcceptCall { room, attempt: Some(attempt) }) => {
                self.accepted.insert(*attempt, room.clone());
            }
            // It is sent again.
            (Err(refused), _) if refused.rule == Rule::L15 => return,
            (Err(refused), Command::AcceptCall { room, .. }) => {
                let ended = refused.ended.as_ref();
                ended.into_iter().for_each(|ended| self.learn_ending(ended, room));
            }
            _ => {}
        }
        self.commands.answered(reply.request_id);
        self.tapped.retain(|attempt, _| answers(&command) != Some(*attempt));
    }

    fn learn_snapshot(&mut self, mine: &MyCalls) {
        let rung = mine.incoming.iter().filter(|call| call.rung);
        self.rung.extend(rung.map(|call| call.attempt));
        for over in &mine.endings {
            self.learn_ending(&over.ended, &over.room);
        }
    }

    fn learn_ending(&mut self, ended: &Ending, room: &str) {
        let is_here = ended.device.as_deref() == Some(self.device)
            && ended.user.as_deref() == Some(self.user);
        if is_here && ended.how == EndingKind::Accepted {
            self.accepted.insert(ended.attempt, room.to_owned());
        }
    }

    fn judge(&mut self, effect: &Effect) -> Played {
        self.commands.judge(&self.name(), effect)?;
        match effect {
            Effect::Send {
                request_id: Some(id),
                request: Request::Query(Query::GetMyCalls { .. }),
            } => self.snapshot = Some(*id),
            Effect::NotSent { command, .. } => {
                self.tapped.retain(|attempt, _| answers(command) != Some(*attempt));
            }
            Effect::Dismiss { attempt, .. } => {
                self.tapped.remove(attempt);
            }
            Effect::Join { room } => return self.joins(room),
            _ => {}
        }
        Ok(())
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

/// Whether these inputs were heard, and no snapshot came with other answers: then one ends the calls of which it says nothing
/// before the other is heard.
fn is_heard(inputs: &[Input]) -> bool {
    let is_snapshot =
        |it: &Input| matches!(it, Input::Reply(Reply { answer: Ok(Answer::GetMyCalls(_)), .. }));
    let is_heard = |it: &Input| matches!(it, Input::Reply(_) | Input::Notice(_));
    inputs.iter().all(is_heard) && (inputs.len() == 1 || !inputs.iter().any(is_snapshot))
}

/// Whether a tap is not ignored (D-11).
fn is_open(tap: &Tap, screen: &Screen) -> bool {
    match tap {
        Tap::Accept { attempt } => screen.may_answer(*attempt, true),
        Tap::Reject { attempt, .. } => screen.may_answer(*attempt, false),
        _ => true,
    }
}

fn is_snapshot(effect: &Effect) -> bool {
    matches!(effect, Effect::Send { request: Request::Query(Query::GetMyCalls { .. }), .. })
}

/// The attempt of which an effect says that it rings here.
pub(super) fn ringing(effect: &Effect) -> Option<u64> {
    match effect {
        Effect::Send { request: Request::Command(Command::Ringing { attempt }), .. } => {
            Some(*attempt)
        }
        _ => None,
    }
}
