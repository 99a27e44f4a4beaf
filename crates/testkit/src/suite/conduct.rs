//! What the rules demand of one device, judged by what it is given and what it does: a device that does nothing would pass
//! any world.

mod learning;

use std::collections::{BTreeMap, BTreeSet};

use roomcall::Rule;
use roomcall::handset::{Effect, Input, Link, Stage, Tap};
use roomcall::protocol::{Answer, Command, Event, LiveCall, Query, Reply, Request};

use super::circumstances::Circumstances;
use super::commands::{self, Commands, answers};
use super::pushes::{Step, shows};
use super::screen::Screen;
use super::stage::{Played, expect};
use super::told::Told;

/// A device, as far as it was seen.
#[derive(Debug)]
pub(super) struct Conduct {
    user: &'static str,
    device: &'static str,
    is_connected: bool,
    /// The request for a snapshot that it sent last since it is connected, and when it sent that first.
    snapshot: Option<(u64, u64)>,
    /// Whether that has no answer.
    awaits: bool,
    /// Whether that was answered: from then on it sends commands at once (D-15).
    is_ready: bool,
    commands: Commands,
    pub(super) state: Circumstances,
    told: Told,
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
            awaits: false,
            is_ready: false,
            state: Circumstances::new(),
            told: Told::default(),
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

