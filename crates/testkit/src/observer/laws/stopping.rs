//! Who is told to ring is told to stop, once, and then hears no more of it (E-17, C-01). So is whoever called (P-06): not
//! later than the slack after somebody was told that it is over, each connection that was told that it rings, is still open,
//! and is not of the device that acted, was told by whatever means.
//!
//! It cannot see who acted by entering a room, if nobody is told: one silent device of the callee may be that.

use std::collections::BTreeMap;
use std::sync::Arc;

use roomcall::{EndingKind, OutcomesTo, Rule};

use super::super::attempt::{Attempt, Kinds, Mark, Over, Peer};
use super::super::state::{Due, State};

impl State {
    /// A connection of the callee is notified that it rings.
    pub(in super::super) fn rang(&mut self, number: u64, connection: u64) {
        let line = self.now.line;
        let is_ordered = self.is_ordered();
        let Some(told) = self.told(number, connection) else { return };
        let before = *told;
        told.ring.get_or_insert(line);
        told.rang.get_or_insert(line);
        if !is_ordered {
            return;
        }
        if let Some(stop) = before.stop {
            let message =
                format!("connection {connection} rings for attempt {number}, which is over");
            self.wrong(Rule::E17, message, vec![stop, line]);
        } else if let Some(ring) = before.rang {
            let message = format!("connection {connection} rings twice for attempt {number}");
            self.wrong(Rule::C01, message, vec![ring, line]);
        } else {
            self.rings_alone(number, connection);
        }
    }

    /// A connection is told that it rings, or rings elsewhere, by an answer.
    pub(in super::super) fn hears_of(&mut self, number: u64, connection: u64, is_callee: bool) {
        let line = self.now.line;
        let Some(told) = self.told(number, connection) else { return };
        told.ring.get_or_insert(line);
        let is_over = told.stop.is_some();
        let is_settled = self.attempts.get(&number).is_some_and(|attempt| attempt.is_settled);
        if let Some(of) = self.connections.get_mut(&connection) {
            if is_callee && !is_over && !is_settled {
                of.rings.insert(number);
            }
        }
    }

    /// A connection is notified that a call to or by its user is over.
    pub(in super::super) fn stopped(&mut self, number: u64, connection: u64, is_callee: bool) {
        let line = self.now.line;
        let is_ordered = self.is_ordered();
        let Some(told) = self.told(number, connection) else { return };
        let before = *told;
        told.stopped.get_or_insert(line);
        if is_callee && before.ring.is_none() {
            self.should_have_rung(number, connection);
        }
        self.hears_the_end(number, connection);
        if let Some(stopped) = before.stopped.filter(|_| is_ordered) {
            let rule = if is_callee { Rule::E17 } else { Rule::P06 };
            let message = format!("connection {connection} is told twice that {number} is over");
            self.wrong(rule, message, vec![stopped, line]);
        } else if let (Some(later), true) = (before.overtaken, is_callee) {
            let message = format!("attempt {number} rings on while the next one rings");
            self.wrong(Rule::C07, message, before.rang.into_iter().chain([later, line]).collect());
        }
    }

    /// A connection is told that an attempt is over, by whatever.
    pub(in super::super) fn hears_the_end(&mut self, number: u64, connection: u64) {
        let line = self.now.line;
        if let Some(told) = self.told(number, connection) {
            told.stop.get_or_insert(line);
        }
        if let Some(of) = self.connections.get_mut(&connection) {
            of.rings.remove(&number);
        }
    }

    /// The caller is notified that it rings (C-14).
    pub(in super::super) fn shown(&mut self, number: u64, connection: u64) {
        let line = self.now.line;
        let is_ordered = self.is_ordered();
        let Some(told) = self.told(number, connection) else { return };
        let before = *told;
        told.shown.get_or_insert(line);
        if let Some(shown) = before.shown.filter(|_| is_ordered) {
            let message = format!("connection {connection} is told twice that {number} rings");
            self.wrong(Rule::C14, message, vec![shown, line]);
        }
    }

    /// The slack has passed since it was over: everybody was told, and nothing more is owed.
    pub(in super::super) fn everybody_was_told(&mut self, number: u64) {
        if self.is_ordered() {
            if let Some(attempt) = self.attempts.get(&number) {
                let callees = self.callees_untold(attempt);
                let callers = self.callers_untold(attempt);
                for (rule, whose, untold) in
                    [(Rule::E17, "rang for", callees), (Rule::P06, "called", callers)]
                {
                    self.untold(rule, number, whose, &untold);
                }
            }
        }
        self.settle(number);
    }

