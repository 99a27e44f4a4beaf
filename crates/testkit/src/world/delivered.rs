//! What each device has been told, and what its screen may show after that.

use std::collections::BTreeMap;

use roomcall::handset::{Dismissal, Effect, Input, NotSentReason, Progress, Stage};
use roomcall::protocol::{Answer, Command, Event, MyCalls, Reply};
use roomcall::{CallRejectionReason, Rule};

use super::simulation::World;
use super::truth::Attempt;
use super::{Checked, violation};

impl World {
    /// Before a device hears of something: what it is told by that.
    pub fn before_delivery(&mut self, device: usize, input: &Input) {
        match input {
            Input::Notice(event) => self.before_notice(device, event, 0),
            Input::Push { event, age } => self.before_notice(device, event, *age),
            Input::Reply(reply) => self.before_reply(device, reply),
            Input::Tick
            | Input::Tap(_)
            | Input::Link(_)
            | Input::InRoom(_)
            | Input::JoinFailed
            | Input::Occupied(_)
            | Input::Settings(_)
            | Input::SignedOut => {}
            _ => panic!("a variant that this test does not know"),
        }
        let of = &mut self.devices[device];
        of.state.hears(input, &of.screen, &of.settings, i128::from(of.seen));
        if let Input::Settings(settings) = input {
            of.set_settings(*settings);
        }
    }

    fn before_notice(&mut self, device: usize, event: &Event, age: u64) {
        if matches!(event, Event::CallsSeen { .. }) {
            return;
        }
        let attempt = event.attempt();
        let of = &self.devices[device];
        let is_callee = match event {
            Event::CallCancelled(call)
            | Event::CallRevokedByAdmin { call, .. }
            | Event::CallTimeout(call) => call.callee == of.plan.user,
            Event::CallHandledByOtherDevice { .. } => true,
            Event::CallReceived { time_left, .. } => {
                let left = time_left.map(|left| left.saturating_sub(age));
                self.devices[device].may_ring(attempt, left);
                let of = &self.devices[device];
                let over = of.notified.contains(&attempt);
                self.sometimes(over, "a ring after its end");
                false
            }
            Event::CallAccepted(_)
            | Event::CallRejected { .. }
            | Event::CallRinging(_)
            | Event::CallNotJoined(_)
            | Event::PendingCallChanged(_)
            | Event::PendingCallRemoved(_) => false,
            event => panic!("no judge knows {event:?}"),
        };
        if is_callee {
            let of = &mut self.devices[device];
            if !of.until.contains_key(&attempt) {
                of.log.overtaken.insert(attempt);
            }
            of.notified.insert(attempt);
        }
    }

    fn before_reply(&mut self, device: usize, reply: &Reply) {
        let of = &mut self.devices[device];
        match &reply.answer {
            Ok(Answer::GetMyCalls(MyCalls {
                incoming,
                outgoing,
                endings,
                more,
                revision,
                log,
                ..
            })) => {
                let is_stale = of.revision > Some(*revision);
                // One that nobody waits for any more may be left aside (D-24).
                let is_last = of.up && reply.request_id == of.asked;
                for call in incoming {
                    if is_last && of.awaits {
                        of.may_ring_since_asked(call.attempt, call.time_left);
                    } else {
                        of.may_ring(call.attempt, call.time_left);
                    }
                }
                of.log.snapshot_comes(*log, is_last && of.awaits && !is_stale);
                if !is_stale && is_last {
                    let rung = incoming.iter().chain(outgoing).filter(|call| call.rung);
                    of.heard_rung.extend(rung.map(|call| call.attempt));
                    of.awaits = false;
                    let to_me = endings.iter().filter(|ending| ending.callee == of.plan.user);
                    of.notified.extend(to_me.map(|ending| ending.ended.attempt));
                }
                // Before it is ready it applies none but the last.
                if is_last || of.handset.is_ready() {
                    of.revision = of.revision.max(Some(*revision));
                }
                self.sometimes(is_stale, "a stale snapshot");
                self.sometimes(*more, "a snapshot of which there is more");
            }
            Ok(Answer::GetCallLog(log)) => {
                of.log.read = of.log.read.max(log.last_logged);
                self.sometimes(log.more, "a log is read in more than one page");
            }
            // Whatever became of the request (D-17).
            Err(refused) => {
                of.notified.extend(refused.ended.as_ref().map(|ended| ended.attempt));
                let is_logged = matches!(refused.rule, Rule::R02 | Rule::E10);
                self.sometimes(
                    is_logged && refused.ended.is_some(),
                    "an answer learns from the log how its call ended",
                );
            }
            Ok(Answer::AcceptCall { attempt } | Answer::RejectCall { attempt }) => {
                of.notified.insert(*attempt);
            }
            Ok(
                Answer::CallUserToRoom(_)
                | Answer::CancelCall(_)
                | Answer::RevokeCall(_)
                | Answer::MarkCallsSeen { .. }
                | Answer::GetPendingCalls { .. },
            ) => {}
            Ok(answer) => panic!("no judge knows {answer:?}"),
        }
    }

