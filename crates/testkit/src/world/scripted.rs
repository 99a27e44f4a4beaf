//! The scripted scheduler: a test says what happens next, and packets arrive only when it says so, found by what they are.
//!
//! ana is in the standup and calls bo, who has a phone and a tablet; dee is there for whatever needs a third person.

use roomcall::handset::{Dismissal, Effect, Incoming, Progress, Settings, Stage as At};
use roomcall::protocol::{Answer, Ending, Refused};
use roomcall::{CallRejectionReason, CallStatus, EndingKind, Limits, Policy, Rule};

use super::kind::Kind;
use super::log::{Happened, Log};
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
pub const LOUNGE: usize = 1;

/// Users by number, as in actions.
pub const USER_ANA: usize = 0;
pub const USER_BO: usize = 1;
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

pub fn answered_on(device: usize) -> Dismissal {
    Dismissal::AnsweredElsewhere { device: named(device) }
}

pub fn rejected_on(device: usize) -> Dismissal {
    Dismissal::RejectedElsewhere { device: named(device) }
}

pub const fn rejected_for(reason: CallRejectionReason) -> Progress {
    Progress::Rejected { reason: Some(reason) }
}

/// A run in the making, which stops with its log at the first thing that is wrong.
#[derive(Debug)]
pub struct Script {
    pub world: World,
}

impl Script {
    /// With the usual policy and settings.
    #[allow(clippy::new_without_default, reason = "a script is begun, not defaulted")]
    pub fn new() -> Self {
        Self::with(Policy::DEFAULT, |_| {})
    }

