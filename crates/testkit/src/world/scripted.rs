//! The scripted scheduler: a test says what happens next, and packets arrive only when it says so, found by what they are.
//!
//! ana is in the standup and calls bo, who has a phone and a tablet; dee is there for whatever needs a third person.

mod expect;

use roomcall::handset::{Dismissal, Progress, Settings, Stage as At};
use roomcall::{CallRejectionReason, Limits, Policy};

use super::kind::Kind;
use super::log::Log;
use super::observed::Observed;
use super::simulation::{Body, Packet};
use super::{Action, Checked, DevicePlan, Plan, World};

/// ana's laptop.
pub const ANA: usize = 0;
/// bo's phone.
pub const PHONE: usize = 1;
/// bo's tablet.
pub const TABLET: usize = 2;
/// dee's desk.
pub const DEE: usize = 3;

/// Rooms by number, as in actions.
pub const STANDUP: usize = 0;
/// dee is its owner.
pub const LOUNGE: usize = 1;

/// Users by number, as in actions.
pub const USER_ANA: usize = 0;
/// bo.
pub const USER_BO: usize = 1;
/// dee.
pub const USER_DEE: usize = 2;

const DEVICES: [(&str, &str); 4] =
    [("ana", "laptop"), ("bo", "phone"), ("bo", "tablet"), ("dee", "desk")];

/// A crossing, played in both orders.
pub fn both_ways<T: Copy>(one: T, other: T, body: impl Fn(T, T)) {
    body(one, other);
    body(other, one);
}

/// A device that a dismissal names.
pub fn named(device: usize) -> Option<String> {
    Some(DEVICES[device].1.to_owned())
}

/// The dismissal that names the device on which somebody accepted.
pub fn answered_on(device: usize) -> Dismissal {
    Dismissal::AnsweredElsewhere { device: named(device) }
}

/// The dismissal that names the device on which somebody rejected.
pub fn rejected_on(device: usize) -> Dismissal {
    Dismissal::RejectedElsewhere { device: named(device) }
}

/// The progress of a call that was rejected for this reason.
pub const fn rejected_for(reason: CallRejectionReason) -> Progress {
    Progress::Rejected { reason: Some(reason) }
}

/// A run in the making, which stops with its log at the first thing that is wrong.
#[derive(Debug)]
pub struct Script {
    /// The world in which it happens.
    pub world: World,
}

impl Script {
    /// With the usual policy and settings.
    #[allow(clippy::new_without_default, reason = "a script is begun, not defaulted")]
    pub fn new() -> Self {
        Self::with(Policy::DEFAULT, |_| {})
    }

    /// For how long nobody may be woken, in milliseconds.
    const LONGEST: u64 = 60_000;

    /// With another policy, or other devices.
    pub fn with(policy: Policy, change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = Plan::new(policy, Limits::DEFAULT);
        plan.devices.extend(DEVICES.map(|(user, device)| DevicePlan {
            user: user.into(),
            device: device.into(),
            rate: 1_000,
            clock: 0,
            settings: Settings::DEFAULT,
        }));
        change(&mut plan);
        let mut script = Self { world: World::logged(&plan) };
        script.world.observed = Observed::late(&plan, Self::LONGEST);
        script.go(Action::Open { room: STANDUP, owner: USER_ANA });
        script.go(Action::Open { room: LOUNGE, owner: USER_DEE });
        for device in [ANA, PHONE, TABLET, DEE] {
            script.go(Action::Heal { device });
        }
        script.go(Action::Enter { device: ANA, room: STANDUP });
        script.flush();
        script
    }

    /// As [`new`](Self::new), and ana's first call, for 30 seconds, rings on both devices of bo.
    pub fn ringing() -> Self {
        Self::ringing_with(Policy::DEFAULT)
    }

    /// As [`ringing`](Self::ringing), with another policy.
    pub fn ringing_with(policy: Policy) -> Self {
        let mut script = Self::with(policy, |_| {});
        script.ring();
        script.shows(PHONE, &[(1, At::Ringing)]);
        script.shows(TABLET, &[(1, At::Ringing)]);
        script
    }

    /// What went on, for people.
    fn story(&self) -> String {
        self.world.log.as_ref().map(Log::to_string).unwrap_or_default()
    }

    fn right(&self, checked: Checked) {
        if let Err(wrong) = checked {
            panic!("{wrong}\n{}", self.story());
        }
    }

    // What happens.

    /// An action happens.
    pub fn go(&mut self, action: Action) {
        let checked = self.world.perform(&action);
        self.right(checked);
    }

    /// A device calls bo.
    pub fn calls(&mut self, device: usize, room: usize, timeout: u32) {
        self.go(Action::Call { device, room, users: vec![USER_BO], timeout });
    }