    /// What an effect says is true.
    pub fn judge(&mut self, device: usize, effect: &Effect) -> Checked {
        let of = &self.devices[device];
        let (attempt, why) = match effect {
            Effect::Dismiss { attempt, why } => (*attempt, why),
            Effect::Learned { attempt, why, .. } => (*attempt, why),
            Effect::Report { call, why } => return self.judge_report(device, call.attempt, why),
            Effect::Show { call, .. } => {
                let duplicate = of.screen.silenced.contains(&call.attempt);
                let outlived = self.losses > 0 && of.revision.is_some_and(|it| it <= self.highest);
                self.sometimes(duplicate, "a silenced call rings again");
                self.sometimes(outlived, "a device that knew a lost life shows a call");
                return Ok(());
            }
            Effect::NotSent { command, why } => {
                let name = of.name();
                self.truth.not_sent(&name, command);
                let is_signed_out = self.devices[device].state.is_signed_out;
                if *why == NotSentReason::SignedOut && !is_signed_out {
                    let message = format!("{name} says {effect:?}");
                    return violation("what is not sent has its reason", message);
                }
                self.sometimes(
                    *why == NotSentReason::SignedOut,
                    "a command never leaves, and its user signs out",
                );
                let (is_too_old, too_many) =
                    (*why == NotSentReason::TooOld, *why == NotSentReason::TooMany);
                let is_call = matches!(command, Command::CallUserToRoom { .. });
                self.sometimes(is_too_old && is_call, "a call never leaves, and is too old");
                self.sometimes(is_too_old && !is_call, "a cancel never leaves, and is too old");
                self.sometimes(too_many, "too many unanswered");
                self.sometimes(
                    *why == NotSentReason::Over,
                    "an answer never leaves, and is pointless",
                );
                return Ok(());
            }
            Effect::Progress { attempt: Some(attempt), progress, .. } => {
                let about = self.truth.attempts.get(attempt);
                let is_on_behalf = about.is_some_and(|about| about.device.is_none());
                let is_live = matches!(progress, Progress::Calling | Progress::Ringing);
                let is_over = is_on_behalf && !is_live;
                let busy = Progress::Rejected { reason: Some(CallRejectionReason::Busy) };
                self.sometimes(*progress == busy, "a caller learns that the callee is busy");
                self.sometimes(is_on_behalf && !is_over, "a call on behalf rings at its caller");
                self.sometimes(is_over, "the caller learns what became of a call on behalf");
                return Ok(());
            }
            _ => return Ok(()),
        };
        let about = self.truth.attempts.get(&attempt);
        let is_there = about.is_some_and(|about| of.room.as_ref() == Some(&about.room));
        let needs_no_ending = match why {
            Dismissal::Silenced => {
                self.is_time_to_silence(device, attempt)?;
                true
            }
            Dismissal::AnsweredHere => is_there,
            Dismissal::Hidden => of.state.hidden.contains(&attempt),
            Dismissal::SignedOut => of.state.is_signed_out,
            _ => false,
        };
        if let Effect::Dismiss { why: Dismissal::Gone, .. } = effect {
            let about = self.truth.attempts.get(&attempt);
            let is_of_lost_life = about.is_some_and(|about| about.is_of_lost_life);
            let endings = self.my_calls(&of.plan.user).1;
            if let Some(ending) = endings.get(&attempt).filter(|_| !is_of_lost_life) {
                let message = format!("{} says {effect:?}, but {ending:?}", of.name());
                return violation("what is remembered is told", message);
            }
        }
        if !needs_no_ending {
            if let Err(truth) = self.truth.is_so(attempt, why, &of.plan.device) {
                let message = format!("{} says {effect:?}, but {truth}", of.name());
                return violation("a dismissal is true", message);
            }
        }
        let of = &self.devices[device];
        let silenced = *why == Dismissal::Silenced;
        let is_answered_here = *why == Dismissal::AnsweredHere && !is_there;
        let is_muted = is_answered_here && of.state.muted.contains(&attempt);
        let is_hidden = of.state.hidden.contains(&attempt);
        let is_elsewhere = is_hidden && matches!(why, Dismissal::AnsweredElsewhere { .. });
        self.sometimes(silenced, "silenced");
        self.sometimes(is_muted, "a muted call is answered here");
        self.sometimes(is_elsewhere, "a call that is hidden here is answered elsewhere");
        if matches!(effect, Effect::Learned { .. }) && is_hidden {
            self.learns(device, attempt)?;
        }
        self.sometimes(matches!(effect, Effect::Learned { .. }), "learned");
        Ok(())
    }

