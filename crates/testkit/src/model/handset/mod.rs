//! The reference model of the handset, written from the rules D-01 to D-37 alone: everything that
//! was heard is kept in plain collections, and what stands is computed from it by loops.
//!
//! Times are signed, so that nothing needs to be said of what was sent before a restart.

mod log;
mod outgoing;
mod requests;
mod room;
mod said;
mod screen;
mod signed_out;
mod snapshot;
mod stages;
mod step;
#[cfg(test)]
mod tests;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use roomcall::handset::{
    DeviceTick, Dismissal, Effect, Input, Link, Progress, Settings, Stage, Tap,
};
use roomcall::protocol::Event;

use log::Log;
use outgoing::Outgoing;
pub use outgoing::came_of;
pub use requests::Purpose;
use requests::Unanswered;
use room::{Listing, Walk};
use screen::Known;
use step::Step;

/// A point in time, in milliseconds.
type Time = i128;

/// The rules of handsets, executed as literally as possible.
#[derive(Clone, Debug)]
pub struct ModelHandset {
    user: String,
    device: String,
    settings: Settings,
    clock: Time,
    is_up: bool,
    is_ready: bool,
    /// Whether a snapshot was applied since the link last came up (D-15).
    has_snapshot: bool,
    room: Option<String>,
    /// D-31
    is_occupied: bool,
    /// D-33
    is_signed_out: bool,
    /// When a Join was last given, until it makes no quiet any more (D-32).
    joined: Option<Time>,
    /// When a known call last ended as answered elsewhere, until that makes no quiet any more (D-32).
    answered_elsewhere: Option<Time>,
    /// The known calls to the user.
    known: BTreeMap<u64, Known>,
    /// The remembered endings (D-14).
    endings: BTreeMap<u64, Dismissal>,
    floor: u64,
    /// The `lastAttempt` of the last applied snapshot (D-14).
    mark: u64,
    /// What the last applied snapshot listed (D-14).
    listed: BTreeSet<u64>,
    /// That of the last applied snapshot (D-24).
    revision: Option<u64>,
    /// Snapshots of lower requests are not applied any more (D-14).
    oldest_snapshot: u64,
    screen: BTreeMap<u64, Stage>,
    /// The number that the next request gets (D-15).
    next_no: u64,
    unanswered: Vec<Unanswered>,
    /// When a request for a snapshot was last sent for the first time (D-16).
    asked: Option<Time>,
    outgoing: BTreeMap<(String, String), Outgoing>,
    list: BTreeMap<String, Listing>,
    list_floor: u64,
    walk: Option<Walk>,
    /// When a walk was refused, and up to which attempt the next one knows (D-23).
    refused_walk: Option<(Time, u64)>,
    /// D-35, D-36
    log: Log,
    step: Step,
}

impl ModelHandset {
    /// A device that was never signed in before.
    pub fn new(user: &str, device: &str, settings: Settings) -> Self {
        Self {
            user: user.to_owned(),
            device: device.to_owned(),
            settings,
            clock: 0,
            is_up: false,
            is_ready: false,
            has_snapshot: false,
            room: None,
            is_occupied: false,
            is_signed_out: false,
            joined: None,
            answered_elsewhere: None,
            known: BTreeMap::new(),
            endings: BTreeMap::new(),
            floor: 0,
            mark: 0,
            listed: BTreeSet::new(),
            revision: None,
            oldest_snapshot: 0,
            screen: BTreeMap::new(),
            next_no: 1,
            unanswered: Vec::new(),
            asked: None,
            outgoing: BTreeMap::new(),
            list: BTreeMap::new(),
            list_floor: 0,
            walk: None,
            refused_walk: None,
            log: Log::default(),
            step: Step::default(),
        }
    }

    /// Applies one input.
    #[allow(dead_code, reason = "the same interface as the handset's")]
    pub fn apply(&mut self, at: DeviceTick, input: Input) -> Vec<Effect> {
        self.apply_all(at, [input])
    }

    /// D-26: each input is applied, and the screen is looked at before the first and after the
    /// last.
    pub fn apply_all(
        &mut self,
        at: DeviceTick,
        inputs: impl IntoIterator<Item = Input>,
    ) -> Vec<Effect> {
        let inputs: Vec<Input> = inputs.into_iter().collect();
        self.begin_step();
        // Nothing applied together is a look at the clock.
        if inputs.is_empty() {
            self.pass_time(at);
        }
        for input in inputs {
            self.pass_time(at);
            self.begin_moment();
            self.judge(input);
            self.end_moment();
        }
        self.end_step()
    }

