//! What an observer who sees everything remembers, and the properties judged by it.

use std::collections::BTreeSet;

use roomcall::handset::{Dismissal, Effect, Input, Stage};
use roomcall::protocol::{Answer, Event, Fact, Input as NamedInput, Outcome, Reply};
use roomcall::{CallStatus, EndingKind, Rule};

use super::scopes::{ATTEMPTS, DEVICES, Plan};
use crate::hosting;

/// What happened so far, by attempt less one. Devices are numbered from 1; 0 is none.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct History {
    /// Attempts made, and calls asked for.
    pub made: u8,
    pub asked: u8,
    /// When each was made, in seconds.
    since: [u8; ATTEMPTS],
    /// The number of the room of each, and the rooms that were dissolved, a bit each.
    room: [u8; ATTEMPTS],
    dissolved: u8,
    /// Which are over at the switchboard.
    over: [bool; ATTEMPTS],
    /// The device whose accept the switchboard took.
    won: [u8; ATTEMPTS],
    /// The device that joined.
    joined: [u8; ATTEMPTS],
    /// Whether the ending has reached each device.
    notified: [[bool; ATTEMPTS]; DEVICES],
    /// When each device last heard that it rings, in seconds.
    rung: [[u8; ATTEMPTS]; DEVICES],
}

/// What one step showed.
#[derive(Default)]
pub struct Seen {
    pub situations: BTreeSet<&'static str>,
    pub broken: Option<&'static str>,
}

impl Seen {
    pub fn breaks(&mut self, property: &'static str) {
        self.broken.get_or_insert(property);
    }
}

fn place(attempt: u64) -> usize {
    attempt as usize - 1
}

impl History {
    /// What the switchboard did. `by` is the device that asked, 0 if none of ours.
    pub fn board(
        &mut self,
        input: &NamedInput,
        outcome: &Outcome,
        by: usize,
        plan: &Plan,
        seen: &mut Seen,
    ) {
        let timeout = plan.timeout;
        let clock = (outcome.at / 1_000) as u8;
        let were_over = self.over;
        for effect in &outcome.effects {
            let at = place(effect.event.attempt());
            if let Some(ending) = ending(effect.because) {
                seen.situations.insert(ending);
                self.over[at] = true;
            }
            if matches!(effect.event, Event::CallRinging(_)) {
                seen.situations.insert("the caller hears that it rings");
            }
            if let Some(call) = effect.event.call() {
                self.room[at] = plan.room(&call.room);
            }
            match &effect.event {
                Event::PendingCallChanged(call) if call.status == CallStatus::Calling => {
                    self.made = self.made.max(call.attempt as u8);
                    self.since[at] = clock;
                }
                Event::PendingCallChanged(call) => {
                    let rang = u32::from(clock - self.since[at]);
                    if call.status == CallStatus::Timeout && rang < timeout {
                        seen.breaks("a call rings its whole time");
                    }
                    self.made = self.made.max(call.attempt as u8);
                    self.over[at] = true;
                }
                Event::PendingCallRemoved(_) => self.over[at] = true,
                _ => {}
            }
        }
        if let NamedInput::Fact(Fact::RoomDissolved { room, .. }) = input {
            self.dissolved |= 1 << plan.room(room);
        }
        if self.made > self.asked {
            seen.breaks("a request has one effect");
        }
        if let Some(Ok(Answer::AcceptCall { attempt })) = &outcome.answer {
            let at = place(*attempt);
            if self.won[at] == 0 && !were_over[at] {
                if u32::from(clock - self.since[at]) >= timeout {
                    seen.breaks("an answer counts before the deadline only");
                }
                self.won[at] = by as u8;
            } else if self.won[at] != by as u8 {
                seen.breaks("one device answers");
            } else {
                seen.situations.insert("the same answer again");
            }
        }
    }