    /// With another policy, or other devices.
    pub fn with(policy: Policy, change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = Plan::new(policy, Limits::DEFAULT);
        plan.devices.extend(DEVICES.map(|(user, device)| DevicePlan {
            user: user.into(),
            device: device.into(),
            rate: 1_000,
            settings: Settings::DEFAULT,
        }));
        change(&mut plan);
        let mut script = Self { world: World::logged(&plan) };
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

    pub fn ringing_with(policy: Policy) -> Self {
        let mut script = Self::with(policy, |_| {});
        script.ring();
        script.shows(PHONE, &[(1, At::Ringing)]);
        script.shows(TABLET, &[(1, At::Ringing)]);
        script
    }

    /// Kind went on, for people.
    fn story(&self) -> String {
        self.world.log.as_ref().map(Log::to_string).unwrap_or_default()
    }

    fn right(&self, checked: Checked) {
        if let Err(wrong) = checked {
            panic!("{wrong}\n{}", self.story());
        }
    }

    // Kind happens.

    pub fn go(&mut self, action: Action) {
        let checked = self.world.perform(&action);
        self.right(checked);
    }

    pub fn calls(&mut self, device: usize, room: usize, timeout: u32) {
        self.go(Action::Call { device, room, users: vec![USER_BO], timeout });
    }

    /// ana calls bo for 30 seconds, and all of it arrives.
    pub fn ring(&mut self) {
        self.calls(ANA, STANDUP, 30);
        self.flush();
    }

    pub fn cancels(&mut self, device: usize) {
        self.go(Action::Cancel { device, room: STANDUP, users: vec![USER_BO] });
    }

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

    pub fn taps_no_as(&mut self, device: usize, reason: CallRejectionReason) {
        self.go(Action::Reject { device, call: 0, reason });
    }

    pub fn enters(&mut self, device: usize, room: usize) {
        self.go(Action::Enter { device, room });
    }

    pub fn leaves(&mut self, user: usize, room: usize) {
        self.go(Action::Leave { user, room });
    }

    pub fn cut(&mut self, device: usize) {
        self.go(Action::Cut { device, late: false });
    }

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

    /// Time passes, and nobody is woken by it.
    pub fn skip(&mut self, ms: u64) {
        self.world.now += ms;
    }

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

    pub fn deliver(&mut self, device: usize, what: Kind) {
        self.go(Action::Deliver { packet: self.find(device, what) });
    }

    pub fn lose(&mut self, device: usize, what: Kind) {
        self.go(Action::Drop { packet: self.find(device, what) });
    }

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

    // Kind came of it.

    /// Kind is on a screen.
    pub fn shows(&self, device: usize, calls: &[(u64, At)]) {
        let screen = &self.world.devices[device].screen.calls;
        let shown: Vec<_> = screen.iter().map(|(attempt, (_, at))| (*attempt, *at)).collect();
        assert_eq!(shown, calls, "on {}\n{}", DEVICES[device].1, self.story());
    }

    /// The answer to a command that is on its way to a device.
    pub fn answer(&self, device: usize) -> Result<Answer, Refused> {
        match &self.world.flight[self.find(device, Kind::Answer)].body {
            Body::Reply(reply) => reply.answer.clone(),
            _ => panic!("an answer is a reply"),
        }
    }

    /// E-09: the answer on its way to a device is a refusal that names who won the first attempt.
    pub fn lost(&self, device: usize, how: EndingKind, user: Option<&str>, on: Option<&str>) {
        let refused = self.answer(device).expect_err("it lost");
        let (user, on) = (user.map(str::to_owned), on.map(str::to_owned));
        let ended = Ending { how, attempt: 1, user, device: on };
        let told = (refused.code, refused.rule, refused.ended);
        assert_eq!(told, (-2311, Rule::E09, Some(ended)), "{}", self.story());
    }

    /// How the switchboard ended an attempt.
    pub fn ended(&self, attempt: u64) -> Option<EndingKind> {
        self.world.truth.attempts[&attempt].ended.as_ref().map(|ended| ended.how)
    }

    /// The list of the standup, as the switchboard has it.
    pub fn pending(&self) -> Vec<(u64, CallStatus)> {
        let list = self.world.list("standup");
        list.iter().map(|call| (call.attempt, call.status)).collect()
    }

    /// The effects of one kind that a handset ever had are these, in this order.
    fn says(
        &self,
        device: usize,
        is_of_kind: fn(&Effect) -> bool,
        expected: impl IntoIterator<Item = Effect>,
    ) {
        let effect = |(_, happened): &(u64, Happened)| match happened {
            Happened::Effect(of, effect) if *of == device && is_of_kind(effect) => {
                Some(effect.clone())
            }
            _ => None,
        };
        let log = self.world.log.iter().flat_map(|log| &log.entries);
        let effects: Vec<Effect> = log.filter_map(effect).collect();
        let expected: Vec<Effect> = expected.into_iter().collect();
        assert_eq!(effects, expected, "on {}\n{}", DEVICES[device].1, self.story());
    }

    fn incoming(&self, attempt: u64) -> Incoming {
        let about = &self.world.truth.attempts[&attempt];
        let (room, caller) = (about.room.clone(), about.caller.clone());
        Incoming { attempt, room, caller, extension: String::new() }
    }

    /// All that was ever shown: the attempt, and how long it would ring.
    pub fn shown(&self, device: usize, calls: &[(u64, u64)]) {
        let show = |(attempt, left): &(u64, u64)| {
            let (call, stage, time_left) = (self.incoming(*attempt), At::Ringing, Some(*left));
            Effect::Show { call, stage, time_left }
        };
        self.says(device, |effect| matches!(effect, Effect::Show { .. }), calls.iter().map(show));
    }

    /// All that was ever taken off a screen, and why.
    pub fn dismissed(&self, device: usize, calls: &[(u64, Dismissal)]) {
        let dismiss = |(attempt, why): &(u64, Dismissal)| Effect::Dismiss {
            attempt: *attempt,
            why: why.clone(),
        };
        self.says(
            device,
            |effect| matches!(effect, Effect::Dismiss { .. }),
            calls.iter().map(dismiss),
        );
    }

    /// All that was ever learned of calls that were not on the screen.
    pub fn learned(&self, device: usize, calls: &[(u64, Dismissal)]) {
        let learn = |(attempt, why): &(u64, Dismissal)| {
            let Incoming { attempt, room, caller, .. } = self.incoming(*attempt);
            Effect::Learned { attempt, room, caller, why: why.clone() }
        };
        self.says(
            device,
            |effect| matches!(effect, Effect::Learned { .. }),
            calls.iter().map(learn),
        );
    }

    /// All rings that were ever reported as late.
    pub fn reported(&self, device: usize, calls: &[(u64, Dismissal)]) {
        let report = |(attempt, why): &(u64, Dismissal)| Effect::Report {
            call: self.incoming(*attempt),
            why: why.clone(),
        };
        self.says(
            device,
            |effect| matches!(effect, Effect::Report { .. }),
            calls.iter().map(report),
        );
    }

    /// All who ever joined, and where.
    pub fn joined(&self, joins: &[(usize, &str)]) {
        for device in [ANA, PHONE, TABLET, DEE] {
            let mine = joins.iter().filter(|(by, _)| *by == device);
            self.says(
                device,
                |effect| matches!(effect, Effect::Join { .. }),
                mine.map(|(_, room)| Effect::Join { room: (*room).into() }),
            );
        }
    }

    /// All that ana ever saw of the calls to bo into the standup.
    pub fn progressed(&self, stands: &[(u64, Progress)]) {
        self.progressed_of(ANA, "standup", stands);
    }

    /// As [`progressed`](Self::progressed), of another caller. Attempt 0 is none.
    pub fn progressed_of(&self, device: usize, room: &str, stands: &[(u64, Progress)]) {
        let progress = |(attempt, progress): &(u64, Progress)| Effect::Progress {
            room: room.into(),
            callee: "bo".into(),
            attempt: Some(*attempt).filter(|attempt| *attempt > 0),
            progress: progress.clone(),
        };
        self.says(
            device,
            |effect| matches!(effect, Effect::Progress { .. }),
            stands.iter().map(progress),
        );
    }

    /// ana's first call rang, and then this became of it.
    pub fn outcome(&self, last: Progress) {
        self.progressed(&[(0, Progress::Asking), (1, Progress::Ringing), (1, last)]);
    }
}
