//! What a device says of the calls that its user made is what became of them (D-21, D-28).

use std::collections::BTreeMap;

use roomcall::OutcomesTo;
use roomcall::handset::Progress;
use roomcall::protocol::{Actor, Answer, Input, LiveCall, MyEnding, Query, Record};

use super::simulation::World;
use super::truth::Attempt;
use super::{Checked, violation};
use crate::model::handset::came_of;

impl World {
    /// What the switchboard says of the calls of a user: the live ones by the user, and all endings
    /// that it remembers.
    pub fn my_calls(&self, user: &str) -> (Vec<LiveCall>, BTreeMap<u64, MyEnding>) {
        let mut board = self.switchboard.clone();
        let (mut since, mut endings) = (0, BTreeMap::new());
        loop {
            let by = Actor::Device { user: user.into(), device: "asks".into() };
            let input = Input::Query { by, query: Query::GetMyCalls { since } };
            let at = board.clock().as_millis();
            match board.apply_record(&Record { at, request_id: None, input }).answer {
                Some(Ok(Answer::GetMyCalls(mine))) => {
                    let page = mine.endings.into_iter();
                    endings.extend(page.map(|ending| (ending.ended.attempt, ending)));
                    if !mine.more {
                        return (mine.outgoing, endings);
                    }
                    since = mine.last_attempt;
                }
                other => panic!("a user asks for the own calls: {other:?}"),
            }
        }
    }

    /// Whether a device is notified of what becomes of an attempt by its user (P-06, P-11, C-02).
    pub(super) fn is_notified(&self, device: usize, attempt: u64) -> bool {
        let room = self.devices[device].room.as_ref();
        self.truth
            .attempts
            .get(&attempt)
            .is_none_or(|made| self.hears_outcome(device, made) || room == Some(&made.room))
    }

    /// Whether a device was among those whom the caller's outcome goes to, by the policy of when that was told last
    /// (P-06).
    fn hears_outcome(&self, device: usize, made: &Attempt) -> bool {
        let of = &self.devices[device];
        made.told_by == OutcomesTo::AllDevices
            || made.device.as_ref().is_none_or(|device| *device == of.plan.device)
    }

    /// Whether a device may say this of a live attempt. Of one that it is not notified of it says what its last snapshot did.
    fn is_so_while_live(&self, device: usize, attempt: u64, told: &Progress) -> bool {
        let Some(made) = self.truth.attempts.get(&attempt) else { return false };
        let may_be_old = !self.hears_outcome(device, made)
            && !self.devices[device].heard_rung.contains(&attempt);
        match told {
            Progress::Calling => !made.has_rung() || may_be_old,
            Progress::Ringing => made.has_rung(),
            _ => false,
        }
    }

    /// Every live attempt that the device made or heard of is calling, and rings as soon as it has rung; what is live no more says how it ended,
    /// with the reason or the operator, as long as that is remembered; and nobody asks for ever. Of
    /// what the device is not notified it need only say so when it `has_snapshot`.
    pub(super) fn progress_agrees(&self, device: usize, has_snapshot: bool) -> Checked {
        let is_heard = |attempt| has_snapshot || self.is_notified(device, attempt);
        let of = &self.devices[device];
        if of.state.is_signed_out {
            return Ok(());
        }
        let (outgoing, endings) = self.my_calls(&of.plan.user);
        let name = of.name();
        let mut live = BTreeMap::new();
        let keeps_all = of.keeps_all();
        for call in outgoing.into_iter().filter(|call| is_heard(call.attempt)) {
            let shown = of.screen.progress.get(&(call.room.clone(), call.callee.clone()));
            // One that was installed anew, or did not make it, follows what it hears of.
            let made_it = self
                .truth
                .attempts
                .get(&call.attempt)
                .is_some_and(|made| made.device.as_ref() == Some(&of.plan.device))
                && of.life == 0
                && keeps_all;
            let has_heard = |(attempt, _): &(Option<u64>, Progress)| {
                *attempt == Some(call.attempt) || has_snapshot && keeps_all && attempt.is_some()
            };
            let is_followed = made_it || shown.is_some_and(has_heard);
            let is_right = shown.is_some_and(|(attempt, told)| {
                *attempt == Some(call.attempt) && self.is_so_while_live(device, call.attempt, told)
            });
            let truth = self.truth.attempts.get(&call.attempt);
            if is_followed && !is_right {
                let message = format!("{name} says {shown:?} of {call:?}, the truth is {truth:?}");
                return violation("what rings is known to ring", message);
            }
            live.insert(call.attempt, call);
        }
        for ((room, callee), (attempt, progress)) in &of.screen.progress {
            if attempt.is_some_and(|attempt| !is_heard(attempt)) {
                continue;
            }
            let ending = attempt.and_then(|attempt| endings.get(&attempt));
            let is_right = match progress {
                Progress::Asking => false,
                Progress::Calling | Progress::Ringing => attempt.is_some_and(|attempt| {
                    live.contains_key(&attempt) && self.is_so_while_live(device, attempt, progress)
                }),
                Progress::AlreadyInRoom
                | Progress::AlreadyInCalling
                | Progress::Refused { .. }
                | Progress::NotSent => true,
                // What is not remembered was judged when it was said.
                told => {
                    let is_unknown = *told == Progress::Unknown;
                    let truth = attempt.and_then(|attempt| self.truth.attempts.get(&attempt));
                    let is_allowed = truth.is_some_and(|it| {
                        it.is_of_lost_life && (it.allows(told) || *told == Progress::Unknown)
                    });
                    let is_logged = is_unknown
                        && attempt.is_some_and(|it| self.logged_ending(callee, it).is_some());
                    let is_forgotten = |ending: &MyEnding| {
                        truth.is_some_and(|truth| truth.has_forgotten(told, ending))
                    };
                    let is_so =
                        |ending: &MyEnding| *told == came_of(ending) || is_forgotten(ending);
                    // Nothing more is heard of one that was evicted.
                    let is_evicted = is_unknown && !keeps_all;
                    is_allowed || is_evicted || ending.is_none_or(is_so) && !is_logged
                }
            };
            if !is_right {
                let truth = attempt.and_then(|attempt| self.truth.attempts.get(&attempt));
                let message = format!(
                    "{name} says {callee} in {room} is {progress:?} ({attempt:?}), the switchboard \
                     remembers {ending:?}, the truth is {truth:?}"
                );
                return violation("every progress is what became of the call", message);
            }
        }
        Ok(())
    }
}

impl Attempt {
    /// F-20: whether what was said of an attempt names an operator who was erased since, and whom an ending names no more.
    fn has_forgotten(&self, told: &Progress, ending: &MyEnding) -> bool {
        let Progress::Revoked { operator: Some(by) } = told else { return false };
        came_of(ending) == Progress::Revoked { operator: None }
            && self
                .endings()
                .any(|ended| ended.is_operator_erased && ended.operator.as_ref() == Some(by))
    }
}