    /// D-13: no call is silenced before the earliest deadline that the device heard of it, but for one that has too little
    /// time left to begin with (D-06).
    pub(super) fn is_time_to_silence(&self, device: usize, attempt: u64) -> Checked {
        let of = &self.devices[device];
        let clock = i128::from(of.seen);
        let until = of.rings.get(&attempt);
        if of.too_short.contains(&attempt) || until.is_some_and(|until| *until <= clock) {
            return Ok(());
        }
        let message = format!("{} silences {attempt} at {clock}, before {until:?}", of.name());
        violation("a call rings until its deadline", message)
    }

    /// After a step: what the screen shows.
    pub fn look_at(&mut self, device: usize) -> Checked {
        let of = &self.devices[device];
        let stages = of.screen.calls.iter().map(|(attempt, (_, stage))| (*attempt, *stage));
        if !of.handset.screen().eq(stages) {
            let (name, known) = (of.name(), of.handset.screen().collect::<Vec<_>>());
            let message = format!("{name} shows {:?}, its handset says {known:?}", of.screen.calls);
            return violation("the effects make the screen", message);
        }
        let over = of.screen.calls.keys().find(|attempt| of.notified.contains(attempt));
        if let Some(attempt) = over {
            let message =
                format!("{} shows attempt {attempt} after it heard of its end", of.name());
            return violation("no call after its ending", message);
        }
        for (attempt, (call, _)) in &of.screen.calls {
            let truth = self.truth.attempts.get(attempt);
            let is_mine = truth.is_some_and(|truth| {
                truth.callee == of.plan.user
                    && truth.room == call.room
                    && truth.caller == call.caller
            });
            if !is_mine {
                let message = format!("{} shows {call:?}, the truth is {truth:?}", of.name());
                return violation("what is shown is a call to the user", message);
            }
        }
        let waits = of.screen.at(Stage::Waiting) > 0;
        self.sometimes(waits, "a call waits");
        self.look_at_progress(device)
    }

    /// D-13: after time has passed, nobody rings longer than a ring or a snapshot said.
    pub fn look_at_clocks(&self) -> Checked {
        for of in self.devices.iter().filter(|of| of.alive) {
            // Its host sleeps by its own clock, which the handset's is ahead of where it was set back by little (D-02).
            let clock = i128::from(of.clock(self.now).as_millis());
            for (attempt, (_, stage)) in &of.screen.calls {
                let answer_grace = match stage {
                    Stage::Ringing | Stage::Waiting => 0,
                    Stage::Accepting | Stage::Rejecting => of.settings.answer_grace,
                };
                let until = of.until.get(attempt).copied().flatten();
                if until.is_some_and(|until| until + i128::from(answer_grace) <= clock) {
                    let message = format!("{}: attempt {attempt} at {until:?}", of.name());
                    return violation("the own deadline silences", message);
                }
            }
            of.check_ringing(clock)?;
            of.asks_again_in_time(clock)?;
        }
        Ok(())
    }

    /// D-21: no progress contradicts what became of the attempt, nor comes before it.
    fn look_at_progress(&self, device: usize) -> Checked {
        let of = &self.devices[device];
        let known: BTreeMap<_, _> = of
            .screen
            .progress
            .iter()
            .filter_map(|(place, (attempt, progress))| Some((place, ((*attempt)?, progress))))
            .collect();
        for ((room, callee), (attempt, progress)) in known {
            // The others may be so while it rings, and after: it is given up (D-20), or called again in vain.
            let claims_an_ending = matches!(
                progress,
                Progress::TimedOut
                    | Progress::Rejected { .. }
                    | Progress::Cancelled
                    | Progress::Revoked { .. }
                    | Progress::Accepted
            );
            let truth = self.truth.attempts.get(&attempt);
            let fits = truth.is_some_and(|truth| {
                truth.room == *room && truth.callee == *callee && truth.caller == of.plan.user
            });
            let is_true = truth.is_some_and(|truth| truth.allows(progress));
            let is_early = *progress == Progress::Ringing && !truth.is_some_and(Attempt::has_rung);
            if !fits || is_early || (claims_an_ending && !is_true) {
                let message = format!(
                    "{} says {callee} in {room} is {progress:?} ({attempt}), the truth is {truth:?}",
                    of.name()
                );
                return violation("progress is true", message);
            }
        }
        Ok(())
    }
}