    /// ana calls bo for 30 seconds, and all of it arrives.
    pub fn ring(&mut self) {
        self.calls(ANA, STANDUP, 30);
        self.flush();
    }

    /// A device cancels the call to bo.
    pub fn cancels(&mut self, device: usize) {
        self.go(Action::Cancel { device, room: STANDUP, users: vec![USER_BO] });
    }

    /// A device revokes the call to bo.
    pub fn revokes(&mut self, device: usize) {
        self.go(Action::Revoke { device, room: STANDUP, users: vec![USER_BO] });
    }

    /// Yes to the first call on the screen.
    pub fn taps_yes(&mut self, device: usize) {
        self.go(Action::Accept { device, call: 0 });
    }

    /// No to the first call on the screen.
    pub fn taps_no(&mut self, device: usize) {
        self.taps_no_as(device, CallRejectionReason::Rejected);
    }

    /// As [`taps_no`](Self::taps_no), for a reason.
    pub fn taps_no_as(&mut self, device: usize, reason: CallRejectionReason) {
        self.go(Action::Reject { device, call: 0, reason });
    }

    /// A device goes into a room.
    pub fn enters(&mut self, device: usize, room: usize) {
        self.go(Action::Enter { device, room });
    }

    /// A user leaves a room.
    pub fn leaves(&mut self, user: usize, room: usize) {
        self.go(Action::Leave { user, room });
    }

    /// A connection breaks, and what is in flight on it is dropped.
    pub fn cut(&mut self, device: usize) {
        self.go(Action::Cut { device, late: false });
    }

    /// A device has a new connection.
    pub fn heal(&mut self, device: usize) {
        self.go(Action::Heal { device });
    }

    /// Time passes; whoever has something due does it.
    pub fn pass(&mut self, ms: u64) {
        self.go(Action::Pass { ms });
    }

    /// Time passes, and whatever is sent meanwhile arrives at once.
    pub fn flow(&mut self, ms: u64) {
        let checked = self.world.flow(ms);
        self.right(checked);
    }

    /// Time passes, at most a minute, and nobody is woken by it.
    pub fn skip(&mut self, ms: u64) {
        self.world.now += ms;
    }

    /// Everything in flight arrives.
    pub fn flush(&mut self) {
        self.go(Action::Flush {});
    }

    /// Everything arrives; then messages flow, and everybody must agree (D-28).
    pub fn end(&mut self) {
        self.flush();
        let checked = self.world.settle();
        self.right(checked);
    }

    // Packets.

    fn find(&self, device: usize, what: Kind) -> usize {
        let is = |packet: &Packet| packet.device == device && what.is(&packet.body);
        self.world.flight.iter().position(is).unwrap_or_else(|| {
            panic!("no {what:?} from or to {}\n{}", DEVICES[device].1, self.story())
        })
    }

    /// How many of these are in flight from or to a device.
    pub fn count(&self, device: usize, what: Kind) -> usize {
        let is = |packet: &&Packet| packet.device == device && what.is(&packet.body);
        self.world.flight.iter().filter(is).count()
    }

    /// How many notices to anybody are in flight.
    pub fn notices(&self) -> usize {
        let is = |packet: &&Packet| matches!(packet.body, Body::Notice(_));
        self.world.flight.iter().filter(is).count()
    }

    /// A packet arrives.
    pub fn deliver(&mut self, device: usize, what: Kind) {
        self.go(Action::Deliver { packet: self.find(device, what) });
    }

    /// A packet is dropped.
    pub fn lose(&mut self, device: usize, what: Kind) {
        self.go(Action::Drop { packet: self.find(device, what) });
    }

    /// The host refuses a request because of its load.
    pub fn refuse(&mut self, device: usize, what: Kind, retry_after: u64) {
        self.go(Action::Refuse { packet: self.find(device, what), retry_after });
    }

    /// A packet is in flight twice.
    pub fn duplicate(&mut self, device: usize, what: Kind) {
        self.go(Action::Duplicate { packet: self.find(device, what) });
    }

    /// Takes a packet out of flight, until it is [`release`](Self::release)d.
    pub fn hold(&mut self, device: usize, what: Kind) -> Packet {
        let at = self.find(device, what);
        self.world.flight.remove(at).unwrap()
    }

    /// A packet that was held arrives.
    pub fn release(&mut self, packet: Packet) {
        let checked = self.world.arrive(packet);
        self.right(checked);
    }

    /// A host delivers too widely: a notice to one device reaches another one, too.
    pub fn misdeliver(&mut self, from: usize, what: Kind, to: usize) {
        let packet = self.world.flight[self.find(from, what)].clone();
        let connection = self.world.devices[to].connection;
        self.world.flight.push_back(Packet { device: to, connection, ..packet });
    }
}
