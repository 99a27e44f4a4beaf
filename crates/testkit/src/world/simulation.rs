//! Everything there is: the switchboard, the devices, what is in flight, and the time.

use std::collections::{BTreeSet, VecDeque};

use roomcall::Rule;
use roomcall::handset::Request;
use roomcall::protocol::{Answer, Event, Fact, Input, Outcome, Record, Reply};
use roomcall::switchboard::Switchboard;

use super::call_log::may_forget_marks;
use super::device::Device;
use super::log::{Happened, Log};
use super::media_server::{MediaServer, Session};
use super::observed::Observed;
use super::presence::Presence;
use super::truth::Truth;
use super::truth::expected::{Expectations, Rules};
use super::truth::rates::Rates;
use super::{Checked, Plan, ROOMS, Seen, violation};
use crate::hosting;
use crate::privacy::Privacy;

/// More than this in flight is lost.
pub const CONGESTED: usize = 400;

/// What is in flight.
#[allow(missing_docs, reason = "the variants say what their fields are")]
#[derive(Clone, Debug)]
pub enum Body {
    /// To the switchboard.
    Request { request_id: Option<u64>, request: Request },
    /// To the device.
    Notice(Event),
    /// To the device, by an operating system that starts its process if it is dead.
    Push { event: Event, sent_at: u64 },
    /// To the device.
    Reply(Reply),
    /// The device is on its way into a room.
    Enter { room: String },
    /// To the host: of a session of the device.
    Fact { fact: Fact, session: Session },
}

/// Something in flight, from or to a device.
#[derive(Clone, Debug)]
pub struct Packet {
    /// From or to which device.
    pub device: usize,
    /// The connection and life of the device when it was sent.
    pub connection: u64,
    /// In which of its lives: it may have been installed anew.
    pub life: u64,
    /// Whether it is a stray: a copy, or one that survived its connection.
    pub late: bool,
    /// What it carries.
    pub body: Body,
}

/// The world.
#[derive(Debug)]
pub struct World {
    /// The time, in milliseconds.
    pub now: u64,
    /// The real switchboard.
    pub switchboard: Switchboard,
    /// The devices, as the plan numbers them.
    pub devices: Vec<Device>,
    /// The users of the plan, in order.
    pub users: Vec<String>,
    /// What is in flight, the oldest first.
    pub flight: VecDeque<Packet>,
    /// What the switchboard did.
    pub truth: Truth,
    /// What there is to tell, and to whom.
    pub(super) privacy: Privacy,
    /// What was seen how often.
    pub seen: Seen,
    /// What happened, if somebody wants to know.
    pub log: Option<Log>,
    /// Whether notices reach devices without a connection, and rings are pushed.
    pub push: bool,
    /// Whether hosts know neither how old a push is nor how long a process was dead.
    pub is_timeless: bool,
    /// From whom the host learns who is in a room.
    pub media_server: Option<MediaServer>,
    /// What the switchboard was told of that.
    pub presence: Presence,
    /// What an observer sees of it.
    pub observed: Observed,
    /// Whether messages flow, and facts are late no more.
    pub is_at_rest: bool,
    /// The last snapshot.
    pub(super) snapshot: Vec<u8>,
    /// All snapshots, the first one of nothing.
    pub(super) copies: Vec<Vec<u8>>,
    /// Who was expected, and how fast users had called, when each of them was made.
    pub(super) known: Vec<(Expectations, Rates)>,
    /// How often state was lost.
    pub(super) losses: u64,
    /// Whether every device had a snapshot after all that was late had come.
    pub(super) has_asked_again: bool,
    /// Whether marks of logs may go back to 0.
    pub(super) forgets_marks: bool,
    /// Whose logs an erasure of somebody left empty (F-20), and with them the marks.
    pub(super) emptied_logs: BTreeSet<String>,
    /// The highest revision that was told in a life of the switchboard that is lost.
    pub(super) highest: u64,
    /// The lines since the snapshot.
    journal: Vec<Record>,
    /// The numbered commands that the switchboard was given.
    pub commands: BTreeSet<(usize, u64, u64)>,
}

impl World {
    /// Nothing has happened yet; no device has a connection.
    pub fn new(plan: &Plan) -> Self {
        let switchboard = Switchboard::new(plan.limits, plan.policy);
        let snapshot = switchboard.snapshot();
        let mut users: Vec<String> = Vec::new();
        for device in &plan.devices {
            if !users.contains(&device.user) {
                users.push(device.user.clone());
            }
        }
        Self {
            now: 0,
            switchboard,
            devices: plan.devices.iter().map(Device::new).collect(),
            users,
            flight: VecDeque::new(),
            truth: Truth::default(),
            privacy: Privacy::default(),
            seen: Seen::new(),
            log: None,
            push: plan.push,
            is_timeless: plan.is_timeless,
            media_server: plan.media_server,
            presence: Presence::default(),
            observed: Observed::new(plan),
            is_at_rest: false,
            copies: vec![snapshot.clone()],
            known: vec![(Expectations::default(), Rates::default())],
            losses: 0,
            has_asked_again: false,
            forgets_marks: may_forget_marks(&plan.limits),
            emptied_logs: BTreeSet::new(),
            highest: 0,
            snapshot,
            journal: Vec::new(),
            commands: BTreeSet::new(),
        }
    }

    /// Something worth counting happened.
    pub fn sometimes(&mut self, holds: bool, what: &'static str) {
        if holds {
            *self.seen.entry(what).or_default() += 1;
        }
    }

    /// As [`new`](Self::new), and keeps a log.
    pub fn logged(plan: &Plan) -> Self {
        let mut world = Self::new(plan);
        world.log = Some(Log::new(world.devices.iter().map(Device::name).collect()));
        world
    }