    /// A connection is answered a request: what ended before it was sent was told on it before (J-05).
    pub(in super::super) fn heard_all_before(&mut self, connection: u64, peer: &Peer, sent: Mark) {
        if !self.is_ordered() {
            return;
        }
        for number in self.attempts_of(&peer.user) {
            let Some(attempt) = self.attempts.get(&number) else { continue };
            let is_over = |over: &Over| self.is_before(over.first, sent);
            if !attempt.over.as_ref().is_some_and(is_over) {
                continue;
            }
            let is_deaf = |untold: Vec<u64>| untold.contains(&connection);
            let missed = if attempt.is_callee(&peer.user) {
                // The others may be told yet.
                let acted = attempt.over.as_ref().is_some_and(may_have_acted);
                (!acted && is_deaf(self.callees_untold(attempt))).then_some((Rule::E17, "rang for"))
            } else {
                is_deaf(self.callers_untold(attempt)).then_some((Rule::P06, "called"))
            };
            if let Some((rule, whose)) = missed {
                self.untold(rule, number, whose, &[connection]);
                self.hears_the_end(number, connection);
            }
        }
    }

    fn untold(&mut self, rule: Rule, number: u64, whose: &str, untold: &[u64]) {
        let Some(attempt) = self.attempts.get(&number) else { return };
        let mut lines = attempt.lines();
        for connection in untold {
            lines.extend(attempt.told.get(connection).and_then(|told| told.ring));
        }
        for connection in untold {
            let message = format!(
                "connection {connection} {whose} {number}, and is not told that it is over"
            );
            self.wrong(rule, message, lines.clone());
        }
    }

    fn callees_untold(&self, attempt: &Attempt) -> Vec<u64> {
        let Some(over) = &attempt.over else { return Vec::new() };
        let mut by_device: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (connection, told) in &attempt.told {
            let Some(of) = self.connections.get(connection) else { continue };
            let is_owed = of.is_open && !of.is_stale && told.ring.is_some() && told.stop.is_none();
            if is_owed && attempt.is_callee(&of.peer.user) && !has_acted(over, &of.peer.device) {
                by_device.entry(&of.peer.device).or_default().push(*connection);
            }
        }
        // One of the callee's devices acted, if it is not known that none did, or which.
        if may_have_acted(over) && by_device.len() <= 1 {
            return Vec::new();
        }
        by_device.into_values().flatten().collect()
    }

    fn callers_untold(&self, attempt: &Attempt) -> Vec<u64> {
        let known = attempt.caller.as_ref().zip(attempt.born).zip(attempt.over.as_ref());
        let Some((((caller, _), born), over)) = known.filter(|_| !attempt.is_crowded) else {
            return Vec::new();
        };
        // P-06: the policy of when it ended.
        if !self.knows_rules() || self.rules.is_some_and(|rules| born.line < rules.line) {
            return Vec::new();
        }
        let to_all = self.settings.policy.outcomes_to == OutcomesTo::AllDevices;
        let calling = attempt.calling.as_ref().map(|(calling, _)| calling);
        let may_be_cancelled = over.kinds.has(EndingKind::Cancelled);
        let mut untold = self.open_since(caller, attempt.live.unwrap_or(born));
        untold.retain(|connection| {
            let told = attempt.told.get(connection);
            let peer = &self.connections[connection].peer;
            let has_cancelled = may_be_cancelled && self.may_have_cancelled(peer, born);
            let is_owed = to_all || calling == Some(peer);
            is_owed && !has_cancelled && told.is_none_or(|told| told.stop.is_none())
        });
        untold
    }

    /// Whether a device cancelled something after an attempt was made, as far as is known.
    fn may_have_cancelled(&self, peer: &Arc<Peer>, born: Mark) -> bool {
        match self.requesters.peek(peer) {
            Some(by) => by.cancelled.is_some_and(|cancelled| !self.is_before(cancelled, born)),
            None => !self.requesters.is_complete(),
        }
    }

    /// An attempt is made now, or was within the slack.
    pub(in super::super) fn is_born(&mut self, number: u64) {
        let (now, revision) = (self.now, self.told_revision());
        let Some(attempt) = self.attempts.get_mut(&number) else { return };
        if attempt.born.is_none() && !attempt.is_settled {
            attempt.born = Some(now);
            attempt.revision = attempt.revision.max(revision);
            self.owe(now.at, number, Due::Rings);
        }
    }
}

/// Whether any device of the callee may have decided it.
fn may_have_acted(over: &Over) -> bool {
    !over.kinds.and(Kinds::ACTING).is_empty() && over.device.is_none()
}

/// Whether it was decided on a device of the callee by this name.
fn has_acted(over: &Over, device: &str) -> bool {
    let is_acting = !over.kinds.and(Kinds::ACTING).is_empty();
    is_acting && over.device.as_ref().is_some_and(|(decided, _)| **decided == *device)
}