    fn judge(&mut self, input: Input) {
        if self.is_signed_out {
            return self.judge_signed_out(input);
        }
        match input {
            Input::Tick => {}
            Input::Notice(event) => self.notice(event),
            Input::Push { event, age } => self.push(event, age),
            Input::Reply(reply) => self.reply(reply),
            Input::Tap(tap) => self.tap(tap),
            Input::Link(Link::Up) => self.link_up(),
            Input::Link(Link::Down) => self.link_down(),
            Input::InRoom(room) => self.in_room(room),
            Input::JoinFailed => self.joined = None, // D-32
            Input::Occupied(is_occupied) => self.is_occupied = is_occupied, // D-31
            Input::Settings(settings) => self.settings = settings, // D-34
            Input::SignedOut => self.sign_out(),
            _ => panic!("a variant that this test does not know"),
        }
    }

    /// D-01, and where each notice belongs.
    fn notice(&mut self, event: Event) {
        match event {
            Event::CallReceived { call, extension, time_left } => {
                if call.callee == self.user {
                    self.ring(&call, extension, time_left);
                }
            }
            // Both are told of these three.
            Event::CallCancelled(call) => {
                if call.callee == self.user {
                    self.over_by_notice(call.attempt, Dismissal::Cancelled);
                }
                if call.caller == self.user {
                    self.outcome(&call, Progress::Cancelled);
                }
            }
            Event::CallTimeout(call) => {
                if call.callee == self.user {
                    self.over_by_notice(call.attempt, Dismissal::TimedOut);
                }
                if call.caller == self.user {
                    self.outcome(&call, Progress::TimedOut);
                }
            }
            Event::CallRevokedByAdmin { call, operator } => {
                if call.callee == self.user {
                    let why = Dismissal::Revoked { operator: operator.clone() };
                    self.over_by_notice(call.attempt, why);
                }
                if call.caller == self.user {
                    self.outcome(&call, Progress::Revoked { operator });
                }
            }
            Event::CallRinging(call) => {
                if call.caller == self.user {
                    self.heard_ringing(&call);
                }
            }
            // Nobody comes: that is the room's to know.
            Event::CallNotJoined(_) => {}
            Event::CallAccepted(call) => {
                if call.caller == self.user {
                    self.outcome(&call, Progress::Accepted);
                }
            }
            Event::CallRejected { call, reason } => {
                if call.caller == self.user {
                    let reason = Some(reason);
                    self.outcome(&call, Progress::Rejected { reason });
                }
            }
            Event::CallHandledByOtherDevice { attempt, is_accepted, device, .. } => {
                let why = self.handled(is_accepted, device);
                self.over_by_notice(attempt, why);
            }
            Event::PendingCallChanged(call) => self.list_event(&call, call.status),
            Event::PendingCallRemoved(call) => {
                self.list_event(&call, roomcall::CallStatus::None);
            }
            Event::CallsSeen { up_to } => self.heard_of_seen(up_to),
            event => panic!("no rule of the model is about {event:?}"),
        }
    }

    fn tap(&mut self, tap: Tap) {
        match tap {
            Tap::Accept { attempt } => self.tap_accept(attempt),
            Tap::Reject { attempt, reason } => self.tap_reject(attempt, reason),
            Tap::Silence { attempt } => self.tap_silence(attempt),
            Tap::RejectHere { attempt } => self.tap_reject_here(attempt),
            Tap::Call { room, users, timeout, extension } => {
                self.tap_call(room, users, timeout, extension);
            }
            Tap::Cancel { room, users } => self.tap_cancel(room, users),
            Tap::Revoke { room, users } => self.tap_revoke(room, users),
            Tap::MarkSeen { up_to } => self.tap_seen(up_to),
            _ => panic!("a variant that this test does not know"),
        }
    }

    /// The numbers of the requests that were sent and are unanswered, with what they are for.
    pub fn waits_for(&self) -> Vec<(u64, &Purpose)> {
        let sent = self.unanswered.iter().filter(|request| request.sent.is_some());
        sent.map(|request| (request.request_id, &request.purpose)).collect()
    }

    /// What is on the screen.
    pub fn screen(&self) -> &BTreeMap<u64, Stage> {
        &self.screen
    }

    /// The room that the device is in.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// The attempts by the user that are calling or ringing (D-21).
    pub fn live(&self) -> Vec<u64> {
        let live = self.outgoing.values().filter(|entry| entry.is_live());
        live.filter_map(|entry| entry.attempt).collect()
    }
}