    /// An entry of the log.
    pub(super) fn note(&mut self, happened: impl FnOnce() -> Happened) {
        if let Some(log) = &mut self.log {
            log.entries.push((self.now, happened()));
        }
    }

    /// The switchboard applies a line; what it says is on its way.
    pub fn apply(
        &mut self,
        request_id: Option<u64>,
        input: Input,
    ) -> Result<Outcome, super::Violation> {
        let line = Record { at: self.now, request_id, input };
        let (policy, limits) = (*self.switchboard.policy(), *self.switchboard.limits());
        let outcome = self.switchboard.apply_record(&line);
        if !matches!(line.input, Input::Query { .. }) {
            if let Err(broken) = self.switchboard.verify() {
                return violation("the switchboard's invariants", broken.to_string());
            }
        }
        self.note(|| Happened::Outcome(line.clone(), Box::new(outcome.clone())));
        self.is_well_observed()?;
        self.observe_backend(&line, &outcome);
        let board = &self.switchboard;
        let rules = Rules {
            grace: policy.join_grace,
            active_calls: policy.active_calls,
            outcomes_to: policy.outcomes_to,
            outcomes_now: board.policy().outcomes_to,
            calls_per_minute: limits.calls_per_minute,
            is_inside: &|user, room| hosting::is_inside(board, user, room),
        };
        let (endings, seen) = self.truth.observe(&line, &outcome, &rules)?;
        self.nobody_learns_too_much(&line, &outcome)?;
        if let Some(Ok(Answer::GetMyCalls(calls))) = &outcome.answer {
            self.truth.lists_what_has_rung(calls)?;
        }
        endings.into_iter().map(ended).chain(seen).for_each(|what| self.sometimes(true, what));
        self.journal.push(line);
        if outcome.effects.iter().any(|effect| effect.because == Rule::C01) {
            self.crowd();
        }
        Ok(outcome)
    }

    /// D-19: whom more calls than they follow ring for now. What a device left out once may be
    /// unknown to it until the next snapshot.
    pub fn crowd(&mut self) {
        for device in &mut self.devices {
            let rings = self.truth.live(&device.plan.user);
            let calls = usize::try_from(device.settings.calls).unwrap_or(usize::MAX);
            device.crowded |= rings > calls;
            device.left_out |= device.crowded;
        }
    }

    /// A fact, or the clock: nobody asked.
    pub fn apply_unasked(&mut self, input: Input) -> Checked {
        let outcome = self.apply(None, input)?;
        self.notify(&outcome.effects);
        Ok(())
    }

    /// A fact.
    pub fn fact(&mut self, fact: Fact) -> Checked {
        self.state(fact).map(|_| ())
    }

    /// Puts something in flight.
    pub fn send(&mut self, device: usize, late: bool, body: Body) {
        let Some(of) = self.devices.get(device) else { return };
        if self.flight.len() < CONGESTED {
            let (connection, life) = (of.connection, of.life);
            let packet = Packet { device, connection, life, late, body };
            self.note(|| Happened::Sent(packet.clone()));
            self.flight.push_back(packet);
        }
    }

    /// One of the rooms.
    pub fn room(index: usize) -> String {
        ROOMS[index % ROOMS.len()].to_owned()
    }

    /// One of the users.
    pub fn user(&self, index: usize) -> String {
        self.users.get(index % self.users.len().max(1)).cloned().unwrap_or_default()
    }

    /// Whether a user is in a room, as the switchboard has it.
    pub fn is_inside(&self, user: &str, room: &str) -> bool {
        hosting::is_inside(&self.switchboard, user, room)
    }

    /// The switchboard writes a snapshot.
    pub fn save(&mut self) {
        self.snapshot = self.switchboard.snapshot();
        self.copies.push(self.snapshot.clone());
        self.known.push((self.truth.expected.clone(), self.truth.rates.clone()));
        self.clear_journal();
    }

    pub(super) fn clear_journal(&mut self) {
        self.journal.clear();
    }

    /// The bytes of the last snapshot, and how many records of journal follow it.
    pub fn saved(&self) -> (usize, usize) {
        (self.snapshot.len(), self.journal.len())
    }

    /// the switchboard is gone, and comes back from its snapshot and journal.
    pub fn restore(&mut self) -> Checked {
        let mut restored = match Switchboard::restore(&self.snapshot) {
            Ok(restored) => restored,
            Err(error) => return violation("a snapshot is invisible", error.to_string()),
        };
        for line in &self.journal {
            let _ = restored.apply_record(line);
        }
        if restored.snapshot() != self.switchboard.snapshot() {
            let message = format!("differs after {} lines of journal", self.journal.len());
            return violation("a snapshot is invisible", message);
        }
        self.sometimes(restored.live_count() > 0, "the switchboard restored with live calls");
        self.switchboard = restored;
        Ok(())
    }
}

/// The name under which an ending is counted.
const fn ended(because: Rule) -> &'static str {
    match because {
        Rule::E01 => "ended: accepted",
        Rule::E02 => "ended: rejected",
        Rule::E03 => "ended: in other room",
        Rule::C08 => "ended: in other room at once",
        Rule::E04 => "ended: timed out",
        Rule::E05 => "ended: cancelled",
        Rule::F07 => "ended: the caller left",
        Rule::F08 => "ended: the room is empty",
        Rule::E06 => "ended: revoked",
        Rule::E19 => "ended: revoked with all calls of a user",
        Rule::F16 => "ended: removed",
        Rule::F11 => "ended: dissolved",
        Rule::F18 => "ended: state was lost",
        Rule::F19 => "ended: only one may ring",
        Rule::F20 => "ended: erased",
        Rule::E07 => "ended: entered",
        _ => "ended: otherwise",
    }
}