    /// Whose user it is.
    pub(super) const fn user(&self) -> &'static str {
        self.user
    }

    /// Whether its user has signed out of it.
    pub(super) const fn is_signed_out(&self) -> bool {
        self.state.is_signed_out
    }

    /// Whether another application has it.
    pub(super) const fn is_occupied(&self) -> bool {
        self.state.is_occupied
    }

    /// Whether it may have left out a call, as it follows so many at most.
    pub(super) const fn has_left_out(&self) -> bool {
        self.state.has_left_out
    }

    /// Whether it was told that a call rings.
    pub(super) fn has_heard(&self, attempt: u64) -> bool {
        self.told.has_heard(attempt)
    }

    /// Its process was killed and started again.
    pub(super) const fn restarts(&mut self) {
        self.connects(false);
        self.state.restarts();
    }

    /// Its connection is another one, or none.
    const fn connects(&mut self, is_connected: bool) {
        self.is_connected = is_connected;
        self.snapshot = None;
        self.awaits = false;
        self.is_ready = false;
    }

    /// It applied inputs, and gave effects.
    pub(super) fn applied(&mut self, step: &Step<'_>) -> Played {
        let Step { inputs, effects, screen, room, now, .. } = *step;
        if self.state.is_signed_out {
            return step.is_silent();
        }
        // What several taps and connections at once bring about may cancel out.
        if let [input] = inputs {
            self.demand(input, effects, screen, now)?;
        }
        // What leaves the screen meanwhile, as by coming in, is answered by that and not by the accept.
        let (before, unanswered) = (self.accepted.clone(), self.tapped.clone());
        let known: BTreeSet<u64> = effects.iter().filter_map(shows).collect();
        let known: BTreeSet<u64> = known.into_iter().filter(|it| self.has_heard(*it)).collect();
        let (was_ready, asked) = (self.is_ready, self.snapshot);
        inputs.iter().for_each(|input| self.learn(input, screen, now));
        let new = self.accepted.iter().filter(|(attempt, _)| !before.contains_key(attempt));
        let owed = new.filter(|(attempt, into)| {
            let is_shown = screen.room(**attempt).is_some();
            // The answer may come when the device has given it up (D-13).
            let grace = self.state.settings.answer_grace;
            let is_shown = is_shown && !self.told.is_past(**attempt, grace, now);
            is_shown && unanswered.get(attempt) == Some(&true) && room != Some(&into[..])
        });
        if is_heard(inputs) {
            self.demand_joins(owed, effects)?;
        }
        self.demand_ringing(effects)?;
        effects.iter().try_for_each(|effect| self.judge(effect, now))?;
        // With few endings to remember it may have taken that snapshot for too old, and asks anew (D-14).
        self.is_ready &= was_ready || !self.state.has_forgotten || self.snapshot == asked;
        step.shows_what_rings(&self.state, |attempt| known.contains(&attempt), &self.told)?;
        step.answers_pushes(&self.state, &self.told)?;
        self.demand_snapshot(inputs)?;
        if self.state.is_signed_out {
            self.tapped.clear();
            return self.commands.sign_out(&step.name);
        }
        Ok(())
    }

    /// What it drew is on its screen.
    pub(super) fn draws(&self, screen: &Screen) -> Played {
        self.state.allows(&self.name(), screen)
    }

    /// Whoever is woken by a push asks what rings, if there is a connection (D-29).
    fn demand_snapshot(&self, inputs: &[Input]) -> Played {
        let is_ring = |input: &Input| match input {
            Input::Push { event: Event::CallReceived { call, .. }, .. } => call.callee == self.user,
            _ => false,
        };
        let is_owed = self.is_connected && !self.state.is_signed_out && inputs.iter().any(is_ring);
        let what = format!("a push comes to {}, and it requests no snapshot", self.name());
        expect(!is_owed || self.awaits, Rule::D29, what)
    }

    /// At rest its screen shows what the host says that rings for its user; if enough time has passed, the right one rings.
    pub(super) fn agrees(
        &self,
        screen: &Screen,
        rings: &[LiveCall],
        room: Option<&str>,
        now: u64,
        is_late: bool,
    ) -> Played {
        let is_visible = |call: &&LiveCall| {
            let is_here = room == Some(&call.room) || self.state.is_hidden(call.attempt);
            !self.state.is_signed_out && !is_here
        };
        let visible: Vec<&LiveCall> = rings.iter().filter(is_visible).collect();
        let spare = rings.len().saturating_sub(self.state.settings.calls as usize);
        let may_miss = |call: &LiveCall| {
            call.time_left.is_some_and(|left| left < self.state.settings.min_ring)
                && (self.told.is_short(call.attempt) || self.told.is_past(call.attempt, 0, now))
        };
        screen.agrees(&self.name(), &visible, spare, may_miss)?;
        if !is_late {
            return Ok(());
        }
        let may_ring = |attempt| !self.state.is_occupied && !self.state.is_muted(attempt);
        screen.rings_one(&self.name(), may_ring)
    }

    /// At rest, with these attempts ringing for the user: what was tapped on one of them came to something.
    pub(super) fn rests(&self, rings: &[LiveCall]) -> Played {
        let rings: BTreeSet<u64> = rings.iter().map(|call| call.attempt).collect();
        let vanished: Vec<_> = self.tapped.keys().filter(|it| rings.contains(it)).collect();
        let what = format!(
            "{} answers attempt {vanished:?}; at rest it still rings, and the device does not say that it was not sent",
            self.name()
        );
        expect(vanished.is_empty(), Rule::D11, what)
    }

    /// What one input has to bring about.
    fn demand(&self, input: &Input, effects: &[Effect], screen: &Screen, now: u64) -> Played {
        self.state.demand(&self.name(), input, effects, screen)?;
        match input {
            Input::Link(Link::Up) => {
                let what = format!("{} connects, and requests no snapshot", self.name());
                expect(effects.iter().any(is_snapshot), Rule::D16, what)
            }
            Input::Tap(tap) if self.is_ready && is_open(tap, screen) && !self.is_past(tap, now) => {
                match commands::command(tap, screen) {
                    Some(command) => {
                        let requests = self.state.settings.requests;
                        self.commands.demand(&self.name(), &command, effects, requests)
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Whether a tap answers a call that is silenced at once, since its time has passed (D-13).
    fn is_past(&self, tap: &Tap, now: u64) -> bool {
        match tap {
            Tap::Accept { attempt } | Tap::Reject { attempt, .. } => {
                self.told.is_past(*attempt, 0, now)
            }
            _ => false,
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

    fn judge(&mut self, effect: &Effect, now: u64) -> Played {
        self.commands.judge(&self.name(), effect, self.state.settings.requests)?;
        self.state.judge(&self.name(), effect)?;
        match effect {
            Effect::Send {
                request_id: Some(id),
                request: Request::Query(Query::GetMyCalls { .. }),
            } => {
                if self.snapshot.is_none_or(|(before, _)| before != *id) {
                    self.snapshot = Some((*id, now));
                }
                self.awaits = true;
            }
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
