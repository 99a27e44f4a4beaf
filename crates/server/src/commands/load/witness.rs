//! What the devices were told, written down as it comes, and held to what has to be true of it.

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{Dismissal, Effect};
use roomcall::protocol::Answer;
use roomcall_server::client::Told;

use super::backend::Stated;

/// A device: user and device.
pub(crate) type Who = (String, String);

/// How a ring stands on one screen.
#[derive(Clone, Copy, Debug, Default)]
struct Ring {
    is_shown: bool,
    is_over: bool,
}

/// What the devices were told.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    rings: BTreeMap<Who, BTreeMap<u64, Ring>>,
    /// The attempt that was shown last, on any device.
    pub(crate) last_shown: u64,
    /// How often a ring was shown, on any device.
    pub(crate) shown: u64,
    /// How often a ring was taken off a screen.
    pub(crate) dismissed: u64,
    /// Who was told that its own yes stands, by attempt: one device at most.
    pub(crate) winners: BTreeMap<u64, BTreeSet<Who>>,
    /// Who was told that its own no stands, by attempt.
    pub(crate) rejecters: BTreeMap<u64, BTreeSet<Who>>,
    /// How often each device was told to go into a room, and how often its yes stood.
    joins: BTreeMap<Who, (u64, u64)>,
    /// The requests that were answered with a success: the number and the answer.
    pub(crate) answered: Vec<(Who, u64, Answer)>,
    /// The facts that the backend was told are stated.
    pub(crate) stated: Vec<Stated>,
    /// How often a device lost its connection.
    pub(crate) disconnected: u64,
    /// How often a device was told that the server goes (1001).
    pub(crate) told_to_go: u64,
    /// What was wrong at the moment it happened.
    wrong: Vec<String>,
}

impl Witness {
    /// A device was told something.
    pub(crate) fn hear(&mut self, user: &str, device: &str, told: &Told) {
        let who = || (user.to_owned(), device.to_owned());
        match told {
            Told::Disconnected(code) => {
                self.disconnected += 1;
                self.told_to_go += u64::from(*code == Some(1_001));
            }
            Told::Effect(Effect::Show { call, .. }) => self.show(who(), call.attempt),
            Told::Effect(Effect::Dismiss { attempt, why }) => {
                self.dismiss(who(), *attempt, why);
                self.end(who(), *attempt, why);
            }
            Told::Effect(Effect::Learned { attempt, why, .. }) => self.end(who(), *attempt, why),
            Told::Effect(Effect::Join { .. }) => self.joins.entry(who()).or_default().0 += 1,
            Told::Effect(Effect::Answered { request_id, answer: Ok(answer) }) => {
                self.answered.push((who(), *request_id, answer.clone()));
            }
            Told::Effect(_) | Told::Connected | Told::Over(_) => {}
        }
    }

    fn show(&mut self, who: Who, attempt: u64) {
        self.shown += 1;
        self.last_shown = attempt;
        let ring = self.rings.entry(who.clone()).or_default().entry(attempt).or_default();
        let wrong = match *ring {
            Ring { is_over: true, .. } => "rings again after its end",
            Ring { is_shown: true, .. } => "is shown twice",
            _ => "",
        };
        ring.is_shown = true;
        if !wrong.is_empty() {
            self.wrong.push(format!("call {attempt} {wrong} on {}/{}", who.0, who.1));
        }
    }

    fn dismiss(&mut self, who: Who, attempt: u64, why: &Dismissal) {
        self.dismissed += 1;
        let ring = self.rings.entry(who.clone()).or_default().entry(attempt).or_default();
        let was_shown = std::mem::replace(&mut ring.is_shown, false);
        // Its own clock claims no ending (D-13).
        ring.is_over |= *why != Dismissal::Silenced;
        if !was_shown {
            let (user, device) = who;
            self.wrong.push(format!("call {attempt} ends without a ring on {user}/{device}"));
        }
    }

    fn end(&mut self, who: Who, attempt: u64, why: &Dismissal) {
        match why {
            Dismissal::AnsweredHere => {
                self.joins.entry(who.clone()).or_default().1 += 1;
                self.winners.entry(attempt).or_default().insert(who);
            }
            Dismissal::RejectedHere => {
                self.rejecters.entry(attempt).or_default().insert(who);
            }
            _ => {}
        }
    }

    /// Every ring ended exactly once, on every device, and nothing is left on a screen.
    pub(crate) fn rings(&self) -> Vec<String> {
        let mut wrong = self.wrong.clone();
        for ((user, device), rings) in &self.rings {
            let left = rings.iter().filter(|(_, ring)| ring.is_shown);
            wrong.extend(left.map(|(it, _)| format!("call {it} still rings on {user}/{device}")));
        }
        wrong
    }

    /// Of no call more than one device was told that its answer stands, and nobody went into a room
    /// whose yes did not.
    pub(crate) fn one_winner(&self) -> Vec<String> {
        let both = [&self.winners, &self.rejecters].into_iter().flatten();
        let many = both.filter(|(_, devices)| devices.len() > 1);
        let mut wrong: Vec<String> = many
            .map(|(attempt, devices)| format!("call {attempt} was won by {devices:?}"))
            .collect();
        for ((user, device), (joins, wins)) in &self.joins {
            if joins > wins {
                wrong.push(format!("{user}/{device} won {wins} calls and joined {joins} times"));
            }
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use roomcall::handset::{Incoming, Stage};

    use super::*;

    fn show(attempt: u64) -> Told {
        let (room, caller, extension) = ("r".to_owned(), "ana".to_owned(), String::new());
        let call = Incoming { attempt, room, caller, extension };
        Told::Effect(Effect::Show { call, stage: Stage::Ringing, time_left: None })
    }

    fn dismiss(attempt: u64, why: Dismissal) -> Told {
        Told::Effect(Effect::Dismiss { attempt, why })
    }

    #[test]
    fn a_ring_ends_once() {
        let mut witness = Witness::default();
        witness.hear("bo", "phone", &show(1));
        assert_eq!(witness.rings().len(), 1, "it is on the screen");
        witness.hear("bo", "phone", &dismiss(1, Dismissal::Cancelled));
        assert_eq!(witness.rings(), [""; 0]);
        witness.hear("bo", "phone", &show(1));
        assert_eq!(witness.rings().len(), 2, "again, and still there");
    }

    #[test]
    fn two_winners_are_seen() {
        let mut witness = Witness::default();
        for device in ["phone", "tablet"] {
            witness.hear("bo", device, &show(1));
            witness.hear("bo", device, &dismiss(1, Dismissal::AnsweredHere));
        }
        assert_eq!(witness.one_winner().len(), 1);
    }
}