    /// A message reached a device.
    pub fn deliver(&mut self, device: usize, input: &Input, user: &str, clock: u8) {
        let ended = match input {
            Input::Notice(Event::CallReceived { call, .. })
            | Input::Push { event: Event::CallReceived { call, .. }, .. } => {
                self.rung[device][place(call.attempt)] = clock;
                None
            }
            Input::Notice(Event::PendingCallChanged(_) | Event::PendingCallRemoved(_)) => None,
            Input::Notice(Event::CallTimeout(call) | Event::CallCancelled(call)) => {
                (call.callee == user).then_some(call.attempt)
            }
            Input::Notice(Event::CallRevokedByAdmin { call, .. }) => {
                (call.callee == user).then_some(call.attempt)
            }
            Input::Notice(Event::CallHandledByOtherDevice { attempt, .. }) => Some(*attempt),
            Input::Reply(Reply { answer: Err(refused), .. }) => {
                refused.ended.as_ref().map(|ended| ended.attempt)
            }
            Input::Reply(Reply { answer: Ok(answer), .. }) => match answer {
                Answer::AcceptCall { attempt } | Answer::RejectCall { attempt } => Some(*attempt),
                Answer::GetMyCalls(mine) => {
                    let listed = mine.incoming.iter().map(|call| place(call.attempt));
                    listed.for_each(|at| self.rung[device][at] = clock);
                    None
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(attempt) = ended {
            self.notified[device][place(attempt)] = true;
        }
    }

    /// What a device did.
    pub fn device(&self, effects: &[Effect], seen: &mut Seen) {
        for effect in effects {
            match effect {
                Effect::Dismiss { attempt, why } => {
                    seen.situations.insert(dismissed(why));
                    // E-18, F-11: the switchboard remembers the last ending only, and none of a room that is
                    // dissolved.
                    let is_last = *attempt == u64::from(self.made);
                    let is_forgotten = self.dissolved & (1 << self.room(*attempt)) != 0;
                    if *why == Dismissal::Gone && is_last && !is_forgotten {
                        seen.breaks("a screen says how its call ended");
                    }
                }
                Effect::Show { stage: Stage::Waiting, .. } => {
                    seen.situations.insert("a call waits");
                }
                Effect::Report { .. } => drop(seen.situations.insert("a push shows nothing")),
                Effect::Learned { .. } => drop(seen.situations.insert("a call was missed")),
                _ => {}
            }
        }
    }

    /// A device joins what it tapped.
    pub fn join(&mut self, device: usize, attempt: u64, seen: &mut Seen) {
        let (at, me) = (place(attempt), device as u8 + 1);
        seen.situations.insert("a device joins");
        if self.joined[at] != 0 && self.joined[at] != me {
            seen.breaks("one device joins");
        }
        if self.won[at] != me {
            seen.breaks("who joins has won");
        }
        self.joined[at] = me;
    }

    /// Whether a device, by its own clock, has rung as long as it was told to.
    pub fn is_due(&self, device: usize, attempt: u64, clock: u8, timeout: u32) -> bool {
        u32::from(clock - self.rung[device][place(attempt)]) >= timeout
    }

    /// The number of the room of an attempt.
    pub fn room(&self, attempt: u64) -> u8 {
        self.room[place(attempt)]
    }

    /// Whether a call is live.
    pub fn is_called(&self) -> bool {
        self.over[..usize::from(self.made)].contains(&false)
    }

    /// Whether the ending of an attempt has reached a device.
    pub fn is_notified(&self, device: usize, attempt: u64) -> bool {
        self.notified[device][place(attempt)]
    }
}

/// The ending that an effect is of.
fn ending(because: Rule) -> Option<&'static str> {
    hosting::ending(because).map(|how| match how {
        EndingKind::Accepted => "ends as accepted",
        EndingKind::Rejected => "ends as rejected",
        EndingKind::InOtherRoom => "ends as in other room",
        EndingKind::TimedOut => "ends as timed out",
        EndingKind::Cancelled => "ends as cancelled",
        EndingKind::Revoked => "ends as revoked",
        EndingKind::Entered => "ends as entered",
    })
}

fn dismissed(why: &Dismissal) -> &'static str {
    match why {
        Dismissal::Silenced => "is silenced",
        Dismissal::Hidden => "is hidden",
        Dismissal::SignedOut => "stops as signed out",
        Dismissal::Gone => "is gone",
        Dismissal::TimedOut => "stops as timed out",
        Dismissal::Cancelled => "stops as cancelled",
        Dismissal::Revoked { .. } => "stops as revoked",
        Dismissal::InOtherRoom => "stops as in other room",
        Dismissal::RejectedElsewhere { .. } => "stops as rejected elsewhere",
        Dismissal::AnsweredElsewhere { .. } => "stops as answered elsewhere",
        Dismissal::RejectedHere => "stops as rejected here",
        Dismissal::AnsweredHere => "stops as answered here",
        _ => panic!("a variant that this test does not know"),
    }
}
