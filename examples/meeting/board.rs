//! The host of the switchboard: its journal, its snapshots, and what became of every call.

use std::collections::BTreeMap;

use roomcall::protocol::{
    Actor, Answer, Audience, Fact, IncomingCall, Input, NamedCall, Outcome, PendingCall, Query,
    Record,
};
use roomcall::switchboard::Switchboard;
use roomcall::{ActiveCalls, EndingKind, Limits, Policy, Rule};

use crate::roster::ROSTER;

pub(crate) struct Call {
    pub(crate) room: String,
    pub(crate) caller: String,
    pub(crate) callee: String,
    pub(crate) ended: Option<(EndingKind, String)>,
}

pub(crate) struct Board {
    exchange: Switchboard,
    pub(crate) is_up: bool,
    /// The last snapshot, and the journal since.
    saved: Vec<u8>,
    tail: Vec<String>,
    pub(crate) calls: BTreeMap<u64, Call>,
    pub(crate) lines: u64,
}

impl Board {
    pub(crate) fn new() -> Self {
        let policy = Policy { active_calls: ActiveCalls::PerRoom, ..Policy::DEFAULT };
        let exchange = Switchboard::new(Limits::DEFAULT, policy);
        let saved = exchange.snapshot();
        let (calls, tail) = (BTreeMap::new(), Vec::new());
        Self { exchange, is_up: true, saved, tail, calls, lines: 0 }
    }

    pub(crate) fn save(&mut self) {
        self.saved = self.exchange.snapshot();
        self.tail.clear();
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        let deadline = self.exchange.next_deadline().filter(|_| self.is_up);
        deadline.map(roomcall::Tick::as_millis)
    }

    /// One input: first into the journal, then judged.
    pub(crate) fn apply(&mut self, line: &Record) -> Result<Outcome, String> {
        self.tail.push(serde_json::to_string(line).map_err(|error| error.to_string())?);
        self.lines += 1;
        let turn = self.exchange.apply_record(line);
        self.note(line, &turn);
        Ok(turn)
    }

    /// After a crash nothing is left but the snapshot and the journal since.
    pub(crate) fn restore(&mut self) -> Result<String, String> {
        let restored = Switchboard::restore(&self.saved).map_err(|error| error.to_string());
        let mut exchange = restored.map_err(|error| format!("S-01: no restoring: {error}"))?;
        for line in &self.tail {
            let line: Record = serde_json::from_str(line).map_err(|error| error.to_string())?;
            // What it brings about has been told before the crash.
            let _ = exchange.apply_record(&line);
        }
        if exchange != self.exchange {
            return Err("S-01, X-08: the restored switchboard is not the one that died".to_owned());
        }
        self.exchange = exchange;
        self.is_up = true;
        let (bytes, lines) = (self.saved.len(), self.tail.len());
        let hash = self.exchange.state_hash();
        Ok(format!(
            "restored from {bytes} bytes of snapshot and {lines} lines of journal: \
             state {hash:016x}, as before"
        ))
    }

    fn note(&mut self, line: &Record, turn: &Outcome) {
        for effect in &turn.effects {
            let attempt = effect.event.attempt();
            if let Some(call) = effect.event.call() {
                let NamedCall { room, caller, callee, .. } = call.clone();
                let new = || Call { room, caller, callee, ended: None };
                self.calls.entry(attempt).or_insert_with(new);
            }
            let Some(how) = ending(effect.because) else {
                continue;
            };
            let by = match (how, &line.input) {
                (EndingKind::TimedOut, _) => "the clock".to_owned(),
                (_, Input::Ask { by, .. }) if how != EndingKind::InOtherRoom => actor(by),
                (_, Input::Fact(Fact::UserEntered { user, device, .. }))
                    if how == EndingKind::Entered =>
                {
                    format!("{user}'s {device}")
                }
                _ => "the switchboard".to_owned(),
            };
            if let Some(call) = self.calls.get_mut(&attempt) {
                call.ended.get_or_insert((how, by));
            }
        }
    }

    pub(crate) fn live(&self) -> usize {
        self.calls.values().filter(|call| call.ended.is_none()).count()
    }

    pub(crate) fn last_attempt(&self) -> u64 {
        self.calls.keys().next_back().copied().unwrap_or(0)
    }

    pub(crate) fn is_inside(&self, room: &str, user: &str) -> bool {
        let board = &self.exchange;
        let both = board.lookup_room(room).zip(board.lookup_user(user));
        both.is_some_and(|(room, user)| board.is_inside(room, user))
    }

    /// The devices that are told: the switchboard names audiences, the host has the connections.
    pub(crate) fn audience(&self, to: &Audience) -> Vec<usize> {
        let is_told = |(user, device): &(&str, &str)| match to {
            Audience::User(to) => to == user,
            Audience::Device { user: to, device: on } => to == user && on == device,
            Audience::OtherDevices { user: to, than } => to == user && than != device,
            Audience::Room(room) => self.is_inside(room, user),
        };
        let devices = ROSTER.iter().enumerate();
        devices.filter(|(_, device)| is_told(device)).map(|(at, _)| at).collect()
    }

    /// What it would answer to a question now.
    fn asked(&self, by: Actor, query: Query) -> Option<Answer> {
        let at = self.exchange.clock().as_millis();
        let line = Record { at, request_id: None, input: Input::Query { by, query } };
        self.exchange.clone().apply_record(&line).answer?.ok()
    }

    /// What rings for a user, by the switchboard's account.
    pub(crate) fn rings(&self, user: &str, device: &str) -> Vec<IncomingCall> {
        let by = Actor::Device { user: user.into(), device: device.into() };
        match self.asked(by, Query::GetIncomingCalls { since: None }) {
            Some(Answer::GetIncomingCalls { calls, .. }) => calls,
            Some(_) | None => Vec::new(),
        }
    }

    /// The list of a room, by the switchboard's account.
    pub(crate) fn list(&self, room: &str) -> Vec<PendingCall> {
        let room = room.to_owned();
        let query = Query::GetPendingCalls { room, cursor: None, count: 100, status: None };
        match self.asked(Actor::Backend, query) {
            Some(Answer::GetPendingCalls { calls, .. }) => calls,
            Some(_) | None => Vec::new(),
        }
    }
}

pub(crate) fn actor(by: &Actor) -> String {
    match by {
        Actor::Device { user, device } => format!("{user}'s {device}"),
        Actor::Backend => "the backend".to_owned(),
    }
}

/// The ending that a rule brings about.
pub(crate) fn ending(rule: Rule) -> Option<EndingKind> {
    const ENDINGS: [(Rule, EndingKind); 8] = [
        (Rule::E01, EndingKind::Accepted),
        (Rule::E02, EndingKind::Rejected),
        (Rule::E03, EndingKind::InOtherRoom),
        (Rule::C08, EndingKind::InOtherRoom),
        (Rule::E04, EndingKind::TimedOut),
        (Rule::E05, EndingKind::Cancelled),
        (Rule::E06, EndingKind::Revoked),
        (Rule::E07, EndingKind::Entered),
    ];
    ENDINGS.iter().find(|(by, _)| *by == rule).map(|(_, how)| *how)
}
