//! What a test expects of a scripted run.

use roomcall::handset::{Dismissal, Effect, Incoming, Progress, ReportReason, Stage as At};
use roomcall::protocol::{Answer, Ending, Refused};
use roomcall::{CallStatus, EndingKind, Rule};

use super::super::kind::Kind;
use super::super::log::Happened;
use super::super::simulation::Body;
use super::{ANA, DEE, DEVICES, PHONE, Script, TABLET};

impl Script {
    /// What is on a screen.
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
        let extension = self.world.privacy.text(attempt).to_owned();
        Incoming { attempt, room, caller, extension }
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

    /// All rings that were ever reported, and why they were not shown.
    pub fn reported(&self, device: usize, calls: &[(u64, ReportReason)]) {
        let report = |(attempt, why): &(u64, ReportReason)| Effect::Report {
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

    /// ana's first call was made, rang if she heard that it did, and then this became of it.
    pub fn outcome(&self, last: Progress) {
        let log = self.world.log.iter().flat_map(|log| &log.entries);
        let is_ringing = |(_, happened): &(u64, Happened)| {
            let Happened::Effect(ANA, Effect::Progress { progress, .. }) = happened else {
                return false;
            };
            *progress == Progress::Ringing
        };
        let rang = log.filter(|entry| is_ringing(entry)).count() > 0;
        let rang = rang.then_some((1, Progress::Ringing));
        let before = [(0, Progress::Asking), (1, Progress::Calling)].into_iter();
        self.progressed(&before.chain(rang).chain([(1, last)]).collect::<Vec<_>>());
    }
}
